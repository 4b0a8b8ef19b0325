"""A table that is restructured, on the page: what becomes of it, its questions and steps, and the import of what comes out."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from academics.models import Building, Course, ImportBatch, Instructor, Organization, Room, Section, Term
from tests.browser.flat_schedule import flat_schedule
from tests.factories import OrganizationFactory, member

pytestmark = pytest.mark.django_db
PAGE = "/admin/import/"


class Form(HTMLParser):
    """What a browser would send of the page's large form, without any button."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, Any] = {}
        self.select, self.first, self.is_multiple = "", "", False
        self.area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = {name: value or "" for name, value in attrs}
        name = facts.get("name", "")
        if tag == "select":
            self.select, self.is_multiple, self.first = name, "multiple" in facts, ""
            if self.is_multiple:
                self.fields[name] = []
        elif tag == "option" and self.select:
            if self.is_multiple and "selected" in facts:
                self.fields[self.select].append(facts["value"])
            elif not self.is_multiple and ("selected" in facts or self.select not in self.fields):
                self.fields[self.select] = facts["value"]
        elif tag == "textarea":
            self.area = name
            self.fields[name] = ""
        elif (
            tag == "input"
            and name
            and name != "csrfmiddlewaretoken"
            and (facts.get("type") not in ("radio", "checkbox") or "checked" in facts)
        ):
            self.fields[name] = facts.get("value", "on")

    def handle_endtag(self, tag: str) -> None:
        self.select = "" if tag == "select" else self.select
        self.area = "" if tag == "textarea" else self.area

    def handle_data(self, data: str) -> None:
        if self.area:
            self.fields[self.area] += data


@pytest.fixture
def organization() -> Organization:
    return OrganizationFactory(name="Riverside")


@pytest.fixture
def admin(organization: Organization) -> Client:
    client = Client()
    client.force_login(member(organization, "admin"))
    return client


def upload(client: Client, name: str, data: bytes) -> str:
    return str(client.post(PAGE, {"files": [SimpleUploadedFile(name, data)]}).headers["Location"])


def text_of(response: Any) -> str:
    return str(response.content.decode())


def form_of(client: Client, address: str, **changes: Any) -> dict[str, Any]:
    parser = Form()
    parser.feed(text_of(client.get(address)))
    return parser.fields | changes


def card_of(client: Client, address: str) -> dict[str, Any]:
    card: dict[str, Any] = client.get(address).context["tables"][0]["card"]
    return card


def question_of(card: dict[str, Any], name: str) -> dict[str, Any]:
    return next(each for each in card["questions"] if each["id"] == name)


def test_a_flat_schedule_becomes_a_term_with_one_question(admin: Client, organization: Organization) -> None:
    address = upload(admin, "schedule.csv", flat_schedule())
    card = card_of(admin, address)
    page = text_of(admin.get(address))

    assert "This looks like a schedule of classes:</strong> 20 rows" in page
    words = [each["words"] for each in card["derived"]]
    assert words[:6] == ["2 buildings", "4 rooms", "8 instructors", "10 courses", "10 offerings", "20 sections"]
    assert [each["id"] for each in card["questions"] if each["is_needed"]] == ["term"]
    assert "needs an answer" in text_of(admin.post(address, form_of(admin, address, action="check"), follow=True))

    name = question_of(card, "term")["name"]
    checked = text_of(admin.post(address, form_of(admin, address, action="check") | {name: "2026-fall"}, follow=True))
    assert ImportBatch.objects.get().causes == []
    assert "No problems." in checked
    done = admin.post(address, {"action": "import"}, follow=True)

    assert "added" in text_of(done)
    assert (Building.objects.count(), Room.objects.count(), Instructor.objects.count()) == (2, 4, 8)
    assert (Course.objects.count(), Section.objects.count(), Term.objects.get().code) == (10, 20, "2026-fall")


def test_a_time_that_is_not_understood_can_be_taught(admin: Client) -> None:
    address = upload(admin, "schedule.csv", flat_schedule())
    card = card_of(admin, address)
    before = next(each for each in card["derived"] if each["kind"] == "timetable")
    unread = {each["text"]: each["name"] for each in card["unread"]}
    assert unread

    names = list(unread.values())
    admin.post(address, form_of(admin, address, action="look") | {names[0]: "TR 14:00-14:50"} | dict.fromkeys(names[1:], ""))

    card = card_of(admin, address)
    after = next(each for each in card["derived"] if each["kind"] == "timetable")
    assert int(after["words"].split()[0]) == int(before["words"].split()[0]) + 2
    assert [each["means"] for each in card["unread"] if each["is_taught"]] == ["TR 14:00-14:50"]


def test_steps_are_removed_added_and_taken_back(admin: Client) -> None:
    address = upload(admin, "schedule.csv", flat_schedule())
    assert [step["name"] for step in card_of(admin, address)["steps"]] == ["headings", "join"]

    admin.post(address, form_of(admin, address, action="step 0 remove 1"))
    assert [step["name"] for step in card_of(admin, address)["steps"]] == ["headings"]

    chosen = admin.post(address, form_of(admin, address, action="step 0 choose") | {"new-0": "join"})
    adding = chosen.headers["Location"].split("#")[0]
    fields = {"n-0-columns": ["Subject", "Number"], "n-0-separator": "-", "n-0-to": "Code"}
    admin.post(address, form_of(admin, adding, action="step 0 add") | fields)
    card = card_of(admin, address)
    assert [step["sentence"] for step in card["steps"]][1].startswith("Subject, Number are joined into Code")
    assert "Code" in [column["column"] for column in card["columns"]]

    refused = admin.post(address, form_of(admin, address, action="step 0 change 1") | {"s-0-1-columns": ["Subject"]}, follow=True)
    assert (refused.status_code, refused.redirect_chain) == (200, [(address, 302)])
    assert "needs at least 2 columns" in text_of(refused)
    assert admin.post(address, form_of(admin, address, action=f"step 0 remove {'9' * 5000}")).status_code == 302

    admin.post(address, form_of(admin, address, action="step 0 afresh"))
    assert [step["name"] for step in card_of(admin, address)["steps"]] == ["headings", "join"]


