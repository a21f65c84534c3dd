"""What starts a process: its argument, by name, which is also what its signal's variables are read into."""

from collections.abc import Iterator
from typing import Annotated, ClassVar, Self, cast

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from mlc.files import LARGEST_TOGETHER, MOST_FILES, FileAsset
from mlc.variables import Variable, Variables


class ProcessRequest(Variables):
    """The argument of a process."""

    @property
    def subject(self) -> str:
        """What the process is about, as a part of its workflow id: by default the value of the first field."""
        first = next(iter(type(self).model_fields), None)
        return str(getattr(self, first)) if first else ""

    @model_validator(mode="after")
    def _fits_into_a_history(self) -> Self:
        size = sum(
            len(file.model_dump_json(by_alias=True, exclude_unset=True).encode()) for file in self._files()
        )
        if size > LARGEST_TOGETHER:
            raise ValueError(
                f"the files are {size} bytes of JSON together, at most {LARGEST_TOGETHER} may be: name an EXTERNAL_FILE instead"
                " of embedding one, and leave out fields that the runtime does not need"
            )
        return self

    def _files(self) -> Iterator[FileAsset]:
        for name in type(self).model_fields:
            value = getattr(self, name)
            several = cast(tuple[object, ...], value) if isinstance(value, tuple) else (value,)
            yield from (file for file in several if isinstance(file, FileAsset))


def _as_several(value: object) -> object:
    """One file stands for a list of one, nothing for none."""
    if value is None:
        return ()
    return cast(object, value) if isinstance(value, list | tuple) else (value,)


def _with_content(files: tuple[FileAsset, ...]) -> tuple[FileAsset, ...]:
    for file in files:
        if file.asset_type == "FILE" and not file.file_content:
            raise ValueError(f"{file.label} is an embedded FILE without fileContent")
    return files


Id = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^\S+$")]
InputFiles = Annotated[
    tuple[FileAsset, ...],
    BeforeValidator(_as_several),
    AfterValidator(_with_content),
    Field(max_length=MOST_FILES),
    Variable("INPUT_FILE", "INPUT_FILES"),
]
OutputFiles = Annotated[
    tuple[FileAsset, ...],
    BeforeValidator(_as_several),
    Field(max_length=MOST_FILES),
    Variable("OUTPUT_FILE", "OUTPUT_FILES"),
]


class DeployRequest(ProcessRequest):
    """Starts a deploy process for a snapshot (deployable model) by its id."""

    takes_others: ClassVar[bool] = True

    snapshot_id: Annotated[Id, Variable("DEPLOYABLE_MODEL", at="id")]


class BackTestRequest(ProcessRequest):
    """Starts a back-test of a snapshot. Without input file its TEST_DATA asset is tested."""

    snapshot_id: Annotated[Id, Variable("MODEL_ID")]
    input_files: InputFiles = ()
    output_files: OutputFiles = ()


class BatchJobRequest(ProcessRequest):
    """Scores with the most recent batch deployment whose service tag is `tag`, in the stage where one is given."""

    tag: Id
    model_stage: Id | None = None
    input_files: InputFiles = ()
    output_files: OutputFiles = ()


class FleetBackTestRequest(ProcessRequest):
    """Back-tests every deployed model that carries `tag`, at most `at_once` of them at a time."""

    tag: Id
    at_once: int = Field(default=20, ge=1, le=200)
