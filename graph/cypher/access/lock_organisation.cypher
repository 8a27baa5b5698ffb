// Answers: take the lock under which the users of an organisation are changed, by one of them; no row if it is unknown.
// Params: user STRING
// Reads: User(name), MEMBER_OF
// Writes: Organisation
// Returns: organisation
MATCH (:User {name: $user})-[:MEMBER_OF]->(o:Organisation)
SET o:Organisation
RETURN o.name AS organisation
