// Answers: creates the record of a consumer if there is none, and takes its write lock, so that what the same transaction
//   reads next is final. Adding a label that is there changes nothing and locks all the same.
// Params: consumer STRING
// Reads: Consumer(name)
// Writes: Consumer(name, state, failures)
// Returns: name
MERGE (consumer:Consumer {name: $consumer})
ON CREATE SET consumer.state = 'stopped', consumer.failures = 0
SET consumer:Consumer
RETURN consumer.name AS name
