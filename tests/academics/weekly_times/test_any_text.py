"""Whatever stands in a cell: a reading, never an exception, in time that grows with the length."""

from __future__ import annotations

import random
import time

import pytest
from babel import Locale
from babel.dates import get_month_names
from hypothesis import given, settings
from hypothesis import strategies as st

from academics.weekly_times.columns import PARTS, column_read, rows_read, vocabulary_of_column, vocabulary_of_rows
from academics.weekly_times.fitting import GridPeriod, fit
from academics.weekly_times.folding import DatedRow, fold
from academics.weekly_times.grammar import LONGEST_CELL, read_weekly_times
from academics.weekly_times.grids import grid_proposal
from academics.weekly_times.parts import read_parts
from academics.weekly_times.readings import Reading, time_of
from academics.weekly_times.vocabulary import Vocabulary
from academics.weekly_times.words import LANGUAGES, day_letters, day_words, lexicon, month_words
from tests.academics.weekly_times.test_cells import CASES

NUMBERS = [*map(str, (0, 1, 2, 3, 7, 9, 10, 12, 13, 24, 25, 59, 60, 64, 65, 930, 1330, 2026, 44897, 0.375, 99999))]
NUMBERS += ["9:15", "9.15", "9h15", "24:00", "12/11/2026", "2026-02-30", "a", "p", "ª", "24M12", "7N7"]
PIECES = [
    *sorted({word for language in LANGUAGES for word in lexicon(language)}),
    *sorted({piece for language in LANGUAGES for piece in day_letters(language)}),
    *[text for _, text, _ in CASES],
    *NUMBERS,
    *"-–/,;&+.:()\n〜・?*\x00 ",
    "",
]
CELL = st.one_of(
    st.text(max_size=60),
    st.lists(st.sampled_from(PIECES), max_size=12).flatmap(lambda parts: st.sampled_from(["", " "]).map(lambda gap: gap.join(parts))),
)
LANGUAGE_SETS = st.lists(st.sampled_from(LANGUAGES), min_size=1, unique=True).map(tuple)
VOCABULARIES = st.builds(
    Vocabulary,
    languages=LANGUAGE_SETS,
    letters=st.dictionaries(st.sampled_from("mtsdq"), st.integers(0, 6), max_size=3),
    day_first=st.sampled_from([None, True, False]),
    bare_numbers=st.sampled_from([None, "periods", "hours"]),
    afternoon_below=st.sampled_from([None, 0, 7, 12]),
    dashed_days=st.sampled_from([None, "range", "list"]),
    slashed_times=st.sampled_from([None, "range", "list"]),
    shift_starts=st.sampled_from([None, (6, 12), (5, 9)]),
    monday_number=st.sampled_from([None, 0, 1, 2]),
    open_settings=st.sampled_from([(), ("afternoon_below",), ("bare_numbers",)]),
    taught=st.dictionaries(CELL, CELL, max_size=3),
)


def is_sound(reading: Reading) -> bool:
    return all(
        (time.day is None or 0 <= time.day <= 6)
        and (time.end is None or (time.start is not None and (time.end_minute or 0) > (time.start_minute or 0)))
        and (time.period is None or 1 <= time.period <= (time.last_period or 0) <= 64)
        for time in reading.times
    ) and not (reading.has_no_weekly_time and reading.times)


@settings(max_examples=200, deadline=None)
@given(text=CELL, vocabulary=VOCABULARIES, part=st.sampled_from(["cell", "days", "time", "date"]))
def test_any_cell_gives_a_sound_reading(text: str, vocabulary: Vocabulary, part: str) -> None:
    reading = read_weekly_times(text, vocabulary, part)  # type: ignore[arg-type]

    assert is_sound(reading)
    assert reading == read_weekly_times(text, Vocabulary.from_json(vocabulary.as_json()), part)  # type: ignore[arg-type]
    if text.strip() and not vocabulary.taught:
        assert not reading.is_empty


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(st.fixed_dictionaries(dict.fromkeys(PARTS, CELL)), max_size=6))
def test_any_rows_are_read_fitted_and_folded(rows: list[dict[str, str]]) -> None:
    found = vocabulary_of_rows(rows)
    read = rows_read(rows, found.vocabulary)

    assert all(is_sound(reading) for reading in read.readings)
    assert len(read.readings) == len(rows)
    times = [time for reading in read.readings for time in reading.times]
    proposal = grid_proposal(read.readings)
    assert proposal is None or 1 <= len(proposal.periods) <= 64
    fit(times, [GridPeriod(time_of(hour * 60), time_of(hour * 60 + 50)) for hour in range(8, 18)])
    assert fold(DatedRow("A", number, time) for number, time in enumerate(times)).num_rows == len(times)


@settings(max_examples=60, deadline=None)
@given(texts=st.lists(CELL, max_size=6))
def test_each_answer_settles_its_question(texts: list[str]) -> None:
    found = vocabulary_of_column(texts)
    for question in found.questions:
        for choice in question.choices:
            answered = vocabulary_of_column(texts, found.vocabulary.with_settings(choice.settings))
            assert question.about not in [each.about for each in answered.questions]


@pytest.mark.parametrize(
    "piece",
    [
        "M",
        "T",
        "1",
        "1,",
        "1-",
        "9:15-",
        "Mon ",
        "a.",
        "(",
        "月",
        "week 1 ",
        "1 Dec ",
        "mmmmm",
        "2026-",
        "./",
        "S T Q Q S S D ",
        "T-",
        "\n",
        "ſ",
    ],
)
def test_long_cells_take_no_longer_than_their_length(piece: str) -> None:
    """As long as cells that are read may be."""
    text = (piece * LONGEST_CELL)[:LONGEST_CELL]
    begun = time.process_time()

    read_weekly_times(text)
    read_parts(days=text, time=text, start=text, end=text, date=text, period=text)

    assert time.process_time() - begun < 2


def test_a_column_of_a_tenth_of_a_megabyte_is_read_in_its_time() -> None:
    """5 s a MB, and what learning the vocabulary takes, on a slow machine."""
    chosen = random.Random(1)
    texts = []
    for _ in range(4500):
        hour, minute, other = chosen.randrange(8, 18), chosen.randrange(60), chosen.randrange(60)
        days = chosen.choice(["MWF", "TR", "Mon/Wed", "T Th F", "M-F", "Sat", "Blk A"])
        texts.append(f"{days} {hour}:{minute:02}-{hour + 1}:{other:02}, Mon {chosen.randrange(99)}")
    assert len("".join(texts)) > 100_000
    begun = time.process_time()

    found = vocabulary_of_column(texts)
    column_read(texts, found.vocabulary)

    assert time.process_time() - begun < 4


def test_no_word_is_two_months_and_every_language_has_its_days() -> None:
    for language in LANGUAGES:
        assert set(day_words(language).values()) == set(range(7))
        for month, name in get_month_names("wide", locale=Locale.parse(language)).items():
            assert month_words().get(name.casefold().replace("ç", "c"), month) == month
