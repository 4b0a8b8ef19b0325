"""What the cells of a column decide together, and what has to be asked."""

from __future__ import annotations

from typing import Any

import pytest

from academics.weekly_times.columns import column_read, rows_read, vocabulary_of_column, vocabulary_of_rows
from academics.weekly_times.readings import Part
from academics.weekly_times.vocabulary import BadVocabularyError, Vocabulary
from tests.academics.weekly_times.writing import written

DECIDED: list[tuple[list[str], dict[str, Any], str]] = [
    (
        ["M W 3 Th 9", "T Th F 2", "T 8", "F 1", "M 1"],
        {"languages": ["en"], "bare_numbers": "periods", "letters": {"t": 1}},
        "Mon+Wed p3; Thu p9",
    ),
    (["T", "TR", "MWF"], {"languages": ["en"], "letters": {"t": 1}}, "Tue"),
    (["T", "MW", "Th"], {"languages": ["en"], "letters": {"t": 1}}, "Tue"),
    (["T", "Tu", "MW"], {"languages": ["en"], "letters": {"t": 3}}, "Thu"),
    (["S", "U", "MWF"], {"languages": ["en"], "letters": {"s": 5}}, "Sat"),
    (["M", "L", "X", "J", "V"], {"languages": ["es"], "letters": {"m": 1}}, "Tue"),
    (["M", "MWF"], {"languages": ["en"]}, "Mon"),
    (["2a", "2a 4a", "3a 5a"], {"languages": ["pt"]}, "Mon"),
    (["2a-3a MWF", "9a-10a T Th"], {"languages": ["en"]}, "Mon+Wed+Fri 02:00-03:00"),
    (["Sa 9:00", "Pzt 10:00"], {"languages": ["tr"]}, "Tue 09:00"),
    (["śr. 9:00", "czwartek 10:00"], {"languages": ["pl"]}, "Wed 09:00"),
    (["wo 9:00", "donderdag 10:00"], {"languages": ["nl"]}, "Wed 09:00"),
    (["Sa 9:00", "Mi 10:00"], {"languages": ["de", "es"]}, "Sat 09:00"),
    (["02/12/2022", "13/12/2022"], {"day_first": True}, "Fri 2022-12-02"),
    (["02/12/2022", "12/13/2022"], {"day_first": False}, "Sat 2022-02-12"),
    (["Mo 10-12", "Di 8-10", "Mi 14-16"], {"languages": ["de"], "bare_numbers": "hours"}, "Mon 10:00-12:00"),
    (["Mon 9-10", "Tue 9:00-10:00"], {"languages": ["en"], "bare_numbers": "hours"}, "Mon 09:00-10:00"),
    (["Mon 11-1", "Tue 9-10"], {"languages": ["en"], "bare_numbers": "hours"}, "Mon 11:00-13:00"),
    (["T-Th 9:30", "M-W-F 9:00"], {"languages": ["en"], "dashed_days": "list"}, "Tue+Thu 09:30"),
    (["Mon-Wed 9:30", "Mon-Fri 9:00"], {"languages": ["en"], "dashed_days": "range"}, "Mon+Tue+Wed 09:30"),
    (["13:00/14:30", "13:00/8:00"], {"slashed_times": "list"}, "13:00; 14:30"),
    (["1:00-2:15", "13:00-14:00"], {}, "01:00-02:15"),
]


@pytest.mark.parametrize(("texts", "settings", "first"), DECIDED, ids=[" | ".join(texts) for texts, _, _ in DECIDED])
def test_column_decides(texts: list[str], settings: dict[str, Any], first: str) -> None:
    found = vocabulary_of_column(texts)

    assert found.questions == ()
    assert found.vocabulary.as_json() == settings
    assert written(column_read(texts, found.vocabulary).readings[0]) == first


