// Answers: an API key by its id or name, with its user; no row if there is none.
// Params: key STRING
// Reads: ApiKey(key_id, name, token_hash), OF_USER, User(password_hash)
// Writes: nothing
// Returns: key, user (maps, without secrets)
MATCH (k:ApiKey WHERE k.key_id = $key OR k.name = $key)-[:OF_USER]->(u:User)
RETURN k {.*, token_hash: null} AS key, u {.*, password_hash: null} AS user
