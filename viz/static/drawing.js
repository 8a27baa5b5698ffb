// How nodes and edges look now: theme, status, and what the selection or the search puts in the background.
"use strict";
(() => {
  const cg = window.crashgraph;
  const dark = matchMedia("(prefers-color-scheme: dark)");

  function theme() {
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue(name).trim();
    return { dark: dark.matches, back: colour("--canvas"), ink: colour("--ink"), quiet: colour("--quiet"), accent: colour("--accent") };
  }

  function mix(colour, other, share) {
    const parts = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
    const [a, b] = [parts(colour), parts(other)];
    return `#${a.map((part, i) => Math.round(part * (1 - share) + b[i] * share).toString(16).padStart(2, "0")).join("")}`;
  }

  const matches = (node, search) => {
    const text = node.label.toLowerCase();
    return search.toLowerCase().split(/\s+/).every((word) => text.includes(word));
  };

  // The nodes that stand in front: the selection with its neighbours, or the search's matches; null for all.
  function inFront() {
    const { node, edge, search } = cg.state;
    if (node) return new Set([node, ...cg.edgesOf.get(node).filter(cg.shows.edge).flatMap((each) => [each.from, each.to])]);
    if (edge) return new Set([cg.edges.get(edge).from, cg.edges.get(edge).to]);
    if (search) return new Set(cg.data.nodes.filter((each) => matches(each, search)).map((each) => each.id));
    return null;
  }

  function nodeLook(node, front, now) {
    const own = cg.data.severities[node.severity].colour;
    const closed = node.status === "resolved" || node.status === "ignored";
    const fill = closed ? mix(own, now.back, 0.84) : own;
    const edge = closed ? own : mix(own, now.dark ? "#ffffff" : "#000000", now.dark ? 0.25 : 0.22);
    const chosen = { background: fill, border: now.ink };
    return {
      id: node.id,
      label: undefined,
      hidden: !cg.shows.node(node),
      opacity: !front || front.has(node.id) ? 1 : 0.14,
      color: { background: fill, border: edge, highlight: chosen, hover: { background: mix(fill, now.back, 0.18), border: now.ink } },
      borderWidth: closed ? 2 : node.status === "regressed" ? 3.5 : 1,
      shapeProperties: { borderDashes: node.status === "ignored" ? [3, 3] : false },
    };
  }

  function edgeLook(edge, front, now) {
    const type = cg.data.types[edge.type];
    const plain = now.dark ? mix(type.colour, "#ffffff", 0.36) : type.colour;
    const colour = edge.refuted ? mix(plain, now.back, 0.72) : plain;
    const touched = cg.state.node ? edge.from === cg.state.node || edge.to === cg.state.node : edge.id === cg.state.edge;
    const near = !front || (cg.state.search && !cg.state.node && !cg.state.edge ? front.has(edge.from) && front.has(edge.to) : touched);
    return {
      id: edge.id,
      hidden: !cg.shows.edge(edge),
      color: { color: colour, highlight: colour, hover: colour, opacity: !near ? 0.06 : front ? 0.9 : 0.42 },
      dashes: type.dashes.length ? type.dashes : false,
      arrows: edge.arrows ? { to: { enabled: true, scaleFactor: 0.55 } } : undefined,
    };
  }

  Object.assign(cg, { theme, matches, inFront, nodeLook, edgeLook, onTheme: (listener) => dark.addEventListener("change", listener) });
})();
