// Answers: Requests a run; a waiting run with the same parameters is returned instead of a second one.
// Params: run_id STRING, job STRING, params STRING, waiting STRING, by STRING, on_behalf_of STRING
// Reads: JobRun(waiting)
// Writes: JobRun
// Returns: run
MERGE (run:JobRun {waiting: $waiting})
ON CREATE SET run.run_id = $run_id, run.job = $job, run.state = 'requested', run.trigger = 'request', run.params = $params,
  run.requested_at = datetime(), run.attempt = 0, run.requested_by = $by, run.on_behalf_of = $on_behalf_of
RETURN run
