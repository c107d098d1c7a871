// Curves and signals as inline SVG: axes, gaps at jumps, open and filled dots.
"use strict";

const SVG = "http://www.w3.org/2000/svg";

function shape(name, attributes, text) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  return element;
}

function shown(value) {
  if (!Number.isFinite(value)) return value > 0 ? "∞" : value < 0 ? "−∞" : "not a number";
  const text = Number(value.toPrecision(4));
  return (Math.abs(text) >= 1e5 || (text !== 0 && Math.abs(text) < 1e-4) ? text.toExponential() : String(text)).replace("-", "−");
}

// About `count` round numbers between two others: steps of 1, 2 or 5 times a power of ten.
function ticks(low, high, count) {
  const raw = (high - low) / count;
  const size = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((m) => m * size).find((s) => s >= raw);
  const marks = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k += 1) marks.push(k === 0 ? 0 : k * step);
  return marks;
}

function frame(svg, xs, ys) {
  const width = Math.max(220, Math.round(svg.clientWidth) || 320);
  const height = Math.round(svg.clientHeight) || 190;
  const margin = { left: 44, right: 10, top: 10, bottom: 22 };
  const across = (x) => margin.left + ((x - xs[0]) / (xs[1] - xs[0])) * (width - margin.left - margin.right);
  const up = (y) => height - margin.bottom - ((y - ys[0]) / (ys[1] - ys[0])) * (height - margin.top - margin.bottom);
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.replaceChildren();
  const grid = shape("g", { class: "axes", "aria-hidden": "true" });
  for (const x of ticks(xs[0], xs[1], width / 60)) {
    grid.append(shape("line", { x1: across(x), x2: across(x), y1: margin.top, y2: height - margin.bottom, class: x === 0 ? "zero" : "grid" }));
    grid.append(shape("text", { x: across(x), y: height - 7, "text-anchor": "middle" }, shown(x)));
  }
  for (const y of ticks(ys[0], ys[1], height / 38)) {
    grid.append(shape("line", { x1: margin.left, x2: width - margin.right, y1: up(y), y2: up(y), class: y === 0 ? "zero" : "grid" }));
    grid.append(shape("text", { x: margin.left - 6, y: up(y) + 3.5, "text-anchor": "end" }, shown(y)));
  }
  svg.append(grid);
  return { across, up, width, height };
}

// A part of the picture beyond which nothing is drawn.
function clipped(svg, left, right, top, bottom) {
  const [width, height] = [right - left, bottom - top];
  const part = shape("svg", { x: left, y: top, width, height, viewBox: `${left} ${top} ${width} ${height}` });
  svg.append(part);
  return part;
}

function line(points, across, up) {
  return points.map(([x, y], k) => `${k ? "L" : "M"}${across(x).toFixed(1)} ${up(y).toFixed(1)}`).join("");
}

const SAMPLES = 240;

// The curve between two neighbouring breaks, from limit to limit.
function branch(f, left, right, extent) {
  const [low, high] = [Math.max(left.place, -extent), Math.min(right.place, extent)];
  const count = Math.max(2, Math.ceil((SAMPLES * (high - low)) / (2 * extent)));
  const points = [];
  for (let k = 0; k <= count; k += 1) {
    const place = k === count ? high : low + ((high - low) * k) / count;
    const value = place === left.place ? left.right : place === right.place ? right.left : f.at(place);
    if (Number.isFinite(value)) points.push([place, value]);
  }
  return points;
}

// Where most of the curve lies: a pole must not flatten the rest.
function verticalRange(points) {
  const heights = points.map(([, y]) => y).sort((a, b) => a - b);
  const at = (share) => heights[Math.round(share * (heights.length - 1))];
  let [low, high] = [heights[0], heights[heights.length - 1]];
  const middle = at(0.92) - at(0.08);
  if (middle > 0 && high - at(0.92) > 5 * middle) high = at(0.92) + middle;
  if (middle > 0 && at(0.08) - low > 5 * middle) low = at(0.08) - middle;
  const space = (high - low) * 0.08 || Math.max(0.5, Math.abs(high) * 0.1);
  return [low - space, high + space];
}

// The breaks of a function within the picture, and its branches between them.
function branchesOf(f, extent) {
  const inside = f.breaks.filter((point) => Math.abs(point.place) < extent);
  const stops = [{ place: -Infinity }, ...inside, { place: Infinity }];
  return { inside, branches: stops.slice(1).map((stop, k) => branch(f, stops[k], stop, extent)) };
}

