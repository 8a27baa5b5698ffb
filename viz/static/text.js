// Numbers and names of the graph as words, as viz/text.py writes them.
export const plural = (number, one, many = `${one}s`) => `${number.toLocaleString("en")} ${number === 1 ? one : many}`;

export const words = (name) => name.toLowerCase().replace(/^co_/, "co-").replaceAll("_", " ");
