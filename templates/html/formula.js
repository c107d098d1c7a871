// Functions from trees of listed operations (symtrans/present/trees.py). Nothing is ever run as code.
"use strict";

const CALLS = {
  exp: Math.exp, log: Math.log, sqrt: Math.sqrt, abs: Math.abs, sign: Math.sign,
  sin: Math.sin, cos: Math.cos, tan: Math.tan, sinh: Math.sinh, cosh: Math.cosh, tanh: Math.tanh,
  atan: Math.atan, asin: Math.asin, acos: Math.acos, asinh: Math.asinh,
  erf: (x) => (Math.abs(x) < 2 ? erfSeries(x) : Math.sign(x) * (1 - erfcFraction(Math.abs(x)))),
  erfc: (x) => (x < 1 ? 1 - CALLS.erf(x) : erfcFraction(x)),
};

const COMPARISONS = {
  "<": (a, b) => a < b, "<=": (a, b) => a <= b, ">": (a, b) => a > b,
  ">=": (a, b) => a >= b, "==": (a, b) => a === b, "!=": (a, b) => a !== b,
};

// erf x = 2/sqrt(pi) exp(-x^2) sum 2^n x^(2n+1)/(2n+1)!!: all terms of one sign, so nothing cancels
function erfSeries(x) {
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum) && n < 200; n += 1) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return ((2 * Math.exp(-x * x)) / Math.sqrt(Math.PI)) * sum;
}

// erfc x = exp(-x^2)/sqrt(pi) / (x + (1/2)/(x + 1/(x + (3/2)/(x + ...)))), from the inside outwards, x >= 1
function erfcFraction(x) {
  let tail = x;
  for (let k = 120; k >= 1; k -= 1) tail = x + k / 2 / tail;
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / tail;
}

// Gauss's five points on [-1, 1]
const NODES = [0, -0.5384693101056831, 0.5384693101056831, -0.906179845938664, 0.906179845938664];
const WEIGHTS = [0.5688888888888889, 0.47862867049936647, 0.47862867049936647, 0.23692688505618908, 0.23692688505618908];
const PANELS = 24;

function integral(integrand, x, low, high) {
  const width = (high - low) / PANELS;
  let sum = 0;
  for (let panel = 0; panel < PANELS; panel += 1) {
    const middle = low + (panel + 0.5) * width;
    for (let k = 0; k < NODES.length; k += 1) sum += WEIGHTS[k] * integrand(x, middle + (NODES[k] * width) / 2);
  }
  return (sum * width) / 2;
}

function constant(value) {
  const result = () => value;
  result.value = value;
  return result;
}

function power(base, exponent) {
  if (exponent.value === 2) return (x, t) => { const b = base(x, t); return b * b; };
  if (exponent.value === -1) return (x, t) => 1 / base(x, t);
  if (exponent.value === -0.5) return (x, t) => 1 / Math.sqrt(base(x, t));
  if (exponent.value !== undefined) return (x, t) => base(x, t) ** exponent.value;
  return (x, t) => base(x, t) ** exponent(x, t);
}

// a sum or a product: the constants are taken together first
function folded(parts, start, join) {
  let fixed = start;
  const moving = parts.filter((part) => {
    if (part.value !== undefined) fixed = join(fixed, part.value);
    return part.value === undefined;
  });
  if (moving.length === 1) {
    const [only] = moving;
    return fixed === start ? only : (x, t) => join(fixed, only(x, t));
  }
  return (x, t) => {
    let total = fixed;
    for (const part of moving) total = join(total, part(x, t));
    return total;
  };
}

function cases(parts) {
  return (x, t) => {
    for (let k = 0; k < parts.length; k += 2) if (parts[k + 1](x, t)) return parts[k](x, t);
    return NaN;
  };
}

function built(operation, parts) {
  const [first, second] = parts;
  if (operation === "+") return folded(parts, 0, (a, b) => a + b);
  if (operation === "*") return folded(parts, 1, (a, b) => a * b);
  if (operation === "^") return power(first, second);
  if (operation === "int") return (x, t) => integral(first, x, second(x, t), parts[2](x, t));
  if (operation === "max") return (x, t) => Math.max(...parts.map((part) => part(x, t)));
  if (operation === "min") return (x, t) => Math.min(...parts.map((part) => part(x, t)));
  if (operation === "cases") return cases(parts);
  if (operation === "and") return (x, t) => parts.every((part) => part(x, t));
  if (operation === "or") return (x, t) => parts.some((part) => part(x, t));
  if (Object.hasOwn(COMPARISONS, operation)) {
    const compare = COMPARISONS[operation];
    return (x, t) => compare(first(x, t), second(x, t));
  }
  if (Object.hasOwn(CALLS, operation)) {
    const call = CALLS[operation];
    return (x, t) => call(first(x, t));
  }
  throw new Error(`no such operation: ${operation}`);
}

// A function (x, t) -> number of a tree, with numbers for its parameters; what does not move is computed now.
function compile(tree, values) {
  if (typeof tree === "number") return constant(tree);
  if (typeof tree === "string") {
    if (!values.has(tree)) throw new Error(`no value for ${tree}`);
    return constant(values.get(tree));
  }
  const [operation, ...arguments_] = tree;
  if (operation === "x") return (x) => x;
  if (operation === "t") return (x, t) => t;
  if (operation === "oo") return constant(Infinity);
  const parts = arguments_.map((part) => compile(part, values));
  const result = built(operation, parts);
  return parts.every((part) => part.value !== undefined) ? constant(result(0, 0)) : result;
}

function numberOf(tree, values) {
  return compile(tree, values)(0, 0);
}

// An even or odd function of r from its pieces on r > 0, with what a picture needs to know of its breaks.
function evaluator(data, values) {
  const pieces = data.pieces.map((piece) => compile(piece, values));
  const breaks = data.breaks.map((place) => numberOf(place, values));
  const levels = data.values.map((value) => numberOf(value, values));
  const origin = numberOf(data.origin, values);
  const mirror = data.odd ? -1 : 1;

  function half(x) {
    let k = 0;
    while (k < breaks.length && x > breaks[k]) k += 1;
    return k < breaks.length && x === breaks[k] ? levels[k] : pieces[k](x, 0);
  }
  function near(piece, place, side) {
    const there = pieces[piece](place, 0);
    return Number.isFinite(there) ? there : pieces[piece](place + side * 1e-9 * Math.max(1, place), 0);
  }
  const first = near(0, 0, 1);
  const points = [{ place: 0, value: origin, left: mirror * first, right: first }];
  breaks.forEach((place, k) => {
    const [left, right, value] = [near(k, place, -1), near(k + 1, place, 1), levels[k]];
    points.push({ place, value, left, right });
    points.unshift({ place: -place, value: mirror * value, left: mirror * right, right: mirror * left });
  });
  return {
    at: (r) => (r === 0 ? origin : r > 0 ? half(r) : mirror * half(-r)),
    breaks: points, // ascending
  };
}
