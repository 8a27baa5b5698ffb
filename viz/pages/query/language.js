// Reads a GraphQL document as far as the caret, also one that is not finished: where it is, and which operation it is in.

const TOKEN = /"""(?:[^]*?)(?:"""|$)|"(?:[^"\\\n]|\\.)*(?:"|$)?|#[^\n]*|\.\.\.|[_A-Za-z][_0-9A-Za-z]*|-?\d[\d.eE+-]*|[!$&():=@[\]{|}]/gm;
const ROOTS = { query: "Query", mutation: "Mutation", subscription: "Subscription" };
const SCALARS = { Boolean: ["true", "false"] };

// The schema by type name, from the answer to the introspection query: {name, kind, fields, values}, and each field as
// {name, description, type, written, args, deprecated}.
export function schemaOf(answer) {
  const members = (list) => new Map((list ?? []).map((each) => [each.name, {
    name: each.name,
    description: each.description ?? "",
    type: named(each.type),
    written: written(each.type),
    args: members(each.args),
    deprecated: each.deprecationReason ?? "",
  }]));
  return new Map(answer.__schema.types.map((type) => [type.name, {
    name: type.name,
    kind: type.kind,
    description: type.description ?? "",
    fields: members(type.fields ?? type.inputFields),
    values: (type.enumValues ?? []).map((value) => ({ name: value.name, description: value.description ?? "" })),
  }]));
}

function named(type) {
  let inner = type;
  while (inner?.ofType) inner = inner.ofType;
  return inner?.name ?? "";
}

function written(type) {
  if (!type) return "";
  if (type.kind === "NON_NULL") return `${written(type.ofType)}!`;
  if (type.kind === "LIST") return `[${written(type.ofType)}]`;
  return type.name;
}

function tokens(text) {
  return Array.from(text.matchAll(TOKEN), (found) => ({ text: found[0], start: found.index, end: found.index + found[0].length }));
}

// The operations of a document: {kind, name, start, end}.
export function operations(text) {
  const found = [];
  let depth = 0;
  let round = 0;
  let current = null;
  let previous = "";
  for (const token of tokens(text)) {
    const outside = depth === 0 && round === 0;
    if (outside && (token.text in ROOTS || (token.text === "{" && !current))) {
      current = { kind: token.text === "{" ? "query" : token.text, name: "", start: token.start, end: text.length };
      found.push(current);
    } else if (outside && token.text === "fragment") {
      current = { kind: "fragment", name: "", start: token.start, end: text.length };
    } else if (outside && current && previous === current.kind && /^\w/.test(token.text)) {
      current.name = token.text;
    }
    if (token.text === "(") round += 1;
    if (token.text === ")") round -= 1;
    if (token.text === "{" && !round) depth += 1;
    if (token.text === "}" && !round && (depth -= 1) <= 0) {
      if (current) current.end = token.end;
      current = null;
      depth = 0;
    }
    if (!token.text.startsWith("#")) previous = token.text;
  }
  return found;
}

// The operation that the caret is in, or else the first one.
export function operationAt(text, caret) {
  const all = operations(text);
  return all.find((one) => one.start <= caret && caret <= one.end) ?? all[0] ?? null;
}

// What may follow at the caret: {start, prefix, options: [{name, insert, detail, description, deprecated}]}.
export function completionsAt(text, caret, schema) {
  const before = tokens(text.slice(0, caret));
  const last = before.at(-1);
  if (last && last.end === caret && /^["#]/.test(last.text) && !/[^"]"$/.test(last.text)) return null;
  const typing = last && last.end === caret && /^\w/.test(last.text) ? before.pop() : null;
  const place = walk(before, schema);
  const prefix = typing?.text ?? "";
  const wanted = prefix.toLowerCase();
  const options = optionsOf(place, schema, text)
    .filter((one) => one.name.toLowerCase().includes(wanted))
    .sort((a, b) => Number(b.name.toLowerCase().startsWith(wanted)) - Number(a.name.toLowerCase().startsWith(wanted)));
  return { start: typing?.start ?? caret, prefix, options };
}

// Each frame: {in, type, members, field, awaiting}; `in` is document, selection, arguments, object, list or definitions.
function walk(before, schema) {
  const frames = [{ in: "document", root: "Query" }];
  const top = () => frames.at(-1);
  const inputs = (type) => schema.get(type)?.fields ?? new Map();
  for (const [at, token] of before.entries()) {
    const text = token.text;
    const frame = top();
    if (text.startsWith("#")) continue;
    if (text === "}" || text === ")" || text === "]") {
      if (frames.length > 1) frames.pop();
      if (top().in !== "list") top().awaiting = false;
      if (text === "}" && top().in === "document") top().root = "Query";
    } else if (text === "{") {
      if (frame.in === "document" || frame.in === "selection") {
        const type = frame.in === "document" ? frame.root : frame.on ?? frame.field?.type ?? frame.type;
        frames.push({ in: "selection", type });
        frame.on = frame.field = undefined;
      } else {
        frames.push({ in: "object", members: inputs(frame.type) });
      }
    } else if (text === "(") {
      if (frame.in === "document") frames.push({ in: "definitions" });
      else frames.push({ in: "arguments", members: frame.directive ? new Map() : frame.field?.args ?? new Map() });
    } else if (text === "[") {
      frames.push({ in: "list", type: frame.type, awaiting: true });
    } else if (text === ":") {
      frame.awaiting = frame.in !== "selection";
      if (frame.in === "selection") frame.field = undefined;
    } else if (text === "...") {
      frame.spread = true;
      frame.field = undefined;
    } else if (text === "@") {
      frame.directive = true;
    } else if (/^\w/.test(text)) {
      const previous = before[at - 1]?.text;
      if (frame.in === "document") {
        if (text in ROOTS) frame.root = ROOTS[text];
        if (previous === "on") frame.root = text;
      } else if (frame.in === "selection") {
        if (previous === "on" && before[at - 2]?.text === "...") frame.on = text;
        else if (previous !== "..." && previous !== "@") frame.field = schema.get(frame.type)?.fields.get(text);
        if (previous !== "@") frame.directive = false;
        frame.spread = previous === "..." && text === "on";
      } else if (frame.in === "arguments" || frame.in === "object") {
        if (!frame.awaiting && previous !== "$") frame.type = frame.members.get(text)?.type;
        else frame.awaiting = false;
      } else if (frame.in === "definitions") {
        frame.awaiting = false;
      }
    } else if (frame.in === "arguments" || frame.in === "object") {
      if (text !== "$") frame.awaiting = false;
    }
  }
  return { ...top(), previous: before.at(-1)?.text ?? "", atType: before.at(-2)?.text };
}

function optionsOf(place, schema, text) {
  const of = (all, suffix = "") => [...all].map((each) => ({
    name: each.name, insert: each.name + suffix, detail: each.written ?? "", description: each.description ?? "",
    deprecated: each.deprecated ?? "",
  }));
  const words = (all) => of(all.map((name) => ({ name })));
  const types = (kinds) => of([...schema.values()].filter((type) => kinds.includes(type.kind) && !type.name.startsWith("__")));
  if (place.in === "document") {
    return place.previous === "on" ? types(["OBJECT", "INTERFACE"]) : words(["query", "mutation", "subscription", "fragment", "{"]);
  }
  if (place.in === "definitions") {
    return place.awaiting ? types(["SCALAR", "ENUM", "INPUT_OBJECT"]) : [];
  }
  if (place.directive && place.previous === "@") return words(["include", "skip"]);
  if (place.in === "selection") {
    if (place.previous === "on" && place.atType === "...") return types(["OBJECT", "INTERFACE"]);
    if (place.spread && place.previous === "...") return words(["on", ...fragments(text)]);
    const fields = schema.get(place.type)?.fields ?? new Map();
    return [...of(fields.values()), { ...words(["__typename"])[0], detail: "String!", description: "Name of the type." }];
  }
  if (place.awaiting) {
    const type = schema.get(place.type);
    const variables = Array.from(new Set(Array.from(text.matchAll(/\$\w+(?=\s*:)/g), (found) => found[0])));
    if (place.previous === "$") return words(variables.map((name) => name.slice(1)));
    return [...of(type?.values ?? []), ...words([...(SCALARS[place.type] ?? []), ...variables])];
  }
  return of(place.members?.values() ?? [], ": ");
}

function fragments(text) {
  return Array.from(text.matchAll(/\bfragment\s+(\w+)\s+on\b/g), (found) => found[1]);
}
