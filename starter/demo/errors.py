"""What a demonstration fails with."""


class DemoFailed(Exception):  # noqa: N818 - reads as what happened
    """A process did not go where the demonstration expects it, or one of the stand-ins refuses; one line for people."""
