"""A new run that keeps places of an earlier timetable: asked for over REST and on the page, searched, judged, shown."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

import pytest

from academics.models import (
    Availability,
    Course,
    CourseOffering,
    Curriculum,
    Department,
    Enrolment,
    Instructor,
    Room,
    Student,
    Term,
)
from generation.editing.services import EditRequest, variant_edit
from generation.engine.evaluation.evaluate import evaluate
from generation.engine.model.solution import Solution
from generation.engine.search.annealing import Chain
from generation.models import GenerationJob, KeptPlaces, Variant
from generation.problem.builder import problem_load
from generation.problem.seating_codec import seating_rows
from generation.problem.stored_problem import problem_of, solution_of
from generation.retention.kept_places import problem_pinned
from generation.retention.request import kept_of
from generation.runs.saga import job_run
from generation.runs.services import JobRequest, job_start
from tests.clients import client_of, rest_of, text_of
from tests.factories import TermFactory, member
from tests.factories.editing import editable_variant
from tests.factories.university import university

pytestmark = pytest.mark.django_db
ADDRESS = "/api/generation-jobs/generate/"


@pytest.fixture
def term() -> Term:
    """Six courses; the first two are the mathematicians'."""
    term = university()
    maths = Department.objects.create(organization=term.organization, code="MATH", name="Mathematics")
    Course.objects.filter(organization=term.organization, code__in=("C0", "C1")).update(department=maths)
    return term


def earlier(term: Term) -> Variant:
    """A timetable of the term in which a lecture of C2 is pinned by hand, in time and room."""
    problem = problem_load(organization=term.organization, term=term)
    chain = Chain(problem, problem.weights, Solution.empty(problem), seed=1)
    chain.insert(chain.movable, only_clean=False)
    variant = editable_variant(problem, chain.current, organization=term.organization, term=term)
    lecture = variant.entries.filter(course="C2").order_by("lecture")[0].lecture
    variant_edit(variant=variant, user=member(term.organization, "admin"), request=EditRequest(0, "pin", lecture))
    variant.refresh_from_db()
    return variant


def ask(term: Term, **body: Any) -> Any:
    return rest_of(term, "admin").post(ADDRESS, {"time_limit_s": 1, "variants": 1, **body}, format="json")


def run(term: Term, **asked: Any) -> GenerationJob:
    request = JobRequest(organization=term.organization.code, time_limit_s=2, **asked)
    job = job_start(user=None, request=request, is_queued=False)
    job_run(job_id=job.pk)
    return GenerationJob.objects.get(pk=job.pk)


def blocked(term: Term, times: set[tuple[int, int]], **owner: Any) -> None:
    """Whoever it is, is not available at these days and positions in the day."""
    periods = [period.index for period in term.periods.order_by("index")]
    mine = {"organization": term.organization, "term": term, "rating": Availability.BLOCKED, **owner}
    Availability.objects.bulk_create(Availability(day=day, period=periods[period], **mine) for day, period in times)


def places_of(variant: Variant, *courses: str) -> dict[tuple[str, int], tuple[Any, ...]]:
    rows = variant.entries.filter(course__in=courses).values_list("section", "lecture", "day", "period", "room")
    return {row[:2]: row[2:] for row in rows}


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        ({"keep": "pinned"}, 1),
        ({"keep": "departments", "keep_departments": ["MATH"]}, 5),
        ({"keep": "except_departments", "keep_departments": ["MATH"]}, 8),
        ({"keep": "sound"}, 12),
    ],
)
def test_what_stays_goes_with_the_job(term: Term, body: dict[str, Any], kept: int) -> None:
    variant = earlier(term)

    response = ask(term, keep_from=str(variant.pk), **body)

    assert response.status_code == 201, response.json()
    job = GenerationJob.objects.get(pk=response.json()["job_id"])
    assert len(kept_of(job).places) == kept
    found = rest_of(term, "reviewer").get(f"/api/generation-jobs/{job.pk}/").json()["fixed"]
    assert (found["kept"], found["placed_anew"], found["label"]) == (kept, 12 - kept, "Balanced")


