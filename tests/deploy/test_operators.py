"""docs/operators.md and the files that it names tell the truth: alerts and services; tests/test_documents.py has the rest."""

from __future__ import annotations

import re
import shlex
from configparser import ConfigParser
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from progress.metrics import DurationsCollector, metrics_text
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
    """Every name that /metrics has, once a run has ended."""
    monkeypatch.setattr("progress.metrics.store_shared", lambda: _Store())
    families = text_string_to_metric_families(metrics_text().decode())
    names = {sample.name for family in families for sample in family.samples} | {"up", "http_responses_total"}
    assert DurationsCollector is not None
    return names


class _Store:
    def durations(self) -> dict[str, float]:
        return {"job:failed:count": 1, "job:failed:sum": 2.0, "stage:loading:count": 1, "stage:loading:sum": 1.0}


def test_each_alert_goes_by_metrics_that_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    used = {word for rule in RULES for word in re.findall(r"[a-z_]+", rule["expr"])} - WORDS

    assert used <= _metrics(monkeypatch)


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
