// The picture: vis-network with positions computed beforehand, no physics, our own captions and tooltips.
import "../../static/vis-network.min.js";
import { byId, make } from "../../static/dom.js";
import { plural, words } from "../../static/text.js";
import { drawCaptions } from "./captions.js";
import { edgeLook, inFront, nodeLook, onTheme, theme } from "./drawing.js";
import { data, edges, fontScale, nodes, onChange, set, showsNode, state } from "./state.js";

const { DataSet, Network } = globalThis.vis;
const MOST_ZOOM = 1.35 * fontScale ** 2, MARGIN = 48;
// How far the corners of a shape are from its centre, as a share of its size.
const REACH = { dot: 1, diamond: 1, square: 1.38, triangle: 1.2, triangleDown: 1.2 };
const holder = byId("canvas");
const tip = byId("tip");
let network, nodeSet, edgeSet, now, front, hovered = null, turned = false;

// For the console and tests: the vis-network, and how many captions the last drawing had.
export const shown = { network: null, captions: 0 };

export function startCanvas() {
  now = theme();
  front = inFront();
  turned = fitsBetterTurned();
  nodeSet = new DataSet(data.nodes.map((node) => ({ ...drawn(node), ...nodeLook(node, front, now) })));
  edgeSet = new DataSet(data.edges.map((edge) => ({ from: edge.from, to: edge.to, width: edge.width, ...edgeLook(edge, front, now) })));
  network = new Network(holder, { nodes: nodeSet, edges: edgeSet }, data.options);
  network.on("afterDrawing", drawOver);
  network.on("click", ({ nodes, edges }) => choose(nodes[0], edges[0]));
  network.on("doubleClick", ({ nodes }) => nodes[0] && focusOn(nodes[0]));
  network.on("hoverNode", ({ node, event }) => hover(node, nodeTip(nodes.get(node)), event));
  network.on("hoverEdge", ({ edge, event }) => hover(null, edgeTip(edges.get(edge)), event));
  for (const name of ["blurNode", "blurEdge", "dragStart", "zoom"]) network.on(name, unhover);
  network.on("resize", () => { if (!state.node && !state.edge) fit(false); });
  holder.addEventListener("keydown", onKey);
  byId("zoom-in").addEventListener("click", () => zoom(1.3));
  byId("zoom-out").addEventListener("click", () => zoom(1 / 1.3));
  byId("fit").addEventListener("click", () => fit(true));
  onTheme(() => { now = theme(); redress(); });
  onChange(follow);
  shown.network = network;
  fit(false);
  select();
}

// A canvas taller than wide may hold the picture larger when it lies on its side.
function fitsBetterTurned() {
  const extent = (axis) => Math.max(...data.nodes.map((node) => node[axis] + node.size)) - Math.min(...data.nodes.map((node) => node[axis] - node.size));
  const [width, height] = [extent("x"), extent("y")];
  const scale = (w, h) => Math.min((holder.clientWidth - 2 * MARGIN) / w, (holder.clientHeight - 2 * MARGIN) / h);
  return scale(height, width) > 1.15 * scale(width, height);
}

const drawn = ({ id, shape, size, x, y }) => (turned ? { id, shape, size, x: y, y: x } : { id, shape, size, x, y });

function choose(node, edge) {
  unhover();
  if (node) set({ node });
  else set({ node: null, edge: edge || null });
}

function follow(state, before) {
  redress();
  if (state.node !== before.node || state.edge !== before.edge) select();
  byId("all-hidden").hidden = data.nodes.some(showsNode);
}

function redress() {
  front = inFront();
  nodeSet.update(data.nodes.map((node) => nodeLook(node, front, now)));
  edgeSet.update(data.edges.map((edge) => edgeLook(edge, front, now)));
}

function select() {
  const { node, edge } = state;
  network.setSelection({ nodes: node ? [node] : [], edges: edge ? [edge] : [] }, { highlightEdges: false });
  if (node) requestAnimationFrame(() => reveal(node));
}

function drawOver(context) {
  const scale = network.getScale();
  const discs = data.nodes.filter(showsNode).map((node) => {
    const { x, y } = network.getPosition(node.id);
    return { node, x: x * scale, y: y * scale, radius: node.size * scale };
  });
  const free = clear();
  const low = network.DOMtoCanvas({ x: 0, y: 0 });
  const high = network.DOMtoCanvas({ x: free.right, y: free.bottom });
  const area = { left: low.x * scale, top: low.y * scale, right: high.x * scale, bottom: high.y * scale };
  const controls = { left: area.right - 60, right: area.right, top: area.bottom - 132, bottom: area.bottom };
  const marks = [controls, ...drawMore(context, discs, scale)];
  shown.captions = drawCaptions(context, { discs, area, marks }, scale, now, front, hovered);
}

// A ring and a number on nodes whose neighbours were left out; a ring on the pattern that the page is about.
function drawMore(context, discs, scale) {
  const marks = [];
  for (const { node, x, y, radius } of discs) {
    if (front && !front.has(node.id)) continue;
    if (node.id === data.focus) ring(context, x, y, radius * REACH[node.shape] + 6, scale, now.accent, 2, []);
    if (!node.more) continue;
    ring(context, x, y, radius * REACH[node.shape] + 3, scale, now.quiet, 1.2, [2, 3]);
    if (scale > 0.55) marks.push(badge(context, x + radius * 0.75 + 4, y - radius * 0.75 - 4, `+${node.more}`, scale));
  }
  return marks;
}

