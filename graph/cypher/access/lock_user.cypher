// Answers: take the lock of a user.
// Params: user_id STRING
// Reads: nothing
// Writes: User
// Returns: user_id
MATCH (u:User {user_id: $user_id})
SET u:User
RETURN u.user_id AS user_id
