"""What is otherwise on single dates: who may say so, what is refused, and what pages, REST and calendars make of it."""

from __future__ import annotations

import datetime as dt
import io
import json
import shutil
import subprocess
import zlib
from typing import Any

import openpyxl
import pytest
import vobject
from django.test import Client

from academics.models import Holiday, Instructor, Room
from generation.models import GenerationJob, LectureException, Seating, Workflow
from generation.publication.feeds import feed_create, feed_token
from generation.review.workflow import workflow_publish
from tests.factories import OrganizationFactory, UserFactory, member, review_job

pytestmark = pytest.mark.django_db
PDFTOTEXT = shutil.which("pdftotext")
reads_pdf = pytest.mark.skipif(PDFTOTEXT is None, reason="pdftotext is not installed (Debian's poppler-utils)")
# Of the factory's term, 5 October to 29 January: Algebra is on Mondays 08:00 in R1 with Kowalska; Chemistry on Tuesdays in period 2,
# in R1 with Kowalska and Nowak; the Biology lab on Tuesdays in periods 1 and 2 with Lodz; Drama on Fridays in period 3 in R2.
MONDAY = dt.date(2026, 10, 12)
TUESDAY, FRIDAY, LATER = MONDAY + dt.timedelta(days=1), MONDAY + dt.timedelta(days=4), MONDAY + dt.timedelta(days=7)
ALGEBRA, CHEMISTRY = 0, 2
EXCEPTIONS = "/api/timetable/exceptions/?organization=wawel"


@pytest.fixture
def job(settings: Any, tmp_path: Any) -> GenerationJob:
    settings.CACHES = settings.CACHES | {"exports": settings.CACHES["exports"] | {"LOCATION": tmp_path / "exports"}}
    job = review_job(organization=OrganizationFactory(code="wawel", is_public=True), num_variants=1, workflow="published")
    for code in ("R1", "R2", "R3", "LAB"):
        Room.objects.create(organization=job.organization, code=code, capacity=40)
    for code in ("Kowalska", "Nowak", "Zielinska"):
        Instructor.objects.create(organization=job.organization, code=code, name=f"Dr {code}")
    return job


@pytest.fixture
def admin(job: GenerationJob) -> Client:
    client = Client()
    client.force_login(member(job.organization, "admin"))
    return client


def make(admin: Client, lecture: int, date: dt.date, kind: str, **facts: Any) -> Any:
    body = {"lecture": lecture, "date": date.isoformat(), "kind": kind, **facts}
    return admin.post(EXCEPTIONS, body, content_type="application/json")


def made(admin: Client, lecture: int, date: dt.date, kind: str, **facts: Any) -> str:
    answer = make(admin, lecture, date, kind, **facts)
    assert answer.status_code == 201, answer.content
    return str(answer.json()["id"])


def week(admin: Client, by: str, key: str, date: dt.date = MONDAY) -> list[tuple[str, str, int, str, bool, list[str]]]:
    """Of each lecture of that week: its date, section, period and room, whether it is held, and what is said of it."""
    answer = admin.get(f"/api/timetable/published/week/?organization=wawel&by={by}&key={key}&date={date.isoformat()}")
    assert answer.status_code == 200, answer.content
    return [
        (day["date"], one["section"], one["period"], one["room"], one["is_held"], one["changes"])
        for day in answer.json()["days"]
        for one in day["lectures"]
    ]


def page(by: str, key: str, date: dt.date = MONDAY) -> str:
    answer = Client().get(f"/timetables/wawel/{by}/{key}/?view=week&date={date.isoformat()}")
    assert answer.status_code == 200
    return " ".join(str(answer.content.decode()).split())


def calendar(job: GenerationJob, by: str, key: str) -> list[Any]:
    feed, _ = feed_create(user=member(job.organization, "viewer"), organization_code="wawel", by=by, key=key)
    text = Client().get(f"/feeds/{feed_token(feed)}.ics").content.decode()
    return list(getattr(vobject.readOne(text), "vevent_list", []))


