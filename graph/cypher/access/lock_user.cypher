// Answers: take the lock of a user.
// Params: user_id STRING
// Reads: nothing
// Writes: User(user_id)
// Returns: user_id
MATCH (u:User {user_id: $user_id})
SET u.user_id = u.user_id
RETURN u.user_id AS user_id
