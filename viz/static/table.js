// The tables: sortable, a row goes to its node or edge, and they follow the legend's switches.
"use strict";
(() => {
  const cg = window.crashgraph;
  const tables = [...document.querySelectorAll("#tables table")];

  const edgeOf = (row) => cg.data.edges[Number(row.dataset.edge)];

  const valueOf = (row, column, kind) => {
    const cell = row.cells[column];
    return kind === "number" ? Number(cell.dataset.value) : cell.textContent.toLowerCase();
  };

  function sort(table, header) {
    const column = header.cellIndex, kind = header.firstElementChild.dataset.sort;
    const was = header.getAttribute("aria-sort");
    const rising = was ? was === "descending" : kind === "text";
    for (const other of header.parentElement.cells) other.removeAttribute("aria-sort");
    header.setAttribute("aria-sort", rising ? "ascending" : "descending");
    const body = table.tBodies[0];
    const rows = [...body.rows].map((row) => [valueOf(row, column, kind), row]);
    const compare = kind === "number" ? (a, b) => a - b : (a, b) => a.localeCompare(b, "en", { numeric: true });
    rows.sort(([a], [b]) => (rising ? compare(a, b) : compare(b, a)));
    body.append(...rows.map(([, row]) => row));
  }

  function pick(row) {
    if (row.dataset.node) cg.focusOn(row.dataset.node);
    else cg.focusOnEdge(edgeOf(row).id);
  }

  function show() {
    for (const table of tables) {
      let shown = 0;
      for (const row of table.tBodies[0].rows) {
        const { node } = row.dataset;
        row.hidden = node ? !cg.shows.node(cg.nodes.get(node)) : !cg.shows.edge(edgeOf(row));
        const chosen = node ? node === cg.state.node : edgeOf(row).id === cg.state.edge;
        if (chosen) row.setAttribute("aria-current", "true");
        else row.removeAttribute("aria-current");
        if (!row.hidden) shown += 1;
      }
      const [one, all] = [table.id.slice(0, -1), table.tBodies[0].rows.length];
      table.caption.textContent = shown === all ? cg.plural(all, one) : `${shown} of ${cg.plural(all, one)}, the others are switched off`;
    }
  }

  cg.startTable = () => {
    for (const table of tables) {
      for (const header of table.tHead.rows[0].cells) header.firstElementChild.addEventListener("click", () => sort(table, header));
      table.tBodies[0].addEventListener("click", (event) => {
        const row = event.target.closest("tr");
        if (row && !getSelection().toString()) pick(row);
      });
    }
    cg.onChange(show);
    if (cg.state.node || cg.state.edge || cg.state.hides.size) show();
  };
})();
