// Costs against time as a small SVG: one line per series, each named at its end. Colours only help.
const SVG = "http://www.w3.org/2000/svg";
const HEIGHT = 320;
const MARGIN = { left: 52, top: 12, bottom: 28 };
const LABEL_HEIGHT = 15;
const LABELS_WIDTH = { wide: 216, narrow: 30 };
const WIDE_FROM = 560;
const NUM_LOOKS = 8; // of dashes and colours together, in the style sheet
const TIME_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600];

export function svgElement(name, attributes, text) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  return element;
}

export function durationWords(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 90) return `${whole} s`;
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")} s`;
}

// The look of the series with this number; 0 is the total's.
export function look(number) {
  return number === 0 ? "look-total" : `look-${((number - 1) % NUM_LOOKS) + 1}`;
}

// Costs fall by orders of magnitude: on a straight scale the last, hard-won steps could not be seen.
const scaled = (value) => Math.log10(1 + value);

// `bound`: what the total can't go below, drawn where it is known. `series`: [{number, name, points: [[seconds, value], ...]}]; lines run on to `end`, as a cost holds until a lower one is found.
export function chartDraw(svg, series, end, bound = 0) {
  const width = Math.max(240, svg.clientWidth);
  const isWide = width >= WIDE_FROM;
  const area = { left: MARGIN.left, right: width - LABELS_WIDTH[isWide ? "wide" : "narrow"], top: MARGIN.top, floor: HEIGHT - MARGIN.bottom };
  svg.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
  svg.replaceChildren();
  const points = series.flatMap((each) => each.points);
  if (points.length === 0) return;
  const start = Math.min(...points.map(([at]) => at));
  const last = Math.max(end, start + 1, ...points.map(([at]) => at));
  const top = Math.max(1, ...points.map(([, value]) => scaled(value)));
  const x = (at) => area.left + ((at - start) / (last - start)) * (area.right - area.left);
  const y = (value) => area.floor - (scaled(value) / top) * (area.floor - area.top);
  gridDraw(svg, area, y, top);
  if (bound > 0) boundDraw(svg, area, y(bound), bound);
  timesDraw(svg, area, x, start, last, isWide);
  for (const { number, points: own } of series) svg.append(svgElement("path", { class: `line ${look(number)}`, d: steps(own, x, y, area.right) }));
  labelsDraw(svg, series, area, y, isWide);
}

function gridDraw(svg, area, y, top) {
  for (let power = 0; power <= Math.ceil(top); power += 1) {
    const value = power === 0 ? 0 : 10 ** power;
    if (scaled(value) > top) break;
    svg.append(svgElement("line", { class: power === 0 ? "axis" : "guide", x1: area.left, x2: area.right, y1: y(value), y2: y(value) }));
    svg.append(svgElement("text", { x: area.left - 8, y: y(value) + 4, "text-anchor": "end" }, value.toLocaleString()));
  }
}

function boundDraw(svg, area, height, bound) {
  svg.append(svgElement("line", { class: "bound", x1: area.left, x2: area.right, y1: height, y2: height }));
  svg.append(svgElement("text", { x: area.left + 4, y: height - 4 }, `cost at least ${bound.toLocaleString()} in all`));
}

function timesDraw(svg, area, x, start, last, isWide) {
  const step = TIME_STEPS.find((each) => (last - start) / each <= (isWide ? 7 : 4)) ?? 7200;
  for (let at = Math.ceil(start / step) * step; at <= last; at += step) {
    svg.append(svgElement("line", { class: "axis", x1: x(at), x2: x(at), y1: area.floor, y2: area.floor + 4 }));
    svg.append(svgElement("text", { x: x(at), y: area.floor + 18, "text-anchor": "middle" }, shortTime(at)));
  }
}

function shortTime(seconds) {
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

// Steps, not slopes.
function steps(points, x, y, right) {
  const path = points.map(([at, value], index) => (index ? `H${x(at).toFixed(1)}V${y(value).toFixed(1)}` : `M${x(at).toFixed(1)} ${y(value).toFixed(1)}`));
  return `${path.join("")}H${right}`;
}

// Beside the ends of their lines, moved apart where they would cover one another; a thin stroke leads back to the line.
function labelsDraw(svg, series, area, y, isWide) {
  const labels = series.map(({ number, name, points }) => {
    const value = points.at(-1)[1];
    const cost = number === 0 ? value.toLocaleString() : `cost ${value.toLocaleString()}`; // the total's name says so already
    const text = isWide ? `${name} ${cost}` : number === 0 ? "all" : String(number);
    return { number, text, end: y(value), at: y(value) };
  });
  labels.sort((first, second) => first.at - second.at || first.number - second.number);
  const lowest = area.floor - LABEL_HEIGHT * (labels.length - 1);
  labels.forEach((label, index) => {
    const above = labels[index - 1];
    label.at = Math.max(Math.min(label.at, lowest + LABEL_HEIGHT * index), above ? above.at + LABEL_HEIGHT : area.top);
  });
  for (const { number, text, end, at } of labels) {
    svg.append(svgElement("path", { class: "lead", d: `M${area.right + 1} ${end.toFixed(1)}L${area.right + 8} ${at.toFixed(1)}` }));
    svg.append(svgElement("text", { class: number === 0 ? "label is-total" : "label", x: area.right + 11, y: at + 4 }, text));
  }
}

// A line's look on its own, for the table's first column.
export function swatch(number) {
  const svg = svgElement("svg", { class: "chart swatch", viewBox: "0 0 32 8", "aria-hidden": "true" });
  svg.append(svgElement("path", { class: `line ${look(number)}`, d: "M1 4H31" }));
  return svg;
}

// One falling line without axes, for a table's cell.
export function spark(svg, points, end) {
  svg.replaceChildren();
  if (points.length === 0) return;
  const start = points[0][0];
  const [low, high] = [Math.min(...points.map(([, value]) => scaled(value))), Math.max(...points.map(([, value]) => scaled(value)))];
  const x = (at) => 1 + ((at - start) / Math.max(1, end - start)) * 94;
  const y = (value) => 21 - ((scaled(value) - low) / Math.max(0.01, high - low)) * 18;
  svg.append(svgElement("path", { class: "line look-total", d: steps(points, x, y, 95) }));
}
