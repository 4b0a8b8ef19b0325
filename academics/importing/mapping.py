"""Which kind a table holds, and which of its headings is which column: guessed by name, remembered, changed by people."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import PurePath
from typing import Any

from academics.importing import languages
from academics.importing.columns import Kind
from academics.importing.columns_by_kind import EXPLAINED, KINDS, TIMETABLE
from academics.importing.encodings import ENCODINGS, encoding_named
from academics.importing.messages import ImportRefusal
from academics.importing.tables import KNOWN_HEADINGS, Table, heading_plain

LEFT_OUT = ""
EXAMPLE = '{"students.csv": {"kind": "students", "columns": {"Matric no": "code"}}}'
LIKE_ENOUGH = 0.86
LEAST_KNOWN = 2  # headings by which a table is taken for something that it lacks a column for
MOST_RIVALS = 3
CODED = ("departments", "buildings", "rooms", "instructors", "courses", "curricula", "students")
MACHINE_KEYS = frozenset({"id", "key"})
# Names of files and sheets: the word, and its kind.
NAMES = {heading_plain(word): kind.name for kind in KINDS.values() for word in (*kind.also, kind.title, kind.name)}
NAME_FILLERS = frozenset(
    (
        *("a", "the", "of", "and", "list", "liste", "export", "import", "final", "new", "old", "copy", "data", "table", "current"),
        *("updated", "ws", "ss", "fall", "autumn", "spring", "summer", "winter"),
    )
)
# Words of files' names that say little where others stand beside them.
WEAK_NAMES = frozenset(
    heading_plain(word)
    for word in (
        *("campus", "sites", "units", "schools", "classes", "groups", "faculty", "personal", "module", "semester", "semestres", "vacances"),
        *("calendar", "grid", "slots", "periods", "breaks", "preferences", "constraints", "spaces", "teaching", "allocation", "roster"),
        *("catalog", "catalogue", "angebot", "formations", "parcours", "inscriptions", "institute"),
    )
)
DAY_WORDS = frozenset(
    (
        *("day", "days", "weekday", "weekdays", "wochentag", "wochentage", "jour", "jours", "dia", "día", "dias", "días", "giorno"),
        *("giorni", "dzień"),
    )
)
TIME_HEADINGS = frozenset(
    heading_plain(word)
    for word in (
        *("period", "periods", "slot", "slots", "timeslot", "timeslots", "time slot", "time slots", "time", "times"),
        *("start time", "end time", "starts at", "ends at", "starts", "ends", "begin time", "meeting time", "meeting times", "class time"),
        *("when", "schedule", "tag", "tage", "uhrzeit", "zeit", "beginn", "heure", "horaire", "créneau", "hora", "horario"),
        *("hora início", "hora fim", "ora", "orario", "godzina"),
    )
)

WEEKDAYS = frozenset({name for days in languages.DAYS for name in days} | {name[:3] for name in languages.DAYS[0]})
# Headings that nothing is read from, and that only one kind of thing has.
HINTS = {
    heading_plain(word): kind
    for kind, words in {
        "courses": (
            *("credits", "credit", "credit hours", "credit points", "ects", "ects credits", "cr", "leistungspunkte", "lp", "crédits"),
            *("créditos", "crediti", "cfu", "kredi", "akts", "кредиты", "зачетные единицы", "単位", "単位数", "学分"),
        ),
        "rooms": (
            "floor",
            "storey",
            "exam capacity",
            "exam seats",
            "projector",
            "whiteboard",
            "etage",
            "stockwerk",
            "étage",
            "piso",
            "kat",
        ),
        "instructors": ("rank", "academic rank", "salutation", "office hours", "anrede", "dienstgrad", "grade académique"),
        "students": ("gpa", "year of study", "study year", "date of birth", "admission year", "fachsemester", "geburtsdatum"),
    }.items()
    for word in words
}


@dataclass(frozen=True)
class Mapped:
    """A table, the kind it holds, and the column of each heading (empty: left out)."""

    table: Table
    kind: Kind | None
    columns: tuple[str, ...]
    candidates: tuple[str, ...] = ()  # kinds of which it may be any: somebody has to say which
    is_created: bool = False  # rows that somebody said to create, and no file of the import
    layout: str = ""  # how restructuring would use columns that are left out
    unused: tuple[str, ...] = ()  # headings of the file that restructuring makes nothing of, on the first of its tables

    def index(self, name: str) -> int | None:
        return self.columns.index(name) if name in self.columns else None

    def heading(self, name: str) -> str:
        """The column as the file calls it, or else as people do."""
        index = self.index(name)
        return self.table.headings[index] if index is not None else (self.kind.column(name).label if self.kind else name)

    @property
    def left_out(self) -> list[str]:
        """The headings of the columns that nothing is read from; one without a heading goes by its number."""
        names = (heading or f"column {number}" for number, heading in enumerate(self.table.headings, 1))
        return [*(name for name, column in zip(names, self.columns, strict=True) if not column), *self.unused]

    def document(self) -> dict[str, Any]:
        """What the table was read as: kind and columns in the form of a mapping, so that it can be given back."""
        return {
            "file": self.table.file,
            "sheet": self.table.sheet,
            "kind": self.kind.name if self.kind else LEFT_OUT,
            "headings_row": self.table.headings_row,
            "columns": self._columns(),
            "left_out": self.left_out,
            "layout": self.layout,
        }

    def _columns(self) -> dict[str, str]:
        """By heading its column; of a derived table a heading may be the source of several."""
        found: dict[str, str] = {}
        for heading, column in zip(self.table.headings, self.columns, strict=True):
            if column:
                found[heading] = f"{found[heading]}, {column}" if self.table.derived and heading in found else column
        return found


Remembered = Mapping[str, Mapping[str, str]]  # by kind: the plain heading's column
Choices = Mapping[str, Mapping[str, Any]]  # by table: {"kind": ..., "columns": [...]} or {"columns": {heading: column}}


def table_mapped(table: Table, *, remembered: Remembered, choice: Mapping[str, Any] | None = None) -> Mapped:
    """What was chosen for the table, and a guess for the rest."""
    choice = choice or {}
    guess = Guess(choice["kind"]) if "kind" in choice else kind_guess(table, remembered)
    kind = KINDS.get(guess.name)
    if kind is None:
        return Mapped(table, None, tuple(LEFT_OUT for _ in table.headings), guess.candidates)
    columns = choice.get("columns")
    if isinstance(columns, Sequence) and not isinstance(columns, str):
        known = {column.name for column in kind.columns}
        chosen = [name if name in known else LEFT_OUT for name in columns][: len(table.headings)]
        return Mapped(table, kind, (*chosen, *[LEFT_OUT] * (len(table.headings) - len(chosen))))
    guessed = columns_guess(table, kind, remembered.get(kind.name, {}))
    given = {heading_plain(heading): column for heading, column in columns.items()} if isinstance(columns, Mapping) else {}
    taken = set(given.values())
    return Mapped(
        table,
        kind,
        tuple(
            given.get(heading_plain(heading), LEFT_OUT if guess in taken else guess)
            for heading, guess in zip(table.headings, guessed, strict=True)
        ),
    )


@dataclass(frozen=True)
class Fit:
    """How well a table's headings are those of a kind."""

    kind: Kind
    columns: tuple[str, ...]
    score: float  # a heading that is known counts one, one that is spelt almost so a half

    @property
    def has_required(self) -> bool:
        return self.score > 0 and all(column.name in self.columns for column in self.kind.required)

    @property
    def is_whole(self) -> bool:
        """Nothing is missing that a table of this kind has."""
        return self.has_required and all(any(name in self.columns for name in group) for group in self.kind.signs)


