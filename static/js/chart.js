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

// The curve's points [seconds, penalty, variant], kept over a reload of this tab.
export class Curve {
  constructor(jobId) {
    this.key = `curve-${jobId}`;
    const kept = JSON.parse(sessionStorage.getItem(this.key) ?? "[]");
    this.points = Array.isArray(kept) ? kept : [];
  }

  add(seconds, value, variant) {
    const last = this.points.at(-1);
    if (last && (seconds < last[0] || (value === last[1] && variant === last[2] && seconds - last[0] < 1))) return;
    this.points.push([seconds, value, variant]);
    // Every second point of the older half goes: the shape stays, the store is bounded.
    if (this.points.length > MAX_POINTS) this.points = this.points.filter((_, index) => index % 2 === 0 || index > MAX_POINTS / 2);
    try {
      sessionStorage.setItem(this.key, JSON.stringify(this.points));
    } catch {
      this.key = "curve-unkept"; // A full store costs the curve's memory, not the page.
    }
  }

  // One line per variant: each is searched for anew.
  get lines() {
    const lines = [];
    for (const point of this.points) {
      if (lines.at(-1)?.at(-1)[2] === point[2]) lines.at(-1).push(point);
      else lines.push([point]);
    }
    return lines;
  }

  get best() {
    return Math.min(...this.points.map(([, value]) => value));
  }
}

export function chartDraw(svg, lines) {
  svg.replaceChildren();
  svg.append(svgElement("line", { class: "axis", x1: AREA.left, x2: AREA.right, y1: AREA.bottom, y2: AREA.bottom }));
  const points = lines.flat();
  if (points.length === 0) return;
  const [start, end] = [points[0][0], points.at(-1)[0]];
  const high = Math.max(...points.map(([, value]) => value), 1);
  const x = (seconds) => AREA.left + ((seconds - start) / Math.max(1, end - start)) * (AREA.right - AREA.left);
  const y = (value) => AREA.bottom - (value / high) * (AREA.bottom - AREA.top);
  svg.append(svgElement("line", { class: "guide", x1: AREA.left, x2: AREA.right, y1: y(high), y2: y(high) }));
  svg.append(svgElement("text", { x: AREA.right + 8, y: y(high) + 4 }, high.toLocaleString()));
  lines.forEach((line, index) => lineDraw(svg, line, { x, y, isLast: index === lines.length - 1 }));
  svg.append(svgElement("text", { x: AREA.left, y: AREA.bottom + 20 }, durationWords(start)));
  svg.append(svgElement("text", { x: AREA.right, y: AREA.bottom + 20, "text-anchor": "end" }, durationWords(end)));
}

function lineDraw(svg, line, { x, y, isLast }) {
  // A penalty holds until the next one is found: steps, not slopes.
  const path = line.map(([seconds, value], index) => (index ? `H${x(seconds).toFixed(1)}V${y(value).toFixed(1)}` : `M${x(seconds).toFixed(1)} ${y(value).toFixed(1)}`));
  svg.append(svgElement("path", { class: isLast ? "line" : "line is-past", d: path.join("") }));
  const [seconds, value] = line.at(-1);
  const place = { x: x(seconds) + (isLast ? 8 : 4), y: y(value) + 4 };
  svg.append(svgElement("text", { class: "label", ...place }, value.toLocaleString()));
}

export function durationWords(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 90) return `${whole} s`;
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")} s`;
}
