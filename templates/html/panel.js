// One family on the page: sliders, curves, the time step against the proved bounds, a signal filtered live.
"use strict";

const FORM_NAMES = { diffusivity: "Diffusivity g", regulariser: "Regulariser Ψ", shrinkage: "Shrinkage function S", activation: "Activation Φ" };

function readJson(id) {
  const element = document.getElementById(id);
  return element ? JSON.parse(element.textContent) : null;
}

function download(name, content) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type: "text/plain;charset=utf-8" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

// The bounds on tau as numbers, at these parameters; null where unknown.
function stepBounds(model, values) {
  return Object.fromEntries(Object.entries(model.steps).map(([name, tree]) => [name, tree === null ? null : numberOf(tree, values)]));
}

// fetchSources: a function (settings) -> promise of {latex, numpy, c, header}, each [file name, text].
function panel(root, model, signals, fetchSources) {
  const find = (selector) => root.querySelector(selector);
  const all = (selector) => [...root.querySelectorAll(selector)];
  const values = new Map(model.parameters.map((key) => [key, 1]));
  const state = { extent: 4, tau: model.tau, uploaded: null, image: null };
  const opening = stepBounds(model, new Map([...values, ["tau", model.tau]]));
  if (opening.sign_step > 0 && opening.sign_step < Infinity) {
    state.tau = opening.sign_step;
    find('input[type=range][data-name="tau"]').max = 3 * state.tau;
  }

  // -- sliders: a range and a number that say the same --

  function couple(name, initial, logarithmic, apply) {
    const slider = find(`input[type=range][data-name="${name}"]`);
    const number = find(`input[type=number][data-name="${name}"]`);
    const put = (value) => {
      slider.value = logarithmic ? Math.log10(value) : value;
      slider.setAttribute("aria-valuetext", shown(value));
    };
    slider.addEventListener("input", () => {
      const value = Number((logarithmic ? 10 ** Number(slider.value) : Number(slider.value)).toPrecision(3));
      number.value = value;
      number.removeAttribute("aria-invalid");
      slider.setAttribute("aria-valuetext", shown(value));
      apply(value);
      redraw();
    });
    number.addEventListener("input", () => {
      const value = Number(number.value);
      const good = number.value !== "" && number.checkValidity() && (value > 0 || Number(number.min) === 0);
      number.setAttribute("aria-invalid", String(!good));
      if (!good) return;
      put(value);
      apply(value);
      redraw();
    });
    number.value = initial;
    put(initial);
  }

  for (const key of model.parameters) couple(`parameter-${key}`, 1, true, (value) => values.set(key, value));
  couple("extent", state.extent, true, (value) => { state.extent = value; });
  couple("tau", Number(state.tau.toPrecision(4)), false, (value) => { state.tau = value; });
  couple("noise", 14, false, () => {});
  couple("blocks", 32, false, () => {});
  couple("image-noise", 5, false, () => {});
  couple("image-blocks", 16, false, () => {});
  const setting = (name) => Number(find(`input[type=number][data-name="${name}"]`).value);

  // -- drawing --

  function numbers() {
    const withStep = new Map(values);
    if (model.time_step) withStep.set("tau", state.tau);
    return withStep;
  }

  function drawCurves(env) {
    for (const svg of all("svg[data-curve]")) {
      const kind = svg.dataset.curve;
      if (model.forms[kind]) drawCurve(svg, evaluator(model.forms[kind], env), state.extent, FORM_NAMES[kind]);
    }
    const moved = Math.abs(state.tau - model.tau) > 1e-12;
    const general = find("[data-any-tau]");
    if (general) {
      general.hidden = !moved;
      find("[data-given-tau]").hidden = moved;
    }
  }

  function judgeStep(env) {
    const bounds = stepBounds(model, env);
    for (const badge of all("[data-step]")) {
      if (Object.hasOwn(bounds, badge.dataset.step)) judge(badge, bounds[badge.dataset.step]);
    }
  }

  function judge(badge, bound) {
    const holds = bound !== null && state.tau <= bound * (1 + 1e-12);
    badge.textContent = bound === null ? "unknown" : holds ? `holds at τ = ${shown(state.tau)}` : `not guaranteed at τ = ${shown(state.tau)}`;
    badge.className = `judgement ${bound === null ? "unknown" : holds ? "holds" : "fails"}`;
  }

  function signalNow() {
    const choice = find("[data-signal]").value;
    const clean = choice === "upload" ? state.uploaded : signals[choice];
    const { mean } = measures(clean);
    const deviation = Math.sqrt(clean.reduce((sum, value) => sum + (value - mean) ** 2, 0) / clean.length);
    return withNoise(clean, (setting("noise") / 100) * deviation, 1);
  }

  function filterSignal(env) {
    const svg = find("svg[data-filter]");
    if (!model.forms.activation) return;
    const flux = evaluator(model.forms.activation, env).at;
    const before = signalNow();
    const after = filtered(before, flux, state.tau, setting("blocks"), find("[data-boundary]").value === "periodic");
    drawSignals(svg, before, after, "Signal before and after the network");
    const [old, now] = [measures(before), measures(after)];
    for (const cell of all("[data-measure]")) {
      const column = cell.dataset.column === "before" ? old : now;
      cell.textContent = shown(column[cell.dataset.measure]);
    }
    find("[data-overflow]").hidden = Number.isFinite(now.range);
    state.after = after;
  }

  function filterImage(env) {
    if (!model.forms.diffusivity) return;
    const bounds = stepBounds(model, env);
    const bound = bounds.max_min_step === null ? null : bounds.max_min_step / 2;
    judge(find("[data-image-step]"), bound);
    const clean = find("[data-image]").value === "upload" ? state.image : testImage();
    const before = { ...clean, samples: withNoise(clean.samples, (setting("image-noise") / 100) * WHITE, 1) };
    const periodic = find("[data-boundary]").value === "periodic";
    const after = filteredImage(before, evaluator(model.forms.diffusivity, env).at, state.tau, setting("image-blocks"), periodic);
    for (const [column, image] of Object.entries({ before, after })) {
      const found = { ...measures(image.samples), psnr: peakSignalToNoise(clean.samples, image.samples) };
      drawImage(find(`[data-image-${column}]`), image);
      for (const cell of all(`[data-image-column=${column}]`)) cell.textContent = shown(found[cell.dataset.imageMeasure]);
    }
    find("[data-image-overflow]").hidden = Number.isFinite(measures(after.samples).range);
  }

  let waiting = false;
  let nearImage = false;
  function redraw() {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      const env = numbers();
      drawCurves(env);
      judgeStep(env);
      filterSignal(env);
      if (nearImage) filterImage(env);
      for (const formula of all(".formula")) {
        // what scrolls must be reachable by keyboard, what does not is no stop for it
        if (formula.scrollWidth > formula.clientWidth + 1) formula.setAttribute("tabindex", "0");
        else formula.removeAttribute("tabindex");
      }
    });
  }

  // -- signals and images --

  find("[data-boundary]").addEventListener("change", redraw);

  // A file in place of an example: `read` takes it and says what was found.
  function uploads(what, choice, input, message, noise, read) {
    choice.addEventListener("change", redraw);
    input.addEventListener("change", async (event) => {
      const [file] = event.target.files;
      if (!file) return;
      try {
        message.textContent = `${file.name}: ${await read(file)}; it stays in this browser.`;
      } catch (error) {
        message.textContent = `${file.name} cannot be read as ${what}: ${error.message}.`;
        message.className = "error";
        event.target.value = "";
        return;
      }
      message.className = "note";
      choice.querySelector("[value=upload]").disabled = false;
      choice.value = "upload";
      noise.value = 0;
      noise.dispatchEvent(new Event("input"));
      redraw();
    });
  }
  const numberBox = (name) => find(`input[type=number][data-name="${name}"]`);
  uploads("a signal", find("[data-signal]"), find("[data-upload]"), find("[data-signal-message]"), numberBox("noise"), async (file) => {
    if (file.size > MOST_BYTES) throw new Error(`it has ${file.size} bytes; at most ${MOST_BYTES} are read`);
    state.uploaded = parseCsv(await file.text());
    return `${state.uploaded.length} samples, as they are`;
  });
  uploads("an image", find("[data-image]"), find("[data-image-upload]"), find("[data-image-message]"), numberBox("image-noise"), async (file) => {
    state.image = await readImage(file);
    return `${state.image.width} x ${state.image.height} samples in grey`;
  });
  if (!model.forms.diffusivity) find("[data-image-section]").hidden = true;
  find("[data-save-image]").hidden = !model.forms.diffusivity;
  find("[data-save-image]").addEventListener("click", () => {
    filterImage(numbers());
    find("[data-image-after]").toBlob((picture) => download("filtered.png", picture));
  });
  find("[data-save-signal]").addEventListener("click", () => download("filtered.csv", `${Array.from(state.after).join("\n")}\n`));

  // -- sources --

  const sourceMessage = find("[data-source-message]");
  for (const button of all("[data-source]")) {
    button.addEventListener("click", async () => {
      sourceMessage.textContent = "";
      try {
        const sources = await fetchSources({ step: find('input[type=number][data-name="tau"]').value, blocks: setting("blocks"), boundary: find("[data-boundary]").value });
        const [name, text] = sources[button.dataset.source];
        download(name, text);
        sourceMessage.textContent = `Saved ${name}.`;
      } catch (error) {
        sourceMessage.textContent = error.message;
      }
    });
  }

  // an image takes longer than all the rest: it waits until it comes near
  new IntersectionObserver((entries) => {
    nearImage = entries.some((entry) => entry.isIntersecting);
    if (nearImage) redraw();
  }, { rootMargin: "200px" }).observe(find("[data-image-section]"));

  // drawn when it comes near the window, and again whenever its width changes
  new IntersectionObserver((entries, observer) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    observer.disconnect();
    new ResizeObserver(redraw).observe(root);
  }, { rootMargin: "300px" }).observe(root);
}
