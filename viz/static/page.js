// The page's data and state. Every other script reads `crashgraph.data`, changes state with
// `crashgraph.set` and is told by `crashgraph.onChange`. State lives in the address's fragment.
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const nodes = new Map(data.nodes.map((node) => [node.id, node]));
  for (const edge of data.edges) edge.id = `${edge.type}~${edge.from}~${edge.to}`;
  const edges = new Map(data.edges.map((edge) => [edge.id, edge]));
  const edgesOf = new Map(data.nodes.map((node) => [node.id, []]));
  for (const edge of data.edges) {
    edgesOf.get(edge.from).push(edge);
    if (edge.from !== edge.to) edgesOf.get(edge.to).push(edge);
  }

  const state = { node: null, edge: null, hides: new Set(), search: "" };
  const listeners = [];

  function readAddress() {
    const said = new URLSearchParams(location.hash.slice(1));
    state.node = nodes.has(said.get("node")) ? said.get("node") : null;
    state.edge = !state.node && edges.has(said.get("edge")) ? said.get("edge") : null;
    state.hides = new Set((said.get("hide") || "").split(",").filter(Boolean));
    state.search = said.get("find") || "";
  }

  // A choice is a step that the browser's back button undoes; typing is not.
  function writeAddress(isStep) {
    const said = new URLSearchParams();
    if (state.node) said.set("node", state.node);
    if (state.edge) said.set("edge", state.edge);
    if (state.hides.size) said.set("hide", [...state.hides].join(","));
    if (state.search) said.set("find", state.search);
    const hash = said.toString();
    if (hash !== location.hash.slice(1)) {
      history[isStep ? "pushState" : "replaceState"](null, "", hash ? `#${hash}` : location.href.split("#")[0]);
    }
  }

  function set(changes) {
    const before = { ...state };
    Object.assign(state, changes);
    if (changes.node) state.edge = null;
    if (changes.edge) state.node = null;
    writeAddress(!("search" in changes));
    for (const listener of listeners) listener(state, before);
  }

  // The address was changed by hand, by a link or by going back.
  function follow() {
    const before = { ...state };
    readAddress();
    for (const listener of listeners) listener(state, before);
  }

  const shows = {
    node: (node) => !state.hides.has(`severity:${node.severity}`),
    edge: (edge) => !state.hides.has(`type:${edge.type}`) && shows.node(nodes.get(edge.from)) && shows.node(nodes.get(edge.to)),
  };

  // All text goes through textContent, so markup in a crash message stays text.
  function make(tag, properties = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(properties)) {
      if (name.includes("-") || name === "role" || name === "for") made.setAttribute(name, value);
      else made[name] = value;
    }
    made.append(...children.filter((child) => child !== null && child !== undefined));
    return made;
  }

  const plural = (number, one, many = `${one}s`) => `${number.toLocaleString("en")} ${number === 1 ? one : many}`;
  const words = (name) => name.toLowerCase().replace(/^co_/, "co-").replaceAll("_", " ");
  const say = (text) => { document.getElementById("said").textContent = text; };

  readAddress();
  window.crashgraph = {
    data, nodes, edges, edgesOf, state, set, shows, follow, make, plural, words, say,
    onChange: (listener) => listeners.push(listener),
    // Very large screens have a larger font; what the canvas draws grows with it.
    scale: parseFloat(getComputedStyle(document.documentElement).fontSize) / 15,
    calm: () => matchMedia("(prefers-reduced-motion: reduce)").matches,
  };
})();
