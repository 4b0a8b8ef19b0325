"""The weeks of a term: read as people write them, said back, refused with the range; and carried by data entry, import and run."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from academics.models import CourseOffering, Meeting, Membership, Organization, Section, Term, TermPart
from academics.roll_forward.choices import OFFERINGS, Choices, NewTerm
from academics.roll_forward.services import term_roll
from academics.selectors import weeks_of_term
from academics.term_weeks import TermWeeks, WeeksUnreadable, mask_of, term_weeks, weeks_text, weeks_words
from generation.models import Entry
from generation.problem.builder import problem_hash, problem_load
from generation.problem.stored_problem import problem_pack, problem_unpack
from tests.factories import OrganizationFactory, member
from tests.factories.tables import TABLES, files_import

AUTUMN = dt.date(2026, 9, 21), dt.date(2027, 1, 15)  # a Monday and a Friday, 17 weeks apart
WEEKS = term_weeks(starts_on=AUTUMN[0], ends_on=AUTUMN[1], parts=[("First half", "1-7"), ("Rest, of it", "8-")])
ODD = mask_of(range(1, 18, 2))


@pytest.mark.parametrize(
    ("text", "weeks", "words"),
    [
        ("", range(0), "every week"),
        ("1-17", range(0), "every week"),
        ("weekly", range(0), "every week"),
        ("1-7", range(1, 8), "weeks 1 to 7"),
        ("Weeks 1 to 7", range(1, 8), "weeks 1 to 7"),
        ("first half", range(1, 8), "weeks 1 to 7"),
        ("Rest, of it", range(8, 18), "weeks 8 to 17"),
        ("First half; 9", (*range(1, 8), 9), "weeks 1 to 7 and 9"),
        ("from 8", range(8, 18), "weeks 8 to 17"),
        ("1,3,5-9", (1, 3, *range(5, 10)), "weeks 1, 3 and 5 to 9"),
        ("3 and 5", (3, 5), "weeks 3 and 5"),
        ("odd", range(1, 18, 2), "odd weeks"),
        ("even", range(2, 18, 2), "even weeks"),
        ("odd 3-9", range(3, 10, 2), "odd weeks 3 to 9"),
        ("every 3rd from 2", range(2, 18, 3), "every 3rd week from week 2"),
        ("every other week", range(1, 18, 2), "odd weeks"),
        ("ungerade Wochen", range(1, 18, 2), "odd weeks"),
        ("Wo. 3, 5", (3, 5), "weeks 3 and 5"),
        ("semaines paires", range(2, 18, 2), "even weeks"),
        ("semanas impares", range(1, 18, 2), "odd weeks"),
        ("нечет.", range(1, 18, 2), "odd weeks"),
        ("1-8 нед.", range(1, 9), "weeks 1 to 8"),
        ("第3周", (3,), "week 3"),
        ("单周", range(1, 18, 2), "odd weeks"),
    ],
)
def test_weeks_are_read_as_people_write_them_and_said_back(text: str, weeks: range, words: str) -> None:
    mask = WEEKS.read(text)

    assert mask == mask_of(weeks)
    assert WEEKS.words(mask) == words
    assert WEEKS.read(weeks_text(mask, WEEKS.num_weeks)) == mask


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("18", "Week 18 is not in the term. The term has weeks 1 to 17, which ends on 2027-01-15."),
        ("0", "“0” names no weeks."),
        ("7-1", "“7-1” names no weeks."),
        ("KW 42", "“KW 42” names no weeks."),
        ("1-7, sometimes", "“sometimes” names no weeks."),
    ],
)
def test_what_names_no_weeks_of_the_term_is_refused_with_what_may_be_written(text: str, why: str) -> None:
    with pytest.raises(WeeksUnreadable) as refused:
        WEEKS.read(text)

    assert refused.value.why == why
    assert "from 1 to 17 as in 1-7, 9; or odd, even, every 3rd from 2, or a part of the term: First half, Rest" in refused.value.allowed


def test_week_1_holds_the_first_day_and_weeks_begin_where_the_term_says() -> None:
    sunday = term_weeks(starts_on=dt.date(2026, 9, 23), ends_on=dt.date(2026, 10, 20), week_start=6)

    assert sunday.num_weeks == 5
    assert sunday.dates(1) == (dt.date(2026, 9, 23), dt.date(2026, 9, 26))  # Wednesday to Saturday
    assert sunday.dates(5) == (dt.date(2026, 10, 18), dt.date(2026, 10, 20))
    assert [sunday.number(dt.date(2026, *day)) for day in ((9, 19), (9, 26), (9, 27), (10, 20), (10, 26))] == [0, 1, 2, 5, 0]


def test_a_term_without_dates_has_as_many_weeks_as_are_named() -> None:
    weeks = term_weeks(starts_on=None, ends_on=None, parts=[("Start", "1-4")], texts=["odd", "3,9"])

    assert weeks.num_weeks == 9
    assert weeks.words(weeks.read("odd")) == "odd weeks"
    assert TermWeeks().read("60") == 1 << 59
    with pytest.raises(WeeksUnreadable, match="Weeks are numbered from 1 to 60"):
        TermWeeks().read("61")


def test_weeks_without_a_known_number_are_listed() -> None:
    assert weeks_words(mask_of((1, 3, 5))) == "odd weeks 1 to 5"
    assert weeks_words(mask_of((2, 5, 6, 9))) == "weeks 2, 5, 6 and 9"


# From a table to the run.

WITH_WEEKS = TABLES | {
    "term_parts.csv": "Part of the term,Weeks\nFirst half,1-7\n",
    "offerings.csv": "Course,Lecturers,Programmes,Meetings,Section size,Sections,Part of,Weeks\n"
    'MA1,kow; rao,Y1,2 x 1,30,2,,First half\nPH1,kow,Y1,"1 x 2 lab +gas; 1 x 1 [2,4]",30,,MA1,odd\n',
    "sections.csv": "Course,Section,Weeks\nMA1,A,\nMA1,B,even\n",
}


@pytest.fixture
def organization() -> Organization:
    return OrganizationFactory()  # type: ignore[no-any-return]


@pytest.mark.django_db
def test_tables_say_weeks_of_offerings_sections_meetings_and_parts_and_the_run_has_them(organization: Organization) -> None:
    batch = files_import(organization, WITH_WEEKS)

    assert batch.status == batch.Status.IMPORTED, batch.problems
    assert list(TermPart.objects.values_list("term__code", "name", "weeks")) == [("T1", "First half", "1-7")]
    assert dict(CourseOffering.objects.values_list("course__code", "weeks")) == {"MA1": "First half", "PH1": "odd"}
    assert dict(Section.objects.values_list("code", "weeks")) == {"A": "", "B": "even"}
    assert sorted(Meeting.objects.filter(offering__course__code="PH1").values_list("length", "weeks")) == [(1, "2,4"), (2, "")]

    term = Term.objects.get(organization=organization)
    problem = problem_load(organization=organization, term=term)
    by_section: dict[str, list[int]] = {}
    for section, weeks in zip(problem.lecture_section.tolist(), problem.lecture_weeks.tolist(), strict=True):
        by_section.setdefault(problem.names.sections[section], []).append(weeks)
    half, even = mask_of(range(1, 8)), mask_of(range(2, 18, 2))
    assert problem.num_weeks == 17
    assert by_section["A"] == [half, half]
    assert by_section["B"] == [even, even]
    assert {weeks for name, listed in by_section.items() if name.startswith("PH1") for weeks in listed} == {ODD, mask_of((2, 4))}
    assert np.array_equal(problem_unpack(problem_pack(problem)).lecture_weeks, problem.lecture_weeks)

    assert files_import(organization, WITH_WEEKS).counts["offerings"]["unchanged"] == 2, "a second time says nothing new"
    CourseOffering.objects.update(weeks="")
    Section.objects.update(weeks="1-17")
    Meeting.objects.update(weeks="")
    plain = problem_load(organization=organization, term=term)
    assert (plain.num_weeks, len(plain.lecture_weeks)) == (0, 0)
    assert problem_hash(plain) == problem_hash(replace(plain, num_weeks=0)) != problem_hash(problem)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "text", "column", "words"),
    [
        ("offerings.csv", "Course,Meetings,Weeks\nMA1,2 x 1,12-18\n", "Weeks", "Week 18 is not in the term."),
        ("offerings.csv", "Course,Meetings\nMA1,2 x 1 [sometimes]\n", "Meetings", "“sometimes” names no weeks."),
        ("sections.csv", "Course,Section,Weeks\nMA1,A,Second half\n", "Weeks", "“Second half” names no weeks."),
        ("term_parts.csv", "Part of the term,Weeks\nodd,1-7\n", "Part of the term", "odd says by itself which weeks are meant"),
        ("term_parts.csv", "Part of the term,Weeks\nMiddle,5-99\n", "Weeks", "Week 18 is not in the term."),
    ],
)
def test_weeks_that_the_term_has_not_are_a_problem_of_their_cell(
    organization: Organization, name: str, text: str, column: str, words: str
) -> None:
    batch = files_import(organization, TABLES | {name: text})

    assert batch.status != batch.Status.IMPORTED
    assert (column, True) in [(each["column"], words in each["message"]) for each in batch.problems]


@pytest.mark.django_db
def test_a_row_of_an_existing_timetable_is_of_the_lecture_in_its_weeks(organization: Organization) -> None:
    tables = TABLES | {
        "offerings.csv": 'Course,Meetings,Sections,Part of\nMA1,"1 x 1 [odd]; 1 x 1 [even]",1,\nPH1,1 x 2,,\n',
        "timetable.csv": "Course,Day,Start,Room,Weeks\nMA1,Monday,09:00,R1,even\nMA1,Tuesday,08:00,R1,odd\nPH1,Friday,08:00,R2,1-7\n",
    }

    batch = files_import(organization, tables)

    assert batch.status == batch.Status.IMPORTED, batch.problems
    assert "1 row names other weeks than its lecture has (row 4)" in str(batch.warnings)
    assert sorted(Entry.objects.values_list("course", "day", "weeks")) == [
        ("MA1", 0, mask_of(range(2, 18, 2))),
        ("MA1", 1, ODD),
        ("PH1", 4, 0),
    ]


@pytest.mark.django_db
def test_a_term_that_is_rolled_forward_has_the_weeks_and_parts_of_the_old_one(organization: Organization) -> None:
    files_import(organization, WITH_WEEKS)

    term_roll(
        organization=organization,
        source=Term.objects.get(code="T1"),
        target=NewTerm(code="T2", name="", starts_on=dt.date(2027, 2, 1), ends_on=dt.date(2027, 5, 28)),
        choices=Choices(frozenset({OFFERINGS})),
        user=None,
    )

    term = Term.objects.get(code="T2")
    assert weeks_of_term(term).parts == {"First half": mask_of(range(1, 8))}
    assert dict(CourseOffering.objects.filter(term=term).values_list("course__code", "weeks")) == {"MA1": "First half", "PH1": "odd"}
    assert Meeting.objects.filter(offering__term=term, weeks="2,4").exists()


@pytest.mark.django_db
def test_the_data_entry_says_the_dates_of_weeks_and_refuses_those_that_are_not_there(organization: Organization, client: Client) -> None:
    files_import(organization, WITH_WEEKS)
    client.force_login(member(organization, Membership.Role.ADMIN))
    offering = CourseOffering.objects.get(course__code="MA1")
    page = reverse("admin:academics_courseoffering_change", args=[offering.pk])
    of_term = reverse("admin:academics_term_change", args=[offering.term_id])

    assert "Now: weeks 1 to 7, 21 September to 8 November." in client.get(page).content.decode()
    assert "<li><b>17</b> 11 January to 15 January</li>" in client.get(of_term).content.decode()
    form = client.get(page).context["adminform"].form
    sent = {name: value for name in form.fields if (value := form[name].value()) not in (None, "") and name != "week"}
    sent |= {f"{prefix}-TOTAL_FORMS": 0 for prefix in ("meetings", "sections", "room_preferences")}
    sent |= {f"{prefix}-INITIAL_FORMS": 0 for prefix in ("meetings", "sections", "room_preferences")}

    refused = client.post(page, sent | {"weeks": "3-20"})
    assert "Week 18 is not in the term. The term has weeks 1 to 17" in refused.content.decode()
    assert client.post(page, sent | {"weeks": "every  3rd from 2"}).status_code == 302
    offering.refresh_from_db()
    assert offering.weeks == "every 3rd from 2"
