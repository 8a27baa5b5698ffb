// A program that reports with Sentry's SDK for Node, as it is installed: sentry_node.js DSN EVENTS PAUSE QUEUE
//
// Prints a line when half of the events are captured, then one JSON object: what became of each event. The transport is
// the SDK's own; what was answered is only written down.
const Sentry = require("@sentry/node");

const [dsn, events, pause, queue] = process.argv.slice(2);
const answers = {};

function observed(options) {
  const transport = Sentry.makeNodeTransport(options);
  const send = async (envelope) => {
    const answer = await transport.send(envelope);
    if (envelope[0].event_id && answer.statusCode) answers[envelope[0].event_id] = answer.statusCode;
    return answer;
  };
  return { ...transport, send };
}

function price(number) {
  throw new TypeError(`no tariff ${number}`);
}

async function main() {
  const room = Number(queue) ? { transportOptions: { bufferSize: Number(queue) } } : {};
  Sentry.init({ dsn, release: "bench-node@1.0", transport: observed, ...room });
  const captured = [];
  for (let number = 0; number < Number(events); number++) {
    try {
      price(number);
    } catch (error) {
      captured.push(Sentry.captureException(error));
    }
    if (number === Math.floor(Number(events) / 2)) console.log("half");
    await new Promise((resolve) => setTimeout(resolve, Number(pause) * 1000));
  }
  await Sentry.flush(120000);
  const told = `${JSON.stringify({ captured, answers, version: Sentry.SDK_VERSION })}\n`;
  // A pipe holds less than this; the process must not end before all of it is read.
  process.stdout.write(told, () => process.exit(0));
}

main();
