// The drawer: what a lecture is, its ten best places, every other place, and its pins.
import { affectedWords, changeWords, element, lookOf, peopleWords, priceWords } from "./grid_words.js";

export class Drawer {
  constructor(box, layout, { canEdit, choose, exchange, chain, seekChains, pin, close }) {
    Object.assign(this, { box, layout, canEdit, choose, exchange, chain, seekChains, pin, close });
    box.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      event.stopPropagation();
      this.close();
    });
  }

  show(best, all) {
    const { lecture } = best;
    const here = all.places.find((place) => place.is_current);
    const close = element("button", { type: "button", class: "quiet close" }, "Close");
    close.addEventListener("click", () => this.close());
    this.box.replaceChildren(
      close,
      element("h2", { id: "drawer-title", tabindex: "-1" }, lecture.section.includes(lecture.course) ? lecture.section : `${lecture.course} ${lecture.section}`),
      element("p", {}, facts(best, here)),
      element("p", { class: "small muted" }, affectedWords(best.affected)),
      ...(this.canEdit ? [this.pins(lecture)] : []),
      element("h3", {}, lecture.is_time_pinned && lecture.is_room_pinned ? "It is pinned: unpin it to move it" : "The best places for it"),
      this.places(best.places),
      ...(this.canEdit && !lecture.is_time_pinned ? [this.chainsOffer()] : []),
      ...(this.canEdit && !lecture.is_time_pinned ? [this.others(all.places)] : []),
    );
    this.box.hidden = false;
    this.layout.classList.add("has-drawer");
  }

  hide() {
    this.box.hidden = true;
    this.box.replaceChildren();
    this.layout.classList.remove("has-drawer");
  }

  get isOpen() {
    return !this.box.hidden;
  }

  focus() {
    this.box.querySelector("h2")?.focus();
  }

  places(places) {
    const list = element("ol", { class: "places" });
    for (const place of places) {
      const whys = changeWords(place);
      const row = element("li", {}, element("p", {}, `${place.when}, ${place.room} `, element("span", { class: `amount ${lookOf(place)}` }, priceWords(place))));
      if (this.canEdit) {
        const button = element("button", { type: "button", "aria-label": `Place it ${place.when} in ${place.room}` }, "Place it");
        button.addEventListener("click", () => this.choose(place));
        row.append(button);
      }
      row.append(element("p", { class: "why" }, peopleWords(place.people)));
      if (whys.length) row.append(element("p", { class: "why" }, whys.join("; ")));
      list.append(row);
    }
    return list;
  }

  // Chains of moves are looked for at once where no single place is free, and otherwise when somebody wants them.
  chainsOffer() {
    const button = element("button", { type: "button" }, "Let others make way");
    button.addEventListener("click", () => this.seekChains());
    return element("div", { class: "field below chains" }, button);
  }

  chains(chains, isAsked) {
    const box = this.box.querySelector(".chains");
    if (!box) return;
    const heading = element("h3", {}, "Where others make way for it");
    if (!chains.length) {
      box.replaceChildren(heading, element("p", { class: "muted" }, "No way was found in which one or two other lectures make way and no more rules are broken."));
    } else {
      const list = element("ol", { class: "places" });
      for (const chain of chains) list.append(this.chainRow(chain));
      box.replaceChildren(heading, list);
    }
    if (isAsked) {
      heading.tabIndex = -1;
      heading.focus();
    }
  }

  chainRow(chain) {
    const [own, ...others] = chain.moves;
    const button = element("button", { type: "button", "aria-label": `Move ${chain.moves.length} lectures: it goes to ${own.when} in ${own.room}` }, `Move ${chain.moves.length}`);
    button.addEventListener("click", () => this.chain(chain));
    const whys = changeWords(chain);
    return element(
      "li",
      {},
      element("p", {}, `${own.when}, ${own.room} `, element("span", { class: `amount ${lookOf(chain)}` }, priceWords(chain))),
      button,
      ...others.map((other) => element("p", { class: "why" }, `${other.section === own.section ? "Another lecture of its section" : other.section} goes to ${other.when}, ${other.room}`)),
      ...(whys.length ? [element("p", { class: "why" }, whys.join("; "))] : []),
    );
  }

  // The lectures of the week shown that it can change places with, the cheapest first. They come after the drawer is open.
  swaps(swaps) {
    this.box.querySelector(".exchange")?.remove();
    if (!swaps.length || !this.isOpen) return;
    const sorted = [...swaps].sort((a, b) => a.hard - b.hard || a.soft - b.soft);
    const select = element("select", { id: "other-lecture" });
    sorted.forEach((swap, index) => select.append(element("option", { value: index }, `${swap.section}, ${swap.when}, ${swap.room}: ${priceWords(swap)}`)));
    const why = element("p", { class: "small muted", role: "status" });
    const tell = () => { why.textContent = changeWords(sorted[Number(select.value)]).join("; "); };
    select.addEventListener("change", tell);
    tell();
    const button = element("button", { type: "button" }, "Change places");
    button.addEventListener("click", () => this.exchange(sorted[Number(select.value)]));
    this.box.append(element("div", { class: "field below exchange" }, element("label", { for: "other-lecture" }, "Or change places with"), select, why, element("div", { class: "actions below" }, button)));
  }

  others(places) {
    const select = element("select", { id: "other-place" });
    places.forEach((place, index) => select.append(element("option", { value: index }, `${place.when}, ${place.room}: ${priceWords(place)}`)));
    select.value = String(Math.max(0, places.findIndex((place) => place.is_current)));
    const button = element("button", { type: "button" }, "Place it there");
    button.addEventListener("click", () => this.choose(places[Number(select.value)]));
    return element("div", { class: "field below" }, element("label", { for: "other-place" }, "Any other time"), select, element("div", { class: "actions below" }, button));
  }

  pins(lecture) {
    const box = element("div", { class: "actions spaced" });
    for (const what of ["time", "room"]) {
      const isPinned = lecture[`is_${what}_pinned`];
      const button = element("button", { type: "button", "aria-pressed": String(isPinned), disabled: lecture.day === null && !isPinned }, `${isPinned ? "Unpin" : "Pin"} ${what}`);
      button.addEventListener("click", () => this.pin(isPinned ? "unpin" : "pin", what));
      box.append(button);
    }
    return box;
  }
}

function facts({ lecture, who_names: names }, here) {
  const place = here ? `${here.when}, room ${lecture.room}` : "no place yet";
  const who = names.length ? `, ${names.join(", ")}` : "";
  const length = lecture.length > 1 ? `, ${lecture.length} periods` : "";
  return `${lecture.title || lecture.course}: ${place}${length}${who}; ${lecture.size} students.`;
}
