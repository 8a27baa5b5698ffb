// Answers: the user of each of these API keys.
// Params: ids LIST<STRING>
// Reads: ApiKey(key_id), OF_USER, User(password_hash)
// Writes: nothing
// Returns: rows: one list of {id, item}
MATCH (k:ApiKey)-[:OF_USER]->(u:User) WHERE k.key_id IN $ids
RETURN collect({id: k.key_id, item: u {.*, password_hash: null}}) AS rows
