// Answers: make a user of the organisation.
// Params: organisation STRING, user MAP
// Reads: Organisation(name)
// Writes: User(password_hash), MEMBER_OF
// Returns: user (map, without its secret)
MATCH (o:Organisation {name: $organisation})
CREATE (u:User)-[:MEMBER_OF]->(o)
SET u = $user
RETURN u {.*, password_hash: null} AS user
