// Answers: Records a heartbeat of the worker of a consumer; no row if another worker has claimed it.
// Params: consumer STRING, worker STRING
// Reads: Consumer(name, state, worker)
// Writes: Consumer(heartbeat_at)
// Returns: name
MATCH (consumer:Consumer {name: $consumer})
WHERE consumer.state = 'running' AND consumer.worker = $worker
SET consumer.heartbeat_at = datetime()
RETURN consumer.name AS name
