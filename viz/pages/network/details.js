// The panel that says everything about the selected node or edge.
import { byId, make } from "../../static/dom.js";
import { page } from "../../static/page.js";
import { plural, words } from "../../static/text.js";
import { focusOn, focusOnEdge } from "./canvas.js";
import { data, edges, edgesOf, nodes, onChange, set, state } from "./state.js";

const panel = byId("details");

const IDS = /^[0-9a-f-]{16,}(, [0-9a-f-]{16,})*$/;
const SHOWN_ABOVE = new Set(["severity", "status", "crashes", "score"]);

const list = (lines, help = {}) => make("dl", {}, ...lines.filter(([name]) => !SHOWN_ABOVE.has(name.toLowerCase())).flatMap(([name, value]) => [
  make("dt", { title: help[name] || help[name.toLowerCase().replaceAll(" ", "_")] || "" }, words(name)),
  IDS.test(value) ? make("dd", { className: "ids", textContent: value.replaceAll(", ", "\n") }) : make("dd", {}, make("bdi", { textContent: value })),
]));
const glyph = (key) => document.querySelector(`[data-hides="${CSS.escape(key)}"] svg`)?.cloneNode(true);
const button = (text, action) => make("button", { type: "button", onclick: action }, text);

function heading(kind, title) {
  const close = button("", () => set({ node: null, edge: null }));
  close.className = "close";
  close.setAttribute("aria-label", "Close details");
  close.append(byId("close-icon").content.cloneNode(true));
  return make("header", {}, make("p", { className: "kind", textContent: kind }), close, make("h2", {}, title));
}

function aboutNode(node) {
  const severity = make("span", { className: "level" }, glyph(`severity:${node.severity}`), data.severities[node.severity].name);
  const facts = make("p", { className: "facts" }, severity, make("span", { textContent: node.status }), make("span", { textContent: plural(node.count, "crash", "crashes") }));
  return [heading("Pattern", make("bdi", { textContent: node.label })), facts, further(node), list(node.details), related(node)];
}

function further(node) {
  const more = node.more ? `${plural(node.more, "more neighbour")} not shown here. ` : "";
  if (!page.live) return more ? make("p", { className: "further", textContent: more }) : null;
  const query = new URLSearchParams(location.search);
  query.delete("search");
  query.set("focus", node.id);
  query.set("depth", "1");
  const here = data.focus === node.id;
  if (here && !more) return null;
  return make("p", { className: "further" }, more, here ? "" : make("a", { href: `${page.path}?${query}`, textContent: "Show its neighbourhood" }));
}

function related(node) {
  const found = edgesOf.get(node.id);
  if (!found.length) return make("p", { className: "quiet", textContent: "No relationships shown." });
  const items = [...found].sort((a, b) => b.score - a.score).map((edge) => {
    const other = nodes.get(edge.from === node.id ? edge.to : edge.from);
    const arrow = edge.arrows ? (edge.from === node.id ? "→ " : "← ") : "";
    const name = button("", () => focusOnEdge(edge.id));
    name.append(glyph(`severity:${other.severity}`), make("span", {}, make("small", { textContent: `${arrow}${words(edge.type)}${edge.refuted ? ", refuted" : ""}` }), make("bdi", { textContent: other.label })), make("b", { textContent: edge.score.toFixed(2) }));
    return make("li", {}, name);
  });
  return make("section", { className: "related" }, make("h3", { textContent: "Related patterns" }), make("ul", {}, ...items));
}

function aboutEdge(edge) {
  const type = data.types[edge.type];
  const end = (id) => {
    const node = nodes.get(id);
    const name = button("", () => focusOn(id));
    name.append(glyph(`severity:${node.severity}`), make("span", {}, make("bdi", { textContent: node.label })));
    return make("li", {}, name);
  };
  const score = make("p", { className: "score" }, make("span", { textContent: "Score" }), make("meter", { min: 0, max: 1, value: edge.score, "aria-label": "Score" }), make("b", { textContent: edge.score.toFixed(2) }));
  return [
    heading(edge.arrows ? "Relationship" : "Relationship, no direction", words(edge.type)),
    type.help ? make("p", { className: "quiet", textContent: type.help }) : null,
    edge.refuted ? make("p", { textContent: "Refuted: later crashes speak against it, so it is drawn faint." }) : null,
    score,
    make("section", { className: "related" }, make("h3", { textContent: edge.arrows ? "From and to" : "Between" }), make("ul", {}, end(edge.from), end(edge.to))),
    make("section", {}, make("h3", { textContent: "Evidence" }), edge.evidence.length ? list(edge.evidence, type.fields) : make("p", { className: "quiet", textContent: "None recorded." })),
  ];
}

function show(state) {
  const about = state.node ? aboutNode(nodes.get(state.node)) : state.edge ? aboutEdge(edges.get(state.edge)) : null;
  panel.hidden = !about;
  panel.replaceChildren(...(about || []).filter(Boolean));
  panel.scrollTop = 0;
}

export function startDetails() {
  show(state);
  onChange((state, before) => { if (state.node !== before.node || state.edge !== before.edge) show(state); });
}
