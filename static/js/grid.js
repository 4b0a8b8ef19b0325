// The grid: going from cell to cell, picking a lecture up, putting it down, pins, undo and redo.
import { ask, send } from "./grid_api.js";
import { Drawer } from "./grid_drawer.js";
import { finder } from "./grid_finder.js";
import { Targets } from "./grid_targets.js";
import { element, priceWords } from "./grid_words.js";

const MOST_SWAPS = 60; // lectures of a week that are offered for changing places
const CHAINS = 3; // chains of moves that are offered
const SWAPS_AT_ONCE = 12; // in one question, so that the first answers are soon there
const page = document.getElementById("grid-page");
if (page) begin();

function begin() {
  const at = (id) => document.getElementById(id);
  const canEdit = "canEdit" in page.dataset;
  const view = { held: null, targets: null, isList: false, isBusy: false };
  const drawer = new Drawer(at("drawer"), page.querySelector(".grid-layout"), { canEdit, choose: place, exchange, chain, seekChains, pin, close: giveUp });
  let revision = Number(page.dataset.revision);

  function say(text, isBad = false) {
    at("grid-said").textContent = text;
    at("grid-said").classList.toggle("is-bad", isBad);
  }

  // Cells. One of them can be tabbed to; arrows go to the nearest in their direction.

  const cells = () => [...page.querySelectorAll("#grid-week td")];

  function cellReady() {
    const all = cells();
    const first = all.find((cell) => cell.querySelector("[data-lecture]")) ?? all[0];
    if (first) first.tabIndex = 0;
  }

  function cellGo(from, key) {
    const here = from.getBoundingClientRect();
    const isAcross = key === "ArrowLeft" || key === "ArrowRight";
    const sign = key === "ArrowLeft" || key === "ArrowUp" ? -1 : 1;
    const [start, end, side, far] = isAcross ? ["left", "right", "top", "bottom"] : ["top", "bottom", "left", "right"];
    const distance = (rect) => (sign > 0 ? rect[start] - here[end] : here[start] - rect[end]);
    const beside = cells()
      .map((cell) => ({ cell, rect: cell.getBoundingClientRect() }))
      .filter(({ cell, rect }) => cell !== from && distance(rect) > -2 && rect[side] < here[far] - 2 && rect[far] > here[side] + 2)
      .sort((a, b) => distance(a.rect) - distance(b.rect) || a.rect[side] - b.rect[side]);
    if (!beside.length) return;
    from.tabIndex = -1;
    beside[0].cell.tabIndex = 0;
    beside[0].cell.focus();
  }

  // Holding a lecture.

  async function pickUp(lecture, { name = "", isDrag = false, withTargets = true } = {}) {
    if (view.isBusy) return;
    giveUp({ isQuiet: true });
    const held = { lecture, from: document.activeElement };
    view.held = held;
    markHeld(lecture, true);
    say(name ? `Looking for places for ${name}` : "Looking for places");
    try {
      const [all, best] = await Promise.all([ask(`lectures/${lecture}/places/`), ask(`lectures/${lecture}/places/?best=10`)]);
      if (view.held !== held) return;
      if (all.revision !== revision && canEdit) {
        giveUp({ isQuiet: true });
        say("Somebody has changed this timetable meanwhile: the page shows it now. Pick the lecture up again.");
        await refresh(all.revision);
        return;
      }
      held.found = all;
      held.best = best;
      const isPinned = all.lecture.is_time_pinned;
      if (!isDrag) drawer.show(best, all);
      if (!isDrag && canEdit && !best.places.some((each) => each.hard <= 0)) seekChains({ isAsked: false });
      if (withTargets && canEdit && !isPinned) targetsShow(held, isDrag);
      else if (!isDrag) drawer.focus();
      const how = !canEdit ? "The drawer shows its best places." : isPinned ? "Its time is pinned; unpin it in the drawer to move it." : "Choose a place, or Esc to give up.";
      say(`${all.lecture.section} is picked up. ${how}`);
      if (canEdit && !isPinned && !all.lecture.is_room_pinned && all.lecture.day !== null) swapsShow(held);
    } catch (error) {
      giveUp({ isQuiet: true });
      say(error.message, true);
    }
  }

  async function seekChains({ isAsked = true } = {}) {
    const { held } = view;
    if (!held) return;
    try {
      const { chains } = await ask(`lectures/${held.lecture}/places/?best=1&chains=${CHAINS}`);
      if (view.held === held) drawer.chains(chains, isAsked);
    } catch (error) {
      if (view.held === held) say(error.message, true);
    }
  }

  function targetsShow(held, isDrag) {
    const frame = page.querySelector("#week-view .week-frame");
    if (!frame || view.isList) return;
    view.targets = new Targets(frame, held.found, { choose: place, exchange, giveUp });
    const { day, period } = held.found.lecture;
    if (!isDrag) view.targets.focus(day ?? 0, period ?? 0);
  }

  // What changing places with the other lectures of this week would mean: it comes after the places, and nothing waits for it.
  async function swapsShow(held) {
    const shown = [...page.querySelectorAll("#list-view [data-lecture]")].map((each) => each.dataset.lecture);
    const others = [...new Set(shown)].filter((lecture) => lecture !== String(held.lecture)).slice(0, MOST_SWAPS);
    if (!others.length) return;
    const found = [];
    try {
      for (let at = 0; at < others.length; at += SWAPS_AT_ONCE) {
        const { swaps } = await ask(`lectures/${held.lecture}/swaps/?others=${others.slice(at, at + SWAPS_AT_ONCE).join(",")}`);
        if (view.held !== held) return;
        view.targets?.addSwaps(swaps);
        found.push(...swaps);
      }
      drawer.swaps(found);
    } catch (error) {
      if (view.held === held) say(`${held.found.lecture.section} is picked up, but with whom it could change places was not found out. ${error.message}`, true);
    }
  }

  function markHeld(lecture, isHeld) {
    for (const each of page.querySelectorAll(`.lecture[data-lecture="${lecture}"]`)) each.classList.toggle("is-held", isHeld);
  }

  function giveUp({ isQuiet = false } = {}) {
    const { held } = view;
    if (!held) return;
    view.held = null;
    view.targets?.remove();
    view.targets = null;
    drawer.hide();
    markHeld(held.lecture, false);
    if (isQuiet) return;
    focusLecture(held.lecture);
    say("Given up: nothing has changed.");
  }

  function focusLecture(lecture) {
    const found = page.querySelector(view.isList ? `#list-view [data-lecture="${lecture}"]` : `#week-view [data-lecture="${lecture}"]`);
    const target = found?.closest("#grid-week td") ?? found;
    if (!target) return;
    if (target.matches("td")) {
      for (const cell of cells()) cell.tabIndex = -1;
      target.tabIndex = 0;
    }
    target.focus();
  }

  // Changing.

  function place(where) {
    if (!view.held || !canEdit) return;
    if (where.is_current) {
      giveUp();
      return;
    }
    const { lecture } = view.held;
    const body = { action: "move", lecture, day: where.day, period: where.period, room: where.room };
    change("edits/", body, lecture, `Now ${where.when} in ${where.room}: ${priceWords(where)}.`);
  }

  function exchange(swap) {
    if (!view.held || !canEdit) return;
    const { lecture } = view.held;
    change("edits/", { action: "swap", lecture, other: swap.lecture }, lecture, `Changed places with ${swap.section}: ${priceWords(swap)}.`);
  }

  function chain({ moves, ...price }) {
    if (!view.held || !canEdit) return;
    const [own, ...others] = moves;
    const also = others.map(({ lecture, day, period, room }) => ({ lecture, day, period, room }));
    const body = { action: "move", lecture: own.lecture, day: own.day, period: own.period, room: own.room, also };
    change("edits/", body, own.lecture, `Now ${own.when} in ${own.room}, and ${others.map((other) => `${other.section} ${other.when} in ${other.room}`).join(", ")}: ${priceWords(price)}.`);
  }

  function pin(action, what) {
    if (!view.held || !canEdit) return;
    const { lecture } = view.held;
    change("edits/", { action, lecture, what }, lecture, `${action === "pin" ? "Pinned" : "Unpinned"} in ${what}.`, { reopens: true });
  }

  async function change(path, body, lecture, done, { reopens = false } = {}) {
    if (view.isBusy) return;
    view.isBusy = true;
    document.body.classList.add("is-saving");
    say("Saving and checking");
    try {
      const answer = await send(path, { revision, ...body });
      giveUp({ isQuiet: true });
      await refresh(answer.revision);
      const touched = lecture ?? answer.changed[0]?.lecture;
      if (touched !== undefined) focusLecture(touched);
      say(`${done || `${answer.edit?.words ?? "Nothing had to change"}.`} Cost ${answer.soft.toLocaleString("en")}, ${answer.hard} broken. ${path === "undo/" ? "Ctrl+Shift+Z does it again." : "Ctrl+Z takes it back."}`);
      view.isBusy = false;
      if (reopens) await pickUp(lecture, { withTargets: false });
    } catch (error) {
      if (error.data?.since) staleTell(error.data);
      say(error.message, true);
    } finally {
      view.isBusy = false;
      document.body.classList.remove("is-saving");
    }
  }

  const undo = () => !at("undo")?.disabled && change("undo/", {}, undefined, "");
  const redo = () => !at("redo")?.disabled && change("redo/", {}, undefined, "");

  function staleTell(data) {
    const list = element("ul", {}, ...data.since.map((edit) => element("li", {}, edit.sentence)));
    at("stale-words").replaceChildren(element("p", {}, data.detail), list);
    at("stale").showModal();
  }

  // The server draws the week again; what is held is let go before.
  async function refresh(now) {
    const response = await fetch(location.href, { credentials: "same-origin" });
    if (!response.ok) throw new Error("It was saved, but the page could not be read again. Reload it.");
    const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
    for (const selector of ["#grid-body", ".page-head"]) page.querySelector(selector).replaceWith(document.adoptNode(fresh.querySelector(selector)));
    for (const id of ["undo", "redo"]) {
      const button = fresh.getElementById(id);
      if (button && at(id)) Object.assign(at(id), { disabled: button.disabled, title: button.title });
    }
    revision = Number(fresh.getElementById("grid-page")?.dataset.revision ?? now);
    page.dataset.revision = String(revision);
    bodyReady();
  }

  function bodyReady() {
    cellReady();
    showAs(view.isList);
  }

  function showAs(isList) {
    view.isList = isList;
    at("as-list").setAttribute("aria-pressed", String(isList));
    if (!at("week-view")) return;
    at("week-view").hidden = isList;
    at("list-view").hidden = !isList;
  }

  function sortBy(button) {
    const column = Number(button.dataset.sort);
    const head = button.closest("th");
    const isDown = head.getAttribute("aria-sort") === "ascending";
    for (const each of head.parentElement.cells) each.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", isDown ? "descending" : "ascending");
    const body = head.closest("table").tBodies[0];
    const value = (row) => row.cells[column].dataset.value ?? row.cells[column].textContent.trim();
    const rows = [...body.rows].sort((a, b) => value(a).localeCompare(value(b), "en", { numeric: true }) * (isDown ? -1 : 1));
    body.append(...rows);
  }

  // Listening. The body is drawn again and again, so its parents listen.

  page.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && view.held) {
      giveUp();
      return;
    }
    const cell = event.target.closest("#grid-week td");
    if (!cell || event.target !== cell) return;
    if (event.key.startsWith("Arrow")) {
      event.preventDefault();
      cellGo(cell, event.key);
    } else if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      const lecture = cell.querySelector("[data-lecture]");
      if (lecture) pickUp(Number(lecture.dataset.lecture));
      else say("This cell is empty.");
    }
  });
  document.addEventListener("keydown", (event) => {
    const isTyping = event.target.matches("input, textarea, select");
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z" || isTyping || !canEdit) return;
    event.preventDefault();
    if (event.shiftKey) redo();
    else undo();
  });
  page.addEventListener("click", (event) => {
    const lecture = event.target.closest("[data-lecture]");
    const sort = event.target.closest("[data-sort]");
    if (sort) sortBy(sort);
    else if (lecture) pickUp(Number(lecture.dataset.lecture), { name: lecture.dataset.name, withTargets: !view.isList });
  });
  page.addEventListener("dragstart", (event) => {
    const lecture = event.target.closest?.("[data-lecture]");
    if (!lecture || !canEdit) return;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", lecture.dataset.lecture);
    setTimeout(() => pickUp(Number(lecture.dataset.lecture), { isDrag: true })); // a drag ends at once where its start changes the page
  });
  page.addEventListener("dragend", () => {
    if (view.held && !view.isBusy) giveUp();
  });
  at("undo")?.addEventListener("click", undo);
  at("redo")?.addEventListener("click", redo);
  at("as-list").addEventListener("click", () => {
    giveUp({ isQuiet: true });
    showAs(!view.isList);
  });
  at("print").addEventListener("click", () => window.print());
  at("stale-reload")?.addEventListener("click", () => location.reload());
  at("stale-close")?.addEventListener("click", () => at("stale").close());
  finder(at("grid-form"));
  bodyReady();
}
