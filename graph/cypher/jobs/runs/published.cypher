// Answers: The run whose output is in the graph, other than the given one: the latest that succeeded or wrote a part.
// Params: job STRING, run_id STRING
// Reads: JobRun(job, run_id, state, started_at, edges_written, nodes_written)
// Writes: nothing
// Returns: run
MATCH (run:JobRun)
WHERE run.job = $job AND run.run_id <> $run_id AND (run.state = 'succeeded' OR coalesce(run.edges_written, 0) + coalesce(run.nodes_written, 0) > 0)
RETURN run
ORDER BY run.started_at > datetime(), run.started_at DESC
LIMIT 1
