// Answers: make an API key of a user.
// Params: user_id STRING, key MAP
// Reads: User(user_id)
// Writes: ApiKey(token_hash), OF_USER
// Returns: key (map, without its secret)
MATCH (u:User {user_id: $user_id})
CREATE (k:ApiKey)-[:OF_USER]->(u)
SET k = $key
RETURN k {.*, token_hash: null} AS key
