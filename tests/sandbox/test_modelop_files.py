"""Jobs of the stand-in read and write files by URL, inside its own folders and from loopback only."""

import gzip
import hashlib
import json
import os
from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.sandbox.modelop_server import JsonObject, ModelOp, external_file, file_asset, modelop, served

SCORE, METRICS, TRAINING = "MODEL_BATCH_JOB", "MODEL_BATCH_TEST_JOB", "MODEL_BATCH_TRAINING_JOB"
LIMIT = 32 * 1024**2
TABLE = "x\n1\n4\n"
SCORES = "y\n2\n8\n"


@pytest.fixture(scope="module")
async def user(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[ModelOp]:
    async with modelop(tmp_path_factory.mktemp("modelop")) as user:
        yield user


@pytest.fixture(scope="module")
async def snapshot(user: ModelOp) -> JsonObject:
    return await user.snapshot()


@pytest.fixture(scope="module")
async def server() -> AsyncGenerator[str]:
    """A file server on loopback with good and with hostile answers."""

    async def table(request: Request) -> Response:
        return Response(TABLE)

    async def elsewhere(request: Request) -> Response:
        return RedirectResponse("http://example.com/secret.csv")

    async def encoded(request: Request) -> Response:
        return Response(gzip.compress(TABLE.encode()), headers={"Content-Encoding": "gzip"})

    async def large(request: Request) -> Response:
        async def chunks() -> AsyncIterator[bytes]:
            for _ in range(LIMIT // 1024**2 + 1):
                yield b"x" * 1024**2

        return StreamingResponse(chunks())

    answers = {"table": table, "elsewhere": elsewhere, "encoded": encoded, "large": large}
    app = Starlette(routes=[Route(f"/{name}.csv", answer) for name, answer in answers.items()])
    async with served(app) as url:
        yield url


def placed(user: ModelOp, path: str, content: str = TABLE) -> Path:
    """A file below the stand-in's data folder."""
    file = user.data / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content)
    return file


async def error(
    user: ModelOp, snapshot: JsonObject, source: JsonObject, *outputs: JsonObject, job_type: str = SCORE
) -> str:
    """The one message of the job, which ends in ERROR."""
    job = await user.run_job(job_type, snapshot, source, outputData=list(outputs))
    assert (job["jobStatus"], job["jobResult"]) == ("ERROR", "UNKNOWN")
    *model, message = job["jobMessages"]
    assert model in ([], ["Scored 2 records"])
    assert "\n" not in message
    return message


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("file:///scoring/in.csv", "files/scoring/in.csv"),
        ("file:scoring/in.csv", "files/scoring/in.csv"),
        ("file://localhost/scoring/a%20b.csv", "files/scoring/a b.csv"),
        ("hdfs:///data/in.csv", "hdfs/data/in.csv"),
        ("hdfs://namenode:8020/data/in.csv", "hdfs/data/in.csv"),
        ("s3://a.bucket/data/in.csv", "s3/a.bucket/data/in.csv"),
        ("s3a://a.bucket/data/in.csv", "s3/a.bucket/data/in.csv"),
    ],
)
async def test_a_job_reads_and_writes_below_the_folder_that_its_url_means(
    user: ModelOp, snapshot: JsonObject, url: str, path: str
) -> None:
    placed(user, path)
    output = external_file(url.replace(".csv", "-scores.csv").replace("data/", "made/by/the/job/"))
    job = await user.run_job(SCORE, snapshot, external_file(url), outputData=[output])
    assert (job["jobStatus"], job["jobMessages"]) == ("COMPLETE", ["Scored 2 records"])
    written = user.data / path.replace(".csv", "-scores.csv").replace("data/", "made/by/the/job/")
    assert written.read_text() == SCORES
    digest = {"hashType": "SHA-256", "hexString": hashlib.sha256(SCORES.encode()).hexdigest()}
    assert job["outputData"] == [{**output, "fileSize": len(SCORES), "contentHash": digest}]


async def test_a_file_url_may_be_the_path_on_this_machine(user: ModelOp, snapshot: JsonObject) -> None:
    file = placed(user, "files/here.csv")
    job = await user.run_job(SCORE, snapshot, external_file(file.as_uri()))
    assert job["jobStatus"] == "COMPLETE"


