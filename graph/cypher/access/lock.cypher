// Answers: take the lock under which users are made and changed; makes the organisation if there is none.
// Params: organisation STRING, at ZONED DATETIME
// Reads: nothing
// Writes: Organisation(name, created_at)
// Returns: name
MERGE (o:Organisation {name: $organisation})
ON CREATE SET o.created_at = $at
SET o:Organisation
RETURN o.name AS name
