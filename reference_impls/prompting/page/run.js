"use strict";

const at = (id) => document.getElementById(id);
let asking = null;

function clear() {
  for (const id of ["result", "problems", "note", "failed"]) at(id).hidden = true;
}

function tell(id, text) {
  // Outputs come from anywhere: they are set as texts, never as markup.
  at(id).textContent = text;
  at(id).hidden = !text;
}

function show(result, milliseconds) {
  at("answer").textContent = result.output || "(an empty output)";
  tell("problems", result.problems.length ? `Not as declared: ${result.problems.join("; ")}` : "");
  tell("note", result.note);
  at("result").hidden = false;
  const counted = result.tokens_read === null ? "" : `, ${result.tokens_read} tokens read, ${result.tokens_written} written`;
  at("state").textContent = `${result.model} in ${Math.round(milliseconds)} ms${counted}.`;
}

function showProblem(problem) {
  clear();
  tell("failed", `${problem.error}. Next: ${problem.next}`);
  at("state").textContent = "";
}

async function ask(input) {
  const began = performance.now();
  const response = await fetch("run", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ input }),
    signal: asking.signal,
  });
  const answered = await response.json();
  if (response.ok) show(answered, performance.now() - began);
  else showProblem(answered);
}

function told(fault) {
  clear();
  at("state").textContent = "";
  if (fault.name === "AbortError") at("state").textContent = "Stopped.";
  else showProblem({ error: "the service cannot be reached", next: "see whether it runs, and send again" });
}

at("form").addEventListener("submit", async (submitted) => {
  submitted.preventDefault();
  if (asking) return;
  asking = new AbortController();
  clear();
  at("state").textContent = "Waiting for the output ...";
  at("ask").disabled = true;
  at("stop").disabled = false;
  try {
    await ask(at("text").value);
  } catch (fault) {
    told(fault);
  } finally {
    asking = null;
    at("ask").disabled = false;
    at("stop").disabled = true;
  }
});

at("stop").addEventListener("click", () => {
  if (asking) asking.abort();
});

at("text").addEventListener("keydown", (pressed) => {
  // While a word is being composed (Chinese, Japanese), Enter ends the word.
  if (pressed.key !== "Enter" || pressed.shiftKey || pressed.isComposing) return;
  pressed.preventDefault();
  at("form").requestSubmit();
});

fetch("health")
  .then((response) => (response.ok ? response.json() : Promise.reject(new Error("not ready"))))
  .then(({ loaded }) => {
    at("prompt").textContent = `Prompt ${loaded.prompt}${loaded.stand_in === "yes" ? "; a stand-in answers, no language model" : ""}`;
  })
  .catch(() => {
    at("prompt").textContent = "The prompt is not ready yet.";
  });