async def test_the_documented_asset_of_a_batch_job_runs_to_the_end(
    user: ModelOp, snapshot: JsonObject
) -> None:
    repository = {"repositoryType": "HDFS_REPOSITORY", "host": "", "port": 0}
    documented = {"assetRole": "UNKNOWN", "fileFormat": "CSV", "repositoryInfo": repository}
    placed(user, "hdfs/hadoop/test_data.csv")
    source = external_file("hdfs:///hadoop/test_data.csv", filename="test_data.csv", **documented)
    output = external_file("hdfs:///hadoop/output.csv", filename="output.csv", **documented)
    job = await user.run_job(SCORE, snapshot, source, outputData=[output])
    assert job["jobStatus"] == "COMPLETE"
    assert output.items() <= job["outputData"][0].items()
    assert (user.data / "hdfs/hadoop/output.csv").read_text() == SCORES


async def test_a_job_reads_http_from_loopback(user: ModelOp, snapshot: JsonObject, server: str) -> None:
    output = external_file("file:///from-http.json")
    urls = (f"{server}/table.csv", f"{server.replace('127.0.0.1', 'localhost')}/table.csv?version=2")
    for url in urls:
        job = await user.run_job(SCORE, snapshot, external_file(url), outputData=[output])
        assert (job["jobStatus"], job["jobMessages"]) == ("COMPLETE", ["Scored 2 records"])
        assert (user.data / "files/from-http.json").read_text() == '{"y": 2}\n{"y": 8}\n'


async def test_several_inputs_may_lie_in_different_places(
    user: ModelOp, snapshot: JsonObject, server: str
) -> None:
    placed(user, "hdfs/second.json", '{"x": 10}')
    inputs = (
        external_file(f"{server}/table.csv"),
        external_file("hdfs:///second.json"),
        file_asset('{"x": 3}'),
    )
    outputs = [
        external_file("file:///pairs/1.csv"),
        {"assetType": "FILE", "filename": "2.json"},
        external_file("s3://pairs/3", fileFormat="JSON"),
    ]
    job = await user.run_job(SCORE, snapshot, *inputs, outputData=outputs)
    assert job["jobMessages"] == ["Scored 4 records"]
    assert (user.data / "files/pairs/1.csv").read_text() == SCORES
    assert job["outputData"][1]["fileContent"] == "eyJ5IjogMjB9Cg=="
    assert (user.data / "s3/pairs/3").read_text() == '{"y": 6}\n'


