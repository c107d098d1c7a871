// The static page: every family draws itself; the sources are already here, packed.
"use strict";

const signals = readJson("signals");

// Base64 of deflated JSON: all lines once, and for each kind of file a list with one entry, [name, steps], per family;
// a step leads from the place of one line to that of the next, 0 to the line after it.
async function unpack() {
  if (!window.DecompressionStream) throw new Error("This browser is too old to unpack the sources; use symtrans generate.");
  const bytes = Uint8Array.from(atob(readJson("sources")), (c) => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  const { lines, columns } = JSON.parse(await new Response(stream).text());
  const textOf = (steps) => {
    let place = -1;
    return steps.map((step) => lines[(place += step + 1)]).join("\n");
  };
  const fileOf = (file) => (Array.isArray(file) ? [file[0], textOf(file[1])] : file);
  return Object.fromEntries(Object.entries(columns).map(([key, files]) => [key, files.map(fileOf)]));
}

let unpacked = null;

async function sourcesOf(index) {
  unpacked ??= unpack();
  const columns = await unpacked;
  const found = Object.fromEntries(Object.entries(columns).map(([key, files]) => [key, files[index]]));
  if (found.error) throw new Error(found.error);
  return found;
}

const families = [...document.querySelectorAll(".family")];
const models = families.map((root) => readJson(`${root.id}-model`));

async function another(title) {
  const found = models.find((model) => model.title.toLowerCase() === title.trim().toLowerCase());
  if (!found) throw new Error(`no family here is called ${title}`);
  return found;
}

families.forEach((root, index) => {
  panel(root, models[index], signals, () => sourcesOf(index), families.length > 1 ? another : null);
});
