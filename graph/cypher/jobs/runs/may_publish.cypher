// Answers: Whether a run may publish: whether it was cancelled or superseded by a run that began later, and the run whose
//   output is in the graph; no row if it is another worker's. One of the future, by a clock that was ahead, counts as the
//   earliest. Run it after jobs/runs/lock_job.
// Params: run_id STRING, worker STRING, job STRING
// Reads: JobRun(run_id, state, worker, job, started_at, edges_written, nodes_written, cancel_requested_at)
// Writes: nothing
// Returns: cancelled, superseded, published
MATCH (run:JobRun {run_id: $run_id})
WHERE run.state = 'running' AND run.worker = $worker
WITH run, head(COLLECT {
  MATCH (other:JobRun)
  WHERE other.job = $job AND other.run_id <> $run_id AND (other.state = 'succeeded' OR coalesce(other.edges_written, 0) + coalesce(other.nodes_written, 0) > 0)
  RETURN other ORDER BY other.started_at > datetime(), other.started_at DESC LIMIT 1
}) AS last
RETURN run.cancel_requested_at IS NOT NULL AS cancelled,
       coalesce(last.state = 'succeeded' AND run.started_at < last.started_at <= datetime(), false) AS superseded,
       last.run_id AS published
