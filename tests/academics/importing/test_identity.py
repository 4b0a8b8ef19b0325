"""Codes that look the same are the same, those that nearly do are pointed out; days, dates and wishes as people write them."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import ValidationError

from academics.importing.values import BadValueError, Date, DaysAWeek, DaySpan, Rating
from academics.models import Course, Instructor, Organization
from academics.plain_text import text_plain
from tests.factories import OrganizationFactory
from tests.factories.tables import files_import

pytestmark = pytest.mark.django_db
DECOMPOSED, COMPOSED = "Mu\u0308ller", "Müller"


@pytest.fixture
def organization() -> Organization:
    return OrganizationFactory()


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        (DECOMPOSED, COMPOSED),
        ("mei\u00a01", "mei 1"),
        ("zed\u200b", "zed"),
        ("\ufeffa\u00adb\u2060", "ab"),
        ("\u202bאב\u202c", "אב"),
        ("\u0645\u06cc\u200c\u062e", "\u0645\u06cc\u200c\u062e"),  # a joiner that changes how the word is written
        ("a\u200cb", "ab"),
        ("葛\U000e0100", "葛"),  # another drawing of the same sign
        ("kd\u2800", "kd"),  # a pattern of no dots
        ("i\U000e0041b", "ib"),
    ],
)
def test_what_looks_the_same_is_the_same(written: str, plain: str) -> None:
    assert text_plain(written) == plain


def test_a_second_file_that_is_written_otherwise_adds_nobody(organization: Organization) -> None:
    names = ("Prof Müller", "Mei One", "Zed")
    first, second = ("Müller", "mei\u00a01", "zed\u200b"), (DECOMPOSED, "mei 1", "zed")
    for codes in (first, second):
        rows = "".join(f"{code},{name}\n" for code, name in zip(codes, names, strict=True))
        batch = files_import(organization, {"instructors.csv": f"Code,Name\n{rows}".encode()})

    assert batch.counts["instructors"] == {"added": 0, "changed": 0, "removed": 0, "unchanged": 3}
    assert set(Instructor.objects.values_list("code", flat=True)) == {COMPOSED, "mei 1", "zed"}


def test_rows_that_were_stored_otherwise_are_found(organization: Organization) -> None:
    Instructor.objects.create(organization=organization, code="mei\u00a01", name="Mei")

    files_import(organization, {"instructors.csv": b"Code,Name\nmei 1,Mei One\n"})

    assert Instructor.objects.values_list("code", "name").get() == ("mei\u00a01", "Mei One")


def test_data_entry_writes_codes_the_same_way_and_finds_those_that_look_the_same(organization: Organization) -> None:
    entered = Instructor(organization=organization, code="mei\u00a01", name=DECOMPOSED)
    entered.full_clean()
    assert (entered.code, entered.name) == ("mei 1", COMPOSED)

    Instructor.objects.create(organization=organization, code=DECOMPOSED)
    with pytest.raises(ValidationError, match="looks the same"):
        Instructor(organization=organization, code=COMPOSED).full_clean()


def test_codes_that_look_alike_are_pointed_out_with_their_difference(organization: Organization) -> None:
    Course.objects.create(organization=organization, code="CS101")
    rows = "Code,Name\nСS101,a\ncs101,b\nCS1O1,c\nCS102,d\n"

    batch = files_import(organization, {"courses.csv": rows.encode()})

    messages = " ".join(each["message"] for each in batch.warnings)
    assert "letter 1 is С (cyrillic capital letter es) here and C (latin capital letter c) there" in messages
    assert "cs101 is easily taken for CS101" in messages
    assert "letter 4 is O (latin capital letter o) here and 0 (digit zero) there" in messages
    assert "CS102" not in messages
    assert Course.objects.count() == 5


@pytest.mark.parametrize(
    ("stored", "new", "words"),
    [
        ("R101", "Ｒ１０１", "fullwidth latin capital letter r"),
        ("R101", "R١٠١", "arabic-indic digit one"),
        ("C1", "C¹", "superscript one"),
        ("O'Neil", "O’Neil", "right single quotation mark"),
        ("0103", "'0103", "letter 1 is ' (apostrophe)"),
        ("محمد", "مـحمد", "arabic tatweel"),
        ("fib", "ﬁb", "latin small ligature fi"),
        ("r101", "Ｒ101", "fullwidth"),
        ("0103", "103", "only by zeros"),
        ("101.10", "101.1", "only by zeros"),
    ],
)
def test_a_code_that_is_easily_taken_for_another_is_pointed_out(organization: Organization, stored: str, new: str, words: str) -> None:
    Course.objects.create(organization=organization, code=stored)

    batch = files_import(organization, {"courses.csv": f"Code,Name\n{new},a\nX9,b\n".encode()})

    assert [(each["row"], words in each["message"]) for each in batch.warnings] == [(2, True)]


@pytest.mark.parametrize("pair", [("101.1", "101.2"), ("10", "100"), ("1.10", "1.100.2"), ("A1", "A01"), ("MA1", "MA2"), ("abc", "äbc")])
def test_codes_that_nobody_confuses_are_left_alone(organization: Organization, pair: tuple[str, str]) -> None:
    batch = files_import(organization, {"courses.csv": "Code,Name\n{},a\n{},b\n".format(*pair).encode()})

    assert batch.warnings == []


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("Sun-Thu", (0, 1, 2, 3, 6)),
        ("Wednesday to Friday", (2, 3, 4)),
        ("from Saturday until Monday", (0, 5, 6)),
        ("Mon–Wed", (0, 1, 2)),
        ("Mo bis Mi", (0, 1, 2)),
        ("lundi à mercredi", (0, 1, 2)),
        ("Mon and Wed", (0, 2)),
        ("2-4", (1, 2, 3)),
        ("Monday", (0,)),
    ],
)
def test_days_are_read_as_people_write_them(text: str, days: tuple[int, ...]) -> None:
    assert DaySpan().parse(text) == days


def test_the_days_of_a_term_are_a_number_or_days_from_monday_on() -> None:
    assert [DaysAWeek(1, 7).parse(text) for text in ("6", "Mon-Fri", "Monday to Saturday")] == [6, 5, 6]
    with pytest.raises(BadValueError, match=r"counted from Monday\. Give 7, and mark as not available: Friday, Saturday\."):
        DaysAWeek(1, 7).parse("Sun-Thu")
    for text in ("8", "1-5", "many"):
        with pytest.raises(BadValueError):
            DaysAWeek(1, 7).parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "1 Feb 2027",
        "1st February 2027",
        "Feb 1, 2027",
        "February 1 2027",
        "Monday, 1 February 2027",
        "1-Feb-2027",
        "1. Februar 2027",
        "1er février 2027",
        "2027/02/01",
        "2027-02-01",
    ],
)
def test_dates_with_the_names_of_months_are_read(text: str) -> None:
    assert Date().parse(text) == dt.date(2027, 2, 1)


@pytest.mark.parametrize("text", ["1 Foo 2027", "30 Feb 2027", "Ma 1, 2027", "4-2"])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(BadValueError):
        Date().parse(text)


@pytest.mark.parametrize(
    ("heading", "text", "rating"),
    [
        ("Unavailable", "yes", -4),
        ("Not available", "x", -4),
        ("Blocked", "TRUE", -4),
        ("Available", "no", -4),
        ("Available", "FALSE", -4),
        ("Available", "2", 2),
        ("Rating", "no", -4),
        ("Unavailable", "disliked", -2),
    ],
)
def test_yes_and_no_answer_what_the_heading_says(heading: str, text: str, rating: int) -> None:
    assert Rating().parse_below(heading, text) == rating


@pytest.mark.parametrize(
    ("heading", "text"), [("Unavailable", "no"), ("Busy", "FALSE"), ("Available", "x"), ("Available", "1"), ("Free", "ja")]
)
def test_a_time_that_is_said_to_be_free_is_no_absence(heading: str, text: str) -> None:
    with pytest.raises(BadValueError, match="the time is free"):
        Rating().parse_below(heading, text)


@pytest.mark.parametrize(
    ("text", "rating"),
    [
        ("disliked", -2),
        ("liked", 2),
        ("Strongly dislikes", -3),
        ("would rather avoid", -1),
        ("cannot", -4),
        ("not available", -4),
        ("-3", -3),
    ],
)
def test_wishes_are_read_in_the_words_of_the_help(text: str, rating: int) -> None:
    assert Rating().parse(text) == rating
