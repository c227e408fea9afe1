"use strict";

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

const SHOW = { piece: showPiece, answer: showAnswer };

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

async function send(question, post) {
  const response = await post("ask/stream", { question });
  if (!response.ok) return response.json();
  let ended = false;
  for await (const event of eventsOf(response.body)) {
    if (event.name === "error") return event.data;
    SHOW[event.name](event.data);
    ended = event.name !== "piece";
  }
  return ended ? null : { error: "the answer broke off", next: "ask again" };
}

serveForm({ input: "question", waiting: "Reading the documents ...", clear, send });
