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
  setTimeout(() => URL.revokeObjectURL(link.href), 60000); // a busy browser starts to save some seconds later
}

// The bounds on tau as numbers, at these parameters; null where unknown.
function stepBounds(model, values) {
  return Object.fromEntries(Object.entries(model.steps).map(([name, tree]) => [name, tree === null ? null : numberOf(tree, values)]));
}

// A box with a list of names: `choose` is told of a name that is picked from the list, or typed and entered.
// While it is being used it is empty, so that the list is whole; left empty, it has its name again.
function onChoice(box, choose) {
  let before = box.value;
  box.addEventListener("focus", () => {
    before = box.value;
    if (!box.hasAttribute("aria-invalid")) box.value = "";
  });
  box.addEventListener("blur", () => { if (box.value === "") box.value = before; });
  const chosen = () => {
    before = box.value.trim();
    choose(before);
  };
  box.addEventListener("input", (event) => {
    if (event.inputType === "insertReplacementText" || !(event instanceof InputEvent)) chosen();
  });
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    chosen();
  });
}

// What is larger than its place scrolls: by keyboard too, and with an arrow or a shadow on the side where there is more.
function markScrolling(element) {
  const left = element.scrollLeft > 1;
  const right = element.scrollLeft < element.scrollWidth - element.clientWidth - 1;
  const up = element.scrollTop > 1;
  const down = element.scrollTop < element.scrollHeight - element.clientHeight - 1 && getComputedStyle(element).overflowY === "auto";
  const sides = Object.entries({ left, right, up, down }).filter(([, more]) => more).map(([side]) => side);
  if (sides.length) element.setAttribute("tabindex", "0");
  else element.removeAttribute("tabindex");
  element.dataset.more = sides.join(" ");
}

// On paper nothing scrolls: what is wider than its place is set smaller.
function shrinkToFit(element) {
  for (let tries = 0; tries < 4 && element.scrollWidth > element.clientWidth + 1; tries += 1) {
    const size = parseFloat(getComputedStyle(element).fontSize);
    element.style.fontSize = `${(0.98 * size * element.clientWidth) / element.scrollWidth}px`;
  }
}

addEventListener("beforeprint", () => document.body.classList.add("printing"));
addEventListener("afterprint", () => document.body.classList.remove("printing"));

