// Answers: Claims a consumer for a worker; no row while another worker runs it or its next attempt is not due. Run it after
//   jobs/consumers/lock.
// Params: consumer STRING, version STRING, worker STRING, stale_seconds FLOAT
// Reads: Consumer(name, state, heartbeat_at, next_attempt_at)
// Writes: Consumer(state, version, worker, started_at, heartbeat_at, next_attempt_at)
// Returns: consumer
MATCH (consumer:Consumer {name: $consumer})
WHERE (consumer.state <> 'running'
       AND coalesce(NOT datetime() < consumer.next_attempt_at < datetime() + duration({days: 1}), true))
   OR NOT abs(duration.inSeconds(consumer.heartbeat_at, datetime()).milliseconds) <= $stale_seconds * 1000
SET consumer.state = 'running', consumer.version = $version, consumer.worker = $worker, consumer.started_at = datetime(),
    consumer.heartbeat_at = datetime(), consumer.next_attempt_at = null
RETURN consumer
