// Answers: The latest run of each of these jobs, and the latest that succeeded. Those of the future, by a clock that was
//   ahead, count only where there are no others.
// Params: jobs LIST<STRING>
// Reads: JobRun(job, requested_at, state)
// Writes: nothing
// Returns: rows LIST<MAP> with job, last and succeeded
RETURN [name IN $jobs | {
  job: name,
  last: coalesce(
    head(COLLECT {
      MATCH (run:JobRun) WHERE run.job = name AND run.requested_at <= datetime()
      RETURN run ORDER BY run.requested_at DESC LIMIT 1
    }),
    head(COLLECT {
      MATCH (run:JobRun) WHERE run.job = name RETURN run ORDER BY run.requested_at DESC LIMIT 1
    })
  ),
  succeeded: coalesce(
    head(COLLECT {
      MATCH (run:JobRun) WHERE run.job = name AND run.state = 'succeeded' AND run.requested_at <= datetime()
      RETURN run ORDER BY run.requested_at DESC LIMIT 1
    }),
    head(COLLECT {
      MATCH (run:JobRun) WHERE run.job = name AND run.state = 'succeeded' RETURN run ORDER BY run.requested_at DESC LIMIT 1
    })
  )
}] AS rows
