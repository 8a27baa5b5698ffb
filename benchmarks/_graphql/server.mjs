// Serves schema.graphql with @neo4j/graphql on the Neo4j of the environment; prints its port. Documents are parsed and validated once.
import { createServer } from "node:http";
import { readFileSync } from "node:fs";
import { execute, parse, validate } from "graphql";
import { Neo4jGraphQL } from "@neo4j/graphql";
import neo4j from "neo4j-driver";

const { NEO4J_URI, NEO4J_USER, NEO4J_PASSWORD, TYPES } = process.env;
const driver = neo4j.driver(NEO4J_URI, neo4j.auth.basic(NEO4J_USER, NEO4J_PASSWORD));
const schema = await new Neo4jGraphQL({ typeDefs: readFileSync(TYPES, "utf8"), driver }).getSchema();
const documents = new Map();

function documentOf(text) {
  if (!documents.has(text)) {
    const document = parse(text);
    const errors = validate(schema, document);
    if (errors.length) throw errors[0];
    documents.set(text, document);
  }
  return documents.get(text);
}

async function answer(body) {
  const { query, variables } = JSON.parse(body);
  return execute({ schema, document: documentOf(query), variableValues: variables, contextValue: { executionContext: driver } });
}

const server = createServer((request, response) => {
  const parts = [];
  request.on("data", (part) => parts.push(part));
  request.on("end", () => {
    answer(Buffer.concat(parts).toString("utf8"))
      .catch((error) => ({ errors: [{ message: String(error) }] }))
      .then((result) => {
        const text = Buffer.from(JSON.stringify(result));
        response.writeHead(200, { "Content-Type": "application/json", "Content-Length": text.length });
        response.end(text);
      });
  });
});
server.keepAliveTimeout = 600_000;
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