@dataclass(frozen=True)
class Guess:
    """The kind that a table seems to hold; where several would do, their names, the likeliest first, and no kind."""

    name: str = LEFT_OUT
    candidates: tuple[str, ...] = ()


def kind_guess(table: Table, remembered: Remembered) -> Guess:
    """By the headings. The sheet's or the file's name only chooses between kinds that fit equally well."""
    if table.sheet == EXPLAINED or not any(table.headings):
        return Guess()
    fits = {kind.name: _fit(table, kind, remembered.get(kind.name, {})) for kind in KINDS.values()}
    whole = [fit for fit in fits.values() if fit.is_whole]
    best = max((fit.score for fit in whole), default=0.0)
    top = _only_one_with_words_of_its_own(table, [fit for fit in whole if fit.score == best])
    named, is_whole_name = kinds_named(table)
    chosen = fits[named[0]] if len(named) == 1 and is_whole_name else None
    if chosen is not None and top and chosen.score < best:  # the headings name another kind
        possible = [*top, chosen] if chosen.has_required else top
    elif chosen is not None:
        possible = [chosen]
    elif len(top) == 1:
        possible = [*top, *_rivals(table, top[0], fits.values())]
    else:
        # A name that has a kind's word among others counts where the headings hold nothing else.
        likely = [fit for fit in top if [fit.kind.name] == named and not _left_out(table, fit)]
        possible = likely or top or [fit for fit in fits.values() if fit.score >= LEAST_KNOWN and fit.score == _most(fits.values())]
    possible = _hinted(table, possible, fits.values())
    if possible and any(says_when(table.headings[index]) for index in _left_out(table, possible[0])):
        # Lectures that are held already; they were once taken for the times at which nobody is free.
        alike = [fit for fit in fits.values() if fit.has_required and fit.score == possible[0].score]
        possible = [*possible, *alike, fits[TIMETABLE], fits["availability"]]
    elif chosen is None and [fit.kind.name for fit in possible] == [TIMETABLE] and fits["availability"].score >= possible[0].score:
        # Every column is one of marks too, and only the marks themselves are missing.
        possible = [*possible, *sorted((fit for fit in whole if fit not in possible), key=lambda fit: -fit.score), fits["availability"]]
    names = tuple(dict.fromkeys(fit.kind.name for fit in possible))
    return Guess(names[0]) if len(names) == 1 and (chosen or possible[0].is_whole) else Guess(candidates=names)


