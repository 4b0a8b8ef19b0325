// While a lecture is held: a button over every start of the week that says what it would break and cost there.
import { changeWords, element, lookOf, priceShort, priceWords, signed } from "./grid_words.js";

const GAP = 2;

export class Targets {
  // `choose(place)` puts the lecture there, `giveUp()` ends it.
  constructor(frame, found, { choose, giveUp }) {
    this.frame = frame;
    this.table = frame.querySelector("table");
    this.periods = Number(this.table.dataset.periods);
    this.choose = choose;
    this.buttons = new Map();
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
    const whys = changeWords(place);
    const name = `${place.when}, room ${place.room}: ${priceWords(place)}. ${whys.join(". ")}`;
    const button = element("button", { type: "button", class: lookOf(place), tabindex: "-1", "aria-label": name, "data-target": `${place.day}.${place.period}` });
    const room = place.hard && !place.is_current ? `${signed(place.soft)}, ${place.room}` : place.room;
    button.append(element("strong", {}, priceShort(place)), element("span", { class: "where" }, room));
    if (whys.length) button.append(element("span", { class: "why" }, whys.slice(0, 3).join("; ")));
    button.addEventListener("click", () => this.choose(place));
    button.addEventListener("dragover", (event) => event.preventDefault());
    button.addEventListener("dragenter", () => button.classList.add("is-over"));
    button.addEventListener("dragleave", () => button.classList.remove("is-over"));
    button.addEventListener("drop", (event) => {
      event.preventDefault();
      this.choose(place);
    });
    this.buttons.set(`${place.day}.${place.period}`, button);
    this.box.append(button);
  }

  // Over the cells, whatever their lanes: days as wide as their headings, periods as high as their rows.
  lay() {
    const corner = this.table.getBoundingClientRect();
    const days = [...this.table.tHead.rows[0].cells].slice(1).map((cell) => cell.getBoundingClientRect());
    const rows = [...this.table.tBodies[0].rows].map((row) => row.getBoundingClientRect());
    for (const [place, button] of this.buttons) {
      const [day, period] = place.split(".").map(Number);
      if (!days[day] || !rows[period]) {
        button.hidden = true;
        continue;
      }
      button.style.left = `${days[day].left - corner.left + GAP}px`;
      button.style.top = `${rows[period].top - corner.top + GAP}px`;
      button.style.width = `${days[day].width - 2 * GAP}px`;
      button.style.height = `${rows[period].height - 2 * GAP}px`;
    }
  }

  focus(day, period) {
    const button = this.buttons.get(`${day}.${period}`) ?? this.buttons.values().next().value;
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
      const next = this.buttons.get(`${day + steps[event.key][0]}.${period + steps[event.key][1]}`);
      if (next && !next.hidden) this.focus(...next.dataset.target.split("."));
    }
  }

  remove() {
    this.watcher.disconnect();
    this.table.classList.remove("has-targets");
    this.box.remove();
  }
}