@pytest.mark.parametrize("body", [{}, {"keep": "nothing"}, {"keep": "nothing", "keep_from": "x"}])
def test_without_a_word_nothing_stays(term: Term, body: dict[str, Any]) -> None:
    job = GenerationJob.objects.get(pk=ask(term, **body).json()["job_id"])

    assert (job.fixed, KeptPlaces.objects.count()) == ({}, 0)


@pytest.mark.parametrize(
    ("body", "status", "field", "words"),
    [
        ({"keep": "all"}, 400, "keep", "all"),
        ({"keep": "pinned"}, 400, "keep_from", "the id of a variant"),
        ({"keep_from": "{}"}, 400, "keep", "nothing, pinned, departments"),
        ({"keep": "pinned", "keep_from": "nonsense"}, 404, "detail", "nonsense"),
        ({"keep": "pinned", "keep_from": str(uuid.UUID(int=5))}, 404, "detail", "There is no variant"),
        ({"keep": "departments", "keep_from": "{}"}, 400, "keep_departments", "MATH"),
        ({"keep": "departments", "keep_from": "{}", "keep_departments": ["ART"]}, 400, "keep_departments", "'ART'. Known are: MATH"),
    ],
)
def test_nonsense_is_refused_by_name_with_what_is_allowed(term: Term, body: dict[str, Any], status: int, field: str, words: str) -> None:
    variant = earlier(term)
    response = ask(term, **{name: value.format(variant.pk) if isinstance(value, str) else value for name, value in body.items()})

    assert response.status_code == status
    assert words in str(response.json()[field])
    assert not GenerationJob.objects.filter(status="pending").exists()


def test_a_variant_of_another_institution_or_term_is_not_taken(term: Term) -> None:
    spring = TermFactory(organization=term.organization, is_current=False)
    foreign, other = earlier(university()), editable_variant(organization=term.organization, term=spring)
    Term.objects.filter(pk=term.pk).update(is_current=True)

    assert ask(term, keep="pinned", keep_from=str(foreign.pk)).status_code == 404
    answer = ask(term, keep="pinned", keep_from=str(other.pk))
    assert (answer.status_code, list(answer.json())) == (400, ["keep_from"])


def test_a_pin_that_cannot_be_kept_stops_the_start_with_its_name_unless_it_is_left_out(term: Term) -> None:
    variant = earlier(term)
    pinned = variant.entries.get(is_pinned=True)
    Room.objects.filter(organization=term.organization, code=pinned.room).update(code="RENAMED")
    body = {"keep": "pinned", "keep_from": str(variant.pk)}

    refused = ask(term, **body)
    started = ask(term, **body, keep_leave_out=True)

    assert refused.status_code == 400
    assert pinned.section in refused.json()["keep_from"][1]
    assert "there is no such room any more" in refused.json()["keep_from"][1]
    job = GenerationJob.objects.get(pk=started.json()["job_id"])
    assert (job.fixed["kept"], job.fixed["left_out"], len(kept_of(job).left_out)) == (0, 1, 1)
    page = text_of(client_of(term, "reviewer").get(f"/admin/timetables/status/{job.pk}"))
    assert "1 could not stay" in page


@pytest.mark.django_db(transaction=True)
def test_a_request_that_keeps_something_is_not_answered_by_a_run_that_kept_nothing(term: Term) -> None:
    variant = earlier(term)
    body = {"keep": "sound", "keep_from": str(variant.pk), "seed": 7}
    first = GenerationJob.objects.get(pk=ask(term, **body).json()["job_id"])
    job_run(job_id=first.pk)
    assert first.variants.get().hard == 0

    assert ask(term, **body).json()["reused_from"] == str(first.pk)
    assert ask(term, seed=7).json()["is_reused"] is False


