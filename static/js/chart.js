// The penalty against time as a small SVG, with its labels on the line.
const SVG = "http://www.w3.org/2000/svg";
const AREA = { left: 8, right: 312, top: 16, floor: 160, bottom: 172 };
const LABEL_HEIGHT = 15;
const MAX_POINTS = 400;

function svgElement(name, attributes, text) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  return element;
}

// The curve's points [seconds, penalty, variant], kept over a reload of this tab.
export class Curve {
  constructor(jobId) {
    this.key = `curve-${jobId}`;
    const kept = JSON.parse(sessionStorage.getItem(this.key) ?? "[]");
    this.points = Array.isArray(kept) ? kept : [];
  }

  add(seconds, value, variant) {
    const last = this.points.findLast((point) => point[2] === variant);
    if (last && (seconds < last[0] || value === last[1])) return;
    this.points.push([seconds, value, variant]);
    // Every second point of the older half goes: the shape stays, the store is bounded.
    if (this.points.length > MAX_POINTS) this.points = this.points.filter((_, index) => index % 2 === 0 || index > MAX_POINTS / 2);
    try {
      sessionStorage.setItem(this.key, JSON.stringify(this.points));
    } catch {
      this.key = "curve-unkept"; // A full store costs the curve's memory, not the page.
    }
  }

  // One line per variant, its points in the order of time: some are searched for at the same time.
  get lines() {
    return [...Map.groupBy(this.points, (point) => point[2])].map(([name, points]) => ({ name, points }));
  }
}

export function chartDraw(svg, lines) {
  svg.replaceChildren();
  svg.append(svgElement("line", { class: "axis", x1: AREA.left, x2: AREA.right, y1: AREA.bottom, y2: AREA.bottom }));
  const points = lines.flatMap((line) => line.points);
  if (points.length === 0) return;
  const seconds = points.map(([at]) => at);
  const [start, end] = [Math.min(...seconds), Math.max(...seconds)];
  const values = points.map(([, value]) => Math.log1p(value));
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const x = (at) => AREA.left + ((at - start) / Math.max(1, end - start)) * (AREA.right - AREA.left);
  // Penalties fall by orders of magnitude: on a straight scale the last, hard-won steps could not be seen.
  const y = (value) => AREA.floor - ((Math.log1p(value) - low) / Math.max(0.1, high - low)) * (AREA.floor - AREA.top);
  for (const { points: own } of lines) svg.append(svgElement("path", { class: "line", d: steps(own, x, y) }));
  labelsDraw(svg, lines, y);
  svg.append(svgElement("text", { x: AREA.left, y: AREA.bottom + 20 }, durationWords(start)));
  svg.append(svgElement("text", { x: AREA.right, y: AREA.bottom + 20, "text-anchor": "end" }, durationWords(end)));
}

// A penalty holds until a lower one is found: steps, not slopes.
function steps(points, x, y) {
  const path = points.map(([at, value], index) => (index ? `H${x(at).toFixed(1)}V${y(value).toFixed(1)}` : `M${x(at).toFixed(1)} ${y(value).toFixed(1)}`));
  return `${path.join("")}H${AREA.right}`;
}

// Beside the ends of their lines, moved apart where they would cover one another.
function labelsDraw(svg, lines, y) {
  const labels = lines.map(({ name, points }) => ({ text: `${name} ${points.at(-1)[1].toLocaleString()}`, at: y(points.at(-1)[1]) + 4 }));
  labels.sort((first, second) => second.at - first.at);
  let below = AREA.bottom + LABEL_HEIGHT;
  for (const label of labels) {
    below = Math.min(label.at, below - LABEL_HEIGHT);
    svg.append(svgElement("text", { class: "label", x: AREA.right + 8, y: below }, label.text));
  }
}

export function durationWords(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 90) return `${whole} s`;
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")} s`;
}
