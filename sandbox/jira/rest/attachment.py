"""Files on issues."""

import mimetypes

from starlette.datastructures import UploadFile
from starlette.responses import JSONResponse, Response

from sandbox.jira.errors import JiraError
from sandbox.jira.issues import Attachment, Issue
from sandbox.jira.rest.about import UPLOAD_LIMIT
from sandbox.jira.rest.call import Call, no_content
from sandbox.jira.site import Site


async def add_attachments(call: Call) -> Response:
    """One or more files as multipart form data under the name `file`; the answer lists them."""
    if call.request.headers.get("x-atlassian-token", "").lower() not in ("no-check", "nocheck"):
        raise JiraError(403, "XSRF check failed")
    if not call.request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise JiraError(415, "Attachments are sent as multipart/form-data")
    files = await _read_files(call)
    issue = call.issue()
    _refuse_where_disabled(call, issue)
    attached = [
        call.site.tracker.attach(
            call.caller, issue, name, mimetypes.guess_type(name)[0] or "application/octet-stream", content
        )
        for name, content in files
    ]
    return JSONResponse([call.represent.attachment(call.site.issues.attachment(i)) for i in attached])


async def read_attachment(call: Call) -> Response:
    return JSONResponse(call.represent.attachment(call.site.issues.attachment(call.path("attachment"))))


async def delete_attachment(call: Call) -> Response:
    attachment = call.site.issues.attachment(call.path("attachment"))
    call.site.tracker.detach(call.caller, attachment.id)
    return no_content()


async def read_content(call: Call) -> Response:
    return download(call.site, call.site.issues.attachment(call.path("attachment")))


def download(site: Site, attachment: Attachment) -> Response:
    """The bytes as a file to save: a browser must never run what somebody attached."""
    response = Response(site.issues.content(attachment), media_type=attachment.mime_type)
    safe = "".join(c if c.isascii() and (c.isalnum() or c in "._- ") else "_" for c in attachment.filename)
    response.headers["Content-Disposition"] = f'attachment; filename="{safe}"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


async def _read_files(call: Call) -> list[tuple[str, bytes]]:
    """File names and contents. Raises JiraError(400) without any, JiraError(413) if one is too large."""
    async with call.request.form() as form:
        parts = [part for part in form.getlist("file") if isinstance(part, UploadFile)]
        files = [(part.filename or "file", await part.read()) for part in parts]
    if not files:
        raise JiraError(400, "No file was sent under the name 'file'")
    for name, content in files:
        if len(content) > UPLOAD_LIMIT:
            raise JiraError(413, f"The file '{name}' exceeds the limit of {UPLOAD_LIMIT} bytes")
    return files


def _refuse_where_disabled(call: Call, issue: Issue) -> None:
    if not call.site.settings.current.attachments_enabled:
        raise JiraError(404, "Attachments are disabled in this Jira instance.")
    if not issue.project.attachments_enabled:
        raise JiraError(403, f"You do not have permission to create attachments for issue {issue.key}.")
