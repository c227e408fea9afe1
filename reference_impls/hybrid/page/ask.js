"use strict";

const at = (id) => document.getElementById(id);
let asking = false;

function element(name, text) {
  const made = document.createElement(name);
  // Answers and documents come from anywhere: they are set as texts, never as markup.
  made.textContent = text;
  return made;
}

function clear() {
  for (const id of ["result", "reason", "changes", "flags", "evidence", "failed"]) at(id).hidden = true;
  for (const id of ["repaired", "flagged", "sources"]) at(id).replaceChildren();
}

function showList(box, list, texts) {
  for (const text of texts) at(list).append(element("li", text));
  at(box).hidden = texts.length === 0;
}

function showSource(source) {
  const item = document.createElement("li");
  item.append(element("strong", `[${source.number}] ${source.document}`), element("div", source.heading));
  item.append(element("blockquote", source.text));
  at("sources").append(item);
}

function showReply(reply) {
  at("result").hidden = false;
  at("answer").textContent = reply.text;
  at("answer").classList.toggle("refused", reply.refused);
  at("reason").hidden = !reply.refused;
  at("reason").textContent = reply.refused ? `Refused: ${reply.reason}` : "";
  at("way").textContent = [`Way: ${reply.way}`, reply.why, ...reply.notes].filter(Boolean).join(". ");
  showList("changes", "repaired", reply.repaired);
  const flags = reply.retrieved ? reply.retrieved.flags : [];
  showList("flags", "flagged", flags.map((flag) => `${flag.document} (${flag.kind}): ${flag.text}`));
  reply.sources.forEach(showSource);
  at("evidence").hidden = reply.sources.length === 0;
  at("state").textContent = `Done in ${Math.round(reply.total_ms)} ms.`;
}

function showProblem(problem) {
  clear();
  at("failed").hidden = false;
  at("failed").textContent = `${problem.error}. Next: ${problem.next}`;
  at("state").textContent = "";
}

async function ask(question) {
  const response = await fetch("ask", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ question }),
  });
  const told = await response.json();
  if (response.ok) showReply(told);
  else showProblem(told);
}

at("form").addEventListener("submit", async (submitted) => {
  submitted.preventDefault();
  if (asking) return;
  asking = true;
  clear();
  at("state").textContent = "Working ...";
  at("ask").disabled = true;
  try {
    await ask(at("question").value);
  } catch {
    showProblem({ error: "the service cannot be reached", next: "see whether it runs, and ask again" });
  } finally {
    asking = false;
    at("ask").disabled = false;
  }
});

at("question").addEventListener("keydown", (pressed) => {
  // While a word is being composed (Chinese, Japanese), Enter ends the word.
  if (pressed.key !== "Enter" || pressed.shiftKey || pressed.isComposing) return;
  pressed.preventDefault();
  at("form").requestSubmit();
});