// fetchSources: a function (settings) -> promise of {latex, numpy, c, header}, each [file name, text].
// another: a function (name) -> promise of the model of a family to compare with, or null.
function panel(root, model, signals, fetchSources, another) {
  const find = (selector) => root.querySelector(selector);
  const all = (selector) => [...root.querySelectorAll(selector)];
  const values = new Map(model.parameters.map((key) => [key, 1]));
  const state = { extent: 4, at: 1, tau: model.tau, uploaded: null, image: null, other: null, drawn: new Map() };
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
  couple("extent", state.extent, true, (value) => {
    state.extent = value;
    Object.assign(find('input[type=range][data-name="at"]'), { min: -value, max: value, step: value / 100 });
  });
  couple("at", state.at, false, (value) => { state.at = value; });
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
    const theirs = state.other && new Map([...state.other.parameters.map((key) => [key, env.get(key) ?? 1]), ["tau", state.tau]]);
    for (const svg of all("svg[data-curve]")) {
      const kind = svg.dataset.curve;
      if (!model.forms[kind]) continue;
      const other = state.other?.forms[kind] ? evaluator(state.other.forms[kind], theirs) : null;
      state.drawn.set(kind, drawCurve(svg, evaluator(model.forms[kind], env), state.extent, FORM_NAMES[kind], other));
    }
    readCurves();
    const moved = Math.abs(state.tau - model.tau) > 1e-12;
    const general = find("[data-any-tau]");
    if (general) {
      general.hidden = !moved;
      find("[data-given-tau]").hidden = moved;
    }
  }

  // The values of all curves at one place, which the pointer and a slider move.
  function readCurves() {
    for (const [kind, drawn] of state.drawn) {
      const output = find(`[data-reading=${kind}]`);
      output.textContent = "";
      if (drawn === null || Math.abs(state.at) > state.extent) continue;
      drawMark(drawn, state.at);
      output.textContent = `${FORM_NAMES[kind].split(" ").at(-1)}(${shown(state.at)}) = ${shown(drawn.f.at(state.at))}`;
      if (!drawn.other) continue;
      const second = document.createElement("span");
      second.className = "of-other";
      second.textContent = ` ${state.other.title}: ${shown(drawn.other.at(state.at))}`;
      output.append(second);
    }
  }

  for (const svg of all("svg[data-curve]")) {
    svg.addEventListener("pointermove", (event) => {
      const drawn = state.drawn.get(svg.dataset.curve);
      if (!drawn) return;
      const place = drawn.placeOf(event.clientX - svg.getBoundingClientRect().left);
      if (Math.abs(place) > state.extent) return;
      state.at = Number(place.toPrecision(3));
      find('input[type=range][data-name="at"]').value = state.at;
      find('input[type=number][data-name="at"]').value = state.at;
      readCurves();
    });
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

  function cleanSignal() {
    const choice = find("[data-signal]").value;
    return choice === "upload" ? state.uploaded : signals[choice];
  }

  function noisy(clean) {
    const { mean } = measures(clean);
    const deviation = Math.sqrt(clean.reduce((sum, value) => sum + (value - mean) ** 2, 0) / clean.length);
    return withNoise(clean, (setting("noise") / 100) * deviation, 1);
  }

  function filterSignal(env) {
    const svg = find("svg[data-filter]");
    if (!model.forms.activation) return;
    const flux = evaluator(model.forms.activation, env).at;
    const clean = cleanSignal();
    const before = noisy(clean);
    const after = filtered(before, flux, state.tau, setting("blocks"), find("[data-boundary]").value === "periodic");
    drawSignals(svg, before, after, "Signal before and after the network");
    const [old, now] = [before, after].map((u) => ({ ...measures(u), snr: signalToNoise(clean, u) }));
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
  function drawNow(withImage) {
    const env = numbers();
    drawCurves(env);
    judgeStep(env);
    filterSignal(env);
    if (withImage) filterImage(env);
    all(".scroll").forEach(markScrolling);
  }

  function redraw() {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      drawNow(nearImage);
    });
  }

  addEventListener("beforeprint", () => {
    drawNow(true);
    all(".scroll").forEach(shrinkToFit);
  });
  addEventListener("afterprint", () => {
    for (const element of all(".scroll")) element.style.fontSize = "";
    redraw();
  });

  for (const element of all(".scroll")) element.addEventListener("scroll", () => markScrolling(element), { passive: true });

  // -- another family beside this one --

  find("[data-compare-row]").hidden = another === null;
  onChoice(find("[data-compare]"), async (name) => {
    const message = find("[data-compare-message]");
    message.className = "note";
    message.textContent = name ? "Translating …" : "";
    state.other = null;
    try {
      if (name) {
        state.other = await another(name);
        const ones = state.other.parameters.filter((key) => !values.has(key));
        const theirs = ones.length ? `, with ${ones.map((key) => `${state.other.letters[key]} = 1`).join(", ")}` : "";
        message.innerHTML = '<span class="key other"></span> ';
        message.append(`dashed: ${state.other.title}${theirs}`);
      }
    } catch (error) {
      message.className = "error";
      message.textContent = error.message;
    }
    redraw();
  });

  // -- signals and images --

  if (!model.forms.activation) {
    find("[data-signal-message]").textContent = `Nothing is filtered here: ${model.missing.activation}.`;
    for (const part of all("[data-filters]")) part.hidden = true;
  }

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
    const { samples, said } = parseCsv(await file.text());
    state.uploaded = samples;
    return said;
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
