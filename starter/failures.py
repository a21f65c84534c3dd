"""What Temporal answers when it cannot serve, in the house's errors."""

from temporalio.service import RPCError, RPCStatusCode

from mlc.errors import InvalidInput, NotFound, Unavailable


def rpc_error(error: RPCError, workflow_id: str) -> InvalidInput | NotFound | Unavailable:
    """The error of a call about one workflow."""
    if error.status == RPCStatusCode.NOT_FOUND and error.message.startswith("Namespace "):
        return Unavailable(f"Temporal: {error.message} Set TEMPORAL_NAMESPACE, or create it")
    if error.status == RPCStatusCode.NOT_FOUND:
        return NotFound(f"no process {workflow_id}: `mlc list` shows those there are")
    if error.status in (RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED):
        return nobody_answers(workflow_id)
    if error.status == RPCStatusCode.INVALID_ARGUMENT:
        return InvalidInput(f"Temporal refuses {workflow_id}: {error.message}")
    if error.status == RPCStatusCode.UNAVAILABLE:
        return Unavailable(
            f"Temporal does not answer ({error.message}): is it up? TEMPORAL_ADDRESS says where it is"
        )
    if "Task in failed state" in error.message:
        return Unavailable(
            f"{workflow_id} cannot go on where it runs: the worker's log says why, such as a process that it does not know"
        )
    return Unavailable(f"Temporal: {error.message}")


def nobody_answers(workflow_id: str) -> Unavailable:
    """No worker took the question within its time."""
    return Unavailable(f"no worker answers for {workflow_id}: is `mlc worker` running?")
