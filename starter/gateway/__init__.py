"""The REST door: signals of ModelOp Center and webhooks of Jira come in here."""
