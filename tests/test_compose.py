"""The stack of docker-compose.yml: well-formed, started in the right order, pinned, and without secrets."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from pydantic import BaseModel

from mlc.settings import AuthSettings, Settings

ROOT = Path(__file__).parents[1]
SCRIPTS = ROOT / "deploy" / "temporal"
SEARCH_ATTRIBUTES = (
    "MlcProcess",
    "MlcModel",
    "MlcSnapshot",
    "MlcStage",
    "MlcStep",
    "MlcOutcome",
    "MlcTicket",
)
# One use of a variable: `${NAME}`, `${NAME:-default}` or `${NAME:?message}`.
INTERPOLATION = re.compile(r"\$\{(?P<name>[A-Z][A-Z0-9_]*)(?:(?P<kind>:[-?])(?P<rest>[^}]*))?\}")
SECRET = re.compile(r"PASSWORD|PWD|TOKEN|SECRET")
PRODUCT = ("gateway", "worker")


@pytest.fixture(scope="module")
def compose_text() -> str:
    return (ROOT / "docker-compose.yml").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def compose(compose_text: str) -> dict[str, Any]:
    return yaml.safe_load(compose_text)


@pytest.fixture(scope="module")
def services(compose: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return compose["services"]


def dotenv_example() -> dict[str, str]:
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def test_follows_the_compose_specification(compose: dict[str, Any]) -> None:
    schema = json.loads((ROOT / "tests" / "data" / "compose-spec.json").read_text(encoding="utf-8"))
    validator: Any = jsonschema.Draft202012Validator(schema)
    faults = validator.iter_errors(compose)
    assert [f"{fault.json_path}: {fault.message}" for fault in faults] == []


def test_services_start_only_after_what_they_need(services: dict[str, dict[str, Any]]) -> None:
    needs = {name: service.get("depends_on", {}) for name, service in services.items()}
    assert {needed for conditions in needs.values() for needed in conditions} <= set(services)
    order = list(TopologicalSorter(needs).static_order())
    chain = ["postgres", "temporal-schema", "temporal", "temporal-namespace"]
    assert [name for name in order if name in chain] == chain
    completed, healthy = "service_completed_successfully", "service_healthy"
    assert {
        name: {needed: condition["condition"] for needed, condition in conditions.items()}
        for name, conditions in needs.items()
    } == {
        "postgres": {},
        "temporal-schema": {"postgres": healthy},
        "temporal": {"postgres": healthy, "temporal-schema": completed},
        "temporal-namespace": {"temporal": healthy},
        "temporal-ui": {"temporal": healthy},
        "gateway": {"temporal-namespace": completed},
        "worker": {"temporal-namespace": completed},
    }


def test_whoever_is_waited_for_as_healthy_has_a_health_check(services: dict[str, dict[str, Any]]) -> None:
    for name, service in services.items():
        for needed, condition in service.get("depends_on", {}).items():
            if condition["condition"] == "service_healthy":
                assert services[needed]["healthcheck"]["test"][0] == "CMD", f"{name} waits for {needed}"
    for name, port in (("gateway", 8082), ("worker", 8083)):
        assert f"http://127.0.0.1:{port}/health" in services[name]["healthcheck"]["test"][-1]


def test_one_shot_services_end_for_good_and_the_others_come_back(services: dict[str, dict[str, Any]]) -> None:
    one_shot = {
        needed
        for service in services.values()
        for needed, condition in service.get("depends_on", {}).items()
        if condition["condition"] == "service_completed_successfully"
    }
    assert one_shot == {"temporal-schema", "temporal-namespace"}
    for name, service in services.items():
        assert service["restart"] == ("on-failure:3" if name in one_shot else "unless-stopped"), name


def test_images_are_pinned(services: dict[str, dict[str, Any]]) -> None:
    assert {service["image"] for name, service in services.items() if name not in PRODUCT} == {
        "postgres:16",
        "temporalio/admin-tools:1.32.0",
        "temporalio/server:1.32.0",
        "temporalio/ui:2.54.1",
    }
    assert all(services[name]["build"] == "." for name in PRODUCT)


def test_every_named_volume_is_declared_and_every_mounted_file_exists(
    compose: dict[str, Any], services: dict[str, dict[str, Any]]
) -> None:
    sources = [volume.split(":")[0] for service in services.values() for volume in service.get("volumes", [])]
    assert {source for source in sources if not source.startswith(".")} == set(compose["volumes"])
    assert all((ROOT / source).is_dir() for source in sources if source.startswith("."))
    mounted = [
        services["temporal"]["environment"]["DYNAMIC_CONFIG_FILE_PATH"],
        services["temporal-schema"]["entrypoint"][1],
        services["temporal-namespace"]["entrypoint"][1],
    ]
    assert all((SCRIPTS / Path(path).relative_to("/deploy")).is_file() for path in mounted)


def test_containers_have_no_fixed_names_and_listen_on_loopback_alone(
    services: dict[str, dict[str, Any]],
) -> None:
    for name, service in services.items():
        assert "container_name" not in service, name
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", [])), name
    published = [port.split(":")[1] for service in services.values() for port in service.get("ports", [])]
    assert sorted(published) == ["7233", "8082", "8233"]


def test_no_secret_is_written_down(services: dict[str, dict[str, Any]]) -> None:
    for service in services.values():
        for key, value in service.get("environment", {}).items():
            if not SECRET.search(key):
                continue
            use = INTERPOLATION.fullmatch(value)
            assert use is not None, key
            assert use["kind"] == ":?" or not use["rest"], f"{key} has a default"
    assert all(not value for key, value in dotenv_example().items() if SECRET.search(key))


def test_the_gateway_knows_no_secret_but_its_own(services: dict[str, dict[str, Any]]) -> None:
    def given(part: str) -> set[str]:
        names = services[part]["environment"]
        return {name.removeprefix("MLC_").split("__")[0] for name in names if name.startswith("MLC_")}

    assert given("gateway") == {"GATEWAY"}
    assert given("worker") == {"MODELOP", "JIRA", "LINKS", "WORKER"}


def test_the_guide_to_processes_of_ones_own_builds_on_the_image_that_is_built_here(
    services: dict[str, dict[str, Any]],
) -> None:
    guide = (ROOT / "docs" / "own-process.md").read_text(encoding="utf-8")
    assert re.findall(r"^FROM (\S+)$", guide, flags=re.MULTILINE) == [services["worker"]["image"]]


def test_the_example_of_env_names_every_variable_that_is_used(compose_text: str) -> None:
    uses = list(INTERPOLATION.finditer(compose_text))
    assert compose_text.count("$") == len(uses), "a use of a variable that Compose would read otherwise"
    assert {use["name"] for use in uses} == set(dotenv_example())
    for use in uses:
        example = dotenv_example()[use["name"]]
        assert example == (use["rest"] if use["kind"] == ":-" else ""), use["name"]


def test_every_setting_given_to_the_product_exists(services: dict[str, dict[str, Any]]) -> None:
    for part in PRODUCT:
        for variable in services[part]["environment"]:
            if not variable.startswith("MLC_"):
                continue
            settings: Any = Settings
            for name in variable.removeprefix("MLC_").lower().split("__"):
                assert issubclass(settings, BaseModel), variable
                assert name in settings.model_fields, variable
                settings = settings.model_fields[name].annotation
        assert services[part]["environment"]["TEMPORAL_ADDRESS"] == "temporal:7233"


def test_the_example_of_env_holds_settings_that_can_be_read(
    services: dict[str, dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in services["gateway"]["environment"]:
        if variable in dotenv_example():
            monkeypatch.setenv(variable, dotenv_example()[variable])
    auth = Settings().gateway.auth
    assert auth == AuthSettings(), "a default of the product and of the example differ"


def test_the_product_runs_without_privileges(services: dict[str, dict[str, Any]]) -> None:
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert re.findall(r"^FROM (\S+)", dockerfile, flags=re.MULTILINE) == ["python:3.13-slim"] * 2
    assert re.findall(r"^USER (\d+)$", dockerfile, flags=re.MULTILINE) == ["10001"]
    for name in PRODUCT:
        assert services[name]["cap_drop"] == ["ALL"]
        assert services[name]["read_only"] is True


def test_the_image_is_built_from_files_that_reach_the_build(compose: dict[str, Any]) -> None:
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    copied = {
        source
        for line in re.findall(r"^COPY (?!--)(.+)$", dockerfile, flags=re.MULTILINE)
        for source in line.split()[:-1]
    }
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert copied == allowed
    assert all((ROOT / path).exists() for path in copied)


def test_the_schema_job_prepares_both_databases(tmp_path: Path) -> None:
    tool = tmp_path / "temporal-sql-tool"
    tool.write_text('#!/bin/sh\necho "$@" >> "$CALLS"\n', encoding="utf-8")
    tool.chmod(0o755)
    calls = tmp_path / "calls"
    environment = {
        "PATH": f"{tmp_path}:{os.defpath}",
        "CALLS": str(calls),
        "POSTGRES_HOST": "postgres",
        "POSTGRES_USER": "temporal",
    }
    subprocess.run(["/bin/sh", str(SCRIPTS / "create-schema.sh")], env=environment, check=True)
    connection = "--plugin postgres12 --ep postgres --port 5432 --user temporal --database"
    schemas = "/etc/temporal/schema/postgresql/v12"
    assert calls.read_text(encoding="utf-8").splitlines() == [
        f"{connection} {database} {step}"
        for database, schema in (("temporal", "temporal"), ("temporal_visibility", "visibility"))
        for step in (
            "create-database",
            "setup-schema --version 0.0",
            f"update-schema --schema-dir {schemas}/{schema}/versioned",
        )
    ]
    tool.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    failed = subprocess.run(["/bin/sh", str(SCRIPTS / "create-schema.sh")], env=environment, check=False)
    assert failed.returncode != 0


@pytest.fixture(scope="module")
def temporal_server() -> Iterator[dict[str, str]]:
    """A real Temporal server; yields the environment in which the `temporal` command reaches it."""
    binary = Path(sys.executable).with_name("temporal")
    if not binary.exists():
        pytest.skip("the temporal binary is not installed beside this Python")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [str(binary), "server", "start-dev", "--headless", "--port", str(port), "--log-level", "never"]
    server = subprocess.Popen(command)
    yield {
        "PATH": f"{binary.parent}:{os.defpath}",
        "HOME": os.environ.get("HOME", "/"),
        "TEMPORAL_ADDRESS": f"127.0.0.1:{port}",
    }
    server.terminate()
    server.wait(timeout=10)


def test_the_namespace_job_creates_namespace_and_search_attributes_and_may_run_again(
    temporal_server: dict[str, str],
) -> None:
    environment = {**temporal_server, "TEMPORAL_NAMESPACE": "lifecycle", "RETENTION": "90d"}

    def run(*command: str) -> str:
        return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout

    for _ in range(2):
        run("/bin/sh", str(SCRIPTS / "create-namespace.sh"))
    temporal = shutil.which("temporal", path=environment["PATH"])
    assert temporal is not None
    listed = json.loads(run(temporal, "operator", "search-attribute", "list", "--output", "json"))
    custom = {name: kind for name, kind in listed["customAttributes"].items() if name.startswith("Mlc")}
    assert custom == dict.fromkeys(SEARCH_ATTRIBUTES, "INDEXED_VALUE_TYPE_KEYWORD")
    described = json.loads(run(temporal, "operator", "namespace", "describe", "--output", "json"))
    assert described["config"]["workflowExecutionRetentionTtl"] == f"{90 * 24 * 60 * 60}s"


def runtime_lock(folder: Path, *installed: str) -> subprocess.CompletedProcess[str]:
    report = folder / "report.json"
    report.write_text(json.dumps({"install": [{"metadata": {"name": name}} for name in installed]}))
    return subprocess.run(
        [
            sys.executable,
            str(ROOT / "deploy" / "runtime_lock.py"),
            str(ROOT / "requirements.lock"),
            str(report),
        ],
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_image_installs_the_locked_versions_with_their_hashes(tmp_path: Path) -> None:
    done = runtime_lock(tmp_path, "pydantic_settings", "temporalio")
    assert re.findall(r"^(\S+)==", done.stdout, flags=re.MULTILINE) == ["pydantic-settings", "temporalio"]
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    entries = re.split(r"^(?=\S)", done.stdout, flags=re.MULTILINE)[1:]
    assert all(entry in lock and "--hash=sha256:" in entry for entry in entries)


def test_the_image_is_not_built_with_what_the_lock_does_not_hold(tmp_path: Path) -> None:
    done = runtime_lock(tmp_path, "temporalio", "left-out")
    assert done.returncode == 1
    assert done.stdout == ""
    assert "does not hold left-out: run `make lock`" in done.stderr
