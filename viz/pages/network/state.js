// The network and the state of the page: what is selected, switched off and searched. State lives in the address's
// fragment; `set` changes it, and listeners added with `onChange` follow.
import { byId } from "../../static/dom.js";

export const data = JSON.parse(byId("data").textContent);
export const nodes = new Map(data.nodes.map((node) => [node.id, node]));
for (const edge of data.edges) edge.id = `${edge.type}~${edge.from}~${edge.to}`;
export const edges = new Map(data.edges.map((edge) => [edge.id, edge]));
export const edgesOf = new Map(data.nodes.map((node) => [node.id, []]));
for (const edge of data.edges) {
  edgesOf.get(edge.from).push(edge);
  if (edge.from !== edge.to) edgesOf.get(edge.to).push(edge);
}

export const state = { node: null, edge: null, hides: new Set(), search: "" };
const listeners = [];
export const onChange = (listener) => listeners.push(listener);

function readAddress() {
  const fragment = new URLSearchParams(location.hash.slice(1));
  state.node = nodes.has(fragment.get("node")) ? fragment.get("node") : null;
  state.edge = !state.node && edges.has(fragment.get("edge")) ? fragment.get("edge") : null;
  state.hides = new Set((fragment.get("hide") || "").split(",").filter(Boolean));
  state.search = fragment.get("find") || "";
}

// A choice is a step that the browser's back button undoes; typing is not.
function writeAddress(isStep) {
  const fragment = new URLSearchParams();
  if (state.node) fragment.set("node", state.node);
  if (state.edge) fragment.set("edge", state.edge);
  if (state.hides.size) fragment.set("hide", [...state.hides].join(","));
  if (state.search) fragment.set("find", state.search);
  const hash = fragment.toString();
  if (hash !== location.hash.slice(1)) {
    history[isStep ? "pushState" : "replaceState"](null, "", hash ? `#${hash}` : location.href.split("#")[0]);
  }
}

export function set(changes) {
  const before = { ...state };
  Object.assign(state, changes);
  if (changes.node) state.edge = null;
  if (changes.edge) state.node = null;
  writeAddress(!("search" in changes));
  for (const listener of listeners) listener(state, before);
}

// The address was changed by hand, by a link or by going back.
export function followAddress() {
  const before = { ...state };
  readAddress();
  for (const listener of listeners) listener(state, before);
}

export const showsNode = (node) => !state.hides.has(`severity:${node.severity}`);
export const showsEdge = (edge) =>
  !state.hides.has(`type:${edge.type}`) && showsNode(nodes.get(edge.from)) && showsNode(nodes.get(edge.to));

// Very large screens have a larger font; what the canvas draws grows with it.
export const fontScale = parseFloat(getComputedStyle(document.documentElement).fontSize) / 15;

readAddress();
