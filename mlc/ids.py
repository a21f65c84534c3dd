"""Names made by functions, never by string building at the place of use."""

import hashlib

TICKET_LABEL = "modelop-mlc"

# Workflows that are no processes, by type: whoever starts them need not load their code.
WATCH = "ticket-watch"
WATCH_ID = "mlc-ticket-watch"
JOB_NEWS = "job-news"


def deploy_workflow_id(snapshot_id: str) -> str:
    """The business id of a deploy process: one at a time for a snapshot."""
    return f"mlc-deploy-{snapshot_id}"


def job_news_id(job_id: str) -> str:
    """The id of the short workflow that looks whose job it is that changed."""
    return f"mlc-{JOB_NEWS}-{job_id}"


def chain_key(namespace: str, workflow_id: str, first_run_id: str) -> str:
    """Identifies one execution of a process: equal across retries, resets and continue-as-new, different for a later start.

    The *first* run id is part of it because a snapshot that was rejected may be submitted again: its old ticket, moved to
    Done long ago, must not approve the new process.
    """
    return hashlib.sha256(f"{namespace}\n{workflow_id}\n{first_run_id}".encode()).hexdigest()[:20]


def effect_key(chain: str, step: str, number: int) -> str:
    """The key of one outside effect: `number` counts the attempts at a job or the review cycles of a ticket, from 1."""
    return hashlib.sha256(f"{chain}\n{step}\n{number}".encode()).hexdigest()[:20]


def ticket_label(key: str) -> str:
    """The Jira label that makes a ticket findable: labels hold no blanks and survive moves between projects."""
    return f"mlc-{key}"


def queue_of(task_queue: str, system: str) -> str:
    """The queue of activities that call one outside system, so that each has its own rate and its own backlog."""
    return f"{task_queue}-{system}"
