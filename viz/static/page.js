// Facts about this page from the server: live, path, and the texts to copy (graphql, cypher).
export const page = JSON.parse(document.getElementById("page").textContent);

// Marks when every control answers; tests and benchmarks wait for it.
export function markReady() {
  performance.mark("crashgraph-interactive");
  document.documentElement.dataset.ready = "true";
}
