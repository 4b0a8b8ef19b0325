"""docker-compose.yml is kept true without a container engine: its structure, and each Python command started as it stands."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.clocks import Stopwatch
from tests.postgres import PostgresServer
from tests.processes import COMMAND_S, REPOSITORY, SOON_S, START_S, Valkey, free_port, start, start_valkey, wait_until
from tests.test_repository import settings_read

COMPOSE = yaml.safe_load((REPOSITORY / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
SERVICE_KEYS = {
    *("build", "image", "restart", "environment", "env_file", "command", "ports", "expose", "volumes"),
    *("depends_on", "healthcheck", "logging", "mem_limit", "ulimits", "stop_grace_period"),
}
CONDITIONS = {"service_started", "service_healthy", "service_completed_successfully"}
VARIABLE = re.compile(r"\$\{(?P<name>[A-Z_]+)(?::(?P<kind>[-?])(?P<rest>(?:[^{}]|\$\{[^}]*\})*))?\}")


def test_the_file_has_the_services_of_the_installation() -> None:
    assert set(SERVICES) == {"nginx", "prepare", "web", "worker", "beat", "postgres", "redis"}
    assert set(COMPOSE) <= {"name", "services", "volumes", "x-app", "x-logging"}


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_service_follows_the_compose_specification(name: str) -> None:
    service = SERVICES[name]

    assert set(service) <= SERVICE_KEYS
    assert "build" in service or "image" in service
    assert service["restart"] in {"no", "unless-stopped"}
    assert all(isinstance(word, str) for word in service.get("command", []))
    assert all(isinstance(value, str) for value in service.get("environment", {}).values() if value is not None)
    health = service["healthcheck"]
    assert health == {"disable": True} or health["test"][0] in {"CMD", "CMD-SHELL"}


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_service_waits_for_services_that_can_become_what_it_waits_for(name: str) -> None:
    for other, how in SERVICES[name].get("depends_on", {}).items():
        assert how["condition"] in CONDITIONS
        if how["condition"] == "service_healthy":
            assert "test" in SERVICES[other]["healthcheck"]
        if how["condition"] == "service_completed_successfully":
            assert SERVICES[other]["restart"] == "no"


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_each_volume_is_declared_or_in_the_repository(name: str) -> None:
    for volume in SERVICES[name].get("volumes", []):
        source = volume.split(":")[0]
        assert source in COMPOSE["volumes"] or (REPOSITORY / source).exists()


def test_each_variable_has_a_default_or_stands_in_the_example() -> None:
    example = (REPOSITORY / "deploy" / "example.env").read_text()
    required = set(re.findall(r"\$\{([A-Z_]+):\?", str(COMPOSE)))

    assert required == {"SECRET_KEY", "POSTGRES_PASSWORD", "REDIS_PASSWORD"}
    assert all(f"{name}=" in example for name in required)


def test_the_image_runs_the_web_server_as_an_ordinary_user() -> None:
    dockerfile = (REPOSITORY / "Dockerfile").read_text()
    command = next(line.removeprefix("CMD ") for line in dockerfile.splitlines() if line.startswith("CMD "))

    assert "USER timeloom" in dockerfile
    assert yaml.safe_load(command) == SERVICES["web"]["command"]


def _example() -> dict[str, str]:
    """Every variable of the example, those that are left at their defaults included."""
    text = (REPOSITORY / "deploy" / "example.env").read_text()
    return dict(re.findall(r"^(?:#\s?)?([A-Z][A-Z_]+)=(.*)$", text, re.MULTILINE))


def test_the_example_lists_every_setting_and_every_variable_of_compose() -> None:
    variables = set(re.findall(r"\$\{([A-Z_]+)", str(COMPOSE)))
    # Chosen by the image or by the command of a container.
    inside = {"TIMELOOM_VAR", "BIND", "PROMETHEUS_MULTIPROC_DIR", "WORKER_CONCURRENCY"}

    assert _example().keys() - inside == (settings_read() | variables) - inside


def test_a_shell_reads_each_line_of_the_example_as_containers_and_systemd_do(tmp_path: Path) -> None:
    """Quoted where it has blanks or signs, or `. .env` would end, or run something."""
    lines = [line.removeprefix("# ") for line in (REPOSITORY / "deploy" / "example.env").read_text().splitlines()]
    settings = [line for line in lines if re.match(r"[A-Z][A-Z_]+=", line)]
    (tmp_path / "env").write_text("\n".join(settings))

    said = subprocess.run(["/bin/sh", "-c", f"set -a; . {tmp_path}/env; env -0"], env={}, capture_output=True, text=True, check=True)

    assert (said.stderr, len(settings)) == ("", len(_example()))
    written = dict(line.split("=", 1) for line in settings)
    assert {name: value.strip("'") for name, value in written.items()}.items() <= dict(
        each.split("=", 1) for each in said.stdout.split("\0") if "=" in each
    ).items()


def test_every_setting_of_env_reaches_the_program() -> None:
    ours = [name for name, service in SERVICES.items() if "build" in service]

    assert ours == ["prepare", "web", "worker", "beat"]
    assert all(SERVICES[name]["env_file"] == [".env"] for name in ours)
    # What the file sets itself can still be chosen, but for what belongs to the container.
    fixed = {key for name in ours for key, value in SERVICES[name]["environment"].items() if "${" not in str(value)}
    assert fixed == {"BIND", "REMAP_SIGTERM"}


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_logs_rotate_and_memory_has_a_limit(name: str) -> None:
    service = SERVICES[name]

    assert service["logging"] == {"driver": "json-file", "options": {"max-size": "10m", "max-file": "5"}}
    assert re.fullmatch(r"(\$\{[A-Z]+_MEMORY:-)?\d+[mg]\}?", service["mem_limit"])


def test_redis_has_a_password_and_a_limit_and_gives_no_message_away() -> None:
    command = " ".join(SERVICES["redis"]["command"])

    assert "--requirepass ${REDIS_PASSWORD:?" in command
    assert "--maxmemory-policy noeviction" in command
    assert ":${REDIS_PASSWORD" in SERVICES["web"]["environment"]["REDIS_URL"]


@pytest.mark.parametrize("name", ["nginx", "web"])
def test_there_are_files_for_ten_thousand_streams(name: str) -> None:
    assert SERVICES[name]["ulimits"] == {"nofile": 65536}


def test_the_image_holds_the_compiled_search() -> None:
    """Compiled by the commands that `make test` runs before the tests, whose cache the engine's own tests then use."""
    compiling = r"python -c \"from generation.engine[^\"]*\""
    dockerfile = (REPOSITORY / "Dockerfile").read_text()

    assert "NUMBA_CACHE_DIR=/var/lib/timeloom/numba" in dockerfile
    assert re.findall(compiling, dockerfile) == re.findall(compiling, (REPOSITORY / "Makefile").read_text()) != []


