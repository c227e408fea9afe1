"use strict";

// What every page with one form has in common: elements, the way to the service, Enter, Stop, and what fails.

const at = (id) => document.getElementById(id);

function element(name, text) {
  const made = document.createElement(name);
  // What the service says comes from anywhere: it is set as a text, never as markup.
  made.textContent = text;
  return made;
}

// `input`: id of the field; `waiting`: said meanwhile; `clear()` empties the page; `send(text, post)` asks and shows, and
// gives the problem where the service named one. `post(path, body)` sends JSON, and breaks off at Stop.
function serveForm({ input, waiting, clear, send }) {
  let sent = null;

  function tell(state, problem) {
    clear();
    at("failed").hidden = !problem;
    at("failed").textContent = problem ? `${problem.error}. Next: ${problem.next}` : "";
    at("state").textContent = state;
  }

  const post = (path, body) =>
    fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
      signal: sent.signal,
    });

  at("form").addEventListener("submit", async (submitted) => {
    submitted.preventDefault();
    if (sent) return;
    sent = new AbortController();
    tell(waiting);
    at("ask").disabled = true;
    at("stop").disabled = false;
    try {
      const problem = await send(at(input).value, post);
      if (problem) tell("", problem);
    } catch (fault) {
      if (fault.name === "AbortError") tell("Stopped.");
      else tell("", { error: "the service cannot be reached", next: "see whether it runs, and ask again" });
    } finally {
      sent = null;
      at("ask").disabled = false;
      at("stop").disabled = true;
    }
  });

  at("stop").addEventListener("click", () => {
    if (sent) sent.abort();
  });

  at(input).addEventListener("keydown", (pressed) => {
    // While a word is being composed (Chinese, Japanese), Enter ends the word.
    if (pressed.key !== "Enter" || pressed.shiftKey || pressed.isComposing) return;
    pressed.preventDefault();
    at("form").requestSubmit();
  });
}
