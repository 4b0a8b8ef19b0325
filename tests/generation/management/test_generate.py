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

from academics.models import Course, Department, Room, Term
from generation.engine import solve
from generation.engine.bounds import lower_bound
from generation.engine.solve import Context, SearchState
from generation.management.commands import generate
from generation.models import GenerationJob, Variant, Workflow
from generation.runs import saga
from tests.factories.university import university
from tests.generation.toy_engine import STAGES_OF_TOY, toy_stages

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    ready: Future[None] = Future()
    ready.set_result(None)
    monkeypatch.setattr(saga, "kernels_ready", lambda: ready)
    monkeypatch.setattr(generate, "POLL_S", 0.02)
    monkeypatch.setattr(lower_bound, "LIMIT_S", 0.05)
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


def test_incomplete_timetable_is_explained_on_stderr_and_in_the_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The toy university has room for all; an incomplete timetable of it comes about only without the last pass.
    monkeypatch.setattr(solve, "with_all_that_fit", lambda problem, solution, seed: solution)

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


def kept_from(term: Term) -> Variant:
    """A timetable of the term, made by a run of its own."""
    run("--organization", term.organization.code, "--inline", "--variants", "1", "--time-limit", "5")
    return Variant.objects.select_related("job").get(job__term=term)


def refused(*arguments: Any) -> str:
    """The one line of a refusal."""
    with pytest.raises(CommandError) as found:
        run(*arguments)
    assert found.value.returncode == 2
    assert "\n" not in str(found.value)
    return str(found.value)


def test_what_stays_is_chosen_as_on_the_page_by_id_or_of_the_published_timetable() -> None:
    term = university()
    code = term.organization.code
    variant = kept_from(term)

    sound = run("--organization", code, "--keep", "sound", "--keep-from", str(variant.pk))
    Workflow.objects.filter(job=variant.job).update(status="published", variant=variant)
    published = run("--organization", code, "--keep", "pinned", "--keep-from", "published", "--keep-leave-out")

    assert "12 lectures stay, 0 are placed anew." in sound
    assert "0 lectures stay, 12 are placed anew." in published
    assert [job.fixed["keep"] for job in GenerationJob.objects.filter(status="pending").order_by("created_at")] == ["sound", "pinned"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--keep", "sound"], "--keep sound needs --keep-from: the id of a variant of the same term, or 'published'"),
        (
            ["--keep-from", "{}"],
            "goes only with --keep, which must then be one of pinned, departments, except_departments, sound",
        ),
        (["--keep", "sound", "--keep-from", "{}", "--keep-departments", "X"], "must then be one of departments, except_departments"),
        (["--keep", "sound", "--keep-from", "nonsense"], "no variant 'nonsense'"),
        (["--keep", "sound", "--keep-from", "published"], "has no published timetable. Give the id"),
        (["--keep", "departments", "--keep-from", "{}"], "Say in --keep-departments which departments are meant, by their codes: MATH"),
        (["--keep", "departments", "--keep-from", "{}", "--keep-departments", "ART"], "no department 'ART'. Known are: MATH"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_one_line_with_what_is_allowed(options: list[str], words: str) -> None:
    term = university()
    Department.objects.create(organization=term.organization, code="MATH")
    variant = kept_from(term)

    found = refused("--organization", term.organization.code, *(option.format(variant.pk) for option in options))

    assert words in found
    assert GenerationJob.objects.count() == 1


def test_lectures_that_cannot_stay_are_told_one_by_one_and_can_be_left_out() -> None:
    term = university()
    variant = kept_from(term)
    Department.objects.create(organization=term.organization, code="MATH").course_set.add(*Course.objects.filter(code="C0"))
    Room.objects.all().update(capacity=5)
    asked = [
        "--organization",
        term.organization.code,
        "--keep",
        "departments",
        "--keep-departments",
        "MATH",
        "--keep-from",
        str(variant.pk),
    ]
    stderr = io.StringIO()

    with pytest.raises(CommandError, match=r"2 lectures cannot stay where requested.*say with --keep-leave-out"):
        call_command("generate", *asked, stdout=io.StringIO(), stderr=stderr)
    output = run(*asked, "--keep-leave-out")

    assert stderr.getvalue().count("the room is too small for it") == 2
    assert "2 could not stay" in output