@pytest.mark.django_db(transaction=True)
def test_a_real_search_moves_nothing_that_stays_and_its_variants_carry_the_pins_on(term: Term) -> None:
    variant = earlier(term)
    request = JobRequest(
        organization=term.organization.code,
        time_limit_s=2,
        variants=2,
        keep="departments",
        keep_from=str(variant.pk),
        keep_departments=["MATH"],
    )
    job = job_start(user=None, request=request, is_queued=False)
    job_run(job_id=job.pk)

    job.refresh_from_db()
    assert (job.status, job.error) == ("completed", "")
    for new in job.variants.all():
        assert places_of(new, "C0", "C1") == places_of(variant, "C0", "C1")
        problem = problem_of(job=job)
        judged = evaluate(problem_pinned(problem, kept_of(job)), solution_of(variant=new))
        assert (judged.score.hard, judged.breakdown["pin"]) == (0, 0)
        pinned = list(new.entries.filter(is_pinned=True))
        old = variant.entries.get(is_pinned=True)
        assert [(each.lecture, each.day, each.period, each.room) for each in pinned] == [(old.lecture, old.day, old.period, old.room)]
        assert new.certificate["fixed"]["kept"] == 5
    assert "the departments MATH" in text_of(client_of(term, "reviewer").get(f"/admin/timetables/{job.pk}/review"))


