// Answers: Records that a consumer failed and when it may be claimed again; no row if another worker has claimed it.
// Params: consumer STRING, worker STRING, failures INTEGER, error STRING, wait_seconds FLOAT
// Reads: Consumer(name, state, worker)
// Writes: Consumer(state, worker, failures, error, next_attempt_at)
// Returns: name
MATCH (consumer:Consumer {name: $consumer})
WHERE consumer.state = 'running' AND consumer.worker = $worker
SET consumer.state = 'waiting', consumer.worker = null, consumer.failures = $failures, consumer.error = $error,
    consumer.next_attempt_at = datetime() + duration({milliseconds: toInteger($wait_seconds * 1000)})
RETURN consumer.name AS name