def times(events: list[Any]) -> list[dt.datetime]:
    """All times of a calendar as a reader shows them: those of the series, without what is left out or otherwise, and these."""
    series = [each for each in events if not hasattr(each, "recurrence_id")]
    otherwise = [each for each in events if hasattr(each, "recurrence_id")]
    instead = {(each.uid.value, each.recurrence_id.value) for each in otherwise}
    found = [each.dtstart.value for each in otherwise]
    for each in series:
        all_of_it = list(each.getrruleset(addRDate=True)) if hasattr(each, "rrule") else [each.dtstart.value]
        found += [time for time in all_of_it if (each.uid.value, time) not in instead]
    return sorted(found)


@pytest.mark.both_databases
def test_a_cancelled_lecture_is_struck_out_and_leaves_the_calendars(admin: Client, job: GenerationJob) -> None:
    before = calendar(job, "section", "ALG-1")
    made(admin, ALGEBRA, MONDAY, "cancel", note="Conference.")

    assert week(admin, "section", "ALG-1") == [("2026-10-12", "ALG-1", 0, "R1", False, ["cancelled"])]
    assert week(admin, "section", "ALG-1", LATER) == [("2026-10-19", "ALG-1", 0, "R1", True, [])]
    assert '<span class="mark">cancelled</span> Conference.' in page("section", "ALG-1")
    assert "cancelled" not in page("section", "ALG-1", LATER)
    (event,) = calendar(job, "section", "ALG-1")
    assert [each.date() for each in times(before) if each not in times([event])] == [MONDAY]
    assert (event.uid.value, event.sequence.value) == (before[0].uid.value, str(int(before[0].sequence.value) + 1))


def test_a_lecture_is_made_up_on_another_day(admin: Client, job: GenerationJob) -> None:
    made(admin, ALGEBRA, MONDAY, "move", to_date=FRIDAY.isoformat(), to_period=1, room="R3")

    assert week(admin, "instructor", "Kowalska") == [
        ("2026-10-12", "ALG-1", 0, "R1", False, ["moved to Fri 16 Oct, 09:00", "in R3"]),
        ("2026-10-13", "CHE-1", 2, "R1", True, []),
        ("2026-10-16", "ALG-1", 1, "R3", True, ["moved from Mon 12 Oct, 08:00", "instead of R1"]),
        ("2026-10-16", "DRA-1", 3, "R2", True, []),
    ]
    assert [row[3:] for row in week(admin, "room", "R3")] == [("R3", True, ["moved from Mon 12 Oct, 08:00", "instead of R1"])]
    assert "moved from Mon 12 Oct, 08:00" in page("room", "R3"), "a room that only an exception uses has a page of its own"
    series, otherwise = sorted(calendar(job, "section", "ALG-1"), key=lambda each: hasattr(each, "recurrence_id"))
    assert series.uid.value == otherwise.uid.value
    assert (otherwise.recurrence_id.value.date(), otherwise.dtstart.value.date(), otherwise.location.value) == (MONDAY, FRIDAY, "R3")
    assert [each.date() for each in times([series, otherwise])][:3] == [MONDAY - dt.timedelta(days=7), FRIDAY, LATER]
    (alone,) = calendar(job, "room", "R3")
    assert (alone.dtstart.value, hasattr(alone, "rrule")) == (otherwise.dtstart.value, False)
    assert MONDAY not in [each.date() for each in times(calendar(job, "room", "R1"))]


def test_a_lecture_is_covered_by_a_colleague(admin: Client, job: GenerationJob) -> None:
    made(admin, CHEMISTRY, TUESDAY, "cover", absent="Nowak", cover="Zielinska")

    assert [row[4:] for row in week(admin, "instructor", "Nowak")] == [(False, ["covered by Dr Zielinska"])]
    assert [row[4:] for row in week(admin, "instructor", "Zielinska")] == [(True, ["Dr Zielinska covers for Dr Nowak"])]
    assert [row[4:] for row in week(admin, "section", "CHE-1")] == [(True, ["Dr Zielinska covers for Dr Nowak"])]
    assert TUESDAY not in [each.date() for each in times(calendar(job, "instructor", "Nowak"))]
    assert [each.date() for each in times(calendar(job, "instructor", "Zielinska"))] == [TUESDAY]


