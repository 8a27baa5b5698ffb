// Answers: Stores the watermark of a consumer; no row if another worker has claimed it.
// Params: consumer STRING, worker STRING, watermark STRING
// Reads: Consumer(name, state, worker)
// Writes: Consumer(watermark, advanced_at, heartbeat_at, failures, error)
// Returns: name
MATCH (consumer:Consumer {name: $consumer})
WHERE consumer.state = 'running' AND consumer.worker = $worker
SET consumer.watermark = $watermark, consumer.advanced_at = datetime(), consumer.heartbeat_at = datetime(),
    consumer.failures = 0, consumer.error = null
RETURN consumer.name AS name
