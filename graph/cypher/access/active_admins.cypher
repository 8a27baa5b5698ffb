// Answers: how many administrators may log in, but for one user.
// Params: except STRING
// Reads: User(role, disabled, user_id)
// Writes: nothing
// Returns: admins
MATCH (u:User {role: 'admin'})
WHERE NOT u.disabled AND u.user_id <> $except
RETURN count(u) AS admins
