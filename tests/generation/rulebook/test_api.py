"""Rules over REST: who may, what is listed and narrowed, what it cost, and what nonsense is told."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from academics.models import Availability, CourseOffering, Instructor, Room, Rule, Section, Term
from generation.models import GenerationJob
from generation.problem.builder import problem_load
from generation.rulebook.kinds import KINDS
from tests.factories import OrganizationFactory, UserFactory, member
from tests.factories.generation import EntryFactory, JobFactory, VariantFactory, conflict
from tests.factories.university import university

pytestmark = pytest.mark.django_db
RULES, PAGE = "/api/rules/", "/admin/rules/"
NEW: dict[str, Any] = {"kind": "no_overlap", "offerings": ["C0", "C1"], "is_hard": False, "weight": 3, "comment": "Often together"}


@pytest.fixture
def term() -> Term:
    return university()


def rest_of(term: Term, role: str = "admin") -> APIClient:
    client = APIClient()
    client.force_authenticate(member(term.organization, role))
    return client


def page_of(term: Term, role: str = "admin") -> Client:
    client = Client()
    client.force_login(member(term.organization, role))
    return client


def added(term: Term, **values: Any) -> str:
    answer = rest_of(term).post(RULES, NEW | values)
    assert answer.status_code == 201, answer.json()
    return str(answer.json()["id"])


def judged(term: Term) -> GenerationJob:
    """A run whose only timetable breaks a wish of C0 and C1, an instructor's limit, and what everybody wishes."""
    job = JobFactory(organization=term.organization, term=term)
    found = [
        conflict("avoid_overlap", 6, lectures=[0, 1], slot=2, who=["C0", "C1"]),
        conflict("avoid_overlap", 6, lectures=[0, 2], slot=3, who=["C0", "C2"]),
        conflict("daily_load", 5, lectures=[0], slot=0, who=["I0"]),
        conflict("availability", 1, is_hard=True, lectures=[1], slot=4, who=["I1"]),
    ]
    variant = VariantFactory(job=job, conflicts=found)
    for lecture in range(3):
        EntryFactory(variant=variant, lecture=lecture, course=f"C{lecture}", section=f"C{lecture}", day=0, period=0)
    return job


def test_a_rule_is_added_read_changed_and_deleted(term: Term) -> None:
    client = rest_of(term)

    made = client.post(RULES, NEW)
    address = made.headers["Location"]
    changed = client.patch(address, {"weight": 40, "is_active": False})
    line = client.get(address).json()

    assert made.status_code == 201
    assert made.json()["sentence"] == "C0 Course 0 and C1 Course 1 should not overlap."
    assert (made.json()["weight"], made.json()["factor"], made.json()["num_lectures"]) == (6, 3, 4)
    assert changed.status_code == 200
    assert (line["factor"], line["is_active"], line["comment"], line["values"]["offerings"]) == (40, False, "Often together", ["C0", "C1"])
    assert client.delete(address).status_code == 204
    assert client.delete(address).status_code == 404
    assert not Rule.objects.exists()


@pytest.mark.parametrize(("role", "reads", "changes"), [("admin", 200, 200), ("reviewer", 200, 403), ("viewer", 403, 403)])
def test_administrators_change_reviewers_read(term: Term, role: str, reads: int, changes: int) -> None:
    line_id = added(term)
    client, page = rest_of(term, role), page_of(term, role)

    assert client.get(RULES).status_code == reads
    assert client.get(f"{RULES}{line_id}/").status_code == reads
    assert client.patch(f"{RULES}{line_id}/", {"weight": 4}).status_code == changes
    assert client.post(RULES, NEW).status_code == (201 if changes == 200 else 403)
    assert client.delete(f"{RULES}{line_id}/").status_code == (204 if changes == 200 else 403)
    line_id = added(term)
    assert page.get(PAGE).status_code == reads
    assert page.get(f"{PAGE}{line_id}").status_code == reads
    assert page.get(f"{PAGE}new").status_code == changes
    assert page.get(f"{PAGE}choices?of=offering&q=C").status_code == changes
    assert page.post(f"{PAGE}{line_id}", {"action": "off"}).status_code == (302 if changes == 200 else 403)
    assert Rule.objects.filter(is_active=False).exists() is (changes == 200)


