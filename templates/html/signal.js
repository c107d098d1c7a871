// Signals, noise, and the residual network u <- u + tau D^- Phi(D^+ u) on them (grid size 1).
"use strict";

// mulberry32: small, and the same noise on every machine
function uniform(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let z = Math.imul(state ^ (state >>> 15), state | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return ((z ^ (z >>> 14)) >>> 0) / 4294967296;
  };
}

// Box and Muller (1958)
function withNoise(signal, deviation, seed) {
  if (deviation === 0) return Float64Array.from(signal);
  const random = uniform(seed);
  return Float64Array.from(signal, (value) => {
    const radius = Math.sqrt(-2 * Math.log(1 - random()));
    return value + deviation * radius * Math.cos(2 * Math.PI * random());
  });
}

function filtered(signal, flux, tau, blocks, periodic) {
  const u = Float64Array.from(signal);
  const last = u.length - 1;
  const flow = new Float64Array(u.length); // flow[i] from sample i to i + 1
  for (let block = 0; block < blocks; block += 1) {
    for (let i = 0; i < last; i += 1) flow[i] = flux(u[i + 1] - u[i]);
    flow[last] = periodic ? flux(u[0] - u[last]) : 0;
    for (let i = last; i > 0; i -= 1) u[i] += tau * (flow[i] - flow[i - 1]);
    u[0] += tau * (flow[0] - (periodic ? flow[last] : 0));
  }
  return u;
}

function signChanges(u) {
  let count = 0;
  let before = 0;
  for (const value of u) {
    const sign = Math.sign(value);
    if (sign !== 0 && before !== 0 && sign !== before) count += 1;
    if (sign !== 0) before = sign;
  }
  return count;
}

function measures(u) {
  let [low, high, sum] = [Infinity, -Infinity, 0];
  for (const value of u) {
    low = Math.min(low, value);
    high = Math.max(high, value);
    sum += value;
  }
  return { minimum: low, maximum: high, range: high - low, changes: signChanges(u), mean: sum / u.length };
}

// In decibel: the deviation of the clean signal against what was added to it, or is still wrong.
function signalToNoise(clean, u) {
  const { mean } = measures(clean);
  let [signal, noise] = [0, 0];
  clean.forEach((value, k) => {
    signal += (value - mean) ** 2;
    noise += (u[k] - value) ** 2;
  });
  return 10 * Math.log10(signal / noise);
}

const MOST_SAMPLES = 16384;
const MOST_BYTES = 2 ** 20;

// The first column of numbers of a CSV; one line of titles may stand above it.
function parseCsv(text) {
  const lines = text.replace(/^\uFEFF/, "").split(/\r\n|\r|\n/).map((line) => line.trim()).filter((line) => line !== "");
  const isDoubtful = (line) => /^[+-]?\d+,\d+( +[+-]?\d+,\d+)*$/.test(line);
  if (lines.some(isDoubtful) && lines.every((line, k) => isDoubtful(line) || (k === 0 && !line.includes(",")))) {
    throw new Error(`“${lines.at(-1).slice(0, 20)}” may be a decimal comma or two columns; write points, or semicolons between columns`);
  }
  const decimalComma = lines.some((line) => /[;\t]/.test(line));
  const rows = lines.map((line) => (decimalComma ? line.replaceAll(",", ".").split(/[;\t]/) : line.split(/[, ]+/)));
  const cells = rows.map(([first]) => first.trim());
  const isNumber = (cell) => cell !== "" && Number.isFinite(Number(cell));
  if (cells.length > 0 && !isNumber(cells[0])) cells.shift();
  const bad = cells.findIndex((cell) => !isNumber(cell));
  if (bad >= 0) throw new Error(`“${cells[bad].slice(0, 20)}” in row ${bad + 1 + lines.length - cells.length} is not a finite number`);
  if (cells.length < 2) throw new Error("a signal needs at least two samples, one a row");
  if (cells.length > MOST_SAMPLES) throw new Error(`${cells.length} samples are too many; at most ${MOST_SAMPLES} are filtered here`);
  const samples = cells.map(Number);
  if (samples.some((value) => Math.abs(value) > 1e100)) throw new Error("a sample is larger than 1e100");
  const columns = rows[rows.length - 1].length;
  return { samples, said: `${samples.length} samples, as they are${columns > 1 ? `, the first of ${columns} columns` : ""}` };
}
