// Find a pattern by its name: matches stand out while typing, Enter goes to one.
"use strict";
(() => {
  const cg = window.crashgraph;
  const box = document.getElementById("search");
  const list = document.getElementById("matches");
  const MOST = 8;
  let found = [], at = -1;

  function look() {
    const search = box.value.trim();
    cg.set({ search, node: null, edge: null });
    found = search ? cg.data.nodes.filter((node) => cg.matches(node, search)) : [];
    at = -1;
    offer(search);
    if (search) cg.say(found.length ? `${cg.plural(found.length, "match", "matches")}` : "No match");
  }

  function offer(search) {
    const options = found.slice(0, MOST).map((node, i) => cg.make("li", { role: "option", id: `match-${i}`, "aria-selected": "false" },
      cg.make("bdi", { textContent: node.label }), cg.make("small", { textContent: cg.plural(node.count, "crash", "crashes") })));
    options.forEach((option, i) => option.addEventListener("mousedown", (event) => { event.preventDefault(); go(found[i]); }));
    if (found.length > MOST) options.push(cg.make("li", { className: "quiet", role: "presentation", textContent: `${found.length - MOST} more in the picture` }));
    if (search && !found.length) options.push(cg.make("li", { className: "quiet", role: "presentation", textContent: "No match among the patterns shown" }));
    if (search && cg.data.page.live && cg.data.page.beyond) {
      const link = cg.make("a", { href: `${cg.data.page.url}?${new URLSearchParams({ search })}`, textContent: "Search all patterns" });
      link.addEventListener("mousedown", (event) => event.preventDefault());
      options.push(cg.make("li", { className: "beyond", role: "presentation" }, link));
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
    cg.set({ search: "", hides: new Set([...cg.state.hides].filter((key) => key !== `severity:${node.severity}`)) });
    cg.focusOn(node.id);
    cg.say(`${node.label}: details are shown`);
  }

  function onKey(event) {
    if (event.key === "ArrowDown") mark(at + 1);
    else if (event.key === "ArrowUp") mark(at - 1);
    else if (event.key === "Enter" && found.length) go(found[Math.max(at, 0)]);
    else if (event.key === "Escape") { box.value = ""; look(); box.blur(); }
    else return;
    event.preventDefault();
  }

  cg.startSearch = () => {
    box.value = cg.state.search;
    box.form.addEventListener("submit", (event) => event.preventDefault());
    box.addEventListener("input", look);
    box.addEventListener("keydown", onKey);
    box.addEventListener("focus", () => box.select());
    box.addEventListener("blur", () => open(false));
    document.addEventListener("keydown", (event) => {
      const writing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
      if (event.key === "/" && !writing && !event.ctrlKey && !event.metaKey) { event.preventDefault(); box.focus(); }
      if (event.key === "Escape" && !writing) cg.set({ node: null, edge: null });
    });
  };
})();