def test_steps_are_moved_and_one_that_cannot_be_done_there_is_named(admin: Client) -> None:
    address = upload(admin, "schedule.csv", flat_schedule())
    added = {"new-0": "constant", "n-0-to": "School", "n-0-value": "Science"}
    admin.post(address, form_of(admin, f"{address}?add=0:constant", action="step 0 add") | added)
    steps = card_of(admin, address)["steps"]
    assert [(step["name"], step["can_go_up"], step["can_go_down"]) for step in steps] == [
        ("headings", False, False),
        ("join", False, True),
        ("constant", True, False),
    ]

    admin.post(address, form_of(admin, address, action="step 0 up 2"))
    assert [step["name"] for step in card_of(admin, address)["steps"]] == ["headings", "constant", "join"]
    admin.post(address, form_of(admin, address, action="step 0 down 1"))
    assert [step["name"] for step in card_of(admin, address)["steps"]] == ["headings", "join", "constant"]
    admin.post(address, form_of(admin, address, action="step 0 up 1"))  # the headings stay the first
    assert [step["name"] for step in card_of(admin, address)["steps"]] == ["headings", "join", "constant"]

    last = form_of(admin, address, action="step 0 change 2") | {"s-0-2-to": "Course"}
    refused = admin.post(address, last, follow=True)
    assert "Step 3 (constant): There is a column" in text_of(refused)


def test_a_column_is_said_to_be_another_one(admin: Client) -> None:
    address = upload(admin, "schedule.csv", flat_schedule())
    column = next(each for each in card_of(admin, address)["columns"] if each["column"] == "Instructor")

    admin.post(address, form_of(admin, address, action="look") | {column["name"]: ""})

    card = card_of(admin, address)
    assert "instructors" not in [each["kind"] for each in card["derived"]]
    assert next(each for each in card["columns"] if each["column"] == "Instructor")["role"] == ""


def test_the_times_may_be_left_out(admin: Client) -> None:
    address = upload(admin, "schedule.csv", flat_schedule())
    term, use = (question_of(card_of(admin, address), name)["name"] for name in ("term", "times_use"))

    form = form_of(admin, address, action="check") | {term: "2026-fall", use: "leave"}
    page = text_of(admin.post(address, form, follow=True))

    assert "No problems." in page
    assert "timetable" not in ImportBatch.objects.get().counts


def test_the_same_shape_is_read_the_same_way_at_once(admin: Client) -> None:
    address = upload(admin, "schedule.csv", flat_schedule())
    name = question_of(card_of(admin, address), "term")["name"]
    admin.post(address, form_of(admin, address, action="check") | {name: "2026-fall"})
    admin.post(address, {"action": "import"})

    again = card_of(admin, upload(admin, "next week.csv", flat_schedule()))

    assert again["recipe"] == "schedule.csv"
    assert again["num_open"] == 0


def test_a_table_may_be_said_to_be_none_of_these_and_back(admin: Client) -> None:
    address = upload(admin, "schedule.csv", flat_schedule())

    admin.post(address, form_of(admin, address, action="look") | {"layout-0": "none"})
    table = admin.get(address).context["tables"][0]
    assert "card" not in table

    admin.post(address, form_of(admin, address, action="look") | {"kind-0": "layout:schedule"})
    assert card_of(admin, address)["layout"] == "schedule"


WIDE_ROOMS = b"Room,Seats,Lab,Projector,Piano\nR1,20,x,,\nR2,40,,x,x\nR3,30,,x,\n"


def test_a_table_of_which_one_kind_would_leave_much_out_is_a_card_at_once(admin: Client) -> None:
    address = upload(admin, "rooms.csv", WIDE_ROOMS)

    assert [step["name"] for step in card_of(admin, address)["steps"]] == ["headings", "melt"]


def test_a_table_that_was_taken_for_one_kind_is_offered_to_be_restructured(admin: Client) -> None:
    plain = upload(admin, "first.csv", b"Room,Seats\nR9,20\n")
    admin.post(plain, form_of(admin, plain, action="check"))
    admin.post(plain, {"action": "import"})
    address = upload(admin, "rooms.csv", WIDE_ROOMS)  # rooms were imported as they are before
    assert "More of it can be used" in text_of(admin.get(address))

    admin.post(address, form_of(admin, address, action="instead 0 rooms"))
    card = card_of(admin, address)
    assert [step["name"] for step in card["steps"]] == ["headings", "melt"]
    assert "No problems" in text_of(admin.post(address, form_of(admin, address, action="check"), follow=True))
    admin.post(address, {"action": "import"})

    assert [each.code for each in Room.objects.get(code="R2").features.order_by("code")] == ["Piano", "Projector"]


def test_the_card_says_which_headings_are_not_used(admin: Client) -> None:
    address = upload(admin, "schedule.csv", flat_schedule())
    column = next(each for each in card_of(admin, address)["columns"] if each["column"] == "Instructor")

    page = text_of(admin.post(address, form_of(admin, address, action="look") | {column["name"]: ""}, follow=True))

    assert "Not used: Instructor (20 rows)." in page


def test_there_is_nothing_to_roll_forward_before_the_first_term(admin: Client) -> None:
    page = text_of(admin.get("/admin/roll-forward/"))

    assert "There is no term yet" in page
    assert "Show what would change" not in page
