// The query page: write, run or follow, read, and look things up in the schema.
import { copyText } from "../../static/copy.js";
import { byId, make } from "../../static/dom.js";
import { markReady, page } from "../../static/page.js";
import { ask, follow } from "./asking.js";
import { completes } from "./completion.js";
import { operationAt, schemaOf } from "./language.js";
import { clear, clearHint, showAnswer, showNext, showProblem, showProblems } from "./result.js";

const query = byId("query");
const variables = byId("variables");
const state = byId("state");
const runButton = byId("run");
const stopButton = byId("stop");
const withCypher = byId("with-cypher");
const { examples, ids } = JSON.parse(byId("examples-data").textContent);

// Kept in this page only: a reload forgets it.
const key = () => byId("key")?.value.trim() ?? "";

let running = null;

function goTo(line, column) {
  const before = query.value.split("\n").slice(0, line - 1).join("\n").length;
  const at = before + (line > 1 ? 1 : 0) + column - 1;
  query.focus();
  query.setSelectionRange(at, at);
}

function asked(operation) {
  const body = { query: query.value };
  if (variables.value.trim()) body.variables = JSON.parse(variables.value);
  if (operation?.name) body.operationName = operation.name;
  if (withCypher.checked) body.extensions = { cypher: true };
  return body;
}

async function run() {
  stop();
  const operation = operationAt(query.value, query.selectionStart);
  let body;
  try {
    body = asked(operation);
  } catch (error) {
    state.textContent = "";
    showProblem(`The variables are not JSON: ${error.message}`);
    return;
  }
  const mine = (running = new AbortController());
  const isLatest = () => running === mine;
  stopButton.hidden = false;
  try {
    await (operation?.kind === "subscription" ? listen(body, mine.signal, isLatest) : answer(body, mine.signal, isLatest));
  } catch (error) {
    if (!isLatest()) return;
    state.textContent = "";
    if (operation?.kind === "subscription") showProblems([{ message: `The subscription ended: ${error.message}.` }]);
    else showProblem(`The server does not answer: ${error.message}`);
  }
  if (isLatest()) done();
}

async function answer(body, signal, isLatest) {
  const began = performance.now();
  state.textContent = "Running…";
  const got = await ask(body, key(), signal);
  if (!isLatest()) return;
  showAnswer(got, goTo);
  const cost = got.value?.extensions?.cost;
  const parts = [`${Math.round(performance.now() - began)} ms`, `${(got.text.length / 1024).toFixed(1)} kB`];
  if (cost) parts.push(`cost ${cost.nodes} nodes, ${cost.fields} fields`);
  state.textContent = parts.join(" · ");
}

async function listen(body, signal, isLatest) {
  let received = 0;
  const counted = (word) => { state.textContent = `${word}, ${received} received`; };
  clear("Each result appears here, the latest first.");
  state.textContent = "Following…";
  const refused = await follow(body, key(), signal, (value) => {
    if (!isLatest()) return;
    if (!received) clearHint();
    received += 1;
    showNext(value);
    counted("Following");
  });
  if (!isLatest()) return;
  if (refused) {
    showAnswer(refused, goTo);
    state.textContent = "";
  } else {
    counted("Ended");
  }
}

function done() {
  running = null;
  stopButton.hidden = true;
}

function stop() {
  if (!running) return;
  const ended = running;
  done();
  ended.abort();
  state.textContent = state.textContent.replace(/^(Following|Running)…?/, "Stopped");
}

let schemaAsked = null;
function schema() {
  schemaAsked ??= ask({ query: page.graphql }, key()).then((got) => (got.value?.data ? schemaOf(got.value.data) : null));
  schemaAsked = schemaAsked.catch(() => null).then((known) => {
    // Asked again with the next letter, for example with a valid key.
    if (!known) schemaAsked = null;
    return known;
  });
  return schemaAsked;
}

// The ids that stand for @crash and so on, of what the graph has now.
async function knownIds() {
  const got = await ask({ query: ids }, key());
  const data = got.value?.data;
  const crash = data?.crashes?.nodes?.[0];
  const other = data?.patterns?.nodes?.find((one) => one && one.id !== crash?.pattern?.id);
  return {
    "@crash": crash?.id,
    "@time": crash?.receivedAt,
    "@pattern": crash?.pattern?.id,
    "@otherPattern": other?.id,
    "@run": data?.jobRuns?.nodes?.[0]?.runId,
  };
}

const LACKING = {
  "@crash": "a crash: submit one first", "@time": "a crash: submit one first", "@pattern": "a crash: submit one first",
  "@otherPattern": "a second pattern", "@run": "a run: run a job first",
};

let latestExample = 0;
async function choose(example) {
  const mine = ++latestExample;
  query.value = example.query;
  query.setSelectionRange(0, 0);
  withCypher.checked = Boolean(example.extensions.cypher);
  const text = Object.keys(example.variables).length ? JSON.stringify(example.variables, null, 2) : "";
  variables.value = text;
  state.textContent = "";
  const names = text.match(/"@\w+"/g)?.map((name) => name.slice(1, -1)) ?? [];
  if (!names.length) return;
  const known = await knownIds().catch(() => ({}));
  if (mine !== latestExample || variables.value !== text) return;
  variables.value = text.replace(/"(@\w+)"/g, (found, name) => (known[name] ? JSON.stringify(known[name]) : found));
  const missing = names.find((name) => !known[name]);
  state.textContent = missing ? `The graph lacks ${LACKING[missing]}` : "";
}

function fromAddress() {
  const given = new URLSearchParams(location.hash.slice(1));
  if (!given.has("query")) return false;
  query.value = given.get("query");
  variables.value = given.get("variables") ?? "";
  return true;
}

const list = byId("examples");
for (const group of new Set(examples.map((one) => one.group))) {
  const options = examples.map((one, place) => [one, place]).filter(([one]) => one.group === group);
  list.append(make("optgroup", { label: group }, ...options.map(([one, place]) => new Option(one.title, String(place)))));
}
list.addEventListener("change", () => choose(examples[Number(list.value)]));
runButton.addEventListener("click", run);
stopButton.addEventListener("click", stop);
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
completes(query, schema);

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

if (!fromAddress()) choose(examples[0]);
addEventListener("hashchange", fromAddress);
markReady();
