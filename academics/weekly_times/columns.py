"""A whole column, or rows of several, read together: what is ambiguous in a cell is decided by the others, or asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from academics.weekly_times.evidence import Evidence
from academics.weekly_times.grammar import read_weekly_times
from academics.weekly_times.parts import read_parts
from academics.weekly_times.questions import Question
from academics.weekly_times.readings import Part, Reading
from academics.weekly_times.vocabulary import Vocabulary

MOST_DISTINCT = 1000  # of the cells that are looked at for how a column is written: the most frequent
PARTS = ("days", "time", "start", "end", "date", "period")


@dataclass(frozen=True)
class ColumnVocabulary:
    """What the cells together decide, and what they leave open."""

    vocabulary: Vocabulary
    questions: tuple[Question, ...] = ()


@dataclass(frozen=True)
class NotUnderstood:
    """A piece of text; how many cells or rows have it, and one of them whole."""

    text: str
    count: int
    example: str
    is_ambiguous: bool


@dataclass(frozen=True)
class ColumnReading:
    """``readings`` are those of the cells or rows in their order; what is not understood is there once, the most frequent first."""

    readings: tuple[Reading, ...]
    not_understood: tuple[NotUnderstood, ...]
    num_understood: int
    num_without_time: int
    num_empty: int


def vocabulary_of_column(texts: Iterable[str], vocabulary: Vocabulary | None = None, part: Part = "cell") -> ColumnVocabulary:
    """What ``vocabulary`` already settles, an answer for instance, is kept."""
    return _decided(Counter((part, text.strip()) for text in texts), vocabulary)


def vocabulary_of_rows(rows: Iterable[Mapping[str, str]], vocabulary: Vocabulary | None = None) -> ColumnVocabulary:
    """The same for rows whose days, times and dates are in cells of their own (the names of `PARTS`)."""
    cells: Counter[tuple[Part, str]] = Counter()
    for row in rows:
        days, time, start, end, date = (row.get(name, "").strip() for name in PARTS[:5])
        cells["days", days] += 1
        cells["time", time] += 1
        cells["time", f"{start} - {end}" if start and end else start or end] += 1
        cells["date", f"{days} {date}" if days and date and not any(letter.isdecimal() for letter in days) else date] += 1
    return _decided(cells, vocabulary)


def _decided(cells: Counter[tuple[Part, str]], vocabulary: Vocabulary | None) -> ColumnVocabulary:
    said = Counter({cell: count for cell, count in cells.items() if cell[1]})
    evidence = Evidence(dict(said.most_common(MOST_DISTINCT)), vocabulary or Vocabulary())
    if said:
        evidence.decide()
    return ColumnVocabulary(evidence.vocabulary, tuple(evidence.questions))


def column_read(texts: Iterable[str], vocabulary: Vocabulary, part: Part = "cell") -> ColumnReading:
    known: dict[str, Reading] = {}
    readings = []
    said = []
    for text in texts:
        if text not in known:
            known[text] = read_weekly_times(text, vocabulary, part)
        readings.append(known[text])
        said.append(text.strip())
    return _column(readings, said)


def rows_read(rows: Iterable[Mapping[str, str]], vocabulary: Vocabulary) -> ColumnReading:
    known: dict[tuple[str, ...], Reading] = {}
    readings = []
    said = []
    for row in rows:
        cells = tuple(row.get(name, "") for name in PARTS)
        if cells not in known:
            known[cells] = read_parts(**dict(zip(PARTS, cells, strict=True)), vocabulary=vocabulary)
        readings.append(known[cells])
        said.append(" ".join(cell.strip() for cell in cells if cell.strip()))
    return _column(readings, said)


def _column(readings: list[Reading], said: list[str]) -> ColumnReading:
    counts: Counter[str] = Counter()
    examples: dict[str, tuple[str, bool]] = {}
    for reading, text in zip(readings, said, strict=True):
        for piece in dict.fromkeys(reading.not_understood):
            counts[piece] += 1
            examples.setdefault(piece, (text, reading.is_ambiguous))
    return ColumnReading(
        readings=tuple(readings),
        not_understood=tuple(NotUnderstood(piece, count, *examples[piece]) for piece, count in counts.most_common()),
        num_understood=sum(reading.is_understood and not reading.is_empty for reading in readings),
        num_without_time=sum(reading.has_no_weekly_time for reading in readings),
        num_empty=sum(reading.is_empty for reading in readings),
    )
