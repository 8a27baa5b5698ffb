// Answers: delete those of these frames that no signature has.
// Params: keys LIST<STRING>
// Reads: Frame(key), HAS_FRAME, IN_MODULE, Module(key)
// Writes: Frame
// Returns: key, modules
UNWIND $keys AS key
MATCH (f:Frame {key: key}) WHERE NOT EXISTS { (f)<-[:HAS_FRAME]-() }
WITH f, key, COLLECT { MATCH (f)-[:IN_MODULE]->(m:Module) RETURN m.key } AS modules
DETACH DELETE f
RETURN key, modules