function ring(context, x, y, radius, scale, colour, width, dashes) {
  context.beginPath();
  context.arc(x / scale, y / scale, radius / scale, 0, 2 * Math.PI);
  context.setLineDash(dashes.map((dash) => dash / scale));
  context.lineWidth = width / scale;
  context.strokeStyle = colour;
  context.stroke();
  context.setLineDash([]);
}

function badge(context, x, y, text, scale) {
  context.font = `600 ${(10 * fontScale) / scale}px system-ui, sans-serif`;
  context.textAlign = "left";
  context.textBaseline = "middle";
  context.lineWidth = 3.5 / scale;
  context.strokeStyle = now.back;
  context.fillStyle = now.quiet;
  context.strokeText(text, x / scale, y / scale);
  context.fillText(text, x / scale, y / scale);
  return { left: x - 2, right: x + 4 + 6.5 * fontScale * text.length, top: y - 7, bottom: y + 7 };
}

function fit(moving) {
  const shown = data.nodes.filter(showsNode);
  if (!shown.length) return;
  const places = shown.map((node) => ({ ...network.getPosition(node.id), r: node.size }));
  const left = Math.min(...places.map((p) => p.x - p.r)), right = Math.max(...places.map((p) => p.x + p.r));
  const top = Math.min(...places.map((p) => p.y - p.r)), bottom = Math.max(...places.map((p) => p.y + p.r));
  const room = Math.min((holder.clientWidth - 2 * MARGIN) / (right - left), (holder.clientHeight - 2 * MARGIN) / (bottom - top));
  move({ x: (left + right) / 2, y: (top + bottom) / 2 }, Math.max(0.05, Math.min(room, MOST_ZOOM)), moving);
}

const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
const move = (position, scale, moving = true, offset = { x: 0, y: 0 }) =>
  network.moveTo({ position, scale, offset, animation: moving && !calm() ? { duration: 260, easingFunction: "easeInOutQuad" } : false });
const zoom = (by) => move(network.getViewPosition(), Math.max(0.05, Math.min(network.getScale() * by, 6)));

export function focusOn(id) {
  set({ node: id });
  move(network.getPosition(id), Math.max(network.getScale(), 1.1), true, clear().offset);
}

export function focusOnEdge(id) {
  set({ edge: id });
  const { from, to } = edges.get(id);
  const [a, b] = [network.getPosition(from), network.getPosition(to)];
  const room = Math.min(holder.clientWidth / (Math.abs(a.x - b.x) + 220), holder.clientHeight / (Math.abs(a.y - b.y) + 160));
  move({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 }, Math.max(0.3, Math.min(room, 1.3)), true, clear().offset);
}

// On a narrow page the details lie over the picture: what they leave free, in px of the canvas, and how far its
// middle is from the canvas's middle.
function clear() {
  const area = holder.getBoundingClientRect(), panel = byId("details").getBoundingClientRect();
  const free = { right: area.width, bottom: area.height };
  const over = panel.width && panel.left < area.right && panel.top < area.bottom;
  if (over && panel.width < area.width) free.right = panel.left - area.left;
  else if (over) free.bottom = Math.min(free.bottom, panel.top - area.top);
  return { ...free, offset: { x: (free.right - area.width) / 2, y: (free.bottom - area.height) / 2 } };
}

function reveal(id) {
  const at = network.canvasToDOM(network.getPosition(id)), free = clear();
  if (at.x < 20 || at.y < 20 || at.x > free.right - 20 || at.y > free.bottom - 20) move(network.getPosition(id), network.getScale(), true, free.offset);
}

function onKey(event) {
  const step = 60 / network.getScale();
  const moves = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] };
  const acts = { "+": () => zoom(1.3), "=": () => zoom(1.3), "-": () => zoom(1 / 1.3), "0": () => fit(true) };
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (moves[event.key]) {
    const { x, y } = network.getViewPosition();
    move({ x: x + moves[event.key][0], y: y + moves[event.key][1] }, network.getScale(), false);
  } else if (acts[event.key]) acts[event.key]();
  else return;
  event.preventDefault();
}

const nodeTip = (node) => [
  make("b", {}, make("bdi", { textContent: node.label })),
  make("span", { textContent: `${data.severities[node.severity].name} · ${node.status} · ${plural(node.count, "crash", "crashes")}` }),
  node.more ? make("span", { textContent: `${node.more.toLocaleString("en")} more neighbours` }) : null,
];
const edgeTip = (edge) => [
  make("b", { textContent: words(edge.type) }),
  make("span", {}, make("bdi", { textContent: nodes.get(edge.from).label }), edge.arrows ? " → " : " – ", make("bdi", { textContent: nodes.get(edge.to).label })),
  make("span", { textContent: `score ${edge.score.toFixed(2)}` }),
];

function hover(node, lines, event) {
  if (hovered !== node) { hovered = node; network.redraw(); }
  holder.style.cursor = "pointer";
  tip.replaceChildren(...lines.filter(Boolean));
  tip.hidden = false;
  const area = holder.getBoundingClientRect();
  const x = event.clientX - area.left, y = event.clientY - area.top;
  tip.style.left = `${Math.max(8, Math.min(x + 14, area.width - tip.offsetWidth - 8))}px`;
  tip.style.top = `${y + 18 + tip.offsetHeight > area.height ? Math.max(8, y - tip.offsetHeight - 12) : y + 18}px`;
}

function unhover() {
  holder.style.cursor = "";
  tip.hidden = true;
  if (hovered !== null) { hovered = null; network.redraw(); }
}