ASKED: list[tuple[Part, list[str], str, str, dict[str, str]]] = [
    ("cell", ["T", "MW", "F"], "letter t", "T", {"Tuesday": "Tue", "Thursday": "Thu"}),
    ("cell", ["L", "M", "J", "V"], "letter m", "M", {"Tuesday": "Tue", "Wednesday": "Wed"}),
    ("cell", ["M", "F"], "languages", "M", {"English: Monday": "Mon", "German: Monday or Wednesday": "<M>?"}),
    (
        "date",
        ["02/12/2022"],
        "day_first",
        "02/12/2022",
        {"Friday on 2 December 2022": "Fri 2022-12-02", "Saturday on 12 February 2022": "Sat 2022-02-12"},
    ),
    ("cell", ["Mo 9-10"], "bare_numbers", "Mo 9-10", {"Monday periods 9 to 10": "Mon p9-10", "Monday 09:00-10:00": "Mon 09:00-10:00"}),
    ("time", ["8", "10", "14"], "bare_numbers", "8", {"period 8": "p8", "08:00": "08:00"}),
    ("cell", ["1:00-2:15", "9:00-10:15"], "afternoon_below", "1:00-2:15", {"13:00-14:15": "13:00-14:15", "01:00-02:15": "01:00-02:15"}),
    (  # who writes some with am and some of 24 hours means nothing by leaving it out
        "cell",
        ["9:00 AM", "2:00-3:00", "13:00-14:00"],
        "afternoon_below",
        "2:00-3:00",
        {"14:00-15:00": "14:00-15:00", "02:00-03:00": "02:00-03:00"},
    ),
    (
        "cell",
        ["1:00", "7:00", "9:00"],
        "afternoon_below",
        "1:00",
        {"13:00; 7:00 is in the morning": "13:00", "13:00; 7:00 is in the evening": "13:00", "01:00": "01:00"},
    ),
    (
        "cell",
        ["13:00/14:30"],
        "slashed_times",
        "13:00/14:30",
        {"the start and the end of a meeting": "13:00-14:30", "the starts of two meetings": "13:00; 14:30"},
    ),
    (
        "cell",
        ["2T1", "24M56", "3M7"],
        "shift_starts",
        "2T1",
        {f"M1 is period 1, T1 is period 8 and N1 is period {8 + more} of the day": "Mon p8" for more in (6, 5, 4, 7)},
    ),
    (
        "cell",
        ["T-Th 9:30"],
        "dashed_days",
        "T-Th 9:30",
        {"these days alone": "Tue+Thu 09:30", "from the one day to the other, with those between them": "Tue+Wed+Thu 09:30"},
    ),
    ("days", ["2", "4", "26"], "monday_number", "2", {"2 is Tuesday": "Tue", "2 is Monday": "Mon", "2 is Wednesday": "Wed"}),
]


@pytest.mark.parametrize(("part", "texts", "about", "example", "answers"), ASKED, ids=[each[2] for each in ASKED])
def test_column_is_asked_about(part: Part, texts: list[str], about: str, example: str, answers: dict[str, str]) -> None:
    """Each answer comes with what the example says then, and settles the question."""
    found = vocabulary_of_column(texts, part=part)

    assert [(question.about, question.example) for question in found.questions] == [(about, example)]
    assert column_read([example], found.vocabulary, part).readings[0].is_ambiguous
    said = {}
    for choice in found.questions[0].choices:
        answered = vocabulary_of_column(texts, found.vocabulary.with_settings(choice.settings), part)
        assert about not in [question.about for question in answered.questions]
        said[choice.text] = written(column_read([example], answered.vocabulary, part).readings[0])
    assert said == answers


def test_what_is_not_understood_is_listed_once_with_its_count_and_can_be_taught() -> None:
    texts = ["Blk A", "Mon 9:00-10:00", "Blk A", "TBA", "", "Blk B; Tue 8:00"]
    found = vocabulary_of_column(texts)

    read = column_read(texts, found.vocabulary)
    taught = column_read(texts, found.vocabulary.with_taught({"Blk A": "Mon 09:00-10:30", "Blk B": "Wed"}))

    assert [(each.text, each.count, each.example) for each in read.not_understood] == [
        ("Blk A", 2, "Blk A"),
        ("Blk B", 1, "Blk B; Tue 8:00"),
    ]
    assert (read.num_understood, read.num_without_time, read.num_empty) == (2, 1, 1)
    assert taught.not_understood == ()
    assert [written(reading) for reading in taught.readings] == [
        "Mon 09:00-10:30",
        "Mon 09:00-10:00",
        "Mon 09:00-10:30",
        "none",
        "",
        "Wed+Tue 08:00",
    ]


def test_rows_decide_by_all_of_their_columns() -> None:
    """The days say the language, and which of the two dates is meant."""
    rows = [
        {"days": "Sex", "start": "13:00", "end": "14:30", "date": "02/12/2022"},
        {"days": "Qua", "start": "9:00", "end": "10:30", "date": ""},
    ]
    found = vocabulary_of_rows(rows)

    assert found.questions == ()
    assert found.vocabulary.as_json() == {"languages": ["pt"], "day_first": True}
    assert [written(reading) for reading in rows_read(rows, found.vocabulary).readings] == ["Fri 13:00-14:30 2022-12-02", "Wed 09:00-10:30"]


@pytest.mark.parametrize(
    "data",
    [
        [],
        {"languages": []},
        {"languages": ["xx"]},
        {"letters": {"t": 7}},
        {"day_first": "yes"},
        {"bare_numbers": "minutes"},
        {"afternoon_below": 13},
        {"monday_number": True},
        {"taught": {"a": 1}},
        {"taught": {"a": "x" * 201}},
        {"something": 1},
    ],
)
def test_what_is_no_vocabulary_is_refused(data: object) -> None:
    with pytest.raises(BadVocabularyError):
        Vocabulary.from_json(data)
