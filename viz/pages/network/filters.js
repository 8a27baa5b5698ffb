// The legend filters: each line is a switch, and the page says what the switches hide.
import { announce, byId, make } from "../../static/dom.js";
import { plural } from "../../static/text.js";
import { data, onChange, set, showsEdge, showsNode, state } from "./state.js";

const keys = [...document.querySelectorAll("[data-hides]")];
const note = byId("filtered");

function toggle(key) {
  const hides = new Set(state.hides);
  if (!hides.delete(key)) hides.add(key);
  set({ hides });
}

function show() {
  for (const key of keys) if (!key.disabled) key.setAttribute("aria-pressed", String(!state.hides.has(key.dataset.hides)));
  const nodes = data.nodes.filter((node) => !showsNode(node)).length;
  const edges = data.edges.filter((edge) => !showsEdge(edge)).length;
  note.hidden = !nodes && !edges;
  const text = `Switched off here: ${[nodes && plural(nodes, "pattern"), edges && plural(edges, "relationship")].filter(Boolean).join(" and ")}. `;
  note.replaceChildren(text, make("button", { type: "button", onclick: () => set({ hides: new Set() }) }, "Show all"));
}

export function startFilters() {
  for (const key of keys) key.addEventListener("click", () => toggle(key.dataset.hides));
  onChange((state, before) => {
    if (state.hides === before.hides) return;
    show();
    announce(note.hidden ? "Everything is shown." : note.firstChild.textContent);
  });
  show();
}
