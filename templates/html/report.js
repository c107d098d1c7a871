// The static page: every family draws itself; the sources are already here.
"use strict";

const signals = readJson("signals");
for (const root of document.querySelectorAll(".family")) {
  const model = readJson(`${root.id}-model`);
  panel(root, model, signals, async () => {
    if (model.sources.error) throw new Error(model.sources.error);
    return model.sources;
  });
}