def test_another_institutions_rules_do_not_exist(term: Term) -> None:
    line_id = added(term)
    other = university()
    client, page = rest_of(other), page_of(other)

    for found in (line_id, f"away_room-{Room.objects.filter(organization=term.organization)[0].pk}", "no_overlap-0", "nonsense-1", "x"):
        address = f"{RULES}{found}/"
        assert [client.get(address).status_code, client.patch(address, {"weight": 2}).status_code, client.delete(address).status_code] == [
            404
        ] * 3
        assert page.get(f"{PAGE}{found}").status_code == 404
        assert page.post(f"{PAGE}{found}", {"action": "delete"}).status_code == 404
    assert client.get(RULES, {"organization": term.organization.code}).status_code == 404
    assert client.post(f"{RULES}?organization={term.organization.code}", NEW).status_code == 404
    assert client.post(RULES, NEW | {"kind": "pin_room", "offerings": ["C0"], "room": "R9"}).status_code == 400
    assert Rule.objects.get().factor == 3


def test_nobody_is_asked_to_sign_in(term: Term) -> None:
    line_id = added(term)

    assert {
        APIClient().get(RULES).status_code,
        APIClient().post(RULES, NEW).status_code,
        APIClient().delete(f"{RULES}{line_id}/").status_code,
    } == {401}
    assert Client().get(PAGE).status_code == 302
    nobody = APIClient()
    nobody.force_authenticate(UserFactory())
    assert nobody.get(f"{RULES}{line_id}/").status_code == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kind": "nonsense"}, "kind"),
        ({}, "kind"),
        ({"kind": "always"}, "kind"),
        (NEW | {"weight": 0}, "weight"),
        (NEW | {"weight": 1.5}, "weight"),
        (NEW | {"weight": True}, "weight"),
        (NEW | {"offerings": "C0, C9"}, "offerings"),
        (NEW | {"offerings": 7}, "offerings"),
        (NEW | {"is_hard": "yes"}, "is_hard"),
        (NEW | {"comment": None}, "comment"),
        (NEW | {"lecture": 1}, "lecture"),
        ({"kind": "starts", "offerings": ["C0"], "timeslots": [{"day": 9}]}, "timeslots"),
        ({"kind": "starts", "offerings": ["C0"], "timeslots": [{}]}, "timeslots"),
        ({"kind": "starts", "offerings": ["C0"], "timeslots": {"day": 1}}, "timeslots"),
        ({"kind": "pin_time", "offerings": ["C0"], "lecture": 10**30, "day": 0, "period": 0}, "lecture"),
        ({"kind": "pin_time", "offerings": ["C0"], "day": -1, "period": 0}, "day"),
        ({"kind": "instructor_daily", "instructor": "I0", "number": 2, "is_hard": True}, "is_hard"),
    ],
)
def test_nonsense_is_a_400_that_names_the_field(term: Term, body: dict[str, Any], field: str) -> None:
    answer = rest_of(term).post(RULES, body)

    assert answer.status_code == 400
    assert list(answer.json()) == [field]
    assert not Rule.objects.exists()


@pytest.mark.parametrize(
    "query", [{"kind": "x"}, {"strength": "x"}, {"page": "0"}, {"page_size": "9999"}, {"term": "T-9"}, {"variant": "x"}]
)
def test_a_list_refuses_what_it_does_not_know(term: Term, query: dict[str, str]) -> None:
    answer = rest_of(term).get(RULES, query)

    assert answer.status_code == 400
    assert list(answer.json()) == list(query)


def test_an_institution_without_a_term_has_no_rules_yet() -> None:
    organization = OrganizationFactory()
    client, page = APIClient(), Client()
    user = member(organization, "admin")
    client.force_authenticate(user)
    page.force_login(user)

    assert client.get(RULES).status_code == 400
    assert "No term yet" in page.get(PAGE).content.decode()
    assert page.get(f"{PAGE}new").status_code == 302


