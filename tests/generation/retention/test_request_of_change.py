"""A run that changes an earlier timetable as little as possible: asked for, searched, stored, shown, over REST and on pages."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import CommandError, call_command

from academics.models import Instructor, Term
from generation.models import GenerationJob, Variant
from generation.retention.request import kept_of
from tests.clients import client_of, rest_of, text_of
from tests.factories.university import university
from tests.generation.retention.test_runs import ask, blocked, earlier, run

pytestmark = pytest.mark.django_db


@pytest.fixture
def term() -> Term:
    return university()


def away(term: Term, variant: Variant) -> tuple[Instructor, list[int]]:
    """An instructor with something to teach on a day is not there on it; the lectures that are hit, by their numbers."""
    pinned = set(variant.entries.filter(is_pinned=True).values_list("lecture", flat=True))
    entries = [each for each in variant.entries.order_by("lecture") if each.instructors and each.lecture not in pinned]
    code, day = entries[0].instructors[0], entries[0].day
    instructor = Instructor.objects.get(organization=term.organization, code=code)
    blocked(term, {(day, period) for period in range(term.periods.count())}, instructor=instructor)
    return instructor, [each.lecture for each in entries if code in each.instructors and each.day == day]


@pytest.mark.django_db(transaction=True)
def test_only_what_is_hit_moves_and_rest_and_page_say_how_little_would_do(term: Term) -> None:
    variant = earlier(term)
    _, hit = away(term, variant)

    job = run(term, keep="minimal", keep_from=str(variant.pk), variants=2)

    assert (job.status, job.error) == ("completed", "")
    first = job.variants.order_by("index")[0]
    change = rest_of(term, "reviewer").get(f"/api/timetable/variants/{first.pk}/").json()["change"]
    was = {row[0]: row[1:] for row in variant.entries.values_list("lecture", "day", "period", "room")}
    now = {row[0]: row[1:] for row in first.entries.values_list("lecture", "day", "period", "room")}
    moved = sorted(lecture for lecture in was if was[lecture] != now[lecture])
    assert first.hard == 0
    assert moved == hit
    assert (change["moved"], change["at_least_moved"], change["is_proven_least"]) == (len(hit), len(hit), True)
    assert change["people"] >= change["at_least_people"] >= 1
    assert [(each["lecture"], each["day"], each["period"], each["room"]) for each in change["moves"]] == [(x, *was[x]) for x in hit]
    assert (change["options"][0]["name"], change["options"][0]["is_this"]) == ("Fewest moves", True)
    page = text_of(client_of(term, "reviewer").get(f"/admin/timetables/{job.pk}/review?variant={first.pk}"))
    assert "Fewer is impossible: that is proven." in page
    assert "as little as possible" in page
    assert not first.entries.filter(is_pinned=True).exclude(lecture__in=variant.entries.filter(is_pinned=True).values("lecture")).exists()


@pytest.mark.django_db(transaction=True)
def test_a_limit_that_is_too_low_leaves_lectures_out_and_says_what_it_takes(term: Term) -> None:
    variant = earlier(term)
    away(term, variant)

    job = run(term, keep="minimal", keep_from=str(variant.pk), variants=1, max_lectures=0)

    stored = job.variants.get().statistics["change"]
    assert job.status == "completed"
    assert stored["unplaced"] >= 1
    assert stored["needed"]["moved"] >= stored["at_least_moved"] >= 1
    assert "under the limit that was set" in job.variants.get().note


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"keep": "sound", "max_lectures": 3}, "max_lectures"),
        ({"max_people": 3}, "max_people"),
        ({"keep": "minimal", "max_lectures": -1}, "max_lectures"),
        ({"keep": "minimal", "max_people": True}, "max_people"),
        ({"keep": "minimal", "max_people": "many"}, "max_people"),
        ({"keep": "pinned", "only_rooms": True}, "only_rooms"),
        ({"keep": "minimal", "max_moved": 3}, "max_moved"),
        ({"keep": "minimal", "keep_departments": ["ART"]}, "keep_departments"),
    ],
)
def test_limits_are_numbers_that_go_with_the_smallest_change_alone(term: Term, body: dict[str, Any], field: str) -> None:
    variant = earlier(term)

    response = ask(term, keep_from=str(variant.pk), **body) if "keep" in body else ask(term, **body)

    assert (response.status_code, list(response.json())) == (400, [field])
    assert not GenerationJob.objects.filter(status="pending").exists()


def test_the_limits_go_with_the_job_and_the_form_offers_them(term: Term) -> None:
    variant = earlier(term)
    answer = ask(term, keep="minimal", keep_from=str(variant.pk), max_lectures=4, max_people=60).json()

    fixed = rest_of(term, "reviewer").get(f"/api/generation-jobs/{answer['job_id']}/").json()["fixed"]
    kept = kept_of(GenerationJob.objects.get(pk=answer["job_id"]))
    assert (fixed["keep"], fixed["max_lectures"], fixed["max_people"], fixed["kept"]) == ("minimal", 4, 60, 12)
    assert kept.base is not None
    assert (len(kept.base.places), len(kept.places)) == (12, 1)  # all may move, but not what is pinned by hand
    page = text_of(client_of(term, "admin").get(f"/admin/timetables/new?keep=minimal&keep_from={variant.pk}"))
    assert "Change as little as possible" in page
    assert "12 of 12 lectures fit" in page


def test_the_command_takes_the_limits_and_refuses_them_elsewhere(term: Term, capsys: pytest.CaptureFixture[str]) -> None:
    variant = earlier(term)
    given = ["--organization", term.organization.code, "--keep-from", str(variant.pk)]

    call_command("generate", *given, "--keep", "minimal", "--max-moved", "3", "--max-people", "50")
    with pytest.raises(CommandError, match="--max-moved goes only with --keep"):
        call_command("generate", *given, "--keep", "sound", "--max-moved", "3")

    assert "As few as possible move." in capsys.readouterr().out
    fixed = GenerationJob.objects.get(status="pending").fixed
    assert (fixed["max_lectures"], fixed["max_people"]) == (3, 50)
