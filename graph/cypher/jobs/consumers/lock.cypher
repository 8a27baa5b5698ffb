// Answers: Creates the record of a consumer if there is none, and takes its write lock, so that the next read of the
//   transaction is final. Setting an existing label changes nothing but takes the lock.
// Params: consumer STRING
// Reads: Consumer(name)
// Writes: Consumer(name, state, failures)
// Returns: name
MERGE (consumer:Consumer {name: $consumer})
ON CREATE SET consumer.state = 'stopped', consumer.failures = 0
SET consumer:Consumer
RETURN consumer.name AS name
