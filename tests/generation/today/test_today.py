"""A timetable beside the data of today: what no longer fits, where it is said, what a copy makes of it, and the repair."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import caches
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from academics.models import (
    Availability,
    Course,
    CourseOffering,
    Instructor,
    Meeting,
    Membership,
    Period,
    Room,
    RoomFeature,
    Rule,
    Term,
)
from generation.editing.copy import variant_copy
from generation.engine.model.solution import Solution
from generation.engine.search.annealing import Chain
from generation.models import Entry, Variant, Workflow
from generation.problem.builder import problem_load
from generation.problem.stored_problem import problem_of, solution_of
from generation.retention.request import KeepRequest, keeping_previewed
from generation.runs.saga import job_run
from generation.runs.services import JobRequest, job_start
from generation.today.selectors import fit_of, fits_known
from tests.clients import client_of, rest_of, text_of
from tests.factories import OrganizationFactory, TermFactory, member
from tests.factories.editing import editable_variant
from tests.factories.university import university

pytestmark = pytest.mark.django_db
ROOM, PERSON = "R0", "I0"


def published(term: Term) -> Variant:
    """A timetable of the term that breaks no rule, and that everybody reads."""
    problem = problem_load(organization=term.organization, term=term)
    chain = Chain(problem, problem.weights, Solution.empty(problem), seed=1)
    chain.insert(chain.movable, only_clean=False)
    assert chain.score.hard == 0
    variant = editable_variant(problem, chain.current, organization=term.organization, term=term)
    Workflow.objects.filter(pk=variant.job_id).update(status="published", variant=variant)
    return variant


def close(term: Term, **owner: Any) -> None:
    slots = [(day, period) for day in range(5) for period in range(4)]
    facts = {"organization": term.organization, "term": term, **owner}
    Availability.objects.bulk_create(Availability(**facts, day=day, period=period) for day, period in slots)


def break_two_ways(term: Term) -> None:
    """A room is closed all week, and a teacher is away all week."""
    close(term, room=Room.objects.get(organization=term.organization, code=ROOM))
    close(term, instructor=Instructor.objects.get(organization=term.organization, code=PERSON))


def broken_two_ways(variant: Variant) -> int:
    return sum(entry.room == ROOM or PERSON in entry.instructors for entry in variant.entries.all())


def changes(term: Term) -> dict[str, tuple[Callable[[], Any], Callable[[list[Entry]], int], str]]:
    """Kinds of change: what is done, how many lectures it concerns, and what is said of the cause."""
    mine = {"organization": term.organization}
    room, rooms = Room.objects.get(**mine, code=ROOM), Room.objects.filter(**mine)
    person = Instructor.objects.get(**mine, code=PERSON)
    offering = CourseOffering.objects.get(**mine, course__code="C0")
    meeting = Meeting.objects.filter(offering=offering)

    def hers(entries: list[Entry]) -> int:
        return sum(PERSON in entry.instructors for entry in entries)

    def there(entries: list[Entry]) -> int:
        return sum(entry.room == ROOM for entry in entries)

    def other_teacher() -> None:
        offering.instructors.set([Instructor.objects.create(**mine, code="NEW", name="Nora New")])

    def needs_projector() -> None:
        meeting.get().features.add(RoomFeature.objects.create(**mine, code="projector"))

    def rule() -> None:
        entry = Entry.objects.filter(course="C0").order_by("lecture")[0]
        day = ((entry.day or 0) + 1) % 5
        Rule.objects.create(**mine, term=term, kind="pin_time", lecture=0, day=day, period=0).offerings.add(offering)

    of_course: Callable[[list[Entry]], int] = lambda entries: sum(entry.course == "C0" for entry in entries)  # noqa: E731
    in_c0 = CourseOffering.objects.filter(pk=offering.pk)
    return {
        "room closed": (lambda: close(term, room=room), there, f"room {ROOM}"),
        "room removed": (rooms.filter(pk=room.pk).delete, there, "there is no such room any more"),
        "room smaller": (lambda: rooms.filter(pk=room.pk).update(capacity=5), there, f"15 students more than room {ROOM} has seats"),
        "other features": (needs_projector, of_course, "needs projector"),
        "kind of room": (lambda: meeting.update(room_kind="lab"), of_course, "needs a room of the kind lab"),
        "teacher away": (lambda: close(term, instructor=person), hers, f"blocked for {PERSON}"),
        "teacher changed": (other_teacher, of_course, "taught by Nora New today, not by I0"),
        "teacher removed": (Instructor.objects.filter(pk=person.pk).delete, hers, "taught by nobody today, not by I0"),
        "section added": (lambda: in_c0.update(num_sections=2), of_course, "C0/2: 2 lectures have no place"),
        "section removed": (in_c0.delete, of_course, "its section is no longer in the data"),
        "section enlarged": (lambda: in_c0.update(expected_students=55), of_course, "15 students more than room"),
        "lecture longer": (lambda: meeting.update(length=2), of_course, "it lasts 2 periods now, not 1"),
        "lecture gone": (lambda: meeting.update(count=1), lambda entries: 1, "no longer has that many lectures"),
        "fewer days": (
            lambda: Term.objects.filter(pk=term.pk).update(num_days=1),
            lambda entries: sum((entry.day or 0) > 0 for entry in entries),
            "the week no longer has that time",
        ),
        "fewer periods": (
            lambda: Period.objects.filter(term=term, index__gt=0).delete(),
            lambda entries: sum((entry.period or 0) > 0 for entry in entries),
            "the week no longer has that time",
        ),
        "rule added": (rule, lambda entries: 1, "is to stay"),
    }


def test_each_kind_of_change_is_counted_and_told_with_its_cause() -> None:
    term = university()
    variant = published(term)
    entries = list(variant.entries.all())
    found, expected = {}, {}
    for kind, (change, count, words) in changes(term).items():
        with transaction.atomic():
            change()
            fit = fit_of(variant)
            said = any(words in line for line in fit.lines) or fit.lines
            transaction.set_rollback(True)
        found[kind] = (fit.num_lectures + fit.num_missing, said, fit.is_compared, fit.is_ok)
        expected[kind] = (count(entries), True, True, False)

    assert found == expected
    assert all(count for count, *_ in found.values())
    assert fit_of(variant).is_ok


def test_what_cannot_be_compared_is_said() -> None:
    term = university()
    variant = published(term)
    client = client_of(term, "admin")
    for change in (Period.objects.filter(term=term, index=0), CourseOffering.objects.filter(term=term), Period.objects.filter(term=term)):
        with transaction.atomic():
            change.delete()
            has_week = Period.objects.filter(term=term).exists()
            fit = fit_of(variant)
            shown = text_of(client.get(f"/admin/timetables/{variant.job_id}/review"))
            fit_shown = rest_of(term, "reviewer").get(f"/api/timetable/variants/{variant.pk}/").json()["fits_today"]
            made = variant_copy(variant=variant, user=member(term.organization, "admin"))
            transaction.set_rollback(True)
        assert (fit.is_ok, fit.is_compared) == (False, False)
        assert "compared with today&#x27;s data" in shown
        assert ("has no periods" in fit.obstacle) is not has_week
        assert (fit_shown["ok"], fit_shown["is_compared"], fit_shown["reasons"]) == (False, False, [fit.obstacle])
        assert (made.certificate["differs"]["headline"], made.hard) == (fit.obstacle, variant.hard)


def test_what_an_archive_left_open_of_its_size_is_compared_after_the_page() -> None:
    term = university()
    variant = published(term)
    Variant.objects.filter(pk=variant.pk).update(statistics={"lectures": None})
    client = client_of(term, "admin")
    for address in ("/", f"/admin/timetables/{variant.job_id}/review", f"/timetables/{term.organization.code}/"):
        assert "data-today=" in text_of(client.get(address))


def test_who_stood_for_nobody_in_an_earlier_release_is_missed_by_nobody() -> None:
    term = university()
    variant = published(term)  # I0 was a person then, as far as that release knew
    Instructor.objects.filter(organization=term.organization, code=PERSON).update(name="T.B.A.")
    job = variant.job

    assert (fit_of(variant).is_ok, fit_of(variant).lines) == (True, ())
    keeping = keeping_previewed(job=job, request=KeepRequest("sound", str(variant.pk)))
    assert (keeping.renewed, keeping.summary()["taught_by_others"]) == ((), 0)

    new = Instructor.objects.create(organization=term.organization, code="NEW", name="Nora New")
    CourseOffering.objects.get(term=term, course__code="C0").instructors.set([new])
    assert "taught by Nora New today, not by T.B.A." in fit_of(variant).lines[0]


def test_data_that_are_gone_altogether_are_told_too() -> None:
    term = university()
    variant = published(term)
    client = client_of(term, "admin")
    for model in (Room, Instructor, Meeting, Course, Period):
        with transaction.atomic():
            mine = (
                {"term": term} if model is Period else {"offering__term": term} if model is Meeting else {"organization": term.organization}
            )
            model.objects.filter(**mine).delete()  # type: ignore[attr-defined]
            fit = fit_of(variant)
            shown = client.get("/")
            transaction.set_rollback(True)
        assert (fit.is_ok, shown.status_code) == (False, 200)


def test_what_was_broken_already_is_not_told_as_new() -> None:
    term = university()
    variant = published(term)
    break_two_ways(term)
    made = variant_copy(variant=variant, user=member(term.organization, "admin"))

    assert made.hard > 0
    assert fit_of(made).is_ok
    shown = text_of(client_of(term, "admin").get(f"/admin/timetables/{made.job_id}/review"))
    assert "no lecture has stopped fitting since it was evaluated" in shown
    fit_shown = rest_of(term, "admin").get(f"/api/timetable/variants/{made.pk}/").json()["fits_today"]
    assert (fit_shown["ok"], fit_shown["lectures"]) == (False, broken_two_ways(variant))
    assert "already when the timetable was evaluated" in fit_shown["reasons"][0]


def test_a_published_timetable_that_no_longer_fits_is_told_wherever_it_is_shown() -> None:
    term = university()
    variant = published(term)
    admin, reviewer, viewer = (client_of(term, role) for role in ("admin", "reviewer", "viewer"))
    pages = {
        "home": "/",
        "timetables": "/admin/timetables/",
        "review": f"/admin/timetables/{variant.job_id}/review",
        "grid": f"/admin/timetables/{variant.job_id}/grid",
        "published": f"/timetables/{term.organization.code}/",
        "published week": f"/timetables/{term.organization.code}/room/{ROOM}/",
    }
    for address in pages.values():
        assert "no longer" not in text_of(admin.get(address))
    break_two_ways(term)
    words = f"{broken_two_ways(variant)} lectures no longer fit today&#x27;s data"

    shown = {name: text_of(admin.get(address)) for name, address in pages.items()}

    assert {name for name, text in shown.items() if words in text} == set(pages)
    repair = f"/admin/timetables/new?term={term.pk}&amp;keep=sound&amp;keep_from={variant.pk}"
    assert {name for name in ("review", "grid", "published", "published week") if repair in shown[name]} == set(pages) - {
        "home",
        "timetables",
    }
    for name in ("review", "grid"):
        assert f"in room {ROOM}" in shown[name]
        assert f"blocked for {PERSON}" in shown[name]
    assert "The published timetable is out of date" in shown["home"]
    assert words in text_of(reviewer.get(pages["review"]))
    assert repair not in text_of(reviewer.get(pages["review"]))
    for client in (viewer, reviewer):
        assert words not in text_of(client.get(pages["published"]))


def test_the_repair_is_of_the_timetables_institution_whichever_was_chosen() -> None:
    term = university()
    variant = published(term)
    user = member(term.organization, "admin")
    other, strange = OrganizationFactory(code="lake", name="Lake College"), TermFactory()
    Membership.objects.create(organization=other, user=user, role="admin")
    client = Client()
    client.force_login(user)
    client.get("/", {"organization": "lake"})

    form = client.get("/admin/timetables/new", {"term": term.pk, "keep": "sound", "keep_from": str(variant.pk)})

    assert form.context["organization"] == term.organization
    assert str(variant.pk) in text_of(form)
    assert client.get("/admin/timetables/new", {"term": strange.pk}).context["organization"] == term.organization


@pytest.mark.django_db(transaction=True)
def test_the_repair_places_just_what_no_longer_fits() -> None:
    term = university()
    variant = published(term)
    break_two_ways(term)
    Availability.objects.filter(instructor__code=PERSON, day__gt=0).delete()  # away on Mondays only, else nothing can be done
    fit = fit_of(variant)

    request = JobRequest(organization=term.organization.code, time_limit_s=1, variants=1, keep="sound", keep_from=str(variant.pk))
    job = job_start(user=None, request=request, is_queued=False)
    job_run(job_id=job.pk)

    job.refresh_from_db()
    assert (job.status, job.fixed["placed_anew"]) == ("completed", fit.num_lectures)
    made = job.variants.get()
    assert (made.hard, fit_of(made).is_ok) == (0, True)


def test_over_rest_readers_are_told_and_viewers_are_not() -> None:
    term = university()
    variant = published(term)
    address = f"/api/timetable/variants/{variant.pk}/"
    reviewer = rest_of(term, "reviewer")
    assert reviewer.get("/api/timetable/variants/").json()["results"][0]["fits_today"] is None
    assert reviewer.get(address).json()["fits_today"] == {"ok": True, "is_compared": True, "lectures": 0, "reasons": []}
    break_two_ways(term)

    fit_shown = reviewer.get(address).json()["fits_today"]

    assert (fit_shown["ok"], fit_shown["lectures"]) == (False, broken_two_ways(variant))
    assert any(f"in room {ROOM}" in reason for reason in fit_shown["reasons"])
    assert reviewer.get("/api/timetable/variants/").json()["results"][0]["fits_today"] == fit_shown
    assert rest_of(term, "viewer").get(address).json()["fits_today"] is None
    Workflow.objects.filter(pk=variant.job_id).update(status="archived")
    assert reviewer.get(address).json()["fits_today"] is None


def test_a_copy_is_judged_by_today_shows_todays_people_and_says_what_differs() -> None:
    term = university()
    variant = published(term)
    close(term, room=Room.objects.get(organization=term.organization, code=ROOM))
    new = Instructor.objects.create(organization=term.organization, code="NEW", name="Nora New")
    CourseOffering.objects.get(term=term, course__code="C0").instructors.set([new])
    CourseOffering.objects.filter(term=term, course__code="C1").update(num_sections=2)
    in_room = variant.entries.filter(room=ROOM).count()
    client = client_of(term, "admin")

    answer = client.post(f"/admin/timetables/{variant.job_id}/copy", {"variant": str(variant.pk), "form_key": "a"}, follow=True)

    made = Variant.objects.exclude(pk=variant.pk).get()
    assert made.breakdown["room_availability"] == in_room
    assert made.hard == in_room + 2  # two lectures of a new section have no place
    assert {tuple(each) for each in made.entries.filter(course="C0").values_list("instructors", flat=True)} == {("NEW",)}
    assert made.entries.filter(section="C1/2", day=None).count() == 2
    places = [list(each.entries.filter(section__in=("C1", "C1/1")).values_list("day", "period", "room")) for each in (variant, made)]
    assert places[0] == places[1]
    assert problem_of(job=made.job).num_lectures == variant.entries.count() + 2
    text = text_of(answer)
    assert "In the original, " in text
    assert "taught by Nora New today, not by I0" in text
    assert "C1/2: 2 lectures have no place in this timetable" in text
    assert f"By the rules and wishes of today it has {made.hard} broken rules instead of 0, and cost {made.soft}" in text
    assert fit_of(made).is_ok


def test_a_copy_that_fits_but_is_counted_otherwise_today_says_so() -> None:
    term = university()
    variant = published(term)
    Variant.objects.filter(pk=variant.pk).update(soft=variant.soft + 7)  # as an earlier release or other weights counted it
    Room.objects.create(organization=term.organization, code="NEW", name="New", capacity=1)

    made = variant_copy(variant=Variant.objects.get(pk=variant.pk), user=member(term.organization, "reviewer"))

    said = f"By the rules and wishes of today it has 0 broken rules as before, and cost {made.soft} instead of {variant.soft + 7}."
    assert made.certificate["differs"]["lines"] == [said]


def test_it_is_worked_out_once_for_a_revision_and_lists_ask_once_for_all() -> None:
    term = university()
    first = published(term)
    others = [
        editable_variant(problem_of(job=first.job), solution_of(variant=first), organization=term.organization, term=term) for _ in "ab"
    ]
    every = [Variant.objects.select_related("job").get(pk=each.pk) for each in (first, *others)]
    caches["figures"].clear()
    for variant in every:
        fit_of(variant)

    with CaptureQueriesContext(connection) as queries:
        known = fits_known(every)

    assert (len(queries), set(known)) == (1, {variant.pk for variant in every})
    with CaptureQueriesContext(connection) as queries:
        assert fit_of(first).is_ok
    assert len(queries) == 1
    Course.objects.filter(organization=term.organization, code="C0").update(name="Renamed")
    assert fits_known(every) == {}


def test_a_timetable_that_is_not_small_is_fetched_after_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    term = university()
    variant = published(term)
    break_two_ways(term)
    monkeypatch.setattr("generation.today.selectors.SMALL_LECTURES", 5)
    client = client_of(term, "admin")
    part = f"/admin/timetables/{variant.job_id}/today?variant={variant.pk}&amp;part="
    for name, address in (("whole", f"{variant.job_id}/review"), ("whole", f"{variant.job_id}/grid"), ("line", "")):
        assert f'data-today="{part}{name}"' in text_of(client.get(f"/admin/timetables/{address}"))
    assert f'data-today="{part}published"' in text_of(client.get(f"/timetables/{term.organization.code}/"))

    words = f"{broken_two_ways(variant)} lectures no longer fit today&#x27;s data"
    for name in ("whole", "line", "published"):
        assert words in text_of(client.get(f"{part.replace('&amp;', '&')}{name}"))
    assert words in text_of(client.get("/admin/timetables/"))
    assert client.get(f"{part.replace('&amp;', '&')}nonsense").status_code == 404
