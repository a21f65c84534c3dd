"""Runs a model's code inside the process that is made for it: `python -I runner.py REQUEST`.

REQUEST is a JSON file, written by `sandbox.modelop.execution`. The working directory holds the model's files.
This file stands alone: it runs isolated and imports nothing of the package. What it prints reaches the job's messages;
exit code 0 says that the result file is written, or that the input of an online model has ended.
"""

import base64
import csv
import inspect
import io
import json
import math
import os
import re
import resource
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from types import GeneratorType, ModuleType
from typing import Any, BinaryIO, NoReturn, TextIO, cast

Function = Callable[..., Any]

_ANNOUNCED = re.compile(r"^#\s*modelop\.(\w+)\s*\n(?:\s*(?:#.*|@.*)?\n)*def\s+(\w+)", re.MULTILINE)


class UnusableError(Exception):
    """The model or its data cannot be used; the message says why, and no traceback would add to it."""


def main() -> None:
    request: dict[str, Any] = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    _limit(request)
    cast("io.TextIOWrapper", sys.stdout).reconfigure(
        line_buffering=True
    )  # in order with what comes on stderr
    parent = os.fdopen(os.dup(0), "rb")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    try:
        if request["function"] == "serve":
            answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
            os.dup2(2, 1)
            _serve(request, parent, answers)
        else:
            threading.Thread(target=_end_with_parent, args=(parent,), daemon=True).start()
            _run(request)
    except UnusableError as error:
        _fail(str(error))
    except MemoryError:
        _print_traceback(request["source"])
        _fail(f"The model needs more memory than its limit of {request['memoryBytes']} bytes")
    except BaseException:
        _print_traceback(request["source"])
        _fail()


def _limit(request: dict[str, Any]) -> None:
    # Linear algebra libraries reserve memory per thread; one thread keeps the memory limit about the model.
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[variable] = "1"
    _lower(resource.RLIMIT_CORE, 0, 0)
    _lower(resource.RLIMIT_FSIZE, request["fileBytes"], request["fileBytes"])
    if sys.platform != "darwin":  # macOS knows the limit and refuses to set it
        _lower(resource.RLIMIT_AS, request["memoryBytes"], request["memoryBytes"])
    if request["cpuSeconds"] is not None:
        # At the soft limit comes SIGXCPU, which tells what happened; at the hard one SIGKILL, which does not.
        _lower(resource.RLIMIT_CPU, request["cpuSeconds"], request["cpuSeconds"] + 1)


def _lower(kind: int, soft: int, hard: int) -> None:
    _, highest = resource.getrlimit(kind)
    if highest != resource.RLIM_INFINITY:
        soft, hard = min(soft, highest), min(hard, highest)
    resource.setrlimit(kind, (soft, hard))


def _end_with_parent(parent: BinaryIO) -> None:
    parent.read()
    os.killpg(0, signal.SIGKILL)


def _fail(message: str = "") -> NoReturn:
    if message:
        sys.stderr.write(message + "\n")
    sys.stderr.flush()
    sys.stdout.flush()
    os._exit(1)


def _print_traceback(source: str) -> None:
    """The traceback from the model's first line on; the runner's own frames say nothing to its author."""
    kind, error, trace = sys.exc_info()
    first = trace
    while first is not None and first.tb_frame.f_code.co_filename != source:
        first = first.tb_next
    traceback.print_exception(kind, error, first)


def _run(request: dict[str, Any]) -> None:
    model = _Model(request)
    function = model.function(request["function"])
    model.initialise()
    if request["function"] == "score":
        texts = _scored(function, request)
    else:
        frames = [_frame(entry) for entry in request["inputs"]]
        result = _only_result(function(*_fitting(function, frames)), request["function"])
        texts = [json.dumps(_json_value(result, "result"))]
    size = sum(len(text) for text in texts)
    if size > request["outputBytes"]:
        raise UnusableError(f"The output has {size} bytes, the limit is {request['outputBytes']}")
    for index, text in enumerate(texts):
        Path(f"{request['result']}.{index}").write_text(text, "utf-8")


def _serve(request: dict[str, Any], records: BinaryIO, answers: TextIO) -> None:
    model = _Model(request)
    score = model.function("score")
    model.initialise()
    _answer(answers, {"ready": True})
    for line in records:
        try:
            scores = list(_scores(score, json.loads(line)))
            answer = {"scores": [_json_value(value, "score") for value in scores]}
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        _answer(answers, answer)


def _answer(answers: TextIO, answer: dict[str, Any]) -> None:
    answers.write(json.dumps(answer) + "\n")
    answers.flush()


