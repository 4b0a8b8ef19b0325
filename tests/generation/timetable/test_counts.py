"""Every figure that people read says what it counts: the weighted cost by that word, all else in people, lectures, periods or days."""

from __future__ import annotations

import html
import io
import json
import re
from collections.abc import Iterator

import pytest
from django.test import Client
from openpyxl import load_workbook

from academics.models import Enrolment, Organization, Student, Term
from generation.editing.services import EditRequest, variant_edit
from generation.engine.constraints.register import CONSTRAINTS
from generation.engine.model.problem import Weights
from generation.exports import export_file
from generation.models import Notice, Variant
from generation.problem.builder import problem_load
from generation.problem.stored_problem import problem_freeze
from generation.review.notices import notice_words
from generation.review.workflow import variant_select
from generation.timetable.counts import counts_facts, counts_read, variant_lines
from generation.timetable.results import variants_evaluate, variants_prepare, variants_write
from tests.clients import client_of, rest_of, text_of
from tests.factories import JobFactory, member
from tests.factories.evaluated import solution_shifted
from tests.factories.university import university
from tests.generation.timetable.test_results import result_of

pytestmark = pytest.mark.django_db
WEIGHT = 97  # of every wish: no count of anything here comes near its multiples
POPULATION = {"students": 30, "instructors": 3, "rooms": 3, "lectures": 12, "sections": 6, "curricula": 2}


@pytest.fixture
def term() -> Term:
    """Thirty students who all take all six courses; half of these belong to one curriculum, half to the other."""
    term = university()
    organization = term.organization
    Organization.objects.filter(pk=organization.pk).update(weights=dict.fromkeys(Weights().as_dict(), WEIGHT))
    students = [Student.objects.create(organization=organization, code=f"S{n}") for n in range(30)]
    for offering in term.offerings.all():
        Enrolment.objects.bulk_create(Enrolment(organization=organization, student=each, offering=offering) for each in students)
    term.organization.refresh_from_db()
    return term


@pytest.fixture
def variants(term: Term) -> list[Variant]:
    """Two bad timetables, stored as a run stores them: many students have many lectures at once."""
    job = JobFactory(organization=term.organization, term=term)
    problem = problem_load(organization=term.organization, term=term)
    problem_freeze(job=job, problem=problem)
    found = [
        variants_evaluate(problem, result_of(problem, solution_shifted(problem, shift, slots=slots)), certificate={})[0]
        for shift, slots in ((0, 5), (2, 4))
    ]
    prepared = variants_prepare(job=job, variants=found)
    prepared[1].variant.label = "Other"
    variants_write(job=job, variants=found, prepared=prepared)
    return list(job.variants.select_related("job__organization", "job__term"))


def words_of(page: str) -> str:
    """What is read of a page: a cell's heading on a narrow screen stands before it; what programs read is left out."""
    page = re.sub(r"<(script|style|option|select)\b.*?</\1>", " ", page, flags=re.DOTALL)
    page = re.sub(r'<td[^>]*data-label="([^"]*)"[^>]*>', r" \1 ", page)
    return html.unescape(" ".join(re.sub(r"<[^>]*>", " ", page).split()))


def costs_without_the_word(text: str, costs: set[int]) -> list[str]:
    """Where one of these figures stands and none of the forty letters before it says that it is a cost, or a weight."""
    found = []
    for match in re.finditer(r"(?<![\w,.:-])[\d,]*\d(?![\w:])", text):
        number = int(match[0].replace(",", ""))
        before = text[max(0, match.start() - 40) : match.start()].lower()
        if number in costs and "cost" not in before and not (number == WEIGHT and "weight" in before):
            found.append(text[max(0, match.start() - 60) : match.end() + 30])
    return found


def counts_beyond(text: str) -> list[str]:
    """Where more are counted than there are."""
    singular = {"curricula": "curriculum"}
    units = "|".join([*POPULATION, *(singular.get(name, name[:-1]) for name in POPULATION)])
    found = []
    for match in re.finditer(rf"([\d,]*\d) ({units})\b", text):
        most = next(value for name, value in POPULATION.items() if match[2] in (name, singular.get(name, name[:-1])))
        if int(match[1].replace(",", "")) > most:
            found.append(match[0])
    return found


def hard_and_soft(variant: Variant) -> tuple[dict[str, int], dict[str, int]]:
    hard = {name: amount for name, amount in variant.breakdown.items() if CONSTRAINTS[name].is_hard}
    return hard, {name: amount for name, amount in variant.breakdown.items() if name not in hard}


def costs_of(variants: list[Variant]) -> set[int]:
    """Every weighted cost of the two, their totals and differences, and those of single violations."""
    soft = [{name: amount for name, amount in each.breakdown.items() if not CONSTRAINTS[name].is_hard and amount} for each in variants]
    between = {abs(soft[0].get(name, 0) - soft[1].get(name, 0)) for name in soft[0] | soft[1]}
    single = {row["amount"] for each in variants for chunk in each.conflict_chunks.filter(is_hard=False) for row in chunk.rows}
    total = {abs(variants[0].soft - variants[1].soft), *(each.soft for each in variants)}
    return {*soft[0].values(), *soft[1].values(), *between, *single, *total} - {0}


