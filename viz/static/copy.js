// Buttons with data-copy="link", "cypher" or "graphql" copy the address or the text that returns the rows of the page.
import { announce, make } from "./dom.js";
import { page } from "./page.js";

const NAMES = { link: "Link", cypher: "Cypher", graphql: "GraphQL" };

export async function copyText(text) {
  if (navigator.clipboard && window.isSecureContext) {
    try { await navigator.clipboard.writeText(text); return true; } catch { /* refused: the old way below */ }
  }
  const area = make("textarea", { value: text, className: "off-screen", "aria-hidden": "true" });
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  return done;
}

async function take(button) {
  const kind = button.dataset.copy;
  const done = await copyText(kind === "link" ? location.href : page[kind]);
  announce(done ? `${NAMES[kind]} copied` : "The browser refused to copy");
  button.classList.toggle("done", done);
  setTimeout(() => button.classList.remove("done"), 1600);
}

export function startCopying() {
  for (const button of document.querySelectorAll("[data-copy]")) button.addEventListener("click", () => take(button));
}