def _hinted(table: Table, possible: Sequence[Fit], fits: Iterable[Fit]) -> list[Fit]:
    """Kinds of which a heading speaks that nothing is read from: beside a single one, and before several others."""
    left_out = _left_out(table, possible[0]) if possible else []
    kinds = {HINTS[heading] for index in left_out if (heading := heading_plain(table.headings[index])) in HINTS}
    if len(possible) == 1:
        return [*possible, *(fit for fit in fits if fit.kind.name in kinds and fit.has_required and fit is not possible[0])]
    return sorted(possible, key=lambda fit: fit.kind.name not in kinds)


def _only_one_with_words_of_its_own(table: Table, fits: Sequence[Fit]) -> Sequence[Fit]:
    """Of kinds that fit equally well the one that alone knows a heading: *staff code* is of people, beside *id* and *name*."""
    plain = [heading_plain(heading) for heading in table.headings]
    known = {fit.kind.name: {heading for names in _namings(fit.kind) for heading in names} for fit in fits}

    def has_own(fit: Fit) -> bool:
        others = set().union(*(words for name, words in known.items() if name != fit.kind.name))
        return any(column and heading not in others for heading, column in zip(plain, fit.columns, strict=True))

    own = [fit for fit in fits if has_own(fit)]
    return own if len(own) == 1 else fits


def _most(fits: Iterable[Fit]) -> float:
    return max(fit.score for fit in fits)


def _left_out(table: Table, fit: Fit) -> list[int]:
    return [index for index, heading in enumerate(table.headings) if heading_plain(heading) and not fit.columns[index]]


def _rivals(table: Table, chosen: Fit, fits: Iterable[Fit]) -> list[Fit]:
    """Kinds that lack something, and yet know more of the headings; and those that know what the chosen one would leave out."""
    larger = [fit for fit in fits if fit.score > chosen.score]
    plain = [heading_plain(heading) for heading in table.headings]
    left_out = [index for index in _left_out(table, chosen) if plain[index] in KNOWN_HEADINGS and plain[index] not in MACHINE_KEYS]
    if larger or len(left_out) < 2 or 2 * len(left_out) < chosen.score:
        return sorted(larger, key=lambda fit: -fit.score)[:MOST_RIVALS]
    others = [fit for fit in fits if fit is not chosen and any(fit.columns[index] for index in left_out)]
    return sorted(others, key=lambda fit: -fit.score)[:MOST_RIVALS]


