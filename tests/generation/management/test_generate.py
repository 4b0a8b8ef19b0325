"""`manage.py generate` in this process: its report, its bar and its exit status."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from generation import saga
from generation.engine.solve import Context, SearchState
from generation.management.commands import generate
from generation.models import GenerationJob
from tests.factories.university import university
from tests.generation.toy_engine import STAGES_OF_TOY, toy_stages

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    ready: Future[None] = Future()
    ready.set_result(None)
    monkeypatch.setattr(saga, "kernels_ready", lambda: ready)
    monkeypatch.setattr(generate, "POLL_S", 0.02)
    with toy_stages():
        yield


def run(*arguments: Any) -> str:
    out = io.StringIO()
    call_command("generate", *arguments, stdout=out)
    return out.getvalue()


def test_inline_runs_the_job_here_and_reports_the_best_variant(tmp_path: Path) -> None:
    term = university()
    report = tmp_path / "report.json"
    out = run("--organization", term.organization.code, "--inline", "--report", str(report), "--variants", "2", "--time-limit", "5")

    assert "100.00 %  completed" in out
    found = json.loads(report.read_text())
    assert (found["instance"], found["feasible"], found["hard"], found["time_limit_s"]) == (term.organization.code, True, 0, 5)
    assert sum(found["breakdown"].values()) == found["soft"]
    assert [variant["label"] for variant in found["variants"]] == ["Balanced", "Students first"]
    assert {
        "stages",
        "time_to_feasible_s",
        "moves_per_second",
        "lower_bound",
        "peak_rss_mb",
        "workers",
        "seed",
        "unplaced",
        "student_clashes",
    } <= set(found)


def test_a_job_that_fails_is_no_success() -> None:
    term = university(num_courses=2)
    with pytest.raises(CommandError, match="found 2 courses") as failed:
        run("--organization", term.organization.code, "--inline")
    assert failed.value.returncode == 1


def test_an_error_of_ours_is_told_in_plain_words() -> None:
    def broken(context: Context, state: SearchState) -> None:
        raise ZeroDivisionError("secret detail")

    with toy_stages(cpsat_solving=broken), pytest.raises(CommandError, match="while building the timetable"):
        run("--organization", university().organization.code, "--inline")


def test_an_unknown_organization_is_bad_input() -> None:
    with pytest.raises(CommandError, match="'nowhere'") as refused:
        run("--organization", "nowhere", "--inline")
    assert refused.value.returncode == 2
    assert not GenerationJob.objects.exists()


def test_without_waiting_the_job_is_only_filed() -> None:
    out = run("--organization", university().organization.code)
    job = GenerationJob.objects.get()
    assert (job.status, out.strip()) == ("pending", f"Job {job.id}")


def test_incomplete_timetable_is_explained_on_stderr_and_in_the_report(tmp_path: Path) -> None:
    def leave_out(context: Context, state: SearchState) -> None:
        STAGES_OF_TOY["cpsat_solving"](context, state)
        assert state.base is not None
        state.base.slot[0] = state.base.room[0] = -1

    term, report, stderr = university(), tmp_path / "report.json", io.StringIO()
    with toy_stages(cpsat_solving=leave_out):
        call_command(
            "generate", "--organization", term.organization.code, "--inline", "--report", str(report), stdout=io.StringIO(), stderr=stderr
        )

    found = json.loads(report.read_text())
    assert (found["feasible"], found["explanation"]["verdict"]) == (False, "possible")
    assert found["explanation"]["headline"] in stderr.getvalue()
