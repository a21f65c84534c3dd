"""`python -m sandbox.modelop` as people and process managers meet it."""

import json
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.sandbox.modelop_server import ACCOUNTS, API

ROOT = Path(__file__).parents[2]


@pytest.fixture
def accounts(tmp_path: Path) -> Path:
    path = tmp_path / "accounts.json"
    path.write_text(json.dumps(ACCOUNTS))
    return path


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "sandbox.modelop", *map(str, arguments)]


def refusal(*arguments: object) -> str:
    ended = subprocess.run(
        command(*arguments), cwd=ROOT, capture_output=True, text=True, check=False, timeout=20
    )
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert ended.stderr.count("\n") == 1
    return ended.stderr


def test_bad_arguments_are_refused_in_one_line(tmp_path: Path, accounts: Path) -> None:
    empty = tmp_path / "empty.json"
    empty.write_text("{}")
    assert "--port" in refusal("--data", tmp_path, "--accounts", accounts)
    assert "is no port" in refusal("--port", "x", "--data", tmp_path, "--accounts", accounts)
    assert "cannot read accounts" in refusal("--port", 0, "--data", tmp_path, "--accounts", tmp_path / "none")
    assert "lacks" in refusal("--port", 0, "--data", tmp_path, "--accounts", empty)
    assert "cannot keep books" in refusal("--port", 0, "--data", accounts, "--accounts", accounts)
    assert "is no http URL" in refusal(
        "--port", 0, "--data", tmp_path, "--accounts", accounts, "--issuer", "modelop"
    )
    empty.write_text(json.dumps({**ACCOUNTS, "reader": {"groups": "mlc-read"}}))
    assert "the groups of reader are no array" in refusal(
        "--port", 0, "--data", tmp_path, "--accounts", empty
    )


def test_a_token_key_that_is_none_is_said_in_one_line(tmp_path: Path, accounts: Path) -> None:
    key = tmp_path / "token-key.pem"
    rsa_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = rsa_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for content, reason in ((b"no key", "holds no private key in PEM"), (pem, "holds another key than one")):
        key.write_bytes(content)
        said = refusal("--port", 0, "--data", tmp_path, "--accounts", accounts)
        assert f"{key} {reason}" in said
        assert key.read_bytes() == content


@pytest.mark.parametrize("issuer", [None, "https://modelop.example/auth/"])
def test_tokens_name_the_issuer_that_was_asked_for_or_the_own_address(
    tmp_path: Path, accounts: Path, issuer: str | None
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = ("--issuer", issuer) if issuer else ()
    process = started(port, tmp_path, accounts, *options)
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as http:
        token = http.post("/gocli/token", data=ACCOUNTS["moc"]).json()["access_token"]
    process.terminate()
    assert process.wait(5) == 0
    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims["iss"] == ("https://modelop.example/auth" if issuer else f"http://127.0.0.1:{port}")


def test_a_taken_port_is_said_in_one_line(tmp_path: Path, accounts: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert f"cannot listen on 127.0.0.1:{port}" in refusal(
            "--port", port, "--data", tmp_path, "--accounts", accounts
        )


def started(port: int, data: Path, accounts: Path, *options: str) -> subprocess.Popen[str]:
    arguments = command("--port", port, "--data", data, "--accounts", accounts, *options)
    process = subprocess.Popen(arguments, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    for _ in range(400):
        try:
            httpx.get(f"http://127.0.0.1:{port}/health", trust_env=False).raise_for_status()
        except httpx.TransportError:
            time.sleep(0.02)
        else:
            return process
    raise TimeoutError("the stand-in does not answer")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_job_outlives_the_end_of_the_process(
    tmp_path: Path, accounts: Path, number: signal.Signals
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    source = "import time\n# modelop.score\ndef score(datum):\n    time.sleep(1)\n    return 7\n"
    process = started(port, tmp_path, accounts)
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as http:
        token = http.post("/gocli/token", data=ACCOUNTS["moc"]).json()["access_token"]
        http.headers["Authorization"] = f"Bearer {token}"
        asset = {"assetType": "SOURCE_CODE", "name": "m.py", "primaryModelSource": True, "sourceCode": source}
        snapshot = {"id": "carried", "storedModel": {"modelAssets": [asset]}}
        record = {"assetType": "FILE", "fileFormat": "JSON", "fileContent": "e30="}
        body = {"jobType": "MODEL_BATCH_JOB", "model": {"deployableModel": snapshot}, "inputData": [record]}
        job = f"{API}/jobs/{http.post(f'{API}/jobs', json=body).json()['id']}"
        while http.get(job).json()["jobStatus"] != "RUNNING":
            time.sleep(0.02)
        asked = time.monotonic()
        process.send_signal(number)
        assert process.wait(5) == (0 if number == signal.SIGTERM else -number)
        assert time.monotonic() - asked < 3

        process = started(port, tmp_path, accounts)
        while http.get(job).json()["jobStatus"] in ("CREATED", "WAITING", "RUNNING"):
            time.sleep(0.02)
        assert http.get(job).json()["jobStatus"] == "COMPLETE"
        process.terminate()
        assert process.wait(5) == 0
        _, log = process.communicate()
    assert "Traceback" not in log
    assert "a-password" not in log
