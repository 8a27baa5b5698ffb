// How nodes and edges look now: theme, status, and what the selection or the search puts in the background.
import { data, edges, edgesOf, showsEdge, showsNode, state } from "./state.js";

const dark = matchMedia("(prefers-color-scheme: dark)");

export const onTheme = (listener) => dark.addEventListener("change", listener);

export function theme() {
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(name).trim();
  return { dark: dark.matches, back: colour("--canvas"), ink: colour("--ink"), quiet: colour("--quiet"), accent: colour("--accent") };
}

function mix(colour, other, share) {
  const parts = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
  const [a, b] = [parts(colour), parts(other)];
  return `#${a.map((part, i) => Math.round(part * (1 - share) + b[i] * share).toString(16).padStart(2, "0")).join("")}`;
}

export const matches = (node, search) => {
  const text = node.label.toLowerCase();
  return search.toLowerCase().split(/\s+/).every((word) => text.includes(word));
};

// Nodes in the foreground: the selection with its neighbours, or the search's matches; null for all.
export function inFront() {
  const { node, edge, search } = state;
  if (node) return new Set([node, ...edgesOf.get(node).filter(showsEdge).flatMap((each) => [each.from, each.to])]);
  if (edge) return new Set([edges.get(edge).from, edges.get(edge).to]);
  if (search) return new Set(data.nodes.filter((each) => matches(each, search)).map((each) => each.id));
  return null;
}

export function nodeLook(node, front, now) {
  const own = data.severities[node.severity].colour;
  const closed = node.status === "resolved" || node.status === "ignored";
  const fill = closed ? mix(own, now.back, 0.84) : own;
  const edge = closed ? own : mix(own, now.dark ? "#ffffff" : "#000000", now.dark ? 0.25 : 0.22);
  const chosen = { background: fill, border: now.ink };
  return {
    id: node.id,
    label: undefined,
    hidden: !showsNode(node),
    opacity: !front || front.has(node.id) ? 1 : 0.14,
    color: { background: fill, border: edge, highlight: chosen, hover: { background: mix(fill, now.back, 0.18), border: now.ink } },
    borderWidth: closed ? 2 : node.status === "regressed" ? 3.5 : 1,
    shapeProperties: { borderDashes: node.status === "ignored" ? [3, 3] : false },
  };
}

export function edgeLook(edge, front, now) {
  const type = data.types[edge.type];
  const plain = now.dark ? mix(type.colour, "#ffffff", 0.36) : type.colour;
  const colour = edge.refuted ? mix(plain, now.back, 0.72) : plain;
  const touched = state.node ? edge.from === state.node || edge.to === state.node : edge.id === state.edge;
  const near = !front || (state.search && !state.node && !state.edge ? front.has(edge.from) && front.has(edge.to) : touched);
  return {
    id: edge.id,
    hidden: !showsEdge(edge),
    color: { color: colour, highlight: colour, hover: colour, opacity: !near ? 0.06 : front ? 0.9 : 0.42 },
    dashes: type.dashes.length ? type.dashes : false,
    arrows: edge.arrows ? { to: { enabled: true, scaleFactor: 0.55 } } : undefined,
  };
}
