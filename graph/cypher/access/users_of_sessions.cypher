// Answers: the user of each of these sessions.
// Params: ids LIST<STRING>
// Reads: Session(session_id), OF_USER, User(password_hash)
// Writes: nothing
// Returns: rows: one list of {id, item}
MATCH (s:Session)-[:OF_USER]->(u:User) WHERE s.session_id IN $ids
RETURN collect({id: s.session_id, item: u {.*, password_hash: null}}) AS rows
