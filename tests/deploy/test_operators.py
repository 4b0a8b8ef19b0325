"""docs/operators.md and the files that it names tell the truth: alerts and services; tests/test_documents.py has the rest."""

from __future__ import annotations

import re
import shlex
from configparser import ConfigParser
from typing import Any

import pytest
import yaml
from asgiref.sync import async_to_sync
from prometheus_client.parser import text_string_to_metric_families

from erp.request_ids import RequestIds
from progress.metrics import RESPONSES, metrics_text
from tests.processes import REPOSITORY

PAGE = (REPOSITORY / "docs" / "operators.md").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load((REPOSITORY / "docker-compose.yml").read_text())
RULES = yaml.safe_load((REPOSITORY / "deploy" / "prometheus" / "alerts.yml").read_text())["groups"][0]["rules"]
# Words of the query language and labels of ours.
WORDS = {
    "sum",
    "rate",
    "increase",
    "histogram_quantile",
    "by",
    "on",
    "and",
    "le",
    "job",
    "status",
    "timeloom",
    "failed",
    "xx",
    "m",
    "h",
    "e",
}


def _metrics(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Every name that /metrics has from the first moment."""
    monkeypatch.setattr("progress.metrics.store_shared", lambda: _Store())
    families = text_string_to_metric_families(metrics_text().decode())
    return {sample.name for family in families for sample in family.samples} | {"up"}


class _Store:
    """Of an installation that no run has ended in."""

    def durations(self) -> dict[str, float]:
        return {}


def test_each_alert_goes_by_metrics_that_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    used = {word for rule in RULES for word in re.findall(r"[a-z_]+", rule["expr"])} - WORDS

    assert used <= _metrics(monkeypatch)


def test_what_an_alert_counts_begins_at_nought(monkeypatch: pytest.MonkeyPatch) -> None:
    """A figure that first appears with the first fault has not grown, by Prometheus' reckoning: the alert would miss it."""
    monkeypatch.setattr("progress.metrics.store_shared", lambda: _Store())
    there = {
        (sample.name, sample.labels["status"])
        for family in text_string_to_metric_families(metrics_text().decode())
        for sample in family.samples
        if "status" in sample.labels
    }

    assert {found for rule in RULES for found in re.findall(r'(\w+)\{status="(\w+)"\}', rule["expr"])} <= there


@pytest.mark.parametrize("status", [500, 503])
def test_an_answer_that_is_the_servers_fault_is_counted_where_an_alert_looks(status: int) -> None:
    def counted() -> dict[str, float]:
        return {
            sample.labels["status"]: sample.value
            for family in RESPONSES.collect()
            for sample in family.samples
            if sample.name.endswith("_total")
        }

    async def fails(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": status, "headers": []})

    async def send(message: Any) -> None: ...

    before = counted()
    async_to_sync(RequestIds(fails))({"type": "http", "method": "GET", "path": "/", "headers": []}, send, send)

    grown = {name for name, value in counted().items() if value > before.get(name, 0)}
    assert any(f'http_responses_total{{status="{name}"}}' in rule["expr"] for name in grown for rule in RULES)


def test_each_alert_has_its_line_with_what_to_do() -> None:
    lines = re.findall(r"^\| (Timeloom\w+) \|", PAGE, re.MULTILINE)

    assert lines == [rule["alert"] for rule in RULES]


@pytest.mark.parametrize("name", ["web", "worker", "beat"])
def test_each_service_of_systemd_starts_what_the_containers_start(name: str) -> None:
    unit = ConfigParser(interpolation=None, strict=False)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(REPOSITORY / "deploy" / "systemd" / f"timeloom-{name}.service")

    program, *options = shlex.split(unit["Service"]["ExecStart"])
    assert [program.removeprefix("/srv/timeloom/.venv/bin/"), *options] == COMPOSE["services"][name]["command"]
    if name == "web":
        assert unit["Service"]["ExecReload"] == "/bin/kill -HUP $MAINPID"
        assert int(unit["Service"]["LimitNOFILE"]) == COMPOSE["services"]["web"]["ulimits"]["nofile"]


def test_the_script_for_commands_runs_them_as_the_services_run() -> None:
    unit = ConfigParser(interpolation=None, strict=False)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(REPOSITORY / "deploy" / "systemd" / "timeloom-beat.service")
    service = unit["Service"]
    script = (REPOSITORY / "deploy" / "manage.sh").read_text()

    assert f"--uid={service['User']} --working-directory={service['WorkingDirectory']} " in script
    assert f"--property=EnvironmentFile={service['EnvironmentFile']} --setenv={service['Environment']} " in script


def test_the_address_that_systemd_may_hold_is_the_web_servers_own() -> None:
    unit = ConfigParser(interpolation=None)
    unit.read(REPOSITORY / "deploy" / "systemd" / "timeloom-web.socket")
    server = (REPOSITORY / "deploy" / "gunicorn.conf.py").read_text()

    assert f'"BIND", "{unit["Socket"]["ListenStream"]}")' in server
    assert f"backlog = {unit['Socket']['Backlog']}\n" in server