def test_each_base_image_is_named_by_digest() -> None:
    text = (REPOSITORY / "docker-compose.yml").read_text() + (REPOSITORY / "Dockerfile").read_text()
    named = re.findall(r"_IMAGE(?::-|=)([^}\s]+)", text)
    assert len(named) == 5
    assert [image for image in named if not re.fullmatch(r"[\w.:-]+@sha256:[0-9a-f]{64}", image)] == []


def test_images_are_pinned_by_the_digests_that_the_registry_names(tmp_path: Path) -> None:
    digest = "sha256:" + "0a" * 32
    docker = tmp_path / "docker"
    docker.write_text(f'#!/bin/sh\n[ "$1 $2 $3" = "buildx imagetools inspect" ] && echo {digest}\n')
    docker.chmod(0o755)
    (tmp_path / ".env").write_text("SECRET_KEY=x\nREDIS_IMAGE=redis:old\n")
    env = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}

    for _ in range(2):
        subprocess.run([str(REPOSITORY / "deploy" / "pin_images.sh"), str(tmp_path / ".env")], env=env, check=True, capture_output=True)

    lines = (tmp_path / ".env").read_text().splitlines()
    pinned = dict(line.split("=", 1) for line in lines)
    images = set(re.findall(r"\$\{([A-Z]+_IMAGE)", str(COMPOSE)))
    assert len(lines) == len(pinned) == 1 + len(images)
    assert all(pinned[name].endswith(f"@{digest}") for name in images)
    for name in images:  # the tags of the file are those that are looked up
        assert pinned[name].removesuffix(digest) in str(COMPOSE)


