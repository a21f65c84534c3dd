"""The way of a job's news to the process that waits for it, where the signal tells the job's id alone."""

from temporalio import workflow
from temporalio.exceptions import FailureError, is_cancelled_exception

from activities.signatures import ModelOp
from mlc.catalogue import OWN_PREFIX
from mlc.ids import JOB_NEWS
from mlc.modelop import JobRef
from mlc.policy import Policy
from workflows.calls import explain, read


@workflow.defn(name=JOB_NEWS)
class JobNews:
    """Reads the job, and wakes the process whose id stands in it."""

    @workflow.run
    async def run(self, ref: JobRef) -> None:
        """Ends once the process is woken, or nobody waits for the job."""
        try:
            job = await read(
                ModelOp.read_job, ref, summary=f"Read job {ref.job_id}", deadline=Policy().step_deadline
            )
            # Whatever a job claims, only ours are woken.
            if job.workflow_id is not None and job.workflow_id.startswith(OWN_PREFIX):
                await workflow.get_external_workflow_handle(job.workflow_id).signal("job_status_changed")
        except FailureError as error:
            if is_cancelled_exception(error):
                raise
            workflow.logger.info("News of job %s reach nobody: %s", ref.job_id, explain(error))
