"use strict";

function clear() {
  for (const id of ["result", "abstained", "failed"]) at(id).hidden = true;
  at("items").replaceChildren();
  at("answer").replaceChildren();
}

function percent(share) {
  return `${(100 * share).toFixed(1)} %`;
}

function addItem(...parts) {
  const item = document.createElement("li");
  item.append(...parts);
  at("items").append(item);
}

function bar(share) {
  const made = document.createElement("meter");
  made.value = share;
  // The number stands beside it.
  made.setAttribute("aria-hidden", "true");
  return made;
}

function showLabel(prediction) {
  at("heading").textContent = "Label";
  at("answer").append(element("strong", prediction.label));
  at("abstained").hidden = !prediction.abstained;
  for (const each of prediction.ranked) {
    addItem(element("div", `${each.label}: ${percent(each.probability)}`), bar(each.probability));
  }
}

function showSpans(prediction, text) {
  at("heading").textContent = "Found";
  // Offsets count code points, and a string of JavaScript counts halves of surrogate pairs.
  const signs = Array.from(text);
  let done = 0;
  for (const span of prediction.spans) {
    at("answer").append(signs.slice(done, span.start).join(""), element("mark", signs.slice(span.start, span.end).join("")));
    done = span.end;
    addItem(element("strong", span.label), element("div", span.text));
  }
  at("answer").append(signs.slice(done).join(""));
  if (prediction.spans.length === 0) addItem(element("div", "Nothing was found in this text."));
}

function showResponse(prediction) {
  at("heading").textContent = "Response";
  at("answer").textContent = prediction.response || "(an empty response)";
}

function show(answered, text, milliseconds) {
  const [prediction] = answered.predictions;
  if ("label" in prediction) showLabel(prediction);
  else if ("spans" in prediction) showSpans(prediction, text);
  else showResponse(prediction);
  at("result").hidden = false;
  at("state").textContent = `Answered by ${answered.version} in ${Math.round(milliseconds)} ms.`;
}

async function send(text, post) {
  const began = performance.now();
  const response = await post("predict", { text });
  const answered = await response.json();
  if (!response.ok) return answered;
  show(answered, text, performance.now() - began);
  await showModel();
  return null;
}

async function showModel() {
  const response = await fetch("health");
  if (!response.ok) throw new Error("not ready");
  const { version, score, waiting } = (await response.json()).loaded;
  at("model").textContent = [`Model ${version}`, score, waiting].filter(Boolean).join("; ");
}

serveForm({ input: "text", waiting: "Asking the model ...", clear, send });

showModel().catch(() => {
  at("model").textContent = "The model is not ready yet; this page tells once it has answered.";
});
