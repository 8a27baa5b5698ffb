// Find a pattern by its name: matches stand out while typing, Enter goes to one.
import { announce, byId, make } from "../../static/dom.js";
import { page } from "../../static/page.js";
import { plural } from "../../static/text.js";
import { focusOn } from "./canvas.js";
import { matches } from "./drawing.js";
import { data, set, state } from "./state.js";

const box = byId("search");
const list = byId("matches");
const MOST = 8;
let found = [], at = -1;

function look() {
  const search = box.value.trim();
  set({ search, node: null, edge: null });
  found = search ? data.nodes.filter((node) => matches(node, search)) : [];
  at = -1;
  offer(search);
  if (search) announce(found.length ? `${plural(found.length, "match", "matches")}` : "No match");
}

function offer(search) {
  const options = found.slice(0, MOST).map((node, i) => make("li", { role: "option", id: `match-${i}`, "aria-selected": "false" },
    make("bdi", { textContent: node.label }), make("small", { textContent: plural(node.count, "crash", "crashes") })));
  options.forEach((option, i) => option.addEventListener("mousedown", (event) => { event.preventDefault(); go(found[i]); }));
  if (found.length > MOST) options.push(make("li", { className: "quiet", role: "presentation", textContent: `${found.length - MOST} more in the picture` }));
  if (search && !found.length) options.push(make("li", { className: "quiet", role: "presentation", textContent: "No match among the patterns shown" }));
  if (search && page.live && data.beyond) {
    const link = make("a", { href: `${page.path}?${new URLSearchParams({ search })}`, textContent: "Search all patterns" });
    link.addEventListener("mousedown", (event) => event.preventDefault());
    options.push(make("li", { className: "beyond", role: "presentation" }, link));
  }
  list.replaceChildren(...options);
  open(options.length > 0);
}

function open(is) {
  list.hidden = !is;
  box.setAttribute("aria-expanded", String(is));
  if (!is) { at = -1; box.removeAttribute("aria-activedescendant"); }
}

function mark(next) {
  const count = Math.min(found.length, MOST);
  if (!count) return;
  at = (next + count) % count;
  [...list.querySelectorAll("[role=option]")].forEach((option, i) => option.setAttribute("aria-selected", String(i === at)));
  box.setAttribute("aria-activedescendant", `match-${at}`);
}

function go(node) {
  open(false);
  box.value = node.label;
  set({ search: "", hides: new Set([...state.hides].filter((key) => key !== `severity:${node.severity}`)) });
  focusOn(node.id);
  announce(`${node.label}: details are shown`);
}

function onKey(event) {
  if (event.key === "ArrowDown") mark(at + 1);
  else if (event.key === "ArrowUp") mark(at - 1);
  else if (event.key === "Enter" && found.length) go(found[Math.max(at, 0)]);
  else if (event.key === "Escape") { box.value = ""; look(); box.blur(); }
  else return;
  event.preventDefault();
}

export function startSearch() {
  box.value = state.search;
  box.form.addEventListener("submit", (event) => event.preventDefault());
  box.addEventListener("input", look);
  box.addEventListener("keydown", onKey);
  box.addEventListener("focus", () => box.select());
  box.addEventListener("blur", () => open(false));
  document.addEventListener("keydown", (event) => {
    const writing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
    if (event.key === "/" && !writing && !event.ctrlKey && !event.metaKey) { event.preventDefault(); box.focus(); }
    if (event.key === "Escape" && !writing) set({ node: null, edge: null });
  });
}
