"""Files of other programs through the page and REST: what is said before anything is written, what is decided, and the way back."""

from __future__ import annotations

import random
import re
import time
from collections import Counter
from contextlib import suppress
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client

from academics.importing import batches, queue
from academics.importing.batches import batch_run
from academics.importing.messages import ImportRefusal
from academics.importing.queue import batch_start
from academics.importing.snapshots import digests_read
from academics.models import CourseOffering, ImportBatch, Instructor, Organization, Room, RoomFeature, Rule, StudentGroup, Term
from erp.published_files import format_name_of
from generation.formats import FormatError
from generation.models import Variant
from tests.factories import OrganizationFactory, member
from tests.fet_files import activity, element, fet_text

pytestmark = pytest.mark.django_db
DATA = Path(__file__).parent.parent / "data"
PAGE, REST = "/admin/import/", "/api/import/"
LOCK = [("Preferred_Day", "Tu"), ("Preferred_Hour", "9"), ("Permanently_Locked", "false")]
FET = fet_text(
    [activity(1, teacher="T1", students="A1", length=2), activity(2, teacher="T2", students="B")],
    time=[
        element("TwoActivitiesOrdered", [("First_Activity_Id", 1), ("Second_Activity_Id", 2)]),
        element("ActivityPreferredStartingTime", [("Activity_Id", 2), *LOCK]),
    ],
    rooms="<Room><Name>R1</Name><Building></Building><Capacity>30000</Capacity><Virtual>false</Virtual></Room>",
)
GAPS = fet_text([activity(1, teacher="T1", students="B")], time=[element("StudentsMaxGapsPerWeek", [("Max_Gaps", 0)])])


