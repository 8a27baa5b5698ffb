// Answers: how many users there are, disabled ones included.
// Params: none
// Reads: User
// Writes: nothing
// Returns: users
MATCH (u:User)
RETURN count(u) AS users