def test_the_list_is_narrowed_by_kind_scope_strength_and_state(term: Term) -> None:
    hard, weighted, off = added(term, is_hard=True), added(term), added(term, is_active=False, comment="Festival")
    client = rest_of(term)

    def ids(**query: str) -> list[str]:
        return [row["id"] for row in client.get(RULES, {"kind": "together"} | query).json()["results"]]

    assert ids() == ids(kind="no_overlap") == [hard, weighted, off]
    assert (ids(strength="hard"), ids(strength="weighted", state="on"), ids(state="off")) == ([hard], [weighted], [off])
    assert (ids(search="festival"), ids(search="course 1"), ids(search="C5")) == ([off], [hard, weighted, off], [])


def test_pages_come_one_after_another_over_all_kinds(term: Term) -> None:
    for code in ("I0", "I1", "I2"):
        Instructor.objects.filter(code=code).update(max_daily_periods=4)
    added(term)
    client = rest_of(term)

    whole = client.get(RULES, {"page_size": "200"}).json()
    parts = [client.get(RULES, {"page_size": "3", "page": str(number)}).json() for number in range(1, 40)]

    rows = [row["id"] for part in parts[: parts[0]["num_pages"]] for row in part["results"]]
    assert rows == [row["id"] for row in whole["results"]]
    assert whole["count"] == len(rows) == len(set(rows))
    assert {row["kind"] for row in whole["results"]} >= {"no_overlap", "instructor_daily", "curriculum", "seats", "always", "weight"}
    assert parts[-1]["page"] == parts[0]["num_pages"]


def test_every_line_is_found_by_its_id_and_says_what_it_is(term: Term) -> None:
    Availability.objects.create(organization=term.organization, term=term, room=Room.objects.get(code="R0"), day=0, period=0)
    Room.objects.filter(code="R1").update(sharing=2)
    CourseOffering.objects.filter(course__code="C0").update(min_days=2)
    client = rest_of(term)

    for row in client.get(RULES, {"page_size": "200"}).json()["results"]:
        found = client.get(f"{RULES}{row['id']}/").json()
        assert {name: found[name] for name in row} == row
        assert found["can_switch"] or found["why_on"] or found["kind"] == "weight"
        assert page_of(term).get(f"{PAGE}{row['id']}").status_code == 200


def test_a_rule_says_what_it_cost_and_where(term: Term) -> None:
    Instructor.objects.filter(code__in=["I0", "I1"]).update(max_daily_periods=4)
    line_id = added(term)
    judged(term)
    client = rest_of(term, "reviewer")

    rule = client.get(f"{RULES}{line_id}/").json()
    costly = {row["id"]: row["cost"] for row in client.get(RULES, {"cost": "some", "page_size": "200"}).json()["results"]}

    assert (rule["cost"], rule["num_places"], rule["places"][0]["lectures"]) == (6, 1, [0, 1])
    limit = f"instructor_daily-{Instructor.objects.get(code='I0').pk}"
    assert costly == {line_id: 6, limit: 5, "always-availability": 1, "weight-avoid_overlap": 12, "weight-daily_load": 5}


def test_without_a_run_nothing_has_a_cost(term: Term) -> None:
    line_id = added(term)

    assert rest_of(term).get(f"{RULES}{line_id}/").json()["cost"] is None
    assert "costs appear here after the first run" in page_of(term).get(PAGE).content.decode()


def test_what_cannot_be_changed_says_so(term: Term) -> None:
    client = rest_of(term)
    curriculum = next(row["id"] for row in client.get(RULES, {"kind": "curriculum"}).json()["results"])

    refused = [client.delete(f"{RULES}{each}/") for each in ("seats-term", "weight-lunch", "always-unplaced", curriculum)]
    refused.append(client.patch(f"{RULES}always-unplaced/", {}))

    assert [answer.status_code for answer in refused] == [409] * 5
    assert "cannot be changed here" in refused[0].json()["detail"]


def test_a_page_asks_the_database_no_more_for_more_rules(term: Term) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(RULES, {"kind": "together"}).status_code == 200
        return len(queries)

    client = rest_of(term)
    added(term)
    client.get(RULES)
    few = asked()
    for _ in range(9):
        added(term)
    client.get(RULES)

    assert asked() == few


