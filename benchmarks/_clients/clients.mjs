// Clients of others, as they are installed, against a service: clients.mjs ADDRESS KEY
//
// ADDRESS is host and port, KEY an API key with the scopes `read` and `report`. Prints a JSON object per check: which client, what, and
// what went wrong, null if nothing did. Two crashes are in the graph before.
import { createGraphiQLFetcher } from "@graphiql/toolkit";
import { cacheExchange, Client as Urql, fetchExchange, subscriptionExchange } from "@urql/core";
import assert from "node:assert/strict";
import { buildClientSchema, getIntrospectionQuery, parse, validateSchema } from "graphql";
import { GraphQLClient } from "graphql-request";
import { createClient as createSse } from "graphql-sse";
import { createClient as createSocket } from "graphql-ws";
import WebSocket from "ws";

const [address, key] = process.argv.slice(2);
const url = `http://${address}/graphql`;
const headers = { Authorization: `Bearer ${key}` };
const PATTERNS = "query Patterns($first: Int!) { patterns(first: $first) { nodes { id name } pageInfo { hasNextPage } } }";
const RECEIVED = "subscription Received { crashReceived(after: 0) { position crash { id site } } }";
const SUBMIT = `mutation Submit($input: SubmitCrashInput!) {
  submitCrash(input: $input) { receipts { status } userErrors { code field } clientMutationId } }`;
const EVERYTHING = {
  descriptions: true,
  specifiedByUrl: true,
  directiveIsRepeatable: true,
  schemaDescription: true,
  inputValueDeprecation: true,
  oneOf: true,
};

const socketClient = (stated = headers, retryAttempts = 0) =>
  createSocket({ url: `ws://${address}/graphql`, webSocketImpl: WebSocket, connectionParams: stated, retryAttempts });

const report = (id) => `Traceback (most recent call last):\n  File "/srv/a.py", line 3, in f\n    g()\nKeyError: 'client ${id}'\n`;

async function two(results) {
  const found = [];
  for await (const one of results) {
    assert.equal(one.errors, undefined);
    found.push(one.data.crashReceived.crash.id);
    if (found.length === 2) return found;
  }
  return assert.fail(`ended after ${found.length}`);
}

// The results of an observable of urql, as they come.
async function* observed(source) {
  const waiting = [];
  let wake = () => {};
  const { unsubscribe } = source.subscribe((result) => {
    waiting.push(result);
    wake();
  });
  try {
    for (;;) {
      while (waiting.length) {
        const { data, error } = waiting.shift();
        yield { data, errors: error };
      }
      await new Promise((resolve) => (wake = resolve));
    }
  } finally {
    unsubscribe();
  }
}

function urql(options) {
  const socket = socketClient();
  const forward = (request) => ({
    subscribe: (sink) => ({ unsubscribe: socket.subscribe({ ...request, query: request.query ?? "" }, sink) }),
  });
  const last = options.fetchSubscriptions ? [] : [subscriptionExchange({ forwardSubscription: forward })];
  return new Urql({ url, exchanges: [cacheExchange, fetchExchange, ...last], fetchOptions: { headers }, ...options });
}

