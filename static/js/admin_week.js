// A week of times to mark, on top of a plain choice in each cell: one rating is picked, then times, days or periods are marked with it.
"use strict";

function weekWatch(week) {
  const brush = week.querySelector("[data-brush]");
  const status = week.querySelector("[data-status]");
  if (!brush) return;
  const rows = [...week.querySelectorAll("tbody tr")].map((row) => [...row.querySelectorAll("select")]);
  const cells = rows.flat();
  const picked = () => brush.querySelector(":checked").value;
  const wordsOf = (rating) => brush.querySelector(`[value="${rating}"]`).dataset.words;

  function put(cell, rating) {
    if (cell.value === rating) return;
    cell.value = rating;
    cell.dispatchEvent(new Event("change", { bubbles: true }));
  }

  // Marks all of them; where all are marked so already, takes the marks away.
  function mark(some, name) {
    const rating = some.every((cell) => cell.value === picked()) ? "0" : picked();
    some.forEach((cell) => put(cell, rating));
    status.textContent = `${name}: ${wordsOf(rating)}`;
  }

  function button(heading, some) {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = heading.textContent;
    made.setAttribute("aria-label", `Mark all of ${heading.textContent}`);
    made.addEventListener("click", () => picked() && mark(some, heading.textContent));
    heading.replaceChildren(made);
  }

  function move(cell, key) {
    const row = rows.findIndex((some) => some.includes(cell));
    const column = rows[row].indexOf(cell);
    const [down, right] = { ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1] }[key];
    rows[row + down]?.[column + right]?.focus();
  }

  week.addEventListener("change", ({ target }) => {
    if (target.matches("td select")) target.dataset.rating = target.value;
  });
  // The cell's own list opens at the press of the button or the key, so these are taken before it.
  week.addEventListener("mousedown", (event) => {
    if (!picked() || !event.target.matches("td select") || event.button !== 0) return;
    event.preventDefault();
    event.target.focus();
    mark([event.target], event.target.getAttribute("aria-label"));
  });
  week.addEventListener("keydown", (event) => {
    if (!picked() || !event.target.matches("td select") || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === " ") mark([event.target], event.target.getAttribute("aria-label"));
    else if (event.key.startsWith("Arrow")) move(event.target, event.key);
    else return;
    event.preventDefault();
  });

  rows.forEach((some) => button(some[0].closest("tr").querySelector("[data-row]"), some));
  week.querySelectorAll("[data-column]").forEach((heading) => button(heading, rows.map((some) => some[Number(heading.dataset.column)])));
  cells.forEach((cell) => { cell.dataset.rating = cell.value; }); // a browser may bring back what stood there before a reload
  brush.hidden = false;
  week.querySelector("[data-help]").hidden = false;
}

document.addEventListener("DOMContentLoaded", () => document.querySelectorAll("[data-week]").forEach(weekWatch));
