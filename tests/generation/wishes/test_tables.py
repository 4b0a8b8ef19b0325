"""A table of answers that were collected elsewhere, from the file to answers that wait for a decision."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from academics.models import Organization
from generation.models import WishAnswer, WishRound
from tests.factories import member

pytestmark = pytest.mark.django_db
HEAD = "Code,Impossible,Rather not,Would like,Days off,Number of days off,Rooms,Spread or packed,Why,Comments\n"
ROW = 'kow,Mon 08:00-10:00; Fri,Tue 3,"Wed, Thu 9:30-10:30",Friday,1,"R2; building MAIN",Packed into few days,Hospital,\n'


def manager(organization: Organization) -> Client:
    client = Client()
    client.force_login(member(organization, "admin"))
    return client


def give(found: WishRound, text: str, **fields: str) -> Any:
    file = SimpleUploadedFile("answers.csv", text.encode())
    address = f"/admin/rules/wishes/?term={found.term_id}"
    return manager(found.organization).post(address, {"action": "table", "file": file} | fields, follow=True)


def answer_of(code: str) -> WishAnswer:
    return WishAnswer.objects.get(instructor__code=code)


def test_a_table_becomes_answers_that_wait_for_a_decision(found: WishRound) -> None:
    page = give(found, HEAD + ROW).content.decode()
    answer = answer_of("kow")
    assert (answer.state, answer.num_free_days, answer.free_days, answer.shape) == ("sent", 1, [4], "packed")
    assert answer.rooms == ["R2", "building MAIN"]
    first, second = found.term.periods.order_by("index").values_list("index", flat=True)[:2]
    marks = {(day, period): rating for day, period, rating in answer.marks}
    assert {slot for slot, rating in marks.items() if rating == -4} >= {(0, first), (0, second), (4, first)}
    assert sum(rating == -4 for rating in marks.values()) == 2 + found.term.periods.count()
    assert [slot for slot, rating in marks.items() if rating == -2] == [(1, first + 2)]
    assert {slot for slot, rating in marks.items() if rating == 2} >= {(3, second), (3, second + 1)}
    assert "1 answer put in" in page
    assert "count whole" in page or "counts whole" in page
    assert answer_of("rao").state == "open"


def test_what_somebody_sent_stays_unless_it_is_to_be_replaced(found: WishRound) -> None:
    give(found, HEAD + ROW)
    other = "E-mail,Name,Days off,Timestamp\n,Prof. Kowalska,Mon,2026-09-01 10:00\nrao@example.org,Dr Rao,Tue,x\n"
    assert "1 left as it is" in give(found, other).content.decode()
    assert (answer_of("kow").free_days, answer_of("rao").free_days) == ([4], [1])
    give(found, other, replaces="yes")
    assert (answer_of("kow").free_days, answer_of("kow").marks) == ([0], [])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Name,Impossible,Reason\nkow,Mon 8-10,x\n", "means different things"),
        ("Name,Impossible,Reason\nkow,Mon 08:00-10:00,\n", "Say why the times are impossible"),
        ("Name,Rather not\nkow,Sun\n", "Sunday is not a day of this term"),
        ("Name,Rather not\nkow,Mon 20:00-21:00\n", "They are from 08:00 to 12:50"),
        ("Name,Rather not\nkow,Mon 08:00-09:00 weeks 1-3\n", "for every week of the term"),
        ("Name,Rather not\nkow,often in the afternoon\n", "is not understood"),
        ("Name,Rather not\nnobody,Mon\n", "No instructor who was asked"),
        ("Name,Rather not\nkow,Mon\nkow,Tue\n", "Row 2 is this person"),
        ("Name,Code,Rather not\nDr Rao,kow,Mon\n", "names different instructors"),
        ("Name,Rather not\n,Mon\n", "does not say whose answer"),
        ("Name,Days off\nkow,sometimes\n", "This names no days"),
        ("Name,Number of days off\nkow,9\n", "not a whole number from 0 to 5"),
        ("Name,Rooms\nkow,R99\n", "There is no room"),
        ("Name,Spread or packed\nkow,both\n", "none of: spread, packed"),
        ("Name,Office hours\nkow,Mon\n", "Office hours"),
        ("Rather not\nMon\n", "No column says whose answer"),
        ("Name,Avoid,Rather not\nkow,Mon,Tue\n", "Remove one of them"),
        ("Name,Rather not\n", "0 sheets have rows"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_put_in(found: WishRound, text: str, words: str) -> None:
    answer = give(found, text)
    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert not WishAnswer.objects.exclude(state="open").exists()


def test_the_table_to_fill_in_names_everybody_and_is_read_back(found: WishRound) -> None:
    answer = manager(found.organization).get(f"/admin/rules/wishes/?term={found.term_id}&table=csv")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row[0] for row in rows] == ["Instructor", "kow", "rao"]
    assert "2 answers put in" in give(found, answer.content.decode()).content.decode()
