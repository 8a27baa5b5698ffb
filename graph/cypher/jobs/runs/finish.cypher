// Answers: Records how a run ended; no row if it is another worker's.
// Params: run_id STRING, worker STRING, state STRING, job_version STRING, params STRING, duration_seconds FLOAT,
//   edges_written INTEGER, edges_removed INTEGER, nodes_written INTEGER, nodes_removed INTEGER, counts STRING, error
//   STRING, read_until ZONED DATETIME, crashes_seen INTEGER
// Reads: JobRun(run_id, state, worker, edges_written, nodes_written)
// Writes: JobRun(state, job_version, params, finished_at, duration_seconds, edges_written, edges_removed, nodes_written,
//   nodes_removed, counts, error, read_until, crashes_seen)
// Returns: run
MATCH (run:JobRun {run_id: $run_id})
WHERE run.state = 'running' AND run.worker = $worker
SET run.state = $state, run.job_version = $job_version, run.params = $params, run.finished_at = datetime(),
    run.duration_seconds = $duration_seconds, run.edges_written = coalesce($edges_written, run.edges_written),
    run.edges_removed = $edges_removed, run.nodes_written = coalesce($nodes_written, run.nodes_written),
    run.nodes_removed = $nodes_removed, run.counts = $counts, run.error = $error, run.read_until = $read_until, run.crashes_seen = $crashes_seen
RETURN run
