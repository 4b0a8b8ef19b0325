// The data entry's choosers are drawn by Select2, which gives screen readers no name: they take their field's.
"use strict";

// The page is seen before the theme's scripts have run (static/css/admin.css), so it is dark from the start where they will make it so.
const chosenTheme = localStorage.getItem("adminTheme");
const isDark = chosenTheme === '"dark"' || (chosenTheme !== '"light"' && window.matchMedia("(prefers-color-scheme: dark)").matches);
document.documentElement.classList.toggle("dark", isDark);
document.addEventListener("alpine:init", () => document.documentElement.classList.remove("dark")); // from here the theme's scripts keep it

function chooserName(select) {
  const chooser = select.nextElementSibling;
  const label = select.labels[0];
  // A table of rows has no label at each field; its name says as much.
  const words = label?.textContent.trim() || select.name.split("-").pop().replaceAll("_", " ");
  const shown = chooser.querySelector(".select2-selection__rendered");
  chooser.querySelector(".select2-search__field")?.setAttribute("aria-label", words);
  shown?.setAttribute("aria-label", words);
  const button = chooser.querySelector(".select2-selection");
  if (!label || !shown?.id) button?.setAttribute("aria-label", words);
  else {
    label.id ||= `${select.id}_label`;
    shown.removeAttribute("aria-label");
    shown.setAttribute("aria-labelledby", label.id);
    button.setAttribute("aria-labelledby", `${label.id} ${shown.id}`); // its field, and what is chosen
  }
}

// Select2 puts each chooser behind its field, at the start or when a row is added.
new MutationObserver((changes) => {
  for (const node of changes.flatMap((change) => [...change.addedNodes])) {
    if (node.classList?.contains("select2")) chooserName(node.previousElementSibling);
    // It lies between the items of a list, where only items may be; by keyboard they are taken away one by one.
    if (node.matches?.("ul > .select2-selection__clear")) node.setAttribute("aria-hidden", "true");
    node.querySelectorAll?.("ul > .select2-selection__clear").forEach((clear) => clear.setAttribute("aria-hidden", "true"));
  }
}).observe(document.documentElement, { childList: true, subtree: true });

// In a table of rows the heading of the column is the label of each field below it.
function rowNames(part) {
  for (const field of part.querySelectorAll("td :is(input, select, textarea):not([type=hidden])")) {
    const words = field.closest("td").dataset.label || field.name.split("-").pop().replaceAll("_", " ");
    if (!field.labels?.length && !field.hasAttribute("aria-label")) field.setAttribute("aria-label", words);
  }
}
document.addEventListener("DOMContentLoaded", () => document.querySelectorAll(".inline-related").forEach(rowNames));
document.addEventListener("formset:added", (event) => rowNames(event.target));
