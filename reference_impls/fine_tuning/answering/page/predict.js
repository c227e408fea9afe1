"use strict";

const at = (id) => document.getElementById(id);
let asking = null;

function element(name, text) {
  const made = document.createElement(name);
  // Texts and labels come from anywhere: they are set as texts, never as markup.
  made.textContent = text;
  return made;
}

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

function showProblem(problem) {
  clear();
  at("failed").hidden = false;
  at("failed").textContent = `${problem.error}. Next: ${problem.next}`;
  at("state").textContent = "";
}

async function ask(text) {
  const began = performance.now();
  const response = await fetch("predict", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ text }),
    signal: asking.signal,
  });
  const answered = await response.json();
  if (response.ok) show(answered, text, performance.now() - began);
  else showProblem(answered);
}

function told(fault) {
  clear();
  at("state").textContent = "";
  if (fault.name === "AbortError") at("state").textContent = "Stopped.";
  else showProblem({ error: "the service cannot be reached", next: "see whether it runs, and ask again" });
}

async function showModel() {
  const response = await fetch("health");
  if (!response.ok) throw new Error("not ready");
  const { version, score, waiting } = (await response.json()).loaded;
  at("model").textContent = [`Model ${version}`, score, waiting].filter(Boolean).join("; ");
}

at("form").addEventListener("submit", async (submitted) => {
  submitted.preventDefault();
  if (asking) return;
  asking = new AbortController();
  clear();
  at("state").textContent = "Asking the model ...";
  at("ask").disabled = true;
  at("stop").disabled = false;
  try {
    await ask(at("text").value);
    await showModel();
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

showModel().catch(() => {
  at("model").textContent = "The model is not ready yet; this page tells once it has answered.";
});
