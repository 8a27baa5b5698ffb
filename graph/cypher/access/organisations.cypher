// Answers: the name of the organisation that the graph belongs to; no row before it has a user.
// Params: none
// Full scan: there is one.
// Reads: Organisation(name)
// Writes: nothing
// Returns: name
MATCH (o:Organisation)
RETURN o.name AS name