const checks = {
  "graphql-request": {
    async "reads with variables"() {
      const { patterns } = await new GraphQLClient(url, { headers }).request(PATTERNS, { first: 5 });
      assert.ok(patterns.nodes.length > 0);
    },
    async "sends a mutation twice with one id"() {
      const client = new GraphQLClient(url, { headers });
      const input = { report: report("request"), clientMutationId: "6f0c9e0e-3a52-4f0f-9d0e-2f1f6a7d0b11" };
      const first = await client.request(SUBMIT, { input });
      assert.deepEqual(first.submitCrash.userErrors, []);
      assert.equal((await client.request(SUBMIT, { input })).submitCrash.clientMutationId, input.clientMutationId);
    },
    async "throws an error with its code"() {
      const asked = new GraphQLClient(url, { headers }).request(PATTERNS, { first: 101 });
      await assert.rejects(asked, (error) => error.response.errors[0].extensions.code === "LIMIT");
    },
    async "is refused without a key"() {
      const asked = new GraphQLClient(url).request(PATTERNS, { first: 1 });
      await assert.rejects(asked, (error) => error.response.status === 401);
    },
  },
  urql: {
    async "reads by GET"() {
      const result = await urql({ preferGetMethod: true }).query(PATTERNS, { first: 5 }).toPromise();
      assert.equal(result.error, undefined);
      assert.ok(result.data.patterns.nodes.length > 0);
    },
    async "reads by POST, and sends a mutation"() {
      const client = urql({ preferGetMethod: false });
      assert.equal((await client.query(PATTERNS, { first: 5 }).toPromise()).error, undefined);
      const done = await client.mutation(SUBMIT, { input: { report: report("urql") } }).toPromise();
      assert.equal(done.error, undefined);
      assert.deepEqual(done.data.submitCrash.userErrors, []);
    },
    async "shows an error with its code"() {
      const { error } = await urql({}).query(PATTERNS, { first: 101 }).toPromise();
      assert.equal(error.graphQLErrors[0].extensions.code, "LIMIT");
    },
    async "follows by graphql-ws"() {
      assert.equal((await two(observed(urql({}).subscription(RECEIVED, {})))).length, 2);
    },
    async "follows by server-sent events"() {
      assert.equal((await two(observed(urql({ fetchSubscriptions: true }).subscription(RECEIVED, {})))).length, 2);
    },
  },
  "graphql-ws": {
    async "follows"() {
      const client = socketClient();
      assert.equal((await two(client.iterate({ query: RECEIVED }))).length, 2);
      await client.dispose();
    },
    async "reads by the same protocol"() {
      const client = socketClient();
      for await (const result of client.iterate({ query: PATTERNS, variables: { first: 1 } })) assert.equal(result.errors, undefined);
      await client.dispose();
    },
    async "is closed with 4403 without a key"() {
      const asked = socketClient({}).iterate({ query: RECEIVED }).next();
      await assert.rejects(asked, (closed) => closed.code === 4403);
    },
    async "gets the reason why a document is invalid"() {
      const asked = socketClient().iterate({ query: "subscription { nothing }" }).next();
      await assert.rejects(asked, (errors) => errors[0].extensions.code === "INVALID_QUERY");
    },
  },
  "graphql-sse": {
    async "follows"() {
      assert.equal((await two(createSse({ url, headers }).iterate({ query: RECEIVED }))).length, 2);
    },
    async "reads one result"() {
      for await (const result of createSse({ url, headers }).iterate({ query: PATTERNS, variables: { first: 1 } })) {
        assert.equal(result.errors, undefined);
      }
    },
  },
  GraphiQL: {
    async "introspects and follows with its fetcher"() {
      const fetcher = createGraphiQLFetcher({ url, headers, fetch, wsClient: socketClient() });
      const read = await fetcher({ query: getIntrospectionQuery(EVERYTHING), operationName: "IntrospectionQuery" }, {});
      assert.deepEqual(validateSchema(buildClientSchema(read.data)), []);
      const results = await fetcher({ query: RECEIVED, operationName: "Received" }, { documentAST: parse(RECEIVED) });
      assert.equal((await two(results)).length, 2);
    },
  },
  "graphql.js": Object.fromEntries(
    Object.entries({
      "GraphiQL's": { schemaDescription: true, inputValueDeprecation: true },
      "Altair's": { descriptions: true, inputValueDeprecation: true },
      "every option of": EVERYTHING,
      "no option of": Object.fromEntries(Object.keys(EVERYTHING).map((name) => [name, false])),
    }).map(([whose, options]) => [
      `${whose} introspection`,
      async () => {
        const body = JSON.stringify({ query: getIntrospectionQuery(options) });
        const sent = { ...headers, "Content-Type": "application/json" };
        const answer = await (await fetch(url, { method: "POST", body, headers: sent })).json();
        assert.equal(answer.errors, undefined);
        assert.deepEqual(validateSchema(buildClientSchema(answer.data)), []);
      },
    ]),
  ),
};

for (const [client, ofClient] of Object.entries(checks)) {
  for (const [what, check] of Object.entries(ofClient)) {
    const late = new Promise((_, reject) => setTimeout(() => reject(new Error("no answer within 60 s")), 60_000).unref());
    let fault = null;
    try {
      await Promise.race([check(), late]);
    } catch (error) {
      fault = String(error?.stack ?? JSON.stringify(error));
    }
    console.log(JSON.stringify({ client, what, fault }));
  }
}
process.exit(0);
