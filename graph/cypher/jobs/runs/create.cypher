// Answers: Begins a run. A time of request in the future, by a worker's clock that is ahead, becomes now. The uniqueness
//   constraint refuses a slot that another worker has filled.
// Params: run_id STRING, job STRING, job_version STRING, slot STRING, trigger STRING, params STRING, worker STRING,
//   requested_at ZONED DATETIME, by STRING, on_behalf_of STRING
// Reads: nothing
// Writes: JobRun
// Returns: run
CREATE (run:JobRun {
  run_id: $run_id, job: $job, job_version: $job_version, slot: $slot, trigger: $trigger, state: 'running', params: $params,
  worker: $worker, requested_at: CASE WHEN $requested_at <= datetime() THEN $requested_at ELSE datetime() END,
  started_at: datetime(), heartbeat_at: datetime(), attempt: 1, requested_by: $by, on_behalf_of: $on_behalf_of
})
RETURN run
