// The legend filters: each line is a switch, and the page says what the switches hide.
"use strict";
(() => {
  const cg = window.crashgraph;
  const keys = [...document.querySelectorAll("[data-hides]")];
  const note = document.getElementById("filtered");

  function toggle(key) {
    const hides = new Set(cg.state.hides);
    if (!hides.delete(key)) hides.add(key);
    cg.set({ hides });
  }

  function show() {
    for (const key of keys) if (!key.disabled) key.setAttribute("aria-pressed", String(!cg.state.hides.has(key.dataset.hides)));
    const nodes = cg.data.nodes.filter((node) => !cg.shows.node(node)).length;
    const edges = cg.data.edges.filter((edge) => !cg.shows.edge(edge)).length;
    note.hidden = !nodes && !edges;
    const text = `Switched off here: ${[nodes && cg.plural(nodes, "pattern"), edges && cg.plural(edges, "relationship")].filter(Boolean).join(" and ")}. `;
    note.replaceChildren(text, cg.make("button", { type: "button", onclick: () => cg.set({ hides: new Set() }) }, "Show all"));
  }

  cg.startFilters = () => {
    for (const key of keys) key.addEventListener("click", () => toggle(key.dataset.hides));
    cg.onChange((state, before) => {
      if (state.hides === before.hides) return;
      show();
      cg.say(note.hidden ? "Everything is shown." : note.firstChild.textContent);
    });
    show();
  };
})();
