// Tables sort by the buttons in their head: data-sort="text" compares what cells show, "number" their data-value.
const valueOf = (row, column, kind) => {
  const cell = row.cells[column];
  return kind === "number" ? Number(cell.dataset.value) : cell.textContent.toLowerCase();
};

function sort(table, header) {
  const column = header.cellIndex, kind = header.firstElementChild.dataset.sort;
  const previous = header.getAttribute("aria-sort");
  const rising = previous ? previous === "descending" : kind === "text";
  for (const other of header.parentElement.cells) other.removeAttribute("aria-sort");
  header.setAttribute("aria-sort", rising ? "ascending" : "descending");
  const body = table.tBodies[0];
  const rows = [...body.rows].map((row) => [valueOf(row, column, kind), row]);
  const compare = kind === "number" ? (a, b) => a - b : (a, b) => a.localeCompare(b, "en", { numeric: true });
  rows.sort(([a], [b]) => (rising ? compare(a, b) : compare(b, a)));
  body.append(...rows.map(([, row]) => row));
}

export function makeSortable(table) {
  for (const header of table.tHead.rows[0].cells) header.firstElementChild.addEventListener("click", () => sort(table, header));
}
