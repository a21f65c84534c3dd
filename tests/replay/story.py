"""What a branch of a process is: a short story, lived on a real server, that ends with the id of the process that lived it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from mlc.policy import Policy, ReviewPolicy
from tests.house import House

NORMAL = Policy(poll=timedelta(milliseconds=200), step_deadline=timedelta(seconds=20))
HURRIED = NORMAL.model_copy(update={"step_deadline": timedelta(seconds=1)})
IMPATIENT = NORMAL.model_copy(update={"job_deadline": timedelta(seconds=2)})
FORTNIGHT = NORMAL.model_copy(
    update={"review": ReviewPolicy(deadline=timedelta(days=14), grace=timedelta(days=7))}
)
SLOW_MODEL = """
# modelop.metrics
def metrics(data):
    import time
    time.sleep(30)
    yield {}
"""


@dataclass(frozen=True)
class Branch:
    """`story` lives in a house with this policy, on a server that suggests a new history after so many events.

    Its answer is a workflow id, or `id/run id` where an earlier run is meant.
    """

    story: Callable[[House, str], Awaitable[str]]
    policy: Policy = NORMAL
    new_history_after: int | None = None
