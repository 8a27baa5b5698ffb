// Answers: the versions of a product.
// Params: product STRING
// Reads: Version(product, version, version_id)
// Writes: nothing
// Returns: version
MATCH (v:Version {product: $product})
RETURN v.version AS version
