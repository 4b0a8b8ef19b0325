// The penalty against time as a small SVG, with its labels on the line.
const SVG = "http://www.w3.org/2000/svg";
const AREA = { left: 8, right: 400, top: 16, bottom: 172 };
const MAX_POINTS = 400;

function svgElement(name, attributes, text) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  return element;
}

// Keeps the curve's points over a reload of this tab.
export class Curve {
  constructor(jobId) {
    this.key = `curve-${jobId}`;
    const kept = JSON.parse(sessionStorage.getItem(this.key) ?? "[]");
    this.points = Array.isArray(kept) ? kept : [];
  }

  add(seconds, value) {
    const last = this.points.at(-1);
    if (last && (seconds < last[0] || (seconds === last[0] && value === last[1]))) return;
    this.points.push([seconds, value]);
    // Every second point of the older half goes: the shape stays, the store is bounded.
    if (this.points.length > MAX_POINTS) this.points = this.points.filter((_, index) => index % 2 === 0 || index > MAX_POINTS / 2);
    try {
      sessionStorage.setItem(this.key, JSON.stringify(this.points));
    } catch {
      this.key = "curve-unkept"; // A full store costs the curve's memory, not the page.
    }
  }

  get best() {
    return Math.min(...this.points.map(([, value]) => value));
  }
}

export function chartDraw(svg, points) {
  svg.replaceChildren();
  svg.append(svgElement("line", { class: "axis", x1: AREA.left, x2: AREA.right, y1: AREA.bottom, y2: AREA.bottom }));
  if (points.length === 0) return;
  const [first, last] = [points[0], points.at(-1)];
  const values = points.map(([, value]) => value);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const across = Math.max(1, last[0] - first[0]);
  const down = Math.max(1, high - low);
  const x = (seconds) => AREA.left + ((seconds - first[0]) / across) * (AREA.right - AREA.left);
  const y = (value) => AREA.bottom - 12 - ((value - low) / down) * (AREA.bottom - 12 - AREA.top);
  for (const value of new Set([low, high])) {
    svg.append(svgElement("line", { class: "guide", x1: AREA.left, x2: AREA.right, y1: y(value), y2: y(value) }));
  }
  // A penalty holds until the next one is found: steps, not slopes.
  const path = points.map(([seconds, value], index) => (index ? `H${x(seconds).toFixed(1)}V${y(value).toFixed(1)}` : `M${x(seconds).toFixed(1)} ${y(value).toFixed(1)}`));
  svg.append(svgElement("path", { class: "line", d: path.join("") }));
  svg.append(svgElement("text", { class: "label", x: AREA.right + 8, y: y(last[1]) + 4 }, last[1].toLocaleString()));
  if (high > low && y(last[1]) - AREA.top > 20) svg.append(svgElement("text", { x: AREA.right + 8, y: AREA.top + 4 }, high.toLocaleString()));
  svg.append(svgElement("text", { x: AREA.left, y: 192 }, durationWords(first[0])));
  svg.append(svgElement("text", { x: AREA.right, y: 192, "text-anchor": "end" }, durationWords(last[0])));
}

export function durationWords(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 90) return `${whole} s`;
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")} s`;
}
