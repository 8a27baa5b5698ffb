// Sends operations: a query or mutation is answered once, a subscription by server-sent events until it is stopped.

const EVENT_END = /\r?\n\r?\n/;

// A key or token takes the place of the cookie of the page.
function request(body, accept, key, signal) {
  const headers = { "Content-Type": "application/json", Accept: accept };
  if (key) headers.Authorization = `Bearer ${key}`;
  return fetch(location.pathname, {
    method: "POST", headers, body: JSON.stringify(body), signal, credentials: key ? "omit" : "same-origin",
  });
}

// {status, text, value}: `value` is undefined if the answer is no JSON.
export async function ask(body, key, signal) {
  return read(await request(body, "application/json", key, signal));
}

async function read(answer) {
  const text = await answer.text();
  let value;
  try { value = JSON.parse(text); } catch { /* shown as it is */ }
  return { status: answer.status, wait: answer.headers.get("Retry-After"), text, value };
}

// Calls `each` with every result. Resolves at the end: to an answer as of `ask` if the service refused, else to null.
export async function follow(body, key, signal, each) {
  const answer = await request(body, "text/event-stream", key, signal);
  if (!answer.ok || !answer.headers.get("Content-Type")?.startsWith("text/event-stream")) return read(answer);
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let waiting = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) throw new Error("the connection was lost");
    const events = (waiting + value).split(EVENT_END);
    waiting = events.pop();
    for (const event of events) {
      const fields = Object.fromEntries(event.split(/\r?\n/).map((line) => line.split(/: ?(.*)/s)));
      if (fields.event === "complete") return null;
      if (fields.event === "next") each(JSON.parse(fields.data));
    }
  }
}