def says_when(heading: str) -> bool:
    """Whether the heading is that of days or times at which something is held."""
    words = heading_plain(heading).split()
    if len(words) == 1 and words[0] in WEEKDAYS:
        return True
    if any(word in DAY_WORDS for word in words):
        return not any(word in ("max", "min", "most", "per", "pro", "par", "of", "num") for word in words) or words[:2] == ["days", "of"]
    return " ".join(words) in TIME_HEADINGS


def kinds_named(table: Table) -> tuple[list[str], bool]:
    """The kinds that the sheet's name, or else the file's, has a word for, and whether it is nothing but that word."""
    for name in (table.sheet, PurePath(table.file).stem):
        plain = heading_plain(re.sub(r"\d+", " ", name))
        shorter = " ".join(word for word in plain.split() if word not in NAME_FILLERS)
        for whole in (plain, shorter):
            if whole in NAMES:
                return [NAMES[whole]], True
        inside = {kind: None for word, kind in NAMES.items() if word not in WEAK_NAMES and re.search(rf"\b{re.escape(word)}\b", plain)}
        if inside:
            return list(inside), False
    return [], False


def _fit(table: Table, kind: Kind, remembered: Mapping[str, str]) -> Fit:
    columns = columns_guess(table, kind, remembered)
    plain = [heading_plain(heading) for heading in table.headings]
    score = sum(
        1.0 if heading in KNOWN_HEADINGS or heading in remembered else 0.5 for heading, name in zip(plain, columns, strict=True) if name
    )
    return Fit(kind, tuple(columns), score)


def columns_guess(table: Table, kind: Kind, remembered: Mapping[str, str]) -> list[str]:
    """The column of each heading: as it was last time, by name, by another word for it, or spelt almost so. Each at most once."""
    plain = [heading_plain(heading) for heading in table.headings]
    chosen = [LEFT_OUT] * len(plain)
    for names in (remembered, *_namings(kind)):
        for index, heading in enumerate(plain):
            column = names.get(heading) if heading and not chosen[index] else None
            if column and column not in chosen:
                chosen[index] = column
    if kind.name in CODED and not any(remembered.get(heading) == "code" for heading in plain):
        _code_choose(table, kind, plain, chosen)
    return _nearly(plain, chosen, kind)


def codes_possible(kind: Kind, plain: Sequence[str]) -> list[int]:
    """The columns that may hold the code of a kind's rows, what people write before what a database counts."""
    if kind.name not in CODED:
        return []
    column = kind.column("code")
    ranks = {heading_plain(word): rank for rank, word in reversed(list(enumerate((column.name, column.label, *column.also))))}
    found = [index for index, heading in enumerate(plain) if heading in ranks]
    return sorted(found, key=lambda index: (plain[index] in MACHINE_KEYS, ranks[plain[index]]))


def _code_choose(table: Table, kind: Kind, plain: Sequence[str], chosen: list[str]) -> None:
    """Of several columns that may be the code the first whose values differ in all rows; what is called after the rows may be the name."""
    possible = [index for index in codes_possible(kind, plain) if chosen[index] in (LEFT_OUT, "code")]
    if len(possible) < 2:
        return
    nouns = {heading for heading in plain if f"{heading} code" in {heading_plain(word) for word in kind.column("code").also}}
    names = [index for index in possible if plain[index] in nouns and _are_names(table, index)] if "name" not in chosen else []
    codes = [index for index in possible if index not in names] or possible
    code = next((index for index in codes if is_key(table, index)), codes[0])
    for index in possible:
        chosen[index] = "code" if index == code else LEFT_OUT
    if names and names[0] != code:
        chosen[names[0]] = "name"


def is_key(table: Table, column: int) -> bool:
    """Whether each row has a value of its own there. Rows that are equal in all columns are one."""
    rows = {cells for _, cells in table.rows}
    values = {cells[column] for cells in rows if column < len(cells)}
    return "" not in values and len(values) == len(rows) > 0


