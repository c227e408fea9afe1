"use strict";

function element(name, text, className) {
  const made = document.createElement(name);
  // Texts are set as texts, never as markup.
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function resolved(schema, described) {
  if (!schema || !schema.$ref) return schema || {};
  return described.components.schemas[schema.$ref.split("/").pop()] || {};
}

function typeName(schema) {
  if (schema.$ref) return schema.$ref.split("/").pop();
  if (schema.anyOf) return schema.anyOf.map(typeName).join(" or ");
  if (schema.type === "array") return `list of ${typeName(schema.items || {})}`;
  return schema.type || "any";
}

function fields(schema) {
  const lines = Object.entries(schema.properties || {}).map(([name, field]) => {
    const wanted = (schema.required || []).includes(name) ? "" : ", optional";
    return `${name}: ${typeName(field)}${wanted}${field.description ? ` (${field.description})` : ""}`;
  });
  return element("pre", lines.join("\n") || typeName(schema));
}

function contents(described, holder, label, body) {
  for (const [media, content] of Object.entries(body.content || {})) {
    holder.append(element("p", `${label}, ${media}:`, "quiet"), fields(resolved(content.schema, described)));
  }
}

function route(described, path, method, operation) {
  const holder = element("section");
  holder.append(element("h2", `${method.toUpperCase()} ${path}`));
  holder.append(element("p", operation.description || operation.summary || ""));
  contents(described, holder, "Request", operation.requestBody || {});
  for (const [status, answer] of Object.entries(operation.responses)) {
    if (status.startsWith("2")) contents(described, holder, `Answer ${status}`, answer);
  }
  const problems = Object.keys(operation.responses).filter((status) => !status.startsWith("2"));
  if (problems.length) {
    holder.append(element("p", `Errors ${problems.join(", ")}: JSON with error and next.`, "quiet"));
  }
  return holder;
}

async function show() {
  const answer = await fetch("openapi.json");
  const described = await answer.json();
  document.title = described.info.title;
  document.getElementById("title").textContent = `${described.info.title}, version ${described.info.version}`;
  document.getElementById("about").textContent = described.info.description || "";
  for (const [path, methods] of Object.entries(described.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      document.getElementById("routes").append(route(described, path, method, operation));
    }
  }
}

show().catch((fault) => {
  const failed = document.getElementById("failed");
  failed.hidden = false;
  failed.textContent = `openapi.json cannot be shown: ${fault.message}`;
});