def test_courses_and_people_are_looked_up_by_code_and_name(term: Term) -> None:
    client = page_of(term)

    def codes(of: str, text: str) -> list[str]:
        return [row["code"] for row in client.get(f"{PAGE}choices", {"of": of, "q": text}).json()["choices"]]

    assert codes("offering", "course 3") == ["C3"]
    assert codes("instructor", "i") == ["I0", "I1", "I2"]
    assert codes("place", "r") == ["R0", "R1", "R2"]
    assert codes("nonsense", "r") == []


def test_what_is_switched_on_the_list_leads_back_to_it(term: Term) -> None:
    line_id = added(term)
    back = f"{PAGE}?kind=together&page=1"

    answer = page_of(term).post(f"{PAGE}{line_id}", {"action": "off", "back": back})
    strange = page_of(term).post(f"{PAGE}{line_id}", {"action": "on", "back": "https://evil.example/admin/rules/"})

    assert answer.url == back  # type: ignore[attr-defined]
    assert strange.url == PAGE  # type: ignore[attr-defined]


def test_a_kind_that_is_not_there_is_no_page(term: Term) -> None:
    assert page_of(term).get(PAGE, {"kind": "nonsense"}).status_code == 404
    assert "Add a rule" in page_of(term).get(f"{PAGE}new?kind=always").content.decode()
    assert all(page_of(term).get(f"{PAGE}new?kind={kind.id}").status_code == 200 for kind in KINDS.values() if kind.is_addable)


def test_sentences_say_when_the_week_begins_and_which_sections_marks_count_instead(term: Term) -> None:
    Term.objects.filter(pk=term.pk).update(num_days=7, week_start=6)
    mine = {"organization": term.organization, "term": term, "day": 0, "period": 0}
    own = Section.objects.create(organization=term.organization, offering=CourseOffering.objects.get(course__code="C0"), code="OWN")
    Availability.objects.create(offering=own.offering, **mine)
    client = rest_of(term)

    order = client.get(f"{RULES}{added(term, kind='before', first='C0', offerings=['C1'])}/").json()["sentence"]
    marked = [client.get(RULES, {"kind": "away_offering"}).json()["results"][0]["sentence"]]
    Availability.objects.create(section=own, rating=2, **mine)
    marked += [client.get(RULES, {"kind": "away_offering"}).json()["results"][0]["sentence"]]

    assert order == "Lectures of C0 Course 0 should come before those of C1 Course 1 in the week, which begins on Sunday."
    assert problem_load(organization=term.organization, term=Term.objects.get(pk=term.pk)).week_start == 6
    assert marked[0].endswith("period 1.")
    assert marked[1].endswith("period 1; what OWN has marked for any of these times counts instead.")


def test_each_of_two_wishes_about_a_time_shows_its_own_cost(term: Term) -> None:
    """Lectures of C0 should stay out of Monday's first period, twice, of weight 1 and of weight 3; and C0 dislikes it by 2."""
    monday = {"timeslots": [{"day": 0, "period": 0}], "offerings": ["C0"]}
    lines = [added(term, kind="outside", weight=weight, **monday) for weight in (1, 3)]
    job = JobFactory(organization=term.organization, term=term)
    Availability.objects.create(
        organization=term.organization, term=term, offering=CourseOffering.objects.get(course__code="C0"), day=0, period=0, rating=-2
    )
    found = conflict("disliked_times", 28, lectures=[0], slot=0, who=["C0"])
    EntryFactory(variant=VariantFactory(job=job, conflicts=[found]), lecture=0, course="C0", section="C0", day=0, period=0)

    problem = problem_load(organization=term.organization, term=term)
    costs = [rest_of(term).get(f"{RULES}{line_id}/").json()["cost"] for line_id in lines]
    costs += [row["cost"] for row in rest_of(term).get(RULES, {"kind": "wish_offering"}).json()["results"]]

    assert problem.weights.disliked_times * problem.section_dislike[0, 0] == 28
    assert costs == [6, 18, 4]
