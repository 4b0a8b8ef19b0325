"""The next term from this one: previewed, carried over once, undone, and never over what is there."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from rest_framework.test import APIClient

from academics.importing.messages import ImportConflict
from academics.importing.snapshots import digests_read
from academics.models import (
    Availability,
    Course,
    CourseOffering,
    Enrolment,
    Holiday,
    ImportBatch,
    Instructor,
    Meeting,
    Organization,
    Period,
    Room,
    RoomPreference,
    Rule,
    RuleSetting,
    RuleTimeslot,
    Section,
    Term,
    TermPart,
)
from academics.roll_forward.choices import NewTerm, choices_read
from academics.roll_forward.services import Rolled, roll_preview, term_roll
from generation.models import Variant, Workflow
from tests.clients import text_of
from tests.factories import OrganizationFactory, member
from tests.factories.tables import TABLES, files_import, import_run

pytestmark = pytest.mark.django_db
NEXT = NewTerm("T2", dt.date(2027, 2, 1), dt.date(2027, 6, 4), name="Spring")
FILES = TABLES | {
    "sections.csv": "Course,Section,Size,Instructors\nMA1,A,30,rao\nMA1,B,30,kow\n",
    "room preferences.csv": "Course,Room\nMA1,R1\n",
    "holidays.csv": "Name,Date\nDay off,2026-11-02\n",
    "availability.csv": "Instructor,Room,Course,Section,Day,Period,Rating\nrao,,,,Friday,,not available\n,R1,,,Mon-Tue,1-2,-2\n"
    ",,MA1,A,Mon,1,not available\n",
    "timetable.csv": "Course,Section,Day,Period,Room\nMA1,A,Mon,1,R1\nMA1,B,Tue,1,R1\nMA1,B,Fri,5,R1\nPH1,1,Wed,1,R2\n",
}


@pytest.fixture
def organization() -> Organization:
    """With a published timetable, a pin, a band of one, a rule with timeslots, and a setting."""
    organization = OrganizationFactory()
    batch = files_import(organization, FILES)
    assert (batch.problems, batch.error) == ([], "")
    term, variant = Term.objects.get(organization=organization), Variant.objects.get(job__organization=organization)
    Workflow.objects.filter(job=variant.job).update(status="published", variant=variant)
    offerings = {each.course.code: each for each in CourseOffering.objects.filter(term=term)}
    mine: dict[str, Any] = {"organization": organization, "term": term}
    pin = Rule.objects.create(kind="pin_time", day=4, period=4, comment="as ever", **mine)
    pin.offerings.add(offerings["MA1"])
    band = Rule.objects.create(kind="no_overlap", band="Languages", **mine)
    band.offerings.add(offerings["MA1"], offerings["PH1"])
    inside = Rule.objects.create(kind="inside", is_hard=False, **mine)
    inside.offerings.add(offerings["PH1"])
    RuleTimeslot.objects.create(rule=inside, day=2, period=None)
    RuleSetting.objects.create(organization=organization, kind="min_days", offering=offerings["MA1"], is_active=False)
    return organization


def term_of(organization: Organization, code: str = "T1") -> Term:
    return Term.objects.get(organization=organization, code=code)


def rolled(organization: Organization, target: Term | NewTerm = NEXT, *, what: Any = None, departments: Any = ()) -> Rolled:
    choices = choices_read(organization=organization, what=what, departments=departments)
    return term_roll(organization=organization, source=term_of(organization), target=target, choices=choices, user=None)


def test_a_new_term_has_the_week_the_teaching_the_rules_and_the_timetable_of_the_old_one(organization: Organization) -> None:
    done = rolled(organization)

    term = term_of(organization, "T2")
    assert (term.name, term.starts_on, term.is_current, term.num_days) == ("Spring", NEXT.starts_on, False, 5)
    assert list(Period.objects.filter(term=term).values_list("index", "starts_at")) == list(
        Period.objects.filter(term__code="T1").values_list("index", "starts_at")
    )
    algebra = CourseOffering.objects.get(term=term, course__code="MA1")
    assert sorted(algebra.instructors.values_list("code", flat=True)) == ["kow", "rao"]
    assert [(each.count, each.length) for each in algebra.meetings.all()] == [(2, 1)]
    assert CourseOffering.objects.get(term=term, course__code="PH1").part_of == algebra
    assert {each.code: [one.code for one in each.instructors.all()] for each in algebra.sections.all()} == {"A": ["rao"], "B": ["kow"]}
    assert list(RoomPreference.objects.filter(offering=algebra).values_list("room__code", flat=True)) == ["R1"]
    marks = Availability.objects.filter(term=term)
    assert (marks.count(), marks.get(section__isnull=False).section) == (10, algebra.sections.get(code="A"))
    rules = {each.kind: each for each in Rule.objects.filter(term=term)}
    assert (rules["pin_time"].day, rules["pin_time"].period, rules["no_overlap"].band) == (4, 4, "Languages")
    assert list(rules["inside"].timeslots.values_list("day", "period")) == [(2, None)]
    assert RuleSetting.objects.filter(offering=algebra, kind="min_days", is_active=False).exists()
    assert not Holiday.objects.filter(term=term).exists()
    assert not Enrolment.objects.filter(offering__term=term).exists()
    made = Variant.objects.get(job__term=term)
    assert str(made.pk) == done.timetables[0]["variant_id"]
    assert made.job.origin["taken_from"] == "T1, as published"
    before = Variant.objects.get(job__term__code="T1")
    columns = ("section", "day", "period", "room")
    assert sorted(made.entries.values_list(*columns), key=str) == sorted(before.entries.values_list(*columns), key=str)


def test_whoever_waited_while_another_made_the_new_term_finds_it(organization: Organization) -> None:
    """Both looked for the term before either held the lock: both were told that it is new."""
    rolled(organization)
    again = rolled(organization, NEXT)

    assert again.is_nothing
    assert Term.objects.filter(organization=organization, code="T2").count() == 1


def test_rolled_twice_there_is_nothing_new(organization: Organization) -> None:
    rolled(organization)
    before = digests_read(organization=organization)

    again = rolled(organization, term_of(organization, "T2"))

    assert (again.is_nothing, again.batch) == (True, None)
    assert digests_read(organization=organization) == before
    assert Variant.objects.filter(job__term__code="T2").count() == 1


def test_the_preview_says_what_would_come_and_writes_nothing(organization: Organization) -> None:
    before = digests_read(organization=organization)
    choices = choices_read(organization=organization, what=None, departments=())

    shown = roll_preview(organization=organization, source=term_of(organization), target=NEXT, choices=choices)

    counts = {name: counts["added"] for name, counts in shown.counts.items()}
    assert counts == {"terms": 1, "offerings": 2, "room_preferences": 1, "sections": 2, "availability": 10, "rules": 4}
    assert shown.samples["offerings"][0]["key"] == "MA1, T2"
    assert shown.places == 4
    assert digests_read(organization=organization) == before
    assert counts == {name: counts["added"] for name, counts in rolled(organization).counts.items()}


def test_marks_that_came_from_wishes_are_left_to_the_next_form(organization: Organization) -> None:
    Availability.objects.filter(pk=Availability.objects.filter(organization=organization).earliest("pk").pk).update(is_wish=True)
    choices = choices_read(organization=organization, what=None, departments=())

    shown = roll_preview(organization=organization, source=term_of(organization), target=NEXT, choices=choices)

    assert shown.counts["availability"]["added"] == 9
    assert any("1 mark of availability or preference of a room came from wishes, and is left out" in note for note in shown.notes)

    RoomPreference.objects.filter(offering__term__organization=organization).update(is_wish=True)
    rolled(organization)
    assert not RoomPreference.objects.filter(offering__term__code="T2").exists()


def test_weeks_and_parts_come_along_and_those_that_the_new_term_has_not_are_named(organization: Organization) -> None:
    old = term_of(organization)
    TermPart.objects.create(term=old, name="First half", weeks="1-7")
    TermPart.objects.create(term=old, name="Late", weeks="20-30")
    CourseOffering.objects.filter(term=old, course__code="MA1").update(weeks="First half")
    Section.objects.filter(offering__term=old, code="B").update(weeks="odd")
    Meeting.objects.filter(offering__term=old, offering__course__code="PH1").update(weeks="25")

    done = rolled(organization)

    new = term_of(organization, "T2")
    assert dict(TermPart.objects.filter(term=new).values_list("name", "weeks")) == {"First half": "1-7", "Late": "20-30"}
    assert CourseOffering.objects.get(term=new, course__code="MA1").weeks == "First half"
    assert Section.objects.get(offering__term=new, code="B").weeks == "odd"
    note = next(note for note in done.notes if note.startswith("T2 has 18 weeks"))
    assert note.endswith("to be corrected before the first run: part Late (20-30), PH1 (25).")


def test_what_the_new_term_has_already_stays_as_it_is_there(organization: Organization) -> None:
    there = Term.objects.create(organization=organization, code="T2", is_current=False, num_days=4)
    for period in Period.objects.filter(term__code="T1", index__lt=4):
        Period.objects.create(term=there, index=period.index + 1, starts_at=period.starts_at, ends_at=period.ends_at)
    mine = CourseOffering.objects.get(term__code="T1", course__code="MA1")
    kept = CourseOffering.objects.create(organization=organization, term=there, course=mine.course, max_section_size=99)

    done = rolled(organization, there)

    kept.refresh_from_db()
    assert (kept.max_section_size, kept.meetings.count()) == (99, 0)
    assert done.notes[0] == "Offerings that the new term has already and that differ stay as they are there: MA1."
    assert "Left out, because the week of T2 does not have their times: 5 marks of availability." in done.notes  # Fridays
    assert "Left out, because the week of T2 does not have their times: 1 rules." in done.notes
    assert "Left out, because the week of T2 does not have their times: 1 lectures of the timetable." in done.notes
    assert Availability.objects.get(term=there, section__isnull=False).period == 1  # the first of the day is called 1 there


def test_only_what_is_chosen_and_of_whom_is_carried_over(organization: Organization) -> None:
    maths = CourseOffering.objects.get(term__code="T1", course__code="MA1")
    physics = CourseOffering.objects.get(term__code="T1", course__code="PH1").course.department
    course = Course.objects.create(organization=organization, code="PH2", department=physics)
    CourseOffering.objects.create(organization=organization, term=maths.term, course=course, taught_with=maths)

    done = rolled(organization, what=["offerings", "wishes", "rules"], departments=["PHYS"])

    term = term_of(organization, "T2")
    assert CourseOffering.objects.get(term=term, course=course).taught_with is None
    offering = CourseOffering.objects.get(term=term, course__code="PH1")
    assert (offering.course.code, offering.instructors.count(), offering.part_of) == ("PH1", 0, None)
    assert not Section.objects.filter(offering__term=term).exists()
    assert not Availability.objects.filter(term=term).exists()  # Rao is of mathematics
    assert [rule.kind for rule in Rule.objects.filter(term=term)] == ["inside"]
    assert not Variant.objects.filter(job__term=term).exists()
    alone = "Left without the lecture, or the other course, that they belong to, as the new term does not offer it: PH1, PH2."
    assert alone in done.notes
    assert "Times of rooms belong to no department, and are left out." in done.notes


def test_it_is_undone_as_an_import_until_the_term_is_used(organization: Organization) -> None:
    before = digests_read(organization=organization)
    batch = rolled(organization).batch
    assert batch is not None

    import_run(batch, "undo")

    assert digests_read(organization=organization) == before
    assert not Variant.objects.exclude(job__term__code="T1").exists()

    again = rolled(organization).batch
    assert again is not None
    Instructor.objects.filter(code="rao").update(name="Prof. Rao")
    with pytest.raises(ImportConflict, match="edited since: instructors"):
        import_run(again, "undo")


def test_rest_previews_rolls_and_names_the_import_by_which_it_is_undone(organization: Organization) -> None:
    api = APIClient()
    api.force_authenticate(member(organization, "admin"))
    body = {"organization": organization.code, "from_term": "T1", "to_term": "T2"}
    dates = {"starts_on": "2027-02-01", "ends_on": "2027-06-04"}

    def sent(**more: Any) -> Any:
        return api.post("/api/terms/roll-forward/", body | more, format="json")

    assert list(sent().json()) == ["starts_on"], sent().json()
    assert sent(**dates, dry_run=True).json()["counts"]["offerings"]["added"] == 2
    assert not Term.objects.filter(code="T2").exists()
    done = sent(**dates)
    assert (done.status_code, done.json()["to_term"]) == (201, "T2")
    assert Variant.objects.filter(pk=done.json()["timetables"][0]["variant_id"]).exists()
    assert (sent().status_code, sent().json()["import_id"]) == (200, None)
    assert api.post(f"/api/import/{done.json()['import_id']}/undo/").status_code == 200
    assert not Term.objects.filter(code="T2").exists()
    assert list(sent(**dates, what=["magic"]).json()) == ["what"]
    assert list(sent(**dates, departments=["ART"]).json()) == ["departments"]
    assert list(sent(to_term="T1").json()) == ["to_term"]
    assert list(sent(from_term="T0").json()) == ["from_term"]


def test_the_command_says_what_is_carried_over_and_refuses_in_one_line(
    organization: Organization, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["roll_forward", "--organization", organization.code, "--from", "T1", "--to", "T2"]
    dates = ["--starts-on", "2027-02-01", "--ends-on", "2027-06-04"]

    call_command(*command, *dates, "--dry-run")
    assert "Would carry over from T1 to T2" in capsys.readouterr().out
    assert not Term.objects.filter(code="T2").exists()
    call_command(*command, *dates, "--departments", "MATH")
    assert "It can be undone as the import" in capsys.readouterr().out
    call_command(*command, "--departments", "MATH")
    assert "T2 has everything of T1 already." in capsys.readouterr().out
    with pytest.raises(CommandError, match="no department 'ART'") as refusal:
        call_command(*command, "--departments", "ART")
    assert refusal.value.returncode == 2


def test_the_page_shows_what_would_change_and_then_does_it(organization: Organization) -> None:
    client = Client()
    client.force_login(member(organization, "admin"))
    form = {"source": "T1", "target": "T2", "what": ["offerings", "timetable"], "starts_on": "2027-02-01", "ends_on": "2027-06-04"}

    assert "Roll a term forward" in text_of(client.get("/admin/roll-forward/"))
    shown = text_of(client.post("/admin/roll-forward/", form | {"action": "look"}))
    assert "What T2 would get from T1" in shown
    assert not Term.objects.filter(code="T2").exists()
    done = client.post("/admin/roll-forward/", form | {"action": "roll"}, follow=True)
    assert "Undo this import" in text_of(done)
    assert ImportBatch.objects.filter(names=["T1 rolled forward to T2"]).exists()
    refused = client.post("/admin/roll-forward/", form | {"target": "T1"})
    assert (refused.status_code, "rolled forward to itself" in text_of(refused)) == (400, True)
    assert Room.objects.count() == 3