def test_what_is_taken_back_is_as_in_the_timetable_again(admin: Client, job: GenerationJob) -> None:
    plain, before = week(admin, "section", "ALG-1"), calendar(job, "section", "ALG-1")
    number = made(admin, ALGEBRA, MONDAY, "room", room="R3")
    assert week(admin, "section", "ALG-1") != plain
    for _ in range(2):
        assert admin.delete(f"/api/timetable/exceptions/{number}/").status_code == 204

    assert week(admin, "section", "ALG-1") == plain
    assert times(calendar(job, "section", "ALG-1")) == times(before)
    row = LectureException.objects.get(pk=number)
    assert row.created_by == row.undone_by != None  # noqa: E711 - who did both stays known
    assert admin.get(f"/api/timetable/exceptions/{number}/").status_code == 404


def test_the_same_again_is_the_same_and_another_thing_is_refused(admin: Client, job: GenerationJob) -> None:
    first = made(admin, ALGEBRA, MONDAY, "cancel")
    again = make(admin, ALGEBRA, MONDAY, "cancel")
    assert (again.status_code, again.json()["id"]) == (200, first)
    other = make(admin, ALGEBRA, MONDAY, "room", room="R3")
    assert (other.status_code, "Take that back first" in other.json()["detail"]) == (409, True)
    assert LectureException.objects.count() == 1


@pytest.mark.parametrize(
    ("lecture", "date", "facts", "why"),
    [
        (ALGEBRA, TUESDAY, {"kind": "cancel"}, "this lecture is on Mondays"),
        (ALGEBRA, dt.date(2026, 9, 28), {"kind": "cancel"}, "outside the term"),
        (ALGEBRA, dt.date(2026, 12, 28), {"kind": "cancel"}, "it is Winter break"),
        (99, MONDAY, {"kind": "cancel"}, "no lecture 99"),
        (ALGEBRA, MONDAY, {"kind": "cancel", "room": "R3"}, "no other day, room or instructor"),
        (ALGEBRA, MONDAY, {"kind": "move"}, "to which day"),
        (ALGEBRA, MONDAY, {"kind": "move", "to_date": "2026-12-28"}, "it is Winter break"),
        (ALGEBRA, MONDAY, {"kind": "move", "to_date": "2027-03-01"}, "outside the term"),
        (ALGEBRA, MONDAY, {"kind": "move", "to_period": 40}, "too late or not there"),
        (ALGEBRA, MONDAY, {"kind": "room", "room": "R1"}, "there already"),
        (ALGEBRA, MONDAY, {"kind": "room", "room": "R99"}, "no room 'R99'"),
        (ALGEBRA, MONDAY, {"kind": "cover", "cover": "Nobody"}, "no instructor 'Nobody'"),
        (CHEMISTRY, TUESDAY, {"kind": "cover", "cover": "Zielinska"}, "Say which of them is covered"),
        (ALGEBRA, MONDAY, {"kind": "cancel", "wrong": 1}, "wrong"),
    ],
)
def test_what_is_no_day_room_or_person_of_the_lecture_is_refused(
    admin: Client, job: GenerationJob, lecture: int, date: dt.date, facts: Any, why: str
) -> None:
    Holiday.objects.create(term=job.term, name="Winter break", starts_on=dt.date(2026, 12, 23), ends_on=dt.date(2027, 1, 6))
    answer = make(admin, lecture, date, **facts)
    assert (answer.status_code, why in answer.json().__repr__()) == (400, True), answer.content
    assert not LectureException.objects.exists()


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"kind": "move", "to_date": TUESDAY.isoformat(), "to_period": 2}, "R1 is taken by CHE-1 (Tue 13 Oct, 10:00)."),
        ({"kind": "move", "to_date": TUESDAY.isoformat(), "to_period": 2, "room": "R3"}, "Dr Kowalska teaches CHE-1"),
        ({"kind": "move", "to_date": TUESDAY.isoformat(), "to_period": 1, "room": "R3"}, "CUR1 attends BIO-1"),
        ({"kind": "move", "to_date": LATER.isoformat()}, "ALG-1 attends another lecture of ALG"),
    ],
)
def test_a_clash_on_the_other_day_is_refused_and_named(admin: Client, job: GenerationJob, facts: Any, why: str) -> None:
    answer = make(admin, ALGEBRA, MONDAY, **facts)
    assert (answer.status_code, why in answer.json()["detail"]) == (409, True), answer.content


