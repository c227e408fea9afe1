"use strict";

const at = (id) => document.getElementById(id);
let asking = null;

function element(name, text) {
  const made = document.createElement(name);
  // Answers and documents come from anywhere: they are set as texts, never as markup.
  made.textContent = text;
  return made;
}

function clear() {
  for (const id of ["result", "reason", "flags", "evidence", "failed"]) at(id).hidden = true;
  for (const id of ["flagged", "sources"]) at(id).replaceChildren();
  at("answer").textContent = "";
  at("answer").classList.remove("refused");
}

function showPiece(piece) {
  at("result").hidden = false;
  at("answer").textContent += piece.text;
}

function showSource(source, quotes) {
  const item = document.createElement("li");
  item.append(element("strong", `[${source.number}] ${source.document}`), element("div", source.heading));
  for (const quote of quotes) item.append(element("blockquote", quote.text));
  at("sources").append(item);
}

function showRow(row) {
  const item = document.createElement("li");
  item.append(element("strong", row.title), element("div", `asked ${row.asked_at}`), element("code", row.statement));
  at("sources").append(item);
}

function showAnswer(answer) {
  at("result").hidden = false;
  // The pieces were a draft: what counts is the answer, and one that is refused takes them back.
  at("answer").textContent = answer.text;
  at("answer").classList.toggle("refused", answer.refused);
  at("reason").hidden = !answer.refused;
  at("reason").textContent = answer.refused ? `Refused: ${answer.reason}` : "";
  for (const source of answer.sources) {
    showSource(source, answer.quotes.filter((quote) => quote.source === source.number));
  }
  if (answer.lookup) showRow(answer.lookup);
  at("evidence").hidden = answer.sources.length === 0 && !answer.lookup;
  for (const flag of answer.flags) {
    at("flagged").append(element("li", `${flag.document} (${flag.kind}): ${flag.text}`));
  }
  at("flags").hidden = answer.flags.length === 0;
  const note = answer.note ? ` ${answer.note}` : "";
  const time = `${Math.round(answer.total_ms)} ms`;
  at("state").textContent = answer.cached ? `Answered before, from the same index (${time}).` : `Done in ${time}.${note}`;
}

function showProblem(problem) {
  clear();
  at("failed").hidden = false;
  at("failed").textContent = `${problem.error}. Next: ${problem.next}`;
  at("state").textContent = "";
}

const SHOW = { piece: showPiece, answer: showAnswer, error: showProblem };

async function* eventsOf(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let unread = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const blocks = (unread + value).split("\n\n");
    unread = blocks.pop();
    for (const block of blocks) {
      const [name, data] = block.split("\n");
      yield { name: name.slice("event: ".length), data: JSON.parse(data.slice("data: ".length)) };
    }
  }
}

async function ask(question) {
  const response = await fetch("ask/stream", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ question }),
    signal: asking.signal,
  });
  if (!response.ok) {
    showProblem(await response.json());
    return;
  }
  let ended = false;
  for await (const event of eventsOf(response.body)) {
    SHOW[event.name](event.data);
    ended = event.name !== "piece";
  }
  if (!ended) showProblem({ error: "the answer broke off", next: "ask again" });
}

function told(fault) {
  clear();
  at("state").textContent = "";
  if (fault.name === "AbortError") at("state").textContent = "Stopped.";
  else showProblem({ error: "the service cannot be reached", next: "see whether it runs, and ask again" });
}

at("form").addEventListener("submit", async (submitted) => {
  submitted.preventDefault();
  if (asking) return;
  asking = new AbortController();
  clear();
  at("state").textContent = "Reading the documents ...";
  at("ask").disabled = true;
  at("stop").disabled = false;
  try {
    await ask(at("question").value);
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

at("question").addEventListener("keydown", (pressed) => {
  // While a word is being composed (Chinese, Japanese), Enter ends the word.
  if (pressed.key !== "Enter" || pressed.shiftKey || pressed.isComposing) return;
  pressed.preventDefault();
  at("form").requestSubmit();
});
