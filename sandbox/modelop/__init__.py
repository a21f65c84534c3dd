"""Stand-in for ModelOp Center: its REST interface, runtimes that really execute model code, and a few pages."""