@pytest.mark.parametrize("job_type", [METRICS, TRAINING])
async def test_every_output_of_a_metrics_or_training_job_holds_its_result(
    user: ModelOp, snapshot: JsonObject, job_type: str
) -> None:
    trained = await user.snapshot("# modelop.train\ndef train(data):\n    return {'rows': len(data)}\n")
    outputs = [{"assetType": "FILE", "filename": "result.json"}, external_file("hdfs:///results/result.csv")]
    job = await user.run_job(
        job_type,
        trained if job_type == TRAINING else snapshot,
        file_asset(TABLE, "CSV"),
        outputData=outputs,
    )
    embedded, external = job["outputData"]
    assert embedded["contentHash"] == external["contentHash"]
    assert "fileContent" not in external
    assert json.loads((user.data / "hdfs/results/result.csv").read_text())["rows"] == 2


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("file:///none.csv", "there is no such file"),
        ("file:///../token-key.pem", "it leads out of its folder"),
        ("file:///a/%2E%2E/%2e%2e/token-key.pem", "it leads out of its folder"),
        ("s3://bucket/../other/key", "it leads out of its folder"),
        ("hdfs:///a/../../modelop.sqlite3", "it leads out of its folder"),
        ("file:///", "it leads out of its folder"),
        ("file:///%00", "embedded null byte"),
        ("file:///" + "n" * 300, "File name too long"),
        ("file://elsewhere/x.csv", "a file: URL names no host, it begins with file:///"),
        ("file:///x.csv?y", "? and # in a file's name are written %3F and %23"),
        ("s3:///key", "it names no bucket: s3://<bucket>/<key>"),
        ("s3://../key", "it names no bucket: s3://<bucket>/<key>"),
        ("s3://user:pass@bucket/key", "it names no bucket: s3://<bucket>/<key>"),
        ("http://example.com/x.csv", "http: is read from 127.0.0.1, localhost, ::1 only"),
        ("http://127.0.0.1.example.com/x.csv", "http: is read from 127.0.0.1, localhost, ::1 only"),
        ("http://127.0.0.1@example.com/x.csv", "http: is read from 127.0.0.1, localhost, ::1 only"),
        ("http://169.254.169.254/latest", "http: is read from 127.0.0.1, localhost, ::1 only"),
        ("http://0.0.0.0/x.csv", "http: is read from 127.0.0.1, localhost, ::1 only"),
        ("http://127.0.0.1:9/x.csv", "the server does not answer: All connection attempts failed"),
        ("https://127.0.0.1/x.csv", "known are file:, hdfs:, s3: and, to read from loopback, http:"),
        ("ftp://127.0.0.1/x.csv", "known are file:, hdfs:, s3: and, to read from loopback, http:"),
        ("/etc/passwd", "known are file:, hdfs:, s3: and, to read from loopback, http:"),
        ("http://[::1/x.csv", "this is no URL: Invalid IPv6 URL"),
        ("http://127.0.0.1:99999/x.csv", "this is no URL: Port out of range 0-65535"),
        ("http://xn--/x.csv", "this is no URL: Malformed A-label, no Punycode eligible content found"),
    ],
)
async def test_an_input_that_cannot_be_read_is_named_with_its_url(
    user: ModelOp, snapshot: JsonObject, url: str, reason: str
) -> None:
    message = await error(user, snapshot, external_file(url, filename="customers.csv"))
    assert message == f"Input customers.csv ({url}): {reason}"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("none.csv", "the server answers 404"),
        ("elsewhere.csv", "the server answers 307, redirects are not followed"),
        ("encoded.csv", "the server encodes it as gzip"),
        ("large.csv", f"it has more bytes than the limit of {LIMIT}"),
    ],
)
async def test_an_answer_that_is_no_file_is_no_input(
    user: ModelOp, snapshot: JsonObject, server: str, name: str, reason: str
) -> None:
    url = f"{server}/{name}"
    assert await error(user, snapshot, external_file(url)) == f"Input {name} ({url}): {reason}"


async def test_a_line_break_in_a_url_does_not_break_the_message(user: ModelOp, snapshot: JsonObject) -> None:
    message = await error(user, snapshot, external_file("ftp://a\nb", filename="x\ny"))
    assert message.startswith("Input x y (ftp://a b): known are")


async def test_too_large_a_file_is_no_input(user: ModelOp, snapshot: JsonObject) -> None:
    with placed(user, "files/large.csv").open("wb") as file:
        file.truncate(LIMIT + 1)
    message = await error(user, snapshot, external_file("file:///large.csv"))
    assert message == f"Input large.csv (file:///large.csv): it has more bytes than the limit of {LIMIT}"


async def test_what_is_no_file_is_neither_read_nor_replaced(user: ModelOp, snapshot: JsonObject) -> None:
    placed(user, "files/special/in.csv")
    os.mkfifo(user.data / "files/special/pipe")
    for url in ("file:///special", "file:///special/pipe"):
        name = url.rpartition("/")[2]
        assert await error(user, snapshot, external_file(url)) == f"Input {name} ({url}): this is no file"
        message = await error(user, snapshot, external_file("file:///special/in.csv"), external_file(url))
        assert message == f"Output {name} ({url}): this is no file"


