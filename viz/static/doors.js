// Copy the link, the Cypher or the GraphQL of what is shown.
"use strict";
(() => {
  const cg = window.crashgraph;
  const names = { link: "Link", cypher: "Cypher", graphql: "GraphQL" };

  async function copy(text) {
    if (navigator.clipboard && window.isSecureContext) {
      try { await navigator.clipboard.writeText(text); return true; } catch { /* refused: the old way below */ }
    }
    const area = cg.make("textarea", { value: text, className: "off-screen", "aria-hidden": "true" });
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }

  async function take(button) {
    const what = button.dataset.copy;
    const done = await copy(what === "link" ? location.href : cg.data.page[what]);
    cg.say(done ? `${names[what]} copied` : "The browser refused to copy");
    button.classList.toggle("done", done);
    setTimeout(() => button.classList.remove("done"), 1600);
  }

  cg.startDoors = () => {
    for (const button of document.querySelectorAll("[data-copy]")) button.addEventListener("click", () => take(button));
  };
})();
