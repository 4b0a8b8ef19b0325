"""docs/operators.md and the files that it names tell the truth: links, settings, commands, alerts, services."""

from __future__ import annotations

import re
import shlex
from configparser import ConfigParser
from typing import Any

import pytest
import yaml
from django.core.management import get_commands
from prometheus_client.parser import text_string_to_metric_families

from progress.metrics import DurationsCollector, metrics_text
from tests.processes import REPOSITORY
from tests.test_repository import settings_read

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


def _anchor(heading: str) -> str:
    return re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-")


def test_each_link_leads_somewhere() -> None:
    links = re.findall(r"\]\(([^)]+)\)", PAGE)
    assert links
    for link in links:
        path, _, anchor = link.partition("#")
        text = (REPOSITORY / "docs" / path).read_text() if path else PAGE
        headings = {_anchor(line.lstrip("# ")) for line in text.splitlines() if line.startswith("#")}
        assert not anchor or anchor in headings, link


def test_each_setting_exists() -> None:
    named = set(re.findall(r"\b([A-Z][A-Z]+(?:_[A-Z]+)+)\b", PAGE))
    of_compose = set(re.findall(r"\$\{([A-Z_]+)", str(COMPOSE)))

    assert named - settings_read() - of_compose - {"THE_METRICS_TOKEN"} == set()


def test_each_command_exists() -> None:
    assert set(re.findall(r"manage\.py ([a-z_]+)", PAGE)) <= set(get_commands())


def test_each_file_exists() -> None:
    named = re.findall(r"\b((?:deploy|docs|tests)/[\w./-]*\w)", PAGE)

    assert [path for path in named if not (REPOSITORY / path).exists()] == []


def test_each_benchmark_exists() -> None:
    suites = set(re.findall(r"make bench SUITE=(\w+)", PAGE))

    assert suites
    assert all(f'"{suite}":' in (REPOSITORY / "tests" / "benchmarks" / "report.py").read_text() for suite in suites)


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
