// Answers: nothing; members and families that the run did not find any more are gone.
// Params: run_id STRING
// Reads: MEMBER_OF(run_id), Community(run_id)
// Writes: MEMBER_OF, Community
// Returns: removed
// Full scan: any family may have ended.
CALL () {
  MATCH ()-[m:MEMBER_OF]->()
  WHERE m.run_id <> $run_id
  DELETE m
  RETURN count(*) AS members
}
MATCH (c:Community)
WHERE c.run_id <> $run_id
DETACH DELETE c
RETURN count(*) AS removed