def _environment(service: dict[str, Any], given: dict[str, str]) -> dict[str, str]:
    """The service's settings as compose would fill them in."""

    def fill(match: re.Match[str]) -> str:
        return given.get(match["name"], VARIABLE.sub(fill, match["rest"] or ""))

    return {name: VARIABLE.sub(fill, value) for name, value in service.get("environment", {}).items()}


@dataclass
class Installation:
    """What the containers' surroundings become on this machine."""

    folder: Path
    database_url: str
    redis_url: str
    port: int

    def env(self, name: str) -> dict[str, str]:
        """The service's environment with the names of other containers replaced by this machine's addresses."""
        env = _environment(SERVICES[name], {"SECRET_KEY": "k3y" * 20, "POSTGRES_PASSWORD": "unused", "REDIS_PASSWORD": "unused"})
        assert env["DATABASE_URL"].startswith("postgres://timeloom:")
        env |= {"DATABASE_URL": self.database_url, "REDIS_URL": self.redis_url, "TIMELOOM_VAR": str(self.folder)}
        if "BIND" in env:
            env["BIND"] = f"127.0.0.1:{self.port}"
        return env

    def command(self, words: list[str]) -> list[str]:
        """The command as it stands; the interpreter's own folder takes the place of the image's PATH."""
        program, *rest = (word.replace("/var/lib/timeloom", str(self.folder)) for word in words)
        return [str(Path(sys.executable).parent / program), *rest]

    def health(self, name: str) -> subprocess.CompletedProcess[str]:
        kind, *words = SERVICES[name]["healthcheck"]["test"]
        command = ["/bin/sh", "-c", words[0].replace("/var/lib/timeloom", str(self.folder))] if kind == "CMD-SHELL" else self.command(words)
        env = {**os.environ, **self.env(name)}
        return subprocess.run(command, cwd=REPOSITORY, env=env, capture_output=True, text=True, timeout=COMMAND_S, check=False)


@pytest.fixture(scope="module")
def installation(postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("compose")
    valkey: Valkey
    with start_valkey(folder) as valkey:
        made = Installation(folder, postgres_server.database_make("compose"), valkey.url, free_port())
        words = SERVICES["prepare"]["command"]
        env = {**os.environ, **made.env("prepare")}
        done = subprocess.run(made.command(words), cwd=REPOSITORY, env=env, capture_output=True, text=True, timeout=COMMAND_S, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        yield made


@pytest.mark.processes
@pytest.mark.postgres
@pytest.mark.parametrize("name", ["web", "worker", "beat"])
def test_service_starts_by_its_own_command_and_becomes_healthy(installation: Installation, name: str, tmp_path: Path) -> None:
    process = start(installation.command(SERVICES[name]["command"]), log=tmp_path / "log", env=installation.env(name))
    try:
        wait_until(
            lambda: installation.health(name).returncode == 0 or not process.is_alive(), timeout_s=START_S, what=f"{name} is healthy"
        )
        assert process.is_alive(), process.output()
    finally:
        stopwatch = Stopwatch()
        process.stop(sig=signal.SIGTERM, timeout_s=SOON_S)
        is_quick = stopwatch.waited_less_than(10)
        process.kill()
    assert is_quick
    if name == "web":
        assert installation.health(name).returncode != 0
