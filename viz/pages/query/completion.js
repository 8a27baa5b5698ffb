// Completion in a text area: a list below the caret, by Ctrl-Space or while a name is typed.
import { byId, make } from "../../static/dom.js";
import { completionsAt } from "./language.js";

const MOST = 200;

// `schema` returns a promise of the schema.
export function completes(area, schema) {
  const list = byId("completions");
  const about = byId("completion-about");
  const box = byId("completion");
  let found = null;
  let chosen = 0;
  let latest = 0;

  async function open() {
    const mine = ++latest;
    const known = await schema();
    if (!known || mine !== latest || document.activeElement !== area) return;
    found = area.selectionStart === area.selectionEnd ? completionsAt(area.value, area.selectionStart, known) : null;
    const options = found?.options ?? [];
    if (!options.length || (options.length === 1 && options[0].name === found.prefix)) {
      close();
      return;
    }
    list.replaceChildren(...options.slice(0, MOST).map(item));
    place();
    choose(0);
  }

  function item(option, at) {
    const line = make("li", { id: `completion-${at}`, role: "option", "aria-selected": "false" },
      make("code", { textContent: option.name, className: option.deprecated ? "deprecated" : "" }),
      make("small", { textContent: option.detail }));
    line.addEventListener("mousedown", (event) => {
      event.preventDefault();
      accept(at);
    });
    return line;
  }

  function choose(at) {
    const lines = list.children;
    lines[chosen]?.setAttribute("aria-selected", "false");
    chosen = (at + lines.length) % lines.length;
    lines[chosen].setAttribute("aria-selected", "true");
    lines[chosen].scrollIntoView({ block: "nearest" });
    area.setAttribute("aria-activedescendant", lines[chosen].id);
    const option = found.options[chosen];
    about.textContent = [option.deprecated && `Deprecated: ${option.deprecated}.`, option.description].filter(Boolean).join(" ");
    about.hidden = !about.textContent;
  }

  function accept(at) {
    const option = found.options[at];
    area.setRangeText(option.insert, found.start, area.selectionStart, "end");
    area.dispatchEvent(new Event("input"));
    close();
    area.focus();
  }

  function close() {
    latest += 1;
    found = null;
    box.hidden = true;
    area.setAttribute("aria-expanded", "false");
    area.removeAttribute("aria-activedescendant");
  }

  // Lines do not wrap and the font has one width, so the place of the caret is a matter of counting.
  function place() {
    const style = getComputedStyle(area);
    const pen = make("canvas").getContext("2d");
    pen.font = `${style.fontSize} ${style.fontFamily}`;
    const lines = area.value.slice(0, found.start).split("\n");
    const line = parseFloat(style.lineHeight);
    const left = area.offsetLeft + parseFloat(style.paddingLeft) + pen.measureText(lines.at(-1)).width - area.scrollLeft;
    const top = area.offsetTop + parseFloat(style.paddingTop) + lines.length * line - area.scrollTop;
    box.hidden = false;
    area.setAttribute("aria-expanded", "true");
    const room = box.offsetParent;
    box.style.left = `${Math.max(4, Math.min(left, room.clientWidth - box.offsetWidth - 8))}px`;
    const fits = top + box.offsetHeight <= room.clientHeight || top - line < box.offsetHeight;
    box.style.top = `${fits ? top + 2 : top - line - box.offsetHeight - 2}px`;
  }

  area.addEventListener("keydown", (event) => {
    if (event.key === " " && event.ctrlKey) {
      event.preventDefault();
      open();
      return;
    }
    if (box.hidden || event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") choose(chosen + (event.key === "ArrowDown" ? 1 : -1));
    else if ((event.key === "Enter" && !event.ctrlKey && !event.metaKey) || event.key === "Tab") accept(chosen);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
  });
  area.addEventListener("input", (event) => {
    const typed = event.inputType === "insertText" && /^[\w@$]$/.test(event.data ?? "");
    const erased = event.inputType?.startsWith("delete") && !box.hidden;
    if (typed || erased) open();
    else if (event.inputType) close();
  });
  area.addEventListener("blur", close);
  area.addEventListener("click", close);
  area.addEventListener("scroll", () => { if (!box.hidden) close(); });
}
