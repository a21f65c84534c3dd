"""The only code that touches the world: ModelOp Center and Jira."""
