// The page that symtrans explore serves: asks the server, shows what it answers.
"use strict";

const byId = (id) => document.getElementById(id);
let running = null;

async function ask(path, question, signal) {
  let response;
  try {
    response = await fetch(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(question), signal });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw Object.assign(new Error("The server does not answer. Is symtrans explore still running?"), { column: null });
  }
  const answer = await response.json();
  if (!response.ok) throw Object.assign(new Error(answer.error), { column: answer.column, field: answer.field });
  return answer;
}

function showError(error) {
  const box = byId("error");
  box.replaceChildren();
  if (error === null) {
    for (const field of ["formula", "step", "family"]) byId(field).removeAttribute("aria-invalid");
    return;
  }
  const message = document.createElement("pre");
  message.textContent = error.message;
  box.append(message);
  if (error.field === undefined) return;
  const field = byId(error.field);
  field.setAttribute("aria-invalid", "true");
  field.focus();
  if (error.column !== null && error.field !== "family") field.setSelectionRange(error.column, error.column + 1);
}

// Where in the answer the reader was stays where it is; a first answer is announced, not jumped to.
function show(answer, question) {
  byId("result").innerHTML = answer.html;
  const root = byId("result").querySelector(".family");
  const another = async (family) => (await ask("/translate", { family, tau: question.tau })).model;
  panel(root, answer.model, readJson("signals"), (settings) => ask("/sources", { ...question, ...settings }), another);
  for (const button of root.querySelectorAll("[data-edit]")) {
    button.addEventListener("click", () => {
      enter(button);
      byId("formula").focus();
    });
  }
  // the box shows what is shown: of a family the formula that it is known by
  if (question.family) enter(root.querySelector(`[data-edit=${answer.source}]`));
  byId("family").value = question.family ? answer.model.name : "";
}

function enter(form) {
  document.querySelector(`input[name=kind][value=${form.dataset.edit}]`).checked = true;
  byId("syntax").value = "text";
  byId("formula").value = form.dataset.text;
}

async function translate(question) {
  running?.abort();
  const mine = new AbortController();
  running = mine;
  showError(null);
  byId("family").value = question.family ?? "";
  byId("status").textContent = "Translating …";
  byId("result").setAttribute("aria-busy", "true");
  try {
    const answer = await ask("/translate", question, mine.signal);
    show(answer, question);
    byId("status").textContent = `Done: ${byId("result").querySelector("h2").textContent}.`;
    history.replaceState(null, "", `#${new URLSearchParams(question)}`);
  } catch (error) {
    if (error.name === "AbortError") return;
    byId("status").textContent = "";
    byId("result").replaceChildren(); // nothing stands below an error that it does not belong to
    showError(error);
  } finally {
    if (running === mine) byId("result").removeAttribute("aria-busy");
  }
}

function entered() {
  const kind = document.querySelector("input[name=kind]:checked").value;
  return { kind, formula: byId("formula").value, syntax: byId("syntax").value, tau: byId("step").value };
}

byId("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  translate(entered());
});
onChoice(byId("family"), (family) => { if (family) translate({ family, tau: byId("step").value }); });

// the address names what is shown, so that it can be kept and opened again
function fromAddress() {
  const wanted = Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
  if (wanted.family) {
    return { family: wanted.family, tau: wanted.tau ?? "1/4" };
  }
  const radio = [...document.querySelectorAll("input[name=kind]")].find((input) => input.value === wanted.kind);
  if (radio && wanted.formula) {
    radio.checked = true;
    byId("formula").value = wanted.formula;
    byId("syntax").value = wanted.syntax === "latex" ? "latex" : "text";
    byId("step").value = wanted.tau ?? "1/4";
  }
  return entered();
}

addEventListener("hashchange", () => translate(fromAddress()));
translate(fromAddress());
