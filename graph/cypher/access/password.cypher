// Answers: a user by name, with the hash of its password, for a login.
// Params: user STRING
// Reads: User(name, password_hash)
// Writes: nothing
// Returns: user (map, without its secret), password_hash
MATCH (u:User {name: $user})
RETURN u {.*, password_hash: null} AS user, u.password_hash AS password_hash
