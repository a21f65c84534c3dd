"""Everything that starts or talks to processes: client SDK, command line, gateway, embedded stack."""

from mlc.files import FileAsset
from mlc.schedules import ScheduleDeclaration
from starter.blocking import BlockingMlcClient
from starter.client import MlcClient
from starter.files import embedded_file, embedded_output, external_file
from starter.starting import Started

__all__ = [
    "BlockingMlcClient",
    "FileAsset",
    "MlcClient",
    "ScheduleDeclaration",
    "Started",
    "embedded_file",
    "embedded_output",
    "external_file",
]
