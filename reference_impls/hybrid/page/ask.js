"use strict";

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

async function send(question, post) {
  const response = await post("ask", { question });
  const told = await response.json();
  if (!response.ok) return told;
  showReply(told);
  return null;
}

serveForm({ input: "question", waiting: "Looking for an answer ...", clear, send });