async def test_a_symbolic_link_leads_nowhere_else(
    user: ModelOp, snapshot: JsonObject, tmp_path: Path
) -> None:
    (tmp_path / "secret.csv").write_text(TABLE)
    placed(user, "files/links/in.csv")
    (user.data / "files/links/out").symlink_to(tmp_path)
    (user.data / "files/links/secret.csv").symlink_to(tmp_path / "secret.csv")
    for url in ("file:///links/out/secret.csv", "file:///links/secret.csv"):
        expected = f"secret.csv ({url}): it leads out of its folder"
        assert await error(user, snapshot, external_file(url)) == f"Input {expected}"
        message = await error(user, snapshot, external_file("file:///links/in.csv"), external_file(url))
        assert message == f"Output {expected}"
    assert (tmp_path / "secret.csv").read_text() == TABLE

    (user.data / "files/links/same.csv").symlink_to("in.csv")
    job = await user.run_job(SCORE, snapshot, external_file("file:///links/same.csv"))
    assert job["jobStatus"] == "COMPLETE"


@pytest.mark.parametrize(
    ("urls", "message"),
    [
        (["http://127.0.0.1/o.csv"], "Output o.csv (http://127.0.0.1/o.csv): http: can only be read"),
        (["file:///../o.csv"], "Output o.csv (file:///../o.csv): it leads out of its folder"),
        (["s3://bucket"], "Output without a name (s3://bucket): this is no file"),
        (["file:///a", "file:///./a"], "Output a (file:///./a): another output has the same URL"),
    ],
)
async def test_an_output_that_cannot_be_written_ends_the_job_before_it_runs(
    user: ModelOp, snapshot: JsonObject, urls: list[str], message: str
) -> None:
    (user.data / "s3/bucket").mkdir(exist_ok=True)
    outputs = [external_file(url) for url in urls]
    source = file_asset(TABLE, "CSV")
    assert await error(user, snapshot, source, *outputs, job_type=METRICS) == message


async def test_an_output_without_a_url_is_named(user: ModelOp, snapshot: JsonObject) -> None:
    output = {"assetType": "EXTERNAL_FILE", "filename": "scores.csv"}
    message = await error(user, snapshot, file_asset(TABLE, "CSV"), output)
    assert message == "Output scores.csv: it has no fileUrl"


async def test_when_one_output_fails_none_is_written(user: ModelOp, snapshot: JsonObject) -> None:
    before = placed(user, "files/together/first.json", "before")
    outputs = [external_file(f"file:///together/first.json{below}") for below in ("", "/second.json")]
    message = await error(user, snapshot, file_asset(TABLE, "CSV"), *outputs, job_type=METRICS)
    assert message.startswith("Output second.json (file:///together/first.json/second.json): ")
    assert before.read_text() == "before"

    nested = [external_file(f"file:///together/{path}") for path in ("first.json", "a", "a/b.json")]
    message = await error(user, snapshot, file_asset(TABLE, "CSV"), *nested, job_type=METRICS)
    assert message == "Output a (file:///together/a): this is no file"
    assert before.read_text() == "before"
    assert [path.name for path in before.parent.rglob("*") if path.is_file()] == ["first.json"]


async def test_a_job_that_fails_leaves_its_output_as_it_was(user: ModelOp) -> None:
    broken = await user.snapshot("# modelop.score\ndef score(datum):\n    yield 1 / (datum['x'] - 4)\n")
    before = placed(user, "files/kept/scores.json", "before")
    output = external_file("file:///kept/scores.json")
    job = await user.run_job(SCORE, broken, file_asset(TABLE, "CSV"), outputData=[output])
    assert job["jobStatus"] == "ERROR"
    assert job["outputData"] == [output]
    assert before.read_text() == "before"
    assert list(before.parent.iterdir()) == [before]


async def test_a_cancelled_job_writes_nothing(user: ModelOp) -> None:
    source = "import time\n# modelop.score\ndef score(datum):\n    time.sleep(60)\n    return 1\n"
    output = external_file("file:///cancelled/scores.json")
    job = await user.start_job(
        SCORE, await user.snapshot(source), file_asset(TABLE, "CSV"), outputData=[output]
    )
    await user.reached("jobs", job["id"], "jobStatus", "RUNNING")
    await user.patch("jobs", job["id"], {"jobStatus": "CANCELLED"})
    assert (await user.run_job(SCORE, await user.snapshot(), file_asset('{"x": 1}')))[
        "jobStatus"
    ] == "COMPLETE"
    assert not (user.data / "files/cancelled").exists()
