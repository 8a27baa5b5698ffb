"""docker-compose.yml is valid, holds no secret, and its services refer to each other correctly."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from crashgraph.settings import catalogue

ROOT = Path(__file__).parents[2]
SUBSET = Path(__file__).parent / "data" / "compose_subset.json"
VARIABLE = re.compile(r"\$\{(\w+)(?::[-?][^}]*)?\}")
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]

services = pytest.mark.parametrize("service", SERVICES.values(), ids=SERVICES.keys())


def test_compose_file_has_three_services() -> None:
    assert set(SERVICES) == {"neo4j", "server", "worker"}
    assert SERVICES["worker"]["command"] == ["worker"]


def test_a_hung_service_is_replaced_without_a_health_check_that_restarts() -> None:
    """Compose shows an unhealthy container and leaves it alone; ``crashgraph up`` supervises the service and a worker."""
    assert SERVICES["server"]["command"] == ["up"]
    assert SERVICES["worker"]["scale"] == 0


def test_compose_file_fits_our_subset_of_the_format() -> None:
    jsonschema.validate(COMPOSE, json.loads(SUBSET.read_text("utf-8")), cls=jsonschema.Draft202012Validator)


def test_compose_file_fits_the_official_schema() -> None:
    """The compose specification's own schema, as the package check-jsonschema carries it."""
    found = importlib.util.find_spec("check_jsonschema")
    if found is None or found.origin is None:
        pytest.skip("check-jsonschema, which carries the official schema, is not installed")
    path = Path(found.origin).parent / "builtin_schemas" / "vendor" / "compose-spec.json"
    jsonschema.validate(COMPOSE, json.loads(path.read_text("utf-8")))


def test_a_misspelt_key_is_refused() -> None:
    wrong = {"services": {"neo4j": {"image": "neo4j", "helthcheck": {"test": ["CMD", "true"]}}}}
    with pytest.raises(jsonschema.ValidationError, match="helthcheck"):
        jsonschema.validate(wrong, json.loads(SUBSET.read_text("utf-8")), cls=jsonschema.Draft202012Validator)


@services
def test_named_volumes_are_declared(service: dict[str, Any]) -> None:
    named = {volume.partition(":")[0] for volume in service.get("volumes", []) if not volume.startswith((".", "/"))}
    assert named <= set(COMPOSE["volumes"])


def test_declared_volumes_are_used() -> None:
    used = {volume.partition(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])}
    assert set(COMPOSE["volumes"]) == used


@services
def test_a_service_that_others_wait_for_has_a_health_check(service: dict[str, Any]) -> None:
    for name, how in service.get("depends_on", {}).items():
        assert how["condition"] == "service_healthy"
        assert "healthcheck" in SERVICES[name]


@services
def test_secrets_come_from_outside(service: dict[str, Any]) -> None:
    for name, value in service["environment"].items():
        if re.search("PASSWORD|SECRET|TOKEN|KEY|AUTH", name):
            assert VARIABLE.search(value), f"{name} is written into the file"
            assert VARIABLE.sub("", value) in {"", "neo4j/"}
            assert ":?" in value, f"{name} has a default or may be empty"


@services
def test_services_restart_and_listen_on_loopback_only(service: dict[str, Any]) -> None:
    assert service["restart"] == "unless-stopped"
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))


@services
def test_images_are_pinned(service: dict[str, Any]) -> None:
    assert "build" in service or re.fullmatch(r"[\w/-]+:\d[\w.-]+", service["image"])


def test_neo4j_is_of_the_version_that_is_embedded() -> None:
    jars = (ROOT / "graph" / "server" / "jars.lock.toml").read_text("utf-8")
    version = re.search(r'group = "org.neo4j", artifact = "neo4j", version = "([^"]+)"', jars)
    assert version is not None
    assert SERVICES["neo4j"]["image"] == f"neo4j:{version.group(1)}-community"
    assert "graph-data-science" in json.loads(SERVICES["neo4j"]["environment"]["NEO4J_PLUGINS"])


@pytest.mark.parametrize("name", ["server", "worker"])
def test_our_settings_exist_and_lead_to_neo4j(name: str) -> None:
    given = SERVICES[name]["environment"]
    assert set(given) <= {setting.variable for setting in catalogue()}
    assert given["CRASHGRAPH_NEO4J_URI"] == "neo4j://neo4j:7687"
    assert SERVICES[name]["volumes"] == [f"crashgraph:{given['CRASHGRAPH_HOME']}"]


def test_the_server_can_be_reached_from_outside_its_container() -> None:
    given = SERVICES["server"]["environment"]
    assert given["CRASHGRAPH_HOST"] == "0.0.0.0"
    [port] = SERVICES["server"]["ports"]
    assert port.endswith(f":{given['CRASHGRAPH_PORT']}")
    assert f"127.0.0.1:{given['CRASHGRAPH_PORT']}/readyz" in SERVICES["server"]["healthcheck"]["test"][-1]


def test_the_example_of_env_names_every_variable_and_no_secret() -> None:
    lines = (ROOT / ".env.example").read_text("utf-8").splitlines()
    example = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    assert set(example) == set(VARIABLE.findall((ROOT / "docker-compose.yml").read_text("utf-8")))
    assert example["NEO4J_PASSWORD"] == ""
    assert ".env" in (ROOT / ".gitignore").read_text("utf-8").splitlines()


def test_the_image_holds_every_package_and_runs_unprivileged() -> None:
    lines = (ROOT / "Dockerfile").read_text("utf-8").splitlines()
    copied = {line.split()[1] for line in lines if line.startswith("COPY ")}
    assert {"crashgraph", "schema", "viz", "resolvers", "jobs", "graph", "samples"} <= copied
    assert [line for line in lines if line.startswith("USER ")] == ["USER crashgraph"]
