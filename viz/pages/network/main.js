// Starts the explorer. Readiness is marked when the picture is drawn and every control answers.
import { markReady } from "../../static/page.js";
import { focusOn, focusOnEdge, shown, startCanvas } from "./canvas.js";
import { startDetails } from "./details.js";
import { inFront } from "./drawing.js";
import { startFilters } from "./filters.js";
import { startSearch } from "./search.js";
import { data, followAddress, state } from "./state.js";
import { startTable } from "./table.js";

// For the console and tests; nothing of ours reads it.
globalThis.crashgraph = {
  data, state, focusOn, focusOnEdge, inFront,
  get network() { return shown.network; },
  get captions() { return shown.captions; },
};

if (data.nodes.length) {
  startDetails();
  startCanvas();
  startFilters();
  startSearch();
  startTable();
  shown.network.once("afterDrawing", markReady);
  shown.network.redraw();
  addEventListener("hashchange", followAddress);
} else markReady();
