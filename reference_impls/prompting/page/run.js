"use strict";

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
  const problems = result.problems.join("; ");
  tell("problems", problems && `${result.refused ? "Refused" : "Not as declared"}: ${problems}`);
  tell("note", result.note);
  at("result").hidden = false;
  const counted = result.tokens_read === null ? "" : `, ${result.tokens_read} tokens read, ${result.tokens_written} written`;
  at("state").textContent = `${result.model} in ${Math.round(milliseconds)} ms${counted}.`;
}

async function send(input, post) {
  const began = performance.now();
  const response = await post("run", { input });
  const answered = await response.json();
  if (!response.ok) return answered;
  show(answered, performance.now() - began);
  return null;
}

serveForm({ input: "text", waiting: "Waiting for the output ...", clear, send });

fetch("health")
  .then((response) => (response.ok ? response.json() : Promise.reject(new Error("not ready"))))
  .then(({ loaded }) => {
    at("prompt").textContent = `Prompt ${loaded.prompt}${loaded.stand_in === "yes" ? "; a stand-in answers, no language model" : ""}`;
  })
  .catch(() => {
    at("prompt").textContent = "The prompt is not ready yet.";
  });