def _are_names(table: Table, column: int) -> bool:
    samples = table.samples(column, most=20)
    named = [value for value in samples if any(map(str.islower, value)) and not any(map(str.isdigit, value))]
    return bool(samples) and 2 * len(named) > len(samples)


def _namings(kind: Kind) -> Iterable[Mapping[str, str]]:
    """The columns' own names first; then, in their order, the other words for them."""
    yield {heading_plain(word): column.name for column in kind.columns for word in (column.name, column.label)}
    for rank in range(max(len(column.also) for column in kind.columns)):
        yield {heading_plain(column.also[rank]): column.name for column in kind.columns if rank < len(column.also)}


def _nearly(plain: Sequence[str], chosen: list[str], kind: Kind) -> list[str]:
    """What is left over goes by likeness: 'Capcity' is the capacity. A word that is known as another heading is not misspelt."""
    for index, heading in enumerate(plain):
        if chosen[index] or len(heading) < 4 or heading in KNOWN_HEADINGS:
            continue
        likeness = SequenceMatcher(b=heading)
        best = (LIKE_ENOUGH, LEFT_OUT)
        for column in kind.columns:
            if column.name in chosen:
                continue
            for word in (column.label, column.name, *column.also):
                likeness.set_seq1(heading_plain(word))
                if likeness.real_quick_ratio() >= best[0] and likeness.quick_ratio() >= best[0]:
                    best = max(best, (likeness.ratio(), column.name))
        chosen[index] = best[1]
    return chosen


def choices_check(given: Any, tables: Iterable[Table]) -> dict[str, dict[str, Any]]:
    """A mapping that came from outside: by file (or file#sheet, or sheet) a kind and columns by heading. Raises `ImportRefusal`."""
    if not isinstance(given, Mapping):
        raise _misshapen("it is not an object")
    keys = {name: table.key for table in tables for name in (table.sheet, table.file, table.key) if name}
    found: dict[str, dict[str, Any]] = {}
    for name, choice in given.items():
        if name not in keys:
            raise _misshapen(f"{name!r} is none of the files and sheets ({', '.join(keys)})")
        if not isinstance(choice, Mapping):
            raise _misshapen(f"{name!r} has no object")
        found[keys[name]] = _choice_check(str(name), choice)
    return found


def _choice_check(name: str, choice: Mapping[str, Any]) -> dict[str, Any]:
    kind, columns, row = choice.get("kind"), choice.get("columns", {}), choice.get("headings_row")
    encoding = choice.get("encoding")
    known = encoding_named(encoding) if isinstance(encoding, str) else ""
    if encoding is not None and not known:
        raise _misshapen(f"{name!r}: {str(encoding)[:40]!r} is none of the encodings {', '.join(ENCODINGS)}")
    if row is not None and (isinstance(row, bool) or not isinstance(row, int) or row < 1):
        raise _misshapen(f"{name!r}: 'headings_row' is {str(row)[:20]!r}, not the number of a row")
    if kind is not None and kind != LEFT_OUT and (not isinstance(kind, str) or kind not in KINDS):
        raise _misshapen(f"{name!r}: {kind!r} is none of the kinds {', '.join(KINDS)}")
    if not isinstance(columns, Mapping):
        raise _misshapen(f"{name!r}: 'columns' is not an object of headings and columns")
    names = {column.name for each in KINDS.values() if kind in (None, each.name) for column in each.columns}
    for heading, column in columns.items():
        if column and (not isinstance(column, str) or column not in names):
            raise _misshapen(f"{name!r}: {heading!r} can't be {column!r}; the columns are {', '.join(sorted(names))}")
    return {
        **({} if kind is None else {"kind": kind}),
        **({} if row is None else {"headings_row": row}),
        **({"encoding": known} if known else {}),
        "columns": {str(heading): column or LEFT_OUT for heading, column in columns.items()},
    }


def headings_strange(key: str, strange: Sequence[str], names: str) -> ImportRefusal:
    return _misshapen(f"{key!r} has no heading {', '.join(repr(each[:40]) for each in strange[:5])}; its headings are {names[:200]}")


def _misshapen(why: str) -> ImportRefusal:
    return ImportRefusal("mapping_shape", field="mapping", why=why[:400], example=EXAMPLE)
