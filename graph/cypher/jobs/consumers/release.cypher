// Answers: Releases a consumer, so that another worker may claim it at once; no row if another worker has claimed it.
// Params: consumer STRING, worker STRING
// Reads: Consumer(name, state, worker)
// Writes: Consumer(state, worker)
// Returns: name
MATCH (consumer:Consumer {name: $consumer})
WHERE consumer.state = 'running' AND consumer.worker = $worker
SET consumer.state = 'stopped', consumer.worker = null
RETURN consumer.name AS name
