// While a lecture is held: a button over every start of the week that says what it would break and cost there.
import { changeWords, costWords, element, lookOf, peopleWords, priceShort, priceWords } from "./grid_words.js";

const GAP = 2;
const keyOf = ({ day, period }) => `${day}.${period}`;

export class Targets {
  // `choose(place)` puts the lecture there, `exchange(swap)` has it change places with another one, `giveUp()` ends it.
  constructor(frame, found, { choose, exchange, giveUp }) {
    this.frame = frame;
    this.table = frame.querySelector("table");
    this.periods = Number(this.table.dataset.periods);
    this.choose = choose;
    this.exchange = exchange;
    this.buttons = new Map(); // by "day.period": first the place, then the lectures to change places with
    this.box = element("div", { class: "targets no-print", role: "group", "aria-label": `Places for ${found.lecture.section}` });
    for (const place of found.places) this.add(place);
    this.box.addEventListener("keydown", (event) => this.onKey(event, giveUp));
    frame.append(this.box);
    this.table.classList.add("has-targets");
    this.lay();
    this.watcher = new ResizeObserver(() => this.lay());
    this.watcher.observe(this.table);
  }

  add(place) {
    const whys = place.is_current ? [] : [...changeWords(place), peopleWords(place.people)];
    const name = `${place.when}, room ${place.room}: ${priceWords(place)}. ${whys.join(". ")}`;
    const button = this.button(place, name, whys, () => this.choose(place));
    const room = place.hard && !place.is_current ? `${costWords(place.soft)}, ${place.room}` : place.room;
    button.prepend(element("strong", {}, priceShort(place)), element("span", { class: "where" }, room));
    this.buttons.set(keyOf(place), [button]);
    this.box.append(button);
  }

  // They come a little later than the places: each stands below the place in its lecture's cell.
  addSwaps(swaps) {
    for (const swap of swaps) {
      const stack = this.buttons.get(keyOf(swap));
      if (!stack) continue;
      const whys = changeWords(swap);
      const name = `Change places with ${swap.section}, ${swap.when}, room ${swap.room}: ${priceWords(swap)}. ${whys.join(". ")}`;
      const button = this.button(swap, name, whys, () => this.exchange(swap));
      button.classList.add("exchange");
      button.prepend(element("strong", {}, `\u21c4 ${swap.section}`), element("span", { class: "where" }, priceShort(swap)));
      stack.at(-1).classList.add("is-split");
      stack.at(-1).title = stack.at(-1).getAttribute("aria-label");
      stack.push(button);
      stack.at(-2).after(button);
    }
    this.lay();
  }

  button(place, name, whys, choose) {
    const button = element("button", { type: "button", class: lookOf(place), tabindex: "-1", "aria-label": name, "data-target": keyOf(place) });
    if (whys.length) button.append(element("span", { class: "why" }, whys.slice(0, 3).join("; ")));
    button.addEventListener("click", choose);
    button.addEventListener("dragover", (event) => event.preventDefault());
    button.addEventListener("dragenter", () => button.classList.add("is-over"));
    button.addEventListener("dragleave", () => button.classList.remove("is-over"));
    button.addEventListener("drop", (event) => {
      event.preventDefault();
      choose();
    });
    return button;
  }

  // Over the cells, whatever their lanes: days as wide as their headings, periods as high as their rows, which are shared out.
  lay() {
    const corner = this.table.getBoundingClientRect();
    const days = [...this.table.tHead.rows[0].cells].slice(1).map((cell) => cell.getBoundingClientRect());
    const rows = [...this.table.tBodies[0].rows].map((row) => row.getBoundingClientRect());
    for (const [place, stack] of this.buttons) {
      const [day, period] = place.split(".").map(Number);
      const isShown = Boolean(days[day] && rows[period]);
      const height = isShown ? (rows[period].height - 2 * GAP) / stack.length : 0;
      stack.forEach((button, index) => {
        button.hidden = !isShown;
        if (!isShown) return;
        button.style.left = `${days[day].left - corner.left + GAP}px`;
        button.style.top = `${rows[period].top - corner.top + GAP + index * height}px`;
        button.style.width = `${days[day].width - 2 * GAP}px`;
        button.style.height = `${height - (index + 1 < stack.length ? GAP : 0)}px`;
      });
    }
  }

  focus(day, period, index = 0) {
    const stack = this.buttons.get(`${day}.${period}`) ?? this.buttons.values().next().value;
    const button = stack?.at(index) ?? stack?.[0];
    button?.focus({ preventScroll: true });
    button?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  onKey(event, giveUp) {
    const steps = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      giveUp();
    } else if (steps[event.key]) {
      event.preventDefault();
      const [day, period] = event.target.dataset.target.split(".").map(Number);
      const [across, down] = steps[event.key];
      const here = this.buttons.get(`${day}.${period}`);
      const beside = here[here.indexOf(event.target) + down];
      if (down && beside) {
        this.focus(day, period, here.indexOf(beside));
        return;
      }
      const next = this.buttons.get(`${day + across}.${period + down}`);
      if (next && !next[0].hidden) this.focus(day + across, period + down, down < 0 ? -1 : 0);
    }
  }

  remove() {
    this.watcher.disconnect();
    this.table.classList.remove("has-targets");
    this.box.remove();
  }
}
