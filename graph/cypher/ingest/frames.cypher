// Answers: store the stacks of new signatures: frames by position, and their modules.
// Params: rows LIST<MAP>
// Reads: Signature(exact), Frame(key), Module(key)
// Writes: Frame, Module, HAS_FRAME, IN_MODULE
// Returns: frames
UNWIND $rows AS row
MATCH (s:Signature {exact: row.exact})
MERGE (f:Frame {key: row.key})
ON CREATE SET f.function = row.function
MERGE (s)-[:HAS_FRAME {position: row.position}]->(f)
WITH f, row WHERE row.module <> ''
MERGE (m:Module {key: row.module})
MERGE (f)-[:IN_MODULE]->(m)
RETURN count(*) AS frames
