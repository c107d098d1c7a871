// The static page: every family draws itself; the sources are already here, packed.
"use strict";

const signals = readJson("signals");

// Base64 of deflated JSON: for each kind of file a list with one entry, [name, text], per family.
async function unpack() {
  if (!window.DecompressionStream) throw new Error("This browser is too old to unpack the sources; use symtrans generate.");
  const bytes = Uint8Array.from(atob(readJson("sources")), (c) => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return JSON.parse(await new Response(stream).text());
}

let unpacked = null;

async function sourcesOf(index) {
  unpacked ??= unpack();
  const columns = await unpacked;
  const found = Object.fromEntries(Object.entries(columns).map(([key, files]) => [key, files[index]]));
  if (found.error) throw new Error(found.error);
  return found;
}

document.querySelectorAll(".family").forEach((root, index) => {
  panel(root, readJson(`${root.id}-model`), signals, () => sourcesOf(index));
});