// A curve, and that of another family (or null) to compare it with. Returns how a place is found in the picture.
function drawCurve(svg, f, extent, name, other) {
  const { inside, branches } = branchesOf(f, extent);
  const others = other ? branchesOf(other, extent).branches : [];
  const all = branches.flat();
  if (all.length === 0) {
    const nothing = `no finite value for |r| up to ${shown(extent)}`;
    const { width, height } = frame(svg, [-extent, extent], [-1, 1]);
    svg.append(shape("text", { x: width / 2, y: height / 2 - 11, class: "nothing", "text-anchor": "middle" }, nothing));
    svg.setAttribute("aria-label", `${name}: ${nothing}`);
    return null;
  }
  const ys = verticalRange([...all, ...others.flat()]);
  const { across, up, width } = frame(svg, [-extent, extent], ys);
  const window_ = clipped(svg, across(-extent), across(extent), up(ys[1]), up(ys[0]));
  const far = 3 * (ys[1] - ys[0]);
  const bounded = (points) => points.map(([x, y]) => [x, Math.min(Math.max(y, ys[0] - far), ys[1] + far)]);
  const trace = (points, kind) => window_.append(shape("path", { class: kind, d: line(bounded(points), across, up) }));
  for (const points of others) trace(points, "other");
  for (const points of branches) trace(points, "curve");
  const jumps = drawDots(svg, inside, across, up, ys);
  const places = jumps.length ? `; jumps at ${jumps.map(shown).join(", ")}` : "";
  const heights = all.map(([, y]) => y);
  svg.setAttribute(
    "aria-label",
    `${name} for |r| up to ${shown(extent)}: from ${shown(Math.min(...heights))} to ${shown(Math.max(...heights))}${places}`,
  );
  const mark = shape("g", { class: "mark", "aria-hidden": "true" });
  svg.append(mark);
  return { f, other, across, up, ys, mark, placeOf: (x) => ((x / svg.clientWidth) * width - across(0)) / (across(1) - across(0)) };
}

// The place at which the curves are read: a line, and a dot on each.
function drawMark({ f, other, across, up, ys, mark }, place) {
  mark.replaceChildren(shape("line", { x1: across(place), x2: across(place), y1: up(ys[1]), y2: up(ys[0]) }));
  const dot = (value, kind) => {
    if (value >= ys[0] && value <= ys[1]) mark.append(shape("circle", { cx: across(place), cy: up(value), r: 3, class: kind }));
  };
  if (other) dot(other.at(place), "of-other");
  dot(f.at(place), "of-curve");
}

// A jump: an open dot at each limit that is not the value, a filled one at the value. A mere break: a small dot.
function drawDots(svg, points, across, up, ys) {
  const jumps = [];
  const close = 1e-6 * (ys[1] - ys[0]);
  const dot = (x, y, kind, radius) => {
    if (Number.isFinite(y) && y >= ys[0] && y <= ys[1]) svg.append(shape("circle", { cx: across(x), cy: up(y), r: radius, class: kind }));
  };
  for (const { place, value, left, right } of points) {
    const open = [left, right].filter((limit) => Number.isFinite(limit) && !(Math.abs(limit - value) <= close));
    if (open.length) jumps.push(place);
    for (const limit of open) dot(place, limit, "open", 3.5);
    if (open.length) dot(place, value, "filled", 3.5);
    else if (place !== 0) dot(place, value, "break", 2.2);
  }
  return jumps;
}

// At most two points a column of the picture: the smallest and the largest sample there.
function thinned(u, columns) {
  if (u.length <= 2 * columns) return Array.from(u, (y, x) => [x, y]);
  const points = [];
  for (let column = 0; column < columns; column += 1) {
    const [from, to] = [Math.floor((column * u.length) / columns), Math.floor(((column + 1) * u.length) / columns)];
    let [low, high] = [from, from];
    for (let i = from; i < to; i += 1) {
      if (u[i] < u[low]) low = i;
      if (u[i] > u[high]) high = i;
    }
    for (const i of low < high ? [low, high] : [high, low]) points.push([i, u[i]]);
  }
  return points;
}

function drawSignals(svg, before, after, name) {
  const range = measures(before);
  const result = measures(after);
  const finite = Number.isFinite(result.range);
  const [low, high] = [Math.min(range.minimum, finite ? result.minimum : 0), Math.max(range.maximum, finite ? result.maximum : 0)];
  const space = (high - low) * 0.06 || 1;
  const { across, up, width } = frame(svg, [0, before.length - 1], [low - space, high + space]);
  svg.append(shape("path", { class: "before", d: line(thinned(before, width), across, up) }));
  if (finite) svg.append(shape("path", { class: "after", d: line(thinned(after, width), across, up) }));
  svg.setAttribute("aria-label", `${name}: the input ranges from ${shown(range.minimum)} to ${shown(range.maximum)}, the filtered signal from ${shown(result.minimum)} to ${shown(result.maximum)}`);
}
