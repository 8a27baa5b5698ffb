// Answers: delete those of these modules that have no frames.
// Params: keys LIST<STRING>
// Reads: Module(key), IN_MODULE
// Writes: Module
// Returns: modules
UNWIND $keys AS key
MATCH (m:Module {key: key}) WHERE NOT EXISTS { (m)<-[:IN_MODULE]-() }
DETACH DELETE m
RETURN count(*) AS modules
