// Answers: which of some names patterns have.
// Params: names LIST<STRING>
// Reads: Pattern(name)
// Writes: nothing
// Returns: name
UNWIND $names AS name
WITH name WHERE EXISTS { (:Pattern {name: name}) }
RETURN name