def test_a_place_that_somebody_took_meanwhile_is_not_taken_back(admin: Client, job: GenerationJob) -> None:
    number = made(admin, CHEMISTRY, TUESDAY, "move", to_date=FRIDAY.isoformat(), to_period=0)
    made(admin, ALGEBRA, MONDAY, "move", to_date=TUESDAY.isoformat(), to_period=3)
    made(admin, ALGEBRA, LATER, "move", to_date=TUESDAY.isoformat(), to_period=0)
    undone = admin.delete(f"/api/timetable/exceptions/{number}/")
    assert undone.status_code == 204, "neither stands where it was"

    again = made(admin, CHEMISTRY, TUESDAY, "move", to_date=FRIDAY.isoformat(), to_period=0)
    third = dt.date(2026, 10, 26)
    answer = make(admin, ALGEBRA, third, "move", to_date=TUESDAY.isoformat(), to_period=2, room="R1")
    assert answer.status_code == 409, "the lab of the same group is then"
    assert "CUR1 attends BIO-1" in answer.json()["detail"]
    job.variants.get().entries.filter(course="BIO").update(curricula=[])
    made(admin, ALGEBRA, third, "move", to_date=TUESDAY.isoformat(), to_period=2, room="R1")
    taken = admin.delete(f"/api/timetable/exceptions/{again}/")
    assert (taken.status_code, "R1 is taken by ALG-1" in taken.json()["detail"]) == (409, True)


def test_an_exception_follows_its_lecture_into_a_later_edition(admin: Client, job: GenerationJob) -> None:
    """As long as it is on that day; a series that another edition moves ends, and a new one begins."""
    made(admin, ALGEBRA, LATER, "cancel")
    other = review_job(organization=job.organization, term=job.term, num_variants=1, workflow="approved")
    other.variants.get().entries.filter(course="ALG").update(period=3)
    workflow_publish(workflow=Workflow.objects.get(job=other), user=UserFactory(), valid_from=MONDAY)

    assert [row[2:5] for row in week(admin, "section", "ALG-1", LATER)] == [(3, "R1", False)]
    first, second = sorted(calendar(job, "section", "ALG-1"), key=lambda each: each.dtstart.value)
    assert first.uid.value != second.uid.value
    assert [(each.date(), each.hour) for each in times([first, second])][:3] == [
        (MONDAY - dt.timedelta(days=7), 8),
        (MONDAY, 11),
        (LATER + dt.timedelta(days=7), 11),
    ]
    (chemistry,) = calendar(job, "section", "CHE-1")
    assert len(times([chemistry])) == 17, "what both editions have alike is one series"


def test_the_page_of_a_lecture_on_a_date(admin: Client, job: GenerationJob, django_assert_max_num_queries: Any) -> None:
    shown = admin.get("/timetables/wawel/section/ALG-1/?view=week&date=2026-10-12").content.decode()
    assert "/admin/timetables/dates/?organization=wawel" in shown
    address = f"/admin/timetables/dates/{job.variants.get().pk}/{ALGEBRA}/2026-10-12"
    listed = admin.get("/admin/timetables/dates/?organization=wawel&by=section&key=ALG-1&date=2026-10-12").content.decode()
    assert address in listed

    refused = admin.post(address, {"kind": "move", "to_date": "2026-10-13", "to_period": "2", "note": "Away"})
    assert "R1 is taken by CHE-1" in refused.content.decode()
    assert 'value="Away"' in refused.content.decode()
    done = admin.post(address, {"kind": "room", "room": "R3", "to_date": "", "to_period": ""}, follow=True).content.decode()
    assert "instead of R1" in done
    assert "Take it back" in done
    with django_assert_max_num_queries(40):
        admin.get(address)
    admin.post(address, {"action": "undo"})
    assert [row[4:] for row in week(admin, "section", "ALG-1")] == [(True, [])]
    assert admin.get(address.replace("2026-10-12", "2026-10-13")).status_code == 404


