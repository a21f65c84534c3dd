"""Stand-ins for ModelOp Center and Jira, spoken to over HTTP only. Imports nothing of the product."""
