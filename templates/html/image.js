// Images of grey values 0 (black) to 10 (white), and the coupled step u <- u + tau sum_a D_a^-(gbar D_a^+ u) on them.
"use strict";

const WHITE = 10;
const MOST_SIDE = 256; // of an image that is uploaded: it is made smaller
const MOST_IMAGE_BYTES = 2 ** 25;
const TABLE = 4096; // places at which g is evaluated, once for a picture

// A ramp, a disc, a square, stripes that grow narrower, and a dark bar.
function testImage() {
  const [width, height] = [128, 128];
  const samples = new Float64Array(width * height);
  for (let i = 0; i < height; i += 1) {
    for (let j = 0; j < width; j += 1) {
      let grey = 3 + (3 * j) / width;
      if (Math.hypot(i - 40, j - 40) < 26) grey = 8;
      if (i > 18 && i < 62 && j > 78 && j < 116) grey = 1.5;
      if (i > 78 && i < 112 && j > 12) grey = Math.sin((j * j) / 320) > 0 ? 7.5 : 2.5;
      if (i > 118 && i < 123) grey = 0.5;
      samples[i * width + j] = grey;
    }
  }
  return { width, height, samples };
}

// The grey values of a picture that the browser can read.
async function readImage(file) {
  if (file.size > MOST_IMAGE_BYTES) throw new Error(`it has ${file.size} bytes; at most ${MOST_IMAGE_BYTES} are read`);
  let bitmap;
  try {
    bitmap = await createImageBitmap(file);
  } catch {
    throw new Error("the browser knows no such picture");
  }
  const scale = Math.min(1, MOST_SIDE / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const context = canvas.getContext("2d");
  context.fillStyle = "white"; // behind what is transparent
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  const samples = new Float64Array(canvas.width * canvas.height);
  for (let k = 0; k < samples.length; k += 1) {
    samples[k] = ((0.2126 * data[4 * k] + 0.7152 * data[4 * k + 1] + 0.0722 * data[4 * k + 2]) * WHITE) / 255; // luma of sRGB
  }
  return { width: canvas.width, height: canvas.height, samples };
}

// g as a table between which lines are drawn: it is asked for in every cell of every block.
function tabulated(g, furthest) {
  const step = furthest / TABLE || 1;
  const table = Float64Array.from({ length: TABLE + 2 }, (_, k) => g(k * step));
  if (!Number.isFinite(table[0])) table[0] = g(step / 2);
  return (r) => {
    const place = r / step;
    const k = Math.floor(place);
    return k <= TABLE ? table[k] + (place - k) * (table[k + 1] - table[k]) : g(r);
  };
}

// The samples with one more on each side: the mirror image, or the other end.
function surrounded({ width, height, samples }, periodic) {
  const wide = width + 2;
  const around = new Float64Array(wide * (height + 2));
  for (let i = 0; i < height + 2; i += 1) {
    const row = periodic ? (i + height - 1) % height : Math.min(Math.max(i - 1, 0), height - 1);
    for (let j = 0; j < wide; j += 1) {
      const column = periodic ? (j + width - 1) % width : Math.min(Math.max(j - 1, 0), width - 1);
      around[i * wide + j] = samples[row * width + column];
    }
  }
  return around;
}

function filteredImage(image, g, tau, blocks, periodic) {
  const { width, height } = image;
  const wide = width + 2;
  const after = { width, height, samples: Float64Array.from(image.samples) };
  const { range } = measures(image.samples);
  const lookUp = tabulated(g, Math.SQRT2 * range);
  const cells = new Float64Array(wide * (height + 1)); // g of the cell whose first corner is that sample of `around`
  for (let block = 0; block < blocks; block += 1) {
    const around = surrounded(after, periodic);
    for (let i = 0; i <= height; i += 1) {
      for (let j = 0, k = i * wide; j <= width; j += 1, k += 1) {
        const a = around[k];
        const b = around[k + 1];
        const c = around[k + wide];
        const d = around[k + wide + 1];
        cells[k] = lookUp(Math.sqrt(((b - a) * (b - a) + (d - c) * (d - c) + (c - a) * (c - a) + (d - b) * (d - b)) / 2));
      }
    }
    for (let i = 0; i < height; i += 1) {
      for (let j = 0; j < width; j += 1) {
        const k = i * wide + j; // of the cell above and to the left
        const here = k + wide + 1;
        const u = around[here];
        const flow = (cells[k] + cells[k + 1]) * (around[here - wide] - u)
          + (cells[k + wide] + cells[k + wide + 1]) * (around[here + wide] - u)
          + (cells[k] + cells[k + wide]) * (around[here - 1] - u)
          + (cells[k + 1] + cells[k + wide + 1]) * (around[here + 1] - u);
        after.samples[i * width + j] = u + (tau * flow) / 2;
      }
    }
  }
  return after;
}

// In decibel, of grey values that span black to white.
function peakSignalToNoise(clean, noisy) {
  const error = clean.reduce((sum, value, k) => sum + (value - noisy[k]) ** 2, 0) / clean.length;
  return 10 * Math.log10(WHITE ** 2 / error);
}

function drawImage(canvas, { width, height, samples }) {
  canvas.width = width;
  canvas.height = height;
  const pixels = new ImageData(width, height);
  for (let k = 0; k < samples.length; k += 1) {
    pixels.data.fill((255 * samples[k]) / WHITE, 4 * k, 4 * k + 3);
    pixels.data[4 * k + 3] = 255;
  }
  canvas.getContext("2d").putImageData(pixels, 0, 0);
}
