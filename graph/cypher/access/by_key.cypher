// Answers: the API key with this hash, and its user.
// Params: hash STRING
// Reads: ApiKey(token_hash), OF_USER, User(password_hash)
// Writes: nothing
// Returns: key, user (maps, without secrets)
MATCH (k:ApiKey {token_hash: $hash})-[:OF_USER]->(u:User)
RETURN k {.*, token_hash: null} AS key, u {.*, password_hash: null} AS user
