"""Processes as a search of Temporal finds them."""

from collections.abc import Mapping
from typing import Literal

from temporalio.client import WorkflowExecution, WorkflowExecutionStatus
from temporalio.common import SearchAttributeKey

from mlc.catalogue import OWN_PREFIX, RESERVED
from mlc.record import ProcessRow
from mlc.search_attributes import MLC_MODEL, MLC_OUTCOME, MLC_PROCESS, MLC_SNAPSHOT, MLC_STEP, MLC_TICKET


def search(wanted: Mapping[str, str | None], state: Literal["running", "completed"] | None = None) -> str:
    """Temporal's query for the processes that carry these search attributes; one that is None may be anything."""
    # Type and id are there from the first moment on; attributes come with the first step, and a process may be stuck before it.
    named = {"WorkflowType" if name == MLC_PROCESS else name: value for name, value in wanted.items()}
    parts = [f"{name} = {_quoted(value)}" for name, value in named.items() if value is not None]
    ids = [f"WorkflowId STARTS_WITH {_quoted(OWN_PREFIX)}"]
    ids += [f"WorkflowType != {_quoted(name)}" for name in RESERVED]
    parts = parts or ids
    if state is not None:
        parts.append(f"ExecutionStatus {'=' if state == 'running' else '!='} 'Running'")
    return " AND ".join(parts)


def process_row(execution: WorkflowExecution) -> ProcessRow:
    """One process, by its search attributes."""

    def text(name: str) -> str | None:
        return execution.typed_search_attributes.get(SearchAttributeKey.for_keyword(name))

    running = execution.status == WorkflowExecutionStatus.RUNNING
    return ProcessRow(
        workflow_id=execution.id,
        process=text(MLC_PROCESS) or execution.workflow_type,
        model_name=text(MLC_MODEL),
        snapshot_id=text(MLC_SNAPSHOT),
        state="running" if running else "completed",
        step=text(MLC_STEP),
        waiting_for=text(MLC_TICKET),
        outcome=text(MLC_OUTCOME),
        started_at=execution.start_time,
    )


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
