// What a run has found so far: the variants as a table, the chosen one's costs as lines and as a table.
import { chartDraw, durationWords, spark, swatch } from "./chart.js";
import { History } from "./history.js";

const TOTAL = "Cost in all";
const at = (id) => document.getElementById(id);

export class Improvement {
  constructor(facts) {
    this.criteria = facts.criteria; // id -> short name, of what may cost something
    this.rules = facts.rules; // id -> name, of what may be broken
    this.history = new History(facts.history);
    this.key = `variant-${facts.jobId}`;
    this.chosen = sessionStorage.getItem(this.key);
    this.variants = [];
    this.scores = null;
    this.rows = new Map();
    this.drawn = "";
    new ResizeObserver(() => this.drawChart()).observe(at("chart").parentElement);
  }

  get hasLines() {
    return this.history.lines.size > 0;
  }

  take(record) {
    const variants = record.metadata?.variants ?? [];
    for (const variant of variants) this.history.add(variant, record.started_at, (id) => id in this.criteria);
    this.variants = variants.length ? variants : this.variants;
    this.scores = record.metadata?.scores ?? null; // at the end: by the institution's weights
    this.showVariants();
    this.showCriteria();
  }

  // Called each second, so that a standstill is seen as one.
  tick(now, startedAt, isEnded) {
    this.now = now;
    this.end = now - startedAt;
    at("variants").classList.toggle("is-ended", isEnded);
    for (const [label, row] of this.rows) {
      const variant = this.variants.find((each) => each.label === label);
      if (variant) row.querySelector(".since").textContent = `${durationWords(now - variant.improved_at)} ago`;
      spark(row.querySelector("svg"), this.history.points(label).map((point) => [point.at, point.soft]), this.end);
    }
    this.drawChart();
  }

  // The first one until somebody chooses another.
  get shown() {
    const labels = this.variants.length ? this.variants.map((variant) => variant.label) : [...this.history.lines.keys()];
    return labels.includes(this.chosen) ? this.chosen : labels[0];
  }

  choose(label) {
    this.chosen = label;
    sessionStorage.setItem(this.key, label);
    this.showCriteria();
    this.drawChart();
  }

  showVariants() {
    at("variants").hidden = this.variants.length === 0;
    const isNew = this.variants.some((variant) => !this.rows.has(variant.label));
    at("cost-by").textContent = this.scores ? "by your institution's weights" : "by its own weights";
    for (const variant of this.variants) {
      const { broken, unplaced, soft } = this.scores?.[variant.label] ?? variant;
      const row = this.rows.get(variant.label) ?? this.rowNew(variant.label);
      this.rows.set(variant.label, row);
      row.querySelector("input").checked = variant.label === this.shown;
      row.querySelector(".broken").textContent = broken.toLocaleString();
      row.querySelector(".unplaced").textContent = unplaced.toLocaleString();
      row.querySelector(".soft").textContent = soft.toLocaleString();
      row.querySelector(".broken").classList.toggle("is-bad", broken > 0);
      row.querySelector(".unplaced").classList.toggle("is-bad", unplaced > 0);
    }
    if (isNew) at("variants").tBodies[0].append(...this.variants.map((variant) => this.rows.get(variant.label)));
  }

  rowNew(label) {
    const row = at("variant-row").content.firstElementChild.cloneNode(true);
    row.querySelector("label").append(label);
    row.querySelector("input").addEventListener("change", () => this.choose(label));
    return row;
  }

  showCriteria() {
    const label = this.shown;
    if (label === undefined) return;
    const points = this.history.points(label);
    const ids = this.history.criteria(label, Object.keys(this.criteria));
    at("criteria-title").textContent = `What the cost of “${label}” is made of, by its own weights`;
    const body = at("criteria").tBodies[0];
    const rows = [[0, TOTAL, points.map((point) => point.soft)], ...ids.map((id, index) => [index + 1, this.criteria[id], points.map((point) => point.parts[id] ?? 0)])];
    const text = JSON.stringify([label, rows.map(([, , values]) => [values[0], values.at(-1)])]);
    if (text === this.drawn) return;
    this.drawn = text;
    body.replaceChildren(...rows.map(([number, name, values]) => criterionRow(number, name, values[0], values.at(-1))));
    at("criteria-frame").hidden = at("chart-frame").hidden = false;
    at("chart-waits").hidden = true;
    at("chart-words").textContent = summary(label, points);
    this.drawChart();
  }

  drawChart() {
    const label = this.shown;
    if (label === undefined) return;
    const points = this.history.points(label);
    const ids = this.history.criteria(label, Object.keys(this.criteria));
    const series = [
      { number: 0, name: TOTAL, points: points.map((point) => [point.at, point.soft]) },
      ...ids.map((id, index) => ({ number: index + 1, name: this.criteria[id], points: points.map((point) => [point.at, point.parts[id] ?? 0]) })),
    ];
    const bound = this.variants.find((each) => each.label === label)?.bound ?? 0;
    at("bound-words").hidden = bound === 0;
    at("bound-words").textContent = `No timetable that keeps all rules can have a cost below ${bound.toLocaleString()} in all: that is proven.`;
    chartDraw(at("chart"), series, this.end ?? 0, bound);
  }
}

function criterionRow(number, name, first, now) {
  const row = document.createElement("tr");
  row.classList.toggle("is-total", number === 0);
  const head = document.createElement("th");
  head.scope = "row";
  const tag = document.createElement("span");
  tag.className = "tag";
  tag.textContent = number === 0 ? "all" : String(number);
  head.append(swatch(number), tag, name);
  row.append(head, ...[first, now, now - first].map((value, index) => numberCell(index === 2 ? signed(value) : value.toLocaleString())));
  return row;
}

function signed(value) {
  if (value === 0) return "0";
  return value < 0 ? `−${(-value).toLocaleString()}` : `+${value.toLocaleString()}`;
}

function numberCell(text) {
  const cell = document.createElement("td");
  cell.className = "number";
  cell.textContent = text;
  return cell;
}

function summary(label, points) {
  const [first, last] = [points[0], points.at(-1)];
  return `The cost of ${label} fell from ${first.soft.toLocaleString()} to ${last.soft.toLocaleString()}; the table below has every line's figures.`;
}