def crowded(term: Term) -> Term:
    """Forty students, half of them of Q0, take four courses each of two parallel sections."""
    CourseOffering.objects.filter(term=term).update(max_section_size=14)
    core = Curriculum.objects.get(organization=term.organization, code="Q0")
    offerings = list(CourseOffering.objects.filter(term=term).order_by("course__code"))
    for n in range(40):
        student = Student.objects.create(organization=term.organization, code=f"S{n:02}", curriculum=core if n % 2 else None)
        chosen = [*offerings[::2], offerings[1]] if n % 2 else [offerings[(n // 2 + k) % 6] for k in range(4)]
        Enrolment.objects.bulk_create([Enrolment(organization=term.organization, student=student, offering=each) for each in chosen])
    Room.objects.filter(organization=term.organization).update(capacity=60)
    return term


def exchanged(term: Term) -> Variant:
    """A timetable of the term in which students have changed to parallel sections."""
    problem = problem_load(organization=term.organization, term=term)
    chain = Chain(problem, problem.weights, Solution.empty(problem), seed=1)
    chain.insert(chain.movable, only_clean=False)
    chain.reseat(seed=3, tries=5000, heat=50.0)
    variant = editable_variant(problem, chain.current, organization=term.organization, term=term)
    assert variant.statistics["students_moved"] > 5
    return variant


def rosters_of(variant: Variant, *courses: str) -> dict[str, set[str]]:
    sections = set(variant.entries.filter(course__in=courses).values_list("section", flat=True))
    rows = seating_rows(variant)
    return {section: {row["student"] for row in rows if section in row["sections"]} for section in sections}


ALL = tuple(f"C{n}" for n in range(6))


@pytest.mark.django_db(transaction=True)
def test_a_run_that_keeps_all_places_changes_nobodys_section(term: Term) -> None:
    variant = exchanged(crowded(term))

    job = run(term, variants=1, keep="sound", keep_from=str(variant.pk))

    new = job.variants.get()
    assert (job.fixed["placed_anew"], new.hard) == (0, 0)
    assert (job.fixed["students_staying"], job.fixed["students_leaving"]) == (40, 0)
    assert rosters_of(new, *ALL) == rosters_of(variant, *ALL)
    assert places_of(new, *ALL) == places_of(variant, *ALL)


@pytest.mark.django_db(transaction=True)
def test_a_partly_kept_run_keeps_the_students_of_the_sections_that_stay(term: Term) -> None:
    variant = exchanged(crowded(term))

    job = run(term, variants=2, keep="departments", keep_from=str(variant.pk), keep_departments=["MATH"])

    for new in job.variants.all():
        assert rosters_of(new, "C0", "C1") == rosters_of(variant, "C0", "C1")
        assert rosters_of(new, *ALL) != rosters_of(variant, *ALL)
        # Judged again without what only the run had to keep, as hand moves are.
        again = evaluate(problem_of(job=job), solution_of(variant=new)).score
        assert (again.hard, again.soft) == (new.hard, new.soft)
    assert "of sections that stay kept" in text_of(client_of(term, "reviewer").get(f"/admin/timetables/{job.pk}/review"))


@pytest.mark.django_db(transaction=True)
def test_students_who_cannot_keep_their_seats_are_named_before_the_start(term: Term) -> None:
    variant = exchanged(crowded(term))
    offering = CourseOffering.objects.get(term=term, course__code="C0")
    student = min(rosters_of(variant, "C0").popitem()[1])
    new = Student.objects.create(organization=term.organization, code="NEW")
    Enrolment.objects.filter(student__code=student, offering=offering).update(student=new)

    form = {"keep": "departments", "keep_departments": "MATH", "keep_from": str(variant.pk), "term": term.pk}
    page = text_of(client_of(term, "admin").get("/admin/timetables/new/stays", form))

    assert "stay in every section of which a lecture keeps its time. In other sections" in page
    assert "NEW comes to C0/" in page


@pytest.mark.django_db(transaction=True)
def test_a_repair_moves_only_what_breaks_a_rule_today(term: Term) -> None:
    variant = earlier(term)
    sick = Instructor.objects.get(organization=term.organization, code="I0")
    away = variant.entries.filter(course__in=("C0", "C3")).order_by("lecture")[0]
    period = term.periods.order_by("index")[away.period or 0].index
    Availability.objects.create(
        organization=term.organization, term=term, instructor=sick, day=away.day, period=period, rating=Availability.BLOCKED
    )
    job = run(term, variants=1, keep="sound", keep_from=str(variant.pk))

    new = job.variants.get()
    before, after = (places_of(each, *(f"C{n}" for n in range(6))) for each in (variant, new))
    moved = {key for key in before if before[key] != after[key]}
    assert new.hard == 0
    assert moved == {(away.section, away.lecture)}
    assert replace(problem_of(job=job)).lecture_pin_slot.max() == -1  # what only the run had to keep can be moved by hand again


@pytest.mark.django_db(transaction=True)
def test_a_room_pinned_by_hand_and_closed_since_is_named_as_the_cause(term: Term) -> None:
    variant = earlier(term)
    pinned = variant.entries.get(is_room_pinned=True)
    variant.entries.filter(pk=pinned.pk).update(is_time_pinned=False)
    blocked(term, {(day, period) for day in range(5) for period in range(4)}, room=Room.objects.get(code=pinned.room))

    job = run(term, variants=1, keep="pinned", keep_from=str(variant.pk))

    cause = f"pinned by hand to room {pinned.room}"
    assert job.status == GenerationJob.Status.FAILED
    assert f"it is {cause}, which is open at no time" in job.error
    assert job.error.count(pinned.room) == 1
    assert job.explanation["members"][0]["message"] == f"A lecture of {pinned.section} is {cause}."


@pytest.mark.django_db(transaction=True)
def test_lectures_that_had_to_stay_are_named_first_where_they_leave_no_place(term: Term) -> None:
    variant = earlier(term)
    # The teacher of C0 and C3 is there only while C3, or another course of C0's group, had to stay.
    stays = set(variant.entries.filter(course__in=("C2", "C3", "C4")).values_list("day", "period"))
    blocked(term, {(day, period) for day in range(5) for period in range(4)} - stays, instructor=Instructor.objects.get(code="I0"))

    job = run(term, variants=1, keep="except_departments", keep_departments=("MATH",), keep_from=str(variant.pk))

    summary = job.explanation
    assert (job.status, summary["verdict"], summary["is_minimal"]) == (GenerationJob.Status.COMPLETED, "impossible", True)
    assert summary["narrowed"] is None
    assert summary["members"][0]["message"].startswith("These lectures had to stay where they were: C")
    assert {name.split("/")[0] for name in summary["members"][0]["who"]} <= {"C2", "C3", "C4"}
    assert any(fix.startswith("Place the lecture of C") for fix in summary["fixes"])


def test_the_page_counts_what_would_stay_and_keeps_the_choice(term: Term) -> None:
    variant = earlier(term)
    client = client_of(term, "admin")
    form = {"time": "60", "variants": "1", "form_key": "k", "keep": "sound", "keep_from": str(variant.pk)}

    look = text_of(client.post("/admin/timetables/new", form | {"look": "1"}))
    part = text_of(client.get("/admin/timetables/new/stays", {"keep": "sound", "keep_from": str(variant.pk), "term": term.pk}))
    started = client.post("/admin/timetables/new", form)

    for page in (look, part):
        assert "12 of 12 lectures stay" in page
    assert f'value="{variant.pk}" selected' in look
    assert started.url.startswith("/admin/timetables/status/")  # type: ignore[attr-defined]


def test_the_page_lists_what_cannot_stay_and_offers_to_leave_it_out(term: Term) -> None:
    variant = earlier(term)
    Room.objects.filter(organization=term.organization).update(capacity=5)
    client = client_of(term, "admin")
    form = {"time": "60", "variants": "1", "form_key": "k", "keep": "pinned", "keep_from": str(variant.pk)}

    refused = client.post("/admin/timetables/new", form)

    assert refused.status_code == 400
    assert "Leave it out and place it anew" in text_of(refused) or "not ready" in text_of(refused)
    assert not GenerationJob.objects.filter(status="pending").exists()


def test_a_sections_lectures_stay_when_another_section_comes(term: Term) -> None:
    variant = earlier(term)
    CourseOffering.objects.filter(organization=term.organization, course__code="C0").update(num_sections=2)

    job = GenerationJob.objects.get(pk=ask(term, keep="sound", keep_from=str(variant.pk)).json()["job_id"])

    assert (job.fixed["kept"], job.fixed["placed_anew"]) == (12, 2)
    stays = {(place.key.section, place.day, place.period, place.room) for place in kept_of(job).places if place.key.course == "C0"}
    assert stays == {("C0/1", *place) for place in places_of(variant, "C0").values()}


def test_who_is_given_another_teacher_stays_and_is_told(term: Term) -> None:
    variant = earlier(term)
    new = Instructor.objects.create(organization=term.organization, code="NEW", name="Nora New")
    CourseOffering.objects.get(organization=term.organization, course__code="C0").instructors.set([new])
    client, body = client_of(term, "admin"), {"keep": "sound", "keep_from": str(variant.pk)}

    shown = text_of(client.get("/admin/timetables/new/stays", body))
    job = GenerationJob.objects.get(pk=ask(term, **body).json()["job_id"])

    assert "2 of those that stay are taught by others now" in shown
    assert "C0: Nora New now, I0 in that timetable" in shown
    assert "with the instructors of today in 2 lectures" in shown
    assert (job.fixed["kept"], job.fixed["taught_by_others"], job.fixed["placed_anew"]) == (12, 2, 0)
    assert "2 of those that stay are taught by others than there" in text_of(client.get(f"/admin/timetables/status/{job.pk}"))


def test_an_exchange_of_teachers_that_collides_is_placed_anew(term: Term) -> None:
    variant = earlier(term)
    group = set(variant.entries.filter(course__in=("C1", "C3", "C5")).values_list("day", "period"))
    first = next(each for each in variant.entries.filter(course="C0") if (each.day, each.period) not in group)
    free = Room.objects.exclude(code__in=variant.entries.filter(day=first.day, period=first.period).values("room"))[0]
    second = variant.entries.filter(course="C1").order_by("lecture")[0]
    variant.entries.filter(pk=second.pk).update(day=first.day, period=first.period, room=free.code)
    for code in ("C0", "C1"):  # one person has to be in two places now
        CourseOffering.objects.get(organization=term.organization, course__code=code).instructors.set(
            Instructor.objects.filter(organization=term.organization, code="I2")
        )

    job = GenerationJob.objects.get(pk=ask(term, keep="sound", keep_from=str(variant.pk)).json()["job_id"])

    assert job.fixed["placed_anew"] > 0
    assert not job.fixed["is_settled"]