def pages(term: Term, variants: list[Variant]) -> Iterator[tuple[str, str]]:
    client = client_of(term, "admin")
    first, second = variants
    run = f"/admin/timetables/{first.job_id}"
    rules = "/admin/rules/"
    addresses = [
        "/",
        "/admin/timetables/",
        f"{run}/review?variant={first.pk}",
        f"{run}/review?variant={first.pk}&kind=student_clash",
        f"{run}/compare?a={first.pk}&b={second.pk}",
        f"{run}/compare?a={first.pk}&b={second.pk}&profile=students",
        f"{run}/grid?variant={first.pk}&by=curriculum",
        f"{rules}?variant={first.pk}",
        f"{rules}weight-student_clash?variant={first.pk}",
        f"{rules}weight-lunch?variant={first.pk}",
        "/admin/readiness/",
        f"/admin/timetables/status/{first.job_id}",
    ]
    for address in addresses:
        yield address, words_of(page_of(client, address))


def page_of(client: Client, address: str) -> str:
    answer = client.get(address, follow=True)
    assert answer.status_code == 200, (address, answer.status_code)
    return text_of(answer)


def test_no_page_shows_a_cost_as_a_count_and_no_count_exceeds_its_population(term: Term, variants: list[Variant]) -> None:
    costs = costs_of(variants)
    assert max(costs) > 5_000

    seen = dict(pages(term, variants))

    assert {address: found for address, text in seen.items() if (found := costs_without_the_word(text, costs))} == {}
    assert {address: found for address, text in seen.items() if (found := counts_beyond(text))} == {}
    assert {address for address, text in seen.items() if re.search("penalt", text, re.IGNORECASE)} == set()
    review = next(text for address, text in seen.items() if "review" in address)
    students = counts_read(variants[0])
    assert students is not None
    clash = students["student_clash"]
    assert 0 < clash.count <= 30 < clash.also
    assert f"{clash.count} students ({clash.also:,} clashes) cost {variants[0].breakdown['student_clash']:,}" in review


def test_rest_files_e_mails_and_terminal_say_what_they_count(term: Term, variants: list[Variant]) -> None:
    variant = variants[0]
    rest = rest_of(term, "admin")
    found = rest.get(f"/api/timetable/variants/{variant.pk}/").json()
    compared = rest.get(f"/api/timetable/variants/{variant.pk}/compare/{variants[1].pk}/").json()
    written = json.loads(export_file(variant, kind="json").content)
    book = load_workbook(io.BytesIO(export_file(variant, kind="xlsx").content))
    about = {row[0]: row[1:] for row in book["About"].iter_rows(values_only=True)}
    lines = variant_lines(variant)

    assert set(found["counts"]) >= set(found["breakdown"])
    clash = found["counts"]["student_clash"]
    assert (clash["unit"], clash["also"]["unit"]) == ("students", "clashes")
    assert clash["count"] <= 30
    assert found["counts"]["lunch"] == {"count": 0, "unit": "days"}
    assert "counts" not in found["statistics"]
    assert (found["certificate"]["violations"], found["certificate"]["costs"]) == hard_and_soft(variant)
    assert compared["first"]["counts"] == written["counts"] == counts_facts(variant) == found["counts"]
    words = f"{clash['count']} students ({clash['also']['count']:,} clashes)"
    assert about["Students with two lectures at once"] == (None, words, None, variant.breakdown["student_clash"])
    assert about["Fact"] == ("Value", "Found", "Times broken", "Cost")
    assert f"  Students with two lectures at once: {words}, cost {variant.breakdown['student_clash']:,}" in lines
    assert costs_without_the_word("\n".join(lines), costs_of(variants)) == []

    Variant.objects.filter(pk=variant.pk).update(hard=0)
    variant.refresh_from_db()
    member(term.organization, "reviewer", email="reviewer@example.org")
    variant_select(variant=variant, user=member(term.organization, "admin"))
    notice = Notice.objects.get()
    assert f"cost is {variant.soft:,}" in notice_words(notice)[1]
    assert costs_without_the_word(notice_words(notice)[1], {variant.soft}) == []


def test_a_change_by_hand_counts_anew_and_what_an_earlier_release_stored_says_nothing_false(term: Term, variants: list[Variant]) -> None:
    variant = variants[0]
    before = counts_read(variant)
    lecture = variant.entries.exclude(day=None).first()
    assert lecture is not None
    edit = EditRequest(variant.revision, "move", lecture.lecture, day=4, period=3, room="R2")
    variant_edit(variant=variant, user=member(term.organization, "admin"), request=edit)
    variant.refresh_from_db()
    assert counts_read(variant) is not None
    assert counts_read(variant) != before

    Variant.objects.filter(pk=variant.pk).update(soft=variant.soft + WEIGHT)  # as a process of the previous release changes it
    variants[1].statistics.pop("counts")
    variants[1].certificate = {"violations": variants[1].breakdown}
    variants[1].save()
    variant.refresh_from_db()

    assert counts_read(variant) is None
    assert counts_facts(variants[1]) == {}
    assert rest_of(term, "admin").get(f"/api/timetable/variants/{variant.pk}/").json()["counts"] == {}
    shown = rest_of(term, "admin").get(f"/api/timetable/variants/{variants[1].pk}/").json()["certificate"]
    assert (shown["violations"], shown["costs"]) == hard_and_soft(variants[1])
    review = words_of(page_of(client_of(term, "admin"), f"/admin/timetables/{variant.job_id}/review"))
    assert f"Students with two lectures at once cost {variant.breakdown['student_clash']:,}" in review
    assert counts_beyond(review) == []
