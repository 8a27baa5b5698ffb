// Answers: Requests the run that follows another because crashes arrived; the uniqueness of the slot refuses a second one.
// Params: run_id STRING, job STRING, slot STRING
// Reads: nothing
// Writes: JobRun
// Returns: run
CREATE (run:JobRun {
  run_id: $run_id, job: $job, slot: $slot, trigger: 'after_ingest', state: 'requested', params: '{}',
  requested_at: datetime(), attempt: 0
})
RETURN run
