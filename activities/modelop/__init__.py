"""Activities on ModelOp Center."""
