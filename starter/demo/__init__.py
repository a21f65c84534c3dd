"""`mlc demo`: a model is submitted, tested, judged, approved and deployed before your eyes, and a worse one is refused."""

from starter.demo.command import demo

__all__ = ["demo"]