@pytest.fixture(autouse=True)
def worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Does at once what the queue would bring to another process."""

    def work(row: ImportBatch) -> None:
        with suppress(ImportRefusal):  # it is in the row
            batch_run(batch_id=row.pk, attempt=row.attempt)

    monkeypatch.setattr(queue, "step_send", work)


@pytest.fixture
def organization() -> Organization:
    return OrganizationFactory(name="Faculty", code="faculty")


@pytest.fixture
def admin(organization: Organization) -> Client:
    client = Client()
    client.force_login(member(organization, "admin"))
    return client


def given(client: Client, text: str, *, name: str = "school.fet", to: str = PAGE, **fields: Any) -> Any:
    return client.post(to, {"files": SimpleUploadedFile(name, text.encode()), **fields}, follow=to == PAGE)


def page(answer: Any) -> str:
    return str(answer.content.decode())


def act(client: Client, answer: Any, **form: Any) -> Any:
    return client.post(answer.request["PATH_INFO"], form, follow=True)


def test_a_file_of_fet_is_shown_imported_and_undone(admin: Client, organization: Organization) -> None:
    checked = given(admin, FET, name="our school.txt")  # known by what is in it

    assert "A whole institution: 2 lectures a week, 1 rule" in page(checked)
    assert "The 1 place of lectures that it holds becomes a timetable of the term" in page(checked)
    assert "1 room has more than 10,000 seats, and 10,000 here" in page(checked)
    assert not Room.objects.exists()

    done = act(admin, checked, action="institution", uses="pins")
    assert "The timetable was taken over: 1 of 2 lectures" in page(done)
    assert (Room.objects.get().capacity, CourseOffering.objects.count()) == (10_000, 2)
    assert sorted(Rule.objects.values_list("kind", flat=True)) == ["before", "pin_time"]
    assert Variant.objects.get().entries.get(day__isnull=False).day == 1
    organization.refresh_from_db()
    assert (organization.name, organization.source["imported_from"]) == ("Faculty", "fet")

    again = given(admin, FET, name="our school.txt")
    assert "Nothing would change" in page(again)

    undone = act(admin, done, action="undo")
    assert "everything is as it was before" in page(undone)
    organization.refresh_from_db()
    assert (organization.source, organization.weights) == ({}, {})
    assert not CourseOffering.objects.exists()
    assert not Variant.objects.exists()


def test_what_cannot_be_kept_and_what_is_in_the_way_are_decided_first(admin: Client, organization: Organization) -> None:
    Room.objects.create(organization=organization, code="OLD", capacity=9)
    checked = given(admin, GAPS)
    assert "most idle periods" in page(checked)
    assert "Faculty has data already" in page(checked)

    undecided = act(admin, checked, action="institution", allow_unsupported="yes")
    assert "Something has to be decided first" in page(undecided)
    assert Room.objects.get().code == "OLD"

    done = act(admin, checked, action="institution", allow_unsupported="yes", replace="yes")
    assert "Left out, as it cannot be kept" in page(done)
    assert sorted(Room.objects.values_list("code", flat=True)) == ["R1", "R2"]

    act(admin, done, action="undo")
    assert Room.objects.get().code == "OLD"


def test_rest_refuses_with_the_list_and_takes_the_decisions(admin: Client, organization: Organization) -> None:
    Room.objects.create(organization=organization, code="OLD", capacity=9)

    refused = admin.get(given(admin, GAPS, to=REST).headers["Location"]).json()
    assert (refused["status"], refused["num_problems"]) == ("checked", 2)
    assert refused["institution"]["left_out"] == {"most idle periods": 1}
    assert [(each["id"], each["fix"][0]["fixes"]) for each in refused["causes"]] == [
        ("allow_unsupported", {"allow_unsupported": True}),
        ("replace", {"replace": True}),
    ]

    answer = given(admin, GAPS, to=REST, allow_unsupported="true", fixes='{"replace": true}')
    assert answer.status_code == 202
    done = admin.get(answer.headers["Location"]).json()
    assert (done["status"], done["counts"]["rooms"]) == ("imported", {"added": 2, "changed": 0, "removed": 1, "unchanged": 0})


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("term.xml", "<problem/>", "ITC-2019 files cannot be imported yet"),
        ("people.xml", "<people/>", "root element is &lt;people&gt;"),
        ("college.xml", "<timetable/>", "there is no class to timetable"),
        ("bomb.fet", '<!DOCTYPE fet [<!ENTITY a "b">]><fet>&a;</fet>', "it declares entities"),
        ("cut.fet", FET[: len(FET) // 2], "this is not XML as FET writes it, or it is cut off"),
        ("rooms.pdf", "%PDF-1.4", "neither a table"),
    ],
)
def test_what_is_no_such_file_is_refused_in_a_sentence(admin: Client, name: str, text: str, message: str) -> None:
    assert message in page(given(admin, text, name=name))
    assert not Room.objects.exists()


@pytest.mark.parametrize("data", [b"x" + b"\n" * 65_535, b"<!--" * 16_384, b"\n" * 30_000 + b"Courses" + b" " * 30_000])
def test_what_a_file_is_can_be_seen_in_no_time_whatever_its_beginning(data: bytes) -> None:
    """It is looked at while somebody waits for the page, and everybody else with them."""
    began = time.process_time()
    with suppress(FormatError):
        format_name_of(file="rooms.csv", data=data)
    assert time.process_time() - began < 1


def test_a_comment_before_the_root_is_passed_over() -> None:
    for comment in ("<!-- <problem/> -->", "<!-- <!-- -->", "<!----><!-- x -->"):
        assert format_name_of(file="a", data=f"<?xml version='1.0'?>{comment}\n<fet version='6'>".encode()) == "fet"


def test_it_comes_alone(admin: Client) -> None:
    files = [SimpleUploadedFile("school.fet", FET.encode()), SimpleUploadedFile("rooms.csv", b"Room,Seats\nR1,3\n")]
    assert "school.fet holds a whole institution (FET). Import it alone" in page(admin.post(PAGE, {"files": files}))


FILES = {
    "school.fet": FET,
    "tiny.ctt": (DATA / "tiny.ctt").read_text(),
    "college.xml": (DATA / "tiny_unitime.xml").read_text(),
    "school.xml": (DATA / "tiny_xhstt.xml").read_text(),
}
SPOILT = ("", "9" * 30, "-1", "&#7;", "x" * 300, "0", "\U0001f600", '"', "\u202e", "1.5", "R1", " ")


@pytest.mark.parametrize("name", FILES)
def test_spoilt_files_are_refused_in_words_or_imported_whole_and_undone(organization: Organization, name: str) -> None:
    rng, before, outcomes = random.Random(name), digests_read(organization=organization), Counter[str]()
    for _ in range(8):
        data = _spoilt(FILES[name], rng).encode("utf-8", "replace")
        try:
            batch = batches.batch_create(organization=organization, user=None, files=[(name, data)])
            batches.batch_fix(batch=batch, fixes={"allow_unsupported": True})
            batch_start(batch=batch, action="import_at_once")
        except ImportRefusal:
            outcomes["refused"] += 1
            continue
        batch.refresh_from_db()
        outcomes[batch.status] += 1
        if batch.status == ImportBatch.Status.IMPORTED:
            batch_start(batch=batch, action="undo")
        else:
            assert batch.error
        assert "program error" not in batch.error
        assert digests_read(organization=organization) == before
    assert outcomes[ImportBatch.Status.IMPORTED] < 8


def _spoilt(text: str, rng: random.Random) -> str:
    """Some of its words and numbers doubled, exchanged or others; at times a tag too, or cut."""
    words = re.split(r"([<>\"\s]+)", text)
    tags = {n for n in range(2, len(words), 2) if words[n - 1].endswith("<") or words[n].endswith("=")}
    values = [n for n in range(0, len(words), 2) if n not in tags]
    for _ in range(rng.choice((1, 1, 2, 8))):
        place = rng.choice(values) if rng.random() < 0.9 else rng.randrange(len(words))
        words[place] = rng.choice((*SPOILT, *(words[rng.choice(values)] for _ in range(9)), 2 * words[place]))
    spoilt = "".join(words)
    return spoilt[: rng.randrange(len(spoilt))] if rng.random() < 0.05 else spoilt


def test_a_file_becomes_a_further_term_beside_what_is_there_and_leaves_with_an_undo(admin: Client, organization: Organization) -> None:
    old = fet_text([activity(1, teacher="T2", students="B"), activity(2, teacher="T1", students="A", subject="Sport")])
    act(admin, given(admin, old), action="institution")
    Room.objects.filter(code="R1").update(code="hall-1", name="R1", capacity=44)
    Instructor.objects.filter(code="T1").update(max_daily_periods=3)
    before = digests_read(organization=organization)
    locked = fet_text(
        [activity(1, teacher="T1", students="A1", length=2), activity(2, teacher="T2", students="B", subject="Sport")],
        time=[element("ActivityPreferredStartingTime", [("Activity_Id", 1), *LOCK])],
        space=[
            element("ActivityPreferredRoom", [("Activity_Id", 1), ("Room", "R1"), ("Permanently_Locked", "false")]),
            element("ActivityPreferredRooms", [("Activity_Id", 2)], inside="<Preferred_Room>R2</Preferred_Room>"),
        ],
    )

    checked = given(admin, locked)
    assert "2 rooms, 2 instructors, 2 courses, 6 student groups" in page(checked)
    assert "Known by name, as the codes here are others: 1 of the rooms." in page(checked)
    assert re.search(r"seats</td><th[^>]*>hall-1</th><td[^>]*>44</td><td[^>]*>30<", page(checked))
    assert re.search(r"most periods a day</td><th[^>]*>T1</th><td[^>]*>3</td><td[^>]*>0<", page(checked))
    taken = act(admin, checked, action="institution", becomes="as_term", as_term="FET")
    assert "has a term FET with data already" in page(taken)
    assert digests_read(organization=organization) == before

    done = act(admin, checked, action="institution", becomes="as_term", as_term=" 2027-spring ")

    assert "The new term is 2027-spring" in page(done)
    term = Term.objects.get(code="2027-spring")
    assert (term.is_current, term.num_days, term.offerings.count(), Term.objects.count()) == (False, 3, 2, 2)
    assert (Room.objects.count(), Instructor.objects.count(), StudentGroup.objects.count()) == (2, 2, 6)
    assert Room.objects.get(code="hall-1").capacity == 44
    entry = Variant.objects.get(job__term=term).entries.get(day__isnull=False)
    assert (entry.room, entry.day, entry.period) == ("hall-1", 1, 1)
    needed = term.offerings.get(meetings__features__isnull=False).meetings.get().features.get()
    assert [room.code for room in needed.room_set.all()] == ["R2"]
    after = digests_read(organization=organization)
    kept = ("academics.department", "academics.instructor", "academics.room", "academics.studentgroup", "academics.student")
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}

    act(admin, done, action="undo")
    assert digests_read(organization=organization) == before
    assert not Variant.objects.filter(job__term__code="2027-spring").exists()


def test_rest_and_the_terminal_add_a_further_term(admin: Client, organization: Organization, tmp_path: Path) -> None:
    given(admin, FET, to=REST)
    stranger = Client()
    stranger.force_login(member(OrganizationFactory(code="elsewhere"), "admin"))
    assert given(stranger, FET, to=REST, as_term="next", organization="faculty").status_code == 404

    asked = admin.get(given(admin, GAPS, to=REST, allow_unsupported="true").headers["Location"]).json()
    assert asked["institution"]["further_term"]["proposed"] == "FET 2"
    assert asked["causes"][0]["fix"][1]["fixes"] == {"as_term": ""}
    both = admin.get(given(admin, GAPS, to=REST, allow_unsupported="true", as_term="next", replace="true").headers["Location"]).json()
    assert "Say only one of the two" in both["problems"][0]["message"]

    done = admin.get(given(admin, GAPS, to=REST, allow_unsupported="true", as_term="next").headers["Location"]).json()
    assert (done["status"], done["counts"]["rooms"]) == ("imported", {"added": 1, "changed": 0, "removed": 0, "unchanged": 1})
    assert done["institution"]["further_term"]["matched"]["rooms"] == 1

    path, out = tmp_path / "third.fet", StringIO()
    path.write_text(FET)
    call_command("import_data", path, organization="faculty", as_term="third", stdout=out)
    assert "as term 'third' of organization 'faculty'" in out.getvalue()
    assert sorted(Term.objects.values_list("code", "is_current")) == [("FET", True), ("next", False), ("third", False)]
    with pytest.raises(CommandError, match="has a term third with data already"):
        call_command("import_data", path, organization="faculty", as_term="third")
    with pytest.raises(CommandError, match="Say one of them"):
        call_command("import_data", path, organization="faculty", as_term="fourth", replace=True)


def test_a_feature_of_the_same_code_counts_as_the_same_only_with_the_same_rooms(admin: Client, organization: Organization) -> None:
    def asking(room: str) -> str:
        rooms = element("ActivityPreferredRooms", [("Activity_Id", 1)], inside=f"<Preferred_Room>{room}</Preferred_Room>")
        return fet_text([activity(1, teacher="T1"), activity(2, teacher="T2")], space=[rooms])

    given(admin, asking("R1"), to=REST)
    for code, room, features in (("same", "R1", 1), ("other", "R2", 2)):
        given(admin, asking(room), to=REST, as_term=code)
        needed = Term.objects.get(code=code).offerings.get(meetings__features__isnull=False).meetings.get().features.get()
        assert [each.code for each in needed.room_set.all()] == [room]
        assert RoomFeature.objects.count() == features
