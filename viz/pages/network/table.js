// The tables: sortable, a row goes to its node or edge, and they follow the legend's switches.
import { makeSortable } from "../../static/sorting.js";
import { plural } from "../../static/text.js";
import { focusOn, focusOnEdge } from "./canvas.js";
import { data, nodes, onChange, showsEdge, showsNode, state } from "./state.js";

const tables = [...document.querySelectorAll("#tables table")];

const edgeOf = (row) => data.edges[Number(row.dataset.edge)];

function pick(row) {
  if (row.dataset.node) focusOn(row.dataset.node);
  else focusOnEdge(edgeOf(row).id);
}

function show() {
  for (const table of tables) {
    let shown = 0;
    for (const row of table.tBodies[0].rows) {
      const { node } = row.dataset;
      row.hidden = node ? !showsNode(nodes.get(node)) : !showsEdge(edgeOf(row));
      const chosen = node ? node === state.node : edgeOf(row).id === state.edge;
      if (chosen) row.setAttribute("aria-current", "true");
      else row.removeAttribute("aria-current");
      if (!row.hidden) shown += 1;
    }
    const [one, all] = [table.id.slice(0, -1), table.tBodies[0].rows.length];
    table.caption.textContent = shown === all ? plural(all, one) : `${shown} of ${plural(all, one)}, the others are switched off`;
  }
}

export function startTable() {
  for (const table of tables) {
    makeSortable(table);
    table.tBodies[0].addEventListener("click", (event) => {
      const row = event.target.closest("tr");
      if (row && !getSelection().toString()) pick(row);
    });
  }
  onChange(show);
  if (state.node || state.edge || state.hides.size) show();
}
