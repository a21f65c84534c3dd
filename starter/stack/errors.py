"""Why a stack does not come up. `str()` is one line; `exit_code` is what the command ends with."""


class StackError(Exception):
    """Base of both kinds."""

    exit_code = 1


class CannotStart(StackError):  # noqa: N818 - reads as what happened
    """The surroundings do not allow it: a port is taken, the state folder is in use or cannot be written."""

    exit_code = 2


class PartFailed(StackError):  # noqa: N818
    """A part ended, or did not become ready in time. `last_lines` are the last of its log."""

    def __init__(self, message: str, last_lines: tuple[str, ...]) -> None:
        super().__init__(message)
        self.last_lines = last_lines
