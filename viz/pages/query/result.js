// Shows answers: errors in plain words, the JSON in colours, the Cypher behind it.
import { byId, make } from "../../static/dom.js";

const result = byId("result");
const problems = byId("problems");
const cypher = byId("cypher-texts");

// Texts come from the graph: they are only ever set as text, never as markup.
const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(?:true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const MOST_COLOURED = 200000;
const MOST_RESULTS = 100;
const REMEDIES = {
  401: "Sign in again, or give a valid key.",
  403: "The role of this user, or the scopes of this key, do not allow it.",
};

function coloured(text) {
  const parts = document.createDocumentFragment();
  let end = 0;
  for (const found of text.matchAll(TOKEN)) {
    parts.append(text.slice(end, found.index));
    const word = document.createElement("span");
    word.className = found[2] ? "name" : found[1] ? "text" : /^[tfn]/.test(found[0]) ? "word" : "number";
    word.textContent = found[1] ?? found[0];
    parts.append(word, found[2] ?? "");
    end = found.index + found[0].length;
  }
  parts.append(text.slice(end));
  return parts;
}

function json(value) {
  const text = typeof value === "string" ? value : JSON.stringify(value, null, 2);
  return text.length > MOST_COLOURED ? document.createTextNode(text) : coloured(text);
}

export function showProblem(text) {
  showProblems([{ message: text }]);
  result.replaceChildren();
  showCypher([]);
}

// `goTo` moves the caret to a line and column.
export function showAnswer(answer, goTo) {
  const { value, status } = answer;
  const errors = value?.errors ?? (value?.message ? [{ message: value.message, extensions: { code: value.code } }] : []);
  const remedy = status === 429 && answer.wait ? `Try again in ${answer.wait} seconds.` : REMEDIES[status];
  const list = errors.length || status < 400 ? errors : [{ message: `The service answered with status ${status}.` }];
  showProblems(remedy && list.length ? [...list, { message: remedy }] : list, goTo);
  const { cypher: statements, ...extensions } = value?.extensions ?? {};
  showCypher(statements ?? []);
  const shown = value && typeof value === "object" ? { ...value, extensions } : (value ?? answer.text);
  if (shown.extensions && !Object.keys(extensions).length) delete shown.extensions;
  result.replaceChildren(json(shown));
  result.scrollTop = 0;
}

// The latest result of a subscription first.
export function showNext(value) {
  if (value.errors) showProblems(value.errors);
  const entry = make("div", { className: "next" });
  const { extensions: _, ...shown } = value;
  entry.append(make("small", { textContent: new Date().toLocaleTimeString() }), json(shown));
  result.prepend(entry);
  while (result.children.length > MOST_RESULTS) result.lastElementChild.remove();
}

export function clear(text) {
  showProblems([]);
  showCypher([]);
  result.replaceChildren(make("span", { className: "quiet", textContent: text }));
}

export function clearHint() {
  result.querySelector(":scope > .quiet")?.remove();
}

export function showProblems(errors, goTo) {
  problems.hidden = !errors.length;
  result.classList.toggle("failed", errors.length > 0);
  problems.replaceChildren(...errors.map((error) => {
    const line = make("li", {}, make("span", { textContent: error.message }));
    if (error.extensions?.code) line.prepend(make("code", { textContent: error.extensions.code }), " ");
    if (error.path) line.append(" ", make("small", { textContent: `at ${error.path.join(".")}` }));
    const at = error.locations?.[0];
    if (at && goTo) {
      const button = make("button", { type: "button", textContent: `line ${at.line}, column ${at.column}` });
      button.addEventListener("click", () => goTo(at.line, at.column));
      line.append(" ", button);
    }
    return line;
  }));
}

function showCypher(statements) {
  byId("cypher-part").hidden = !statements.length;
  cypher.replaceChildren(...statements.flatMap((one) => [
    make("h3", { textContent: one.name }), make("pre", { textContent: one.text }),
  ]));
}