def test_an_instructor_reads_the_own_week(admin: Client, job: GenerationJob) -> None:
    reader, client = member(job.organization, "viewer", email="reader@example.org"), Client()
    client.force_login(reader)
    assert client.get("/api/timetable/me/week/?organization=wawel").status_code == 404
    Instructor.objects.filter(code="Kowalska").update(email=reader.email)
    made(admin, ALGEBRA, MONDAY, "cancel")
    days = client.get("/api/timetable/me/week/?organization=wawel&date=2026-10-12").json()["days"]
    assert [(one["section"], one["kind"]) for day in days for one in day["lectures"]] == [
        ("ALG-1", "cancel"),
        ("CHE-1", None),
        ("DRA-1", None),
    ]


@pytest.mark.parametrize("kind", ["csv", "json", "xlsx", pytest.param("pdf", marks=reads_pdf)])
def test_the_files_of_a_week_mark_what_is_otherwise(admin: Client, job: GenerationJob, kind: str) -> None:
    made(admin, ALGEBRA, MONDAY, "cancel", note="Conference.")
    address = f"/timetables/wawel/files/{kind}?by=section&key=ALG-1"
    assert f"files/{kind}?by=section&amp;key=ALG-1&amp;date=2026-10-12" in page("section", "ALG-1")

    week_file, plain = Client().get(f"{address}&date=2026-10-12"), Client().get(address)
    assert (week_file.status_code, plain.status_code) == (200, 200)
    assert "2026-10-12" in week_file.headers["Content-Disposition"]
    text = read(week_file.content, kind)
    assert "cancelled" in text
    assert "Conference." in text
    assert "cancelled" not in read(plain.content, kind)
    assert "cancelled" not in read(Client().get(f"{address}&date=2026-10-19").content, kind)
    assert Client().get(f"{address}&date=soon").status_code == 404


def read(content: bytes, kind: str) -> str:
    if kind == "pdf":
        return subprocess.run([str(PDFTOTEXT), "-", "-"], input=content, capture_output=True, check=True).stdout.decode()
    if kind == "xlsx":
        rows = openpyxl.load_workbook(io.BytesIO(content))["Lectures"].iter_rows(values_only=True)
        return " ".join(str(value) for row in rows for value in row)
    return content.decode()


def test_students_who_have_another_lecture_then_are_counted_before_a_lecture_moves(admin: Client, job: GenerationJob) -> None:
    """Of three in Algebra one attends Drama, too, and a fourth attends Drama alone."""
    variant = job.variants.get()
    names = sorted({entry.section for entry in variant.entries.all()})
    algebra, drama = (names.index(next(name for name in names if name.startswith(letter))) for letter in "AD")
    seats = {"Ada": [algebra, drama], "Boris": [algebra], "Carl": [algebra], "Dora": [drama]}
    document = {"sections": names, "students": seats}
    Seating.objects.update_or_create(variant=variant, defaults={"data": zlib.compress(json.dumps(document).encode())})
    then = {"kind": "move", "to_date": FRIDAY.isoformat(), "to_period": "3", "cover": "Nowak"}
    address = f"/admin/timetables/dates/{variant.pk}/{ALGEBRA}/{MONDAY.isoformat()}"

    asked = admin.post(address, {"action": "make", **then})
    assert "1 of its" in asked.content.decode()
    assert not LectureException.objects.exists()
    admin.post(address, {"action": "make", "accepted": "yes", **then})
    assert LectureException.objects.count() == 1
    answer = make(admin, ALGEBRA, LATER, "move", to_date=(FRIDAY + dt.timedelta(days=7)).isoformat(), to_period=3, cover="Nowak")
    assert (answer.status_code, answer.json()["students_elsewhere"]) == (201, 1)
    assert make(admin, ALGEBRA, LATER + dt.timedelta(days=7), "cancel").json()["students_elsewhere"] == 0