class _Model:
    """The model's primary source, imported, and its functions by their ModelOp role."""

    def __init__(self, request: dict[str, Any]) -> None:
        sys.path.insert(0, str(Path.cwd()))
        text = Path(request["source"]).read_text("utf-8")
        self._raw_json: str = request["rawJson"]
        self._named: dict[str, str] = request["functionNames"]
        self._named.update(dict(_ANNOUNCED.findall(text)))
        # Dataclasses and pickles look their module up by name.
        module = ModuleType(Path(request["source"]).stem)
        sys.modules[module.__name__] = module
        self._scope = module.__dict__
        exec(compile(text, request["source"], "exec"), self._scope)  # noqa: S102 executing model code is its purpose

    def function(self, role: str) -> Function:
        name = self._named.get(role)
        if name is None:
            raise UnusableError(f"The model has no function announced by `# modelop.{role}`")
        found = self._scope.get(name)
        if not callable(found):
            raise UnusableError(f"The model's {role} function {name} does not exist")
        return found

    def initialise(self) -> None:
        if "init" in self._named:
            function = self.function("init")
            _exhaust(function(*_fitting(function, [{"rawJson": self._raw_json}], least=0)))


def _fitting(function: Function, arguments: list[Any], least: int = 1) -> list[Any]:
    """As many of the arguments as the function takes."""
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    parameters = inspect.signature(function).parameters.values()
    if any(parameter.kind is inspect.Parameter.VAR_POSITIONAL for parameter in parameters):
        return arguments
    positional = [parameter for parameter in parameters if parameter.kind in kinds]
    needed = sum(1 for parameter in positional if parameter.default is inspect.Parameter.empty)
    if len(arguments) < needed:
        raise UnusableError(
            f"The model's function {function.__name__} needs {needed} inputs, the job has {len(arguments)}"
        )
    if len(positional) < least:
        raise UnusableError(f"The model's function {function.__name__} takes no input")
    return arguments[: len(positional)]


def _exhaust(result: Any) -> list[Any]:
    """What a function returns, or everything that a generator yields."""
    return list(cast("Iterator[Any]", result)) if isinstance(result, GeneratorType) else [result]


def _only_result(result: Any, role: str) -> Any:
    results = _exhaust(result)
    if role == "train":
        return results[-1] if results else None
    if len(results) != 1 or not isinstance(results[0], dict):
        raise UnusableError(
            f"The model's {role} function must yield one dict, it gave {len(results)} results"
        )
    return cast("Any", results[0])


def _scored(score: Function, request: dict[str, Any]) -> list[str]:
    """The text of each output that the job asks for."""
    scores: list[list[Any]] = []
    records = 0
    for entry in request["inputs"]:
        scores.append([])
        for record in _records(entry):
            records += 1
            scores[-1].extend(
                _json_value(value, f"score of record {records}") for value in _scores(score, record)
            )
    sys.stdout.write(f"Scored {records} records\n")
    return [_output_text(output, scores) for output in request["outputs"]]


def _output_text(output: dict[str, Any], scores: list[list[Any]]) -> str:
    source = output["input"]
    wanted = scores[source] if source is not None else [value for of_input in scores for value in of_input]
    if output["format"] == "CSV":
        return _csv_text(wanted)
    return "".join(json.dumps(value) + "\n" for value in wanted)


def _scores(score: Function, record: Any) -> Iterator[Any]:
    yield from _exhaust(score(record))


def _csv_text(scores: list[Any]) -> str:
    rows = [
        cast("dict[str, Any]", value) if isinstance(value, dict) else {"score": value} for value in scores
    ]
    columns = list(dict.fromkeys(column for row in rows for column in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _records(entry: dict[str, str]) -> Iterator[Any]:
    if entry["format"] == "CSV":
        frame = _frame(entry)
        yield from frame.astype(object).where(frame.notna(), None).to_dict("records")
        return
    text = base64.b64decode(entry["content"]).decode("utf-8-sig")
    try:
        if text.lstrip().startswith("["):
            yield from json.loads(text)
        else:
            yield from (json.loads(line) for line in text.splitlines() if line.strip())
    except ValueError as error:
        raise UnusableError(f"Input {entry['name']} is no JSON: {error}") from error


def _frame(entry: dict[str, str]) -> Any:
    import pandas as pd  # scoring JSON lines does without it, and it is slow to import

    if entry["format"] != "CSV":
        return pd.DataFrame(list(_records(entry)))
    try:
        return pd.read_csv(io.BytesIO(base64.b64decode(entry["content"])))
    except ValueError as error:
        raise UnusableError(f"Input {entry['name']} is no CSV: {error}") from error


def _json_value(value: Any, path: str) -> Any:
    """The value as JSON has it. NaN and infinity are refused: they are no JSON, and null would hide them."""
    if isinstance(value, dict):
        entries = cast("dict[Any, Any]", value)
        return {str(key): _json_value(item, f"{path}.{key}") for key, item in entries.items()}
    if isinstance(value, (list, tuple)):
        items = cast("list[Any]", value)
        return [_json_value(item, f"{path}[{index}]") for index, item in enumerate(items)]
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise UnusableError(f"{path} is {float(value)}, which JSON cannot carry")
        return float(value)
    if hasattr(value, "tolist"):  # numpy scalars and arrays, pandas series
        return _json_value(value.tolist(), path)
    raise UnusableError(f"{path} is a {type(value).__name__}, which JSON cannot carry")


if __name__ == "__main__":
    main()
