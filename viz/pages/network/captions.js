// Captions are drawn at one size on the screen at any zoom, and only where they cover no node and no other
// caption: first the selection, then its neighbours or the search's matches, then from the biggest node down.
import { fontScale, state } from "./state.js";

const SIZE = Math.round(12 * fontScale), LINE = Math.round(15 * fontScale), LONGEST = 22, AIR = 4;
const FONT = 'ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", sans-serif';
const measured = new Map();

// Lines broken after a space or a separator, with an ellipsis where more was left than `most` lines hold.
function broken(text, most) {
  const flat = text.replace(/\s+/g, " ").trim();
  if (flat.length <= LONGEST) return [flat];
  if (most === 1) return [`${flat.slice(0, LONGEST - 1).trim()}…`];
  const head = flat.slice(0, LONGEST + 1);
  const last = (marks) => Math.max(...marks.map((mark) => head.lastIndexOf(mark)));
  const at = last([" ", ".", ":", "/", "(", ","]) > 7 ? last([" ", ".", ":", "/", "(", ","]) : last(["_", "-"]);
  const cut = at > 7 ? at + (head[at] === " " || head[at] === "(" ? 0 : 1) : LONGEST;
  return [flat.slice(0, cut).trim(), ...broken(flat.slice(cut), most - 1)];
}

function measure(context, node, strong) {
  const key = `${strong ? 1 : 0}${node.id}`;
  let found = measured.get(key);
  if (!found) {
    context.font = `${strong ? "600 " : ""}${SIZE}px ${FONT}`;
    const lines = broken(node.label, strong ? 5 : 2);
    found = { lines, width: Math.max(...lines.map((line) => context.measureText(line).width)), height: lines.length * LINE };
    measured.set(key, found);
  }
  return found;
}

const within = (a, b) => a.left >= b.left && a.right <= b.right && a.top >= b.top && a.bottom <= b.bottom;
const overlaps = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

function spots(disc, caption) {
  const { x, y, radius } = disc;
  const box = (left, top) => ({ left: left - AIR, top: top - 1, right: left + caption.width + AIR, bottom: top + caption.height + 1 });
  return [
    [box(x - caption.width / 2, y + radius + 4), "center"],
    [box(x - caption.width / 2, y - radius - 4 - caption.height), "center"],
    [box(x + radius + 6, y - caption.height / 2), "left"],
    [box(x - radius - 6 - caption.width, y - caption.height / 2), "right"],
  ];
}

function inOrder(discs, front, hovered) {
  const rank = (disc) => (disc.node.id === state.node ? 0 : disc.node.id === hovered ? 1 : front ? 2 : 3);
  return discs.filter((disc) => !front || front.has(disc.node.id) || disc.node.id === hovered).sort((a, b) => rank(a) - rank(b));
}

function leastCovering(options, taken, area) {
  const cost = ([box]) => taken.filter((other) => overlaps(box, other)).length + (within(box, area) ? 0 : 100);
  return options.reduce((best, option) => (cost(option) < cost(best) ? option : best));
}

function write(context, caption, box, align, scale, now, strong) {
  context.font = `${strong ? "600 " : ""}${SIZE / scale}px ${FONT}`;
  context.textAlign = align;
  context.textBaseline = "middle";
  context.lineJoin = "round";
  context.lineWidth = 4 / scale;
  context.strokeStyle = now.back;
  context.fillStyle = now.ink;
  const x = align === "center" ? (box.left + box.right) / 2 : align === "left" ? box.left + AIR : box.right - AIR;
  caption.lines.forEach((line, i) => {
    const y = box.top + 1 + LINE * (i + 0.5);
    context.strokeText(line, x / scale, y / scale);
    context.fillText(line, x / scale, y / scale);
  });
}

// `view` has the drawn nodes as `discs` {node, x, y, radius}, the `marks` beside them (boxes) and the visible
// `area`, all in screen px from the canvas's origin of coordinates (so that panning changes nothing but `area`).
export function drawCaptions(context, view, scale, now, front, hovered) {
  const foreground = view.discs.filter((disc) => !front || front.has(disc.node.id));
  const taken = foreground.map(({ x, y, radius }) => ({ left: x - radius, right: x + radius, top: y - radius, bottom: y + radius }));
  taken.push(...view.marks);
  let written = 0;
  for (const disc of inOrder(view.discs, front, hovered)) {
    const must = disc.node.id === state.node || disc.node.id === hovered || (state.edge && front.has(disc.node.id));
    const caption = measure(context, disc.node, must);
    const fits = ([box]) => within(box, view.area) && !taken.some((other) => overlaps(box, other));
    const options = spots(disc, caption);
    const spot = options.find(fits) || (must ? leastCovering(options, taken, view.area) : null);
    if (!spot) continue;
    taken.push(spot[0]);
    write(context, caption, spot[0], spot[1], scale, now, must);
    written += 1;
  }
  return written;
}
