"""How patient and how strict a process is. Read once when it starts, so that a process under way never changes its rules."""

from datetime import timedelta

from pydantic import Field

from mlc.contract import Contract


class ReviewPolicy(Contract):
    """Deadlines and rules of reviews. `grace` runs from the deadline to the end of the process as `expired`."""

    deadline: timedelta = Field(default=timedelta(days=14), gt=timedelta(0))
    grace: timedelta = Field(default=timedelta(days=7), gt=timedelta(0))
    four_eyes: bool = False
    escalate_to: tuple[str, ...] = ()
    service_accounts: tuple[str, ...] = ()


class Policy(Contract):
    """The rules of one process.

    `step_deadline` bounds the retries of a technical failure, `job_deadline` and `deployment_deadline` the waits for work
    that was accepted; `poll` is the interval between looks at it.
    """

    training_tag: str = "train"
    test_tag: str = "run_test"
    review_tag: str = "jira"
    step_deadline: timedelta = Field(default=timedelta(hours=1), gt=timedelta(0))
    job_deadline: timedelta = Field(default=timedelta(hours=24), gt=timedelta(0))
    deployment_deadline: timedelta = Field(default=timedelta(minutes=30), gt=timedelta(0))
    poll: timedelta = Field(default=timedelta(seconds=15), gt=timedelta(0))
    review: ReviewPolicy = ReviewPolicy()
