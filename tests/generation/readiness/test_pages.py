"""The readiness page, what Home and New timetable say of it, REST and the terminal."""

from __future__ import annotations

import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from rest_framework.test import APIClient

from academics.models import CourseOffering, Enrolment, Meeting, Room, Student, Term
from generation.models import GenerationJob
from tests.clients import client_of, rest_of, text_of
from tests.factories import OrganizationFactory, UserFactory, member
from tests.factories.university import university

pytestmark = pytest.mark.django_db
PAGE, REST = "/admin/readiness/", "/api/readiness/"


@pytest.fixture
def term() -> Term:
    return university()


@pytest.mark.parametrize(("role", "status"), [("admin", 200), ("reviewer", 200), ("viewer", 403)])
def test_readiness_is_for_administrators_and_reviewers(term: Term, role: str, status: int) -> None:
    assert client_of(term, role).get(PAGE).status_code == status
    assert client_of(term, role).get(f"{PAGE}summary").status_code == status
    assert rest_of(term, role).get(REST).status_code == status


def test_strangers_learn_nothing(term: Term) -> None:
    assert Client().get(PAGE).status_code == 302
    assert APIClient().get(REST).status_code == 401
    stranger = rest_of(university(), "admin")
    assert stranger.get(REST, {"organization": term.organization.code}).status_code == 404
    alone = APIClient()
    alone.force_authenticate(UserFactory())
    assert alone.get(REST).status_code == 403


def test_the_page_links_each_problem_to_its_record_for_whoever_may_mend_it(term: Term) -> None:
    Room.objects.create(organization=term.organization, code="EMPTY", capacity=0)
    address = f"/admin/academics/room/{Room.objects.get(code='EMPTY').pk}/change/"

    seen = {role: text_of(client_of(term, role).get(PAGE)) for role in ("admin", "reviewer")}

    assert f'<a href="{address}">EMPTY</a>' in seen["admin"]
    assert "EMPTY" in seen["reviewer"]
    assert address not in seen["reviewer"]


def test_an_institution_without_a_term_is_told_to_begin_with_it() -> None:
    client = Client()
    client.force_login(member(OrganizationFactory(), "admin"))

    page = text_of(client.get(PAGE))

    assert "Add a term" in page
    assert "1 problem to fix" in page


def test_rest_gives_the_same_as_the_page(term: Term) -> None:
    Room.objects.all().delete()

    found = rest_of(term, "reviewer").get(REST, {"organization": term.organization.code, "term": term.code}).json()

    assert (found["organization"], found["term"], found["is_ready"]) == (term.organization.code, term.code, False)
    assert found["counts"]["rooms"] == 0
    assert [each["id"] for each in found["problems"] if each["level"] == "red"] == ["too_few_rooms"]
    assert found["arithmetic"]["instructors"][0]["asked"] == 4


def test_a_term_that_is_not_there_is_named(term: Term) -> None:
    answer = rest_of(term, "admin").get(REST, {"term": "T-9"})

    assert answer.status_code == 400
    assert term.code in answer.json()["term"][0]


def test_generate_is_off_with_the_reason_while_the_data_are_not_ready(term: Term) -> None:
    Room.objects.all().delete()
    client = client_of(term, "admin")

    page = text_of(client.get("/admin/timetables/new"))
    refused = client.post("/admin/timetables/new", {"time": "30", "variants": "1"})

    assert "disabled" in page.split('<button class="primary" type="submit"')[1].split(">")[0]
    assert "No rooms are entered, and a timetable needs at least 3." in page
    assert refused.status_code == 400
    assert "The data are not ready for a timetable: No rooms are entered" in text_of(refused)
    assert not GenerationJob.objects.exists()


def test_home_looks_it_up_only_where_it_is_known(term: Term) -> None:
    client = client_of(term, "admin")

    before = text_of(client.get("/"))
    summary = text_of(client.get(f"{PAGE}summary"))
    after = text_of(client.get("/"))

    assert "Checking the data" in before
    assert "Ready" in summary
    assert "Ready</span>, with" in after
    assert "Checking the data" not in after


def test_what_stops_a_run_is_the_next_step_of_an_administrator(term: Term) -> None:
    client = client_of(term, "admin")
    Room.objects.filter(organization=term.organization).update(capacity=1)

    client.get(PAGE)

    page = text_of(client.get("/"))
    assert "Fix the data" in page
    assert "See what stops a timetable" in page
    assert "Fix the data" not in text_of(client_of(term, "reviewer").get("/"))


def test_the_terminal_says_the_same_and_ends_with_a_status(term: Term) -> None:
    out = StringIO()
    call_command("readiness", organization=term.organization.code, stdout=out)
    assert out.getvalue().endswith("Ready.\n")
    assert "Lectures a week" in out.getvalue()

    Room.objects.all().delete()
    out = StringIO()
    with pytest.raises(CommandError) as stop:
        call_command("readiness", organization=term.organization.code, stdout=out)
    assert stop.value.returncode == 1
    assert "STOPS  No rooms are entered" in out.getvalue()


@pytest.mark.parametrize("options", [{"organization": "nobody"}, {"term": "T-9"}])
def test_the_terminal_refuses_names_of_nothing(term: Term, options: dict[str, str]) -> None:
    with pytest.raises(CommandError) as refusal:
        call_command("readiness", **{"organization": term.organization.code} | options)
    assert refusal.value.returncode == 2


def test_readiness_never_says_ready_while_demand_says_that_somebody_must_clash() -> None:
    """A student of 24 periods in a week of 20: Demand, readiness, Home, New timetable, REST and the terminal say the same."""
    term = university()
    Meeting.objects.update(count=4)
    student = Student.objects.create(organization=term.organization, code="S-50")
    for offering in CourseOffering.objects.all():
        Enrolment.objects.create(organization=term.organization, student=student, offering=offering)
    client, sentence = client_of(term, "admin"), "1 student has chosen 24 periods a week, and the week has 20"
    rest = rest_of(term, "reviewer").get(REST).json()
    out = StringIO()
    call_command("readiness", organization=term.organization.code, stdout=out)
    client.get(PAGE)

    pages = {each: text_of(client.get(each)) for each in (PAGE, f"{PAGE}summary", "/", "/admin/timetables/new")}

    assert sentence in text_of(client.get("/admin/demand/"))
    assert f"{sentence} (S-50)." in pages[PAGE]
    assert f'<a href="/admin/demand/?term={term.pk}">Demand</a>' in pages[PAGE]
    assert {each for each, page in pages.items() if "at least 1 student must have two lectures at once" not in page} == set()
    assert {each for each, page in pages.items() if re.search(r">Ready\b|data are ready|figures below fit", page)} == set()
    (problem,) = [each for each in rest["problems"] if each["id"] == "must_clash_week"]
    assert (rest["must_clash"], problem["level"]) == (1, "amber")
    assert out.getvalue().endswith("but not without clashes: at least 1 student must have two lectures at once.\n")

    Enrolment.objects.first().delete()  # type: ignore[union-attr]

    assert "must have two lectures" not in text_of(client.get(PAGE))


def test_where_a_tolerance_of_seats_would_do_readiness_names_it_with_the_rule(term: Term) -> None:
    CourseOffering.objects.filter(course__code="C0").update(expected_students=43)

    page = text_of(client_of(term, "admin").get(PAGE))

    assert "With a tolerance of 8 % of the seats (3 students) room R0 would do, which has 40 seats for 43 students" in page
    assert '<a href="/admin/rules/seats-term">Every student has a seat</a>' in page
