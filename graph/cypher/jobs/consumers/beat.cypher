// Answers: records that the worker of a consumer is alive; no row when another worker has it by now.
// Params: consumer STRING, worker STRING
// Reads: Consumer(name, state, worker)
// Writes: Consumer(heartbeat_at)
// Returns: name
MATCH (consumer:Consumer {name: $consumer})
WHERE consumer.state = 'running' AND consumer.worker = $worker
SET consumer.heartbeat_at = datetime()
RETURN consumer.name AS name
