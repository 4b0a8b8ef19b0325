// A place's price in words, a sign and a class; colour only helps.

const MINUS = "\u2212";
const number = new Intl.NumberFormat("en");
const plural = (count, word) => `${number.format(count)} ${word}${count === 1 ? "" : "s"}`;

export const signed = (amount) => (amount < 0 ? `${MINUS}${number.format(-amount)}` : amount > 0 ? `+${number.format(amount)}` : "\u00b10");

// What a place adds to the weighted cost: never a number of people or lectures.
export const costWords = (amount) => `cost ${signed(amount)}`;

export function lookOf(place) {
  if (place.is_current) return "is-here";
  if (place.hard > 0) return "breaks";
  if (place.hard < 0 || place.soft < 0) return "is-better";
  return place.soft > 0 ? "is-worse" : "is-same";
}

// "breaks 1 rule, cost +12", "cost -3", "fixes 2 rules, cost +4"
export function priceWords(place) {
  if (place.is_current) return "here now";
  const rules = place.hard > 0 ? `breaks ${plural(place.hard, "rule")}, ` : place.hard < 0 ? `fixes ${plural(-place.hard, "rule")}, ` : "";
  return `${rules}${place.soft === 0 && !rules ? "costs the same" : costWords(place.soft)}`;
}

// The same for a cell, where there is little room: first what matters most.
export function priceShort(place) {
  if (place.is_current) return "Here now";
  if (place.hard > 0) return `Breaks ${plural(place.hard, "rule")}`;
  if (place.hard < 0) return `Fixes ${plural(-place.hard, "rule")}`;
  return place.soft === 0 ? "Costs the same" : `Cost ${signed(place.soft)}`;
}

export function changeWords(place) {
  const parts = place.changes.filter((change) => !change.is_hard).map((change) => `${change.label}: ${costWords(change.amount)}`);
  const fixed = place.changes.filter((change) => change.is_hard && change.amount < 0).map((change) => `fixed: ${change.label.toLowerCase()}`);
  return [...place.reasons, ...fixed, ...parts];
}

export const affectedWords = ({ students, instructors }) => `Wherever it goes, the week of ${plural(students, "student")} and ${plural(instructors, "instructor")} changes.`;

const turnWords = ({ newly, freed }, word) =>
  [newly && `${plural(newly, word)} newly clash${newly === 1 ? "es" : ""}`, freed && `${plural(freed, word)} no longer clash${freed === 1 ? "es" : ""}`].filter(Boolean);

// "3 students newly clash, 5 students no longer clash; 1 section newly clashes"
export function peopleWords({ students, instructors, sections }) {
  const parts = [turnWords(students, "student"), turnWords(instructors, "instructor"), turnWords(sections, "section")].filter((part) => part.length);
  return parts.length ? parts.map((part) => part.join(", ")).join("; ") : "Nobody newly clashes";
}

export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}
