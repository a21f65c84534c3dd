"""The handlers that every process has, by the names under which any Temporal client reaches them."""

RECORD = "record"
DECIDE = "decide"
TICKET_CHANGED = "ticket_changed"
JOB_STATUS_CHANGED = "job_status_changed"
