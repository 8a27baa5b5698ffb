// The query page: write, run, read, and look things up in the schema.
import { copyText } from "../../static/copy.js";
import { byId } from "../../static/dom.js";
import { markReady } from "../../static/page.js";

const query = byId("query");
const variables = byId("variables");
const result = byId("result");
const state = byId("state");
const samples = JSON.parse(byId("examples-data").textContent);

// Texts come from the graph: they are only ever set as text, never as markup.
const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(?:true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const MOST_COLOURED = 200000;

function colour(text) {
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

function show(value, failed) {
  const text = typeof value === "string" ? value : JSON.stringify(value, null, 2);
  result.classList.toggle("failed", failed);
  result.replaceChildren(text.length > MOST_COLOURED ? text : colour(text));
  result.scrollTop = 0;
}

let latest = 0;
async function run() {
  let given = null;
  try {
    given = variables.value.trim() ? JSON.parse(variables.value) : null;
  } catch (error) {
    state.textContent = "";
    show(`The variables are not JSON: ${error.message}`, true);
    return;
  }
  const mine = ++latest;
  const began = performance.now();
  state.textContent = "Running…";
  try {
    const answer = await fetch(location.pathname, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json" },
      body: JSON.stringify({ query: query.value, variables: given }),
    });
    const text = await answer.text();
    if (mine !== latest) return;
    let value = text;
    try { value = JSON.parse(text); } catch { /* shown as it is */ }
    show(value, !answer.ok || Boolean(value.errors));
    state.textContent = `${Math.round(performance.now() - began)} ms · ${(text.length / 1024).toFixed(1)} kB`;
  } catch (error) {
    if (mine !== latest) return;
    show(`The server does not answer: ${error.message}`, true);
    state.textContent = "";
  }
}

function choose(sample) {
  query.value = sample.query;
  variables.value = Object.keys(sample.variables).length ? JSON.stringify(sample.variables, null, 2) : "";
}

function fromAddress() {
  const given = new URLSearchParams(location.hash.slice(1));
  if (!given.has("query")) return false;
  query.value = given.get("query");
  variables.value = given.get("variables") ?? "";
  return true;
}

const list = byId("examples");
list.append(...samples.map((sample, place) => new Option(sample.title, String(place))));
list.addEventListener("change", () => choose(samples[Number(list.value)]));
byId("run").addEventListener("click", run);
byId("link").addEventListener("click", async () => {
  const given = new URLSearchParams({ query: query.value, variables: variables.value });
  history.replaceState(null, "", `#${given}`);
  state.textContent = (await copyText(location.href)) ? "Link copied" : "The link is in the address bar";
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    run();
  }
});

// A type with a matching name is shown whole, any other with its matching fields only.
byId("find").addEventListener("input", (event) => {
  const words = event.target.value.trim().toLowerCase();
  for (const block of document.querySelectorAll("#reference details")) {
    const whole = block.id.slice("type-".length).toLowerCase().includes(words);
    let any = whole;
    for (const line of block.querySelectorAll("dt")) {
      const fits = whole || line.querySelector("b").textContent.toLowerCase().includes(words);
      line.hidden = line.nextElementSibling.hidden = !fits;
      any ||= fits;
    }
    block.hidden = !any;
    block.open = words ? any && !whole : block.id === "type-Query";
  }
});
byId("reference").addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (!link) return;
  event.preventDefault();
  const block = document.querySelector(link.getAttribute("href"));
  byId("find").value = "";
  byId("find").dispatchEvent(new Event("input"));
  block.open = true;
  block.scrollIntoView({ block: "start" });
  block.querySelector("summary").focus();
});

if (!fromAddress()) choose(samples[0]);
addEventListener("hashchange", fromAddress);
markReady();
