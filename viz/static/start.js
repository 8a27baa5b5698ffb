// Runs last. "crashgraph-interactive" marks the moment when the picture is drawn and every control answers.
"use strict";
(() => {
  const cg = window.crashgraph;

  function ready() {
    performance.mark("crashgraph-interactive");
    document.documentElement.dataset.ready = "true";
  }

  if (!cg.data.nodes.length) { ready(); return; }
  cg.startDetails();
  cg.startCanvas();
  cg.startFilters();
  cg.startSearch();
  cg.startTable();
  cg.startDoors();
  cg.network.once("afterDrawing", ready);
  cg.network.redraw();
  addEventListener("hashchange", cg.follow);
})();
