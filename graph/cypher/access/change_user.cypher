// Answers: set properties of a user.
// Params: user_id STRING, properties MAP
// Reads: User(user_id)
// Writes: User(password_hash)
// Returns: user (map, without its secret)
MATCH (u:User {user_id: $user_id})
SET u += $properties
RETURN u {.*, password_hash: null} AS user
