// Answers: says that the worker of a run is alive; no row when the run is no longer its.
// Params: run_id STRING, worker STRING
// Reads: JobRun(run_id, state, worker)
// Writes: JobRun(heartbeat_at)
// Returns: run_id
MATCH (run:JobRun {run_id: $run_id})
WHERE run.state = 'running' AND run.worker = $worker
SET run.heartbeat_at = datetime()
RETURN run.run_id AS run_id
