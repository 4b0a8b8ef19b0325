"""What a table seems to be, by its headings and its values: steps and roles with reasons. What is not sure is a question."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from academics.restructuring.codes import is_code, name_folded
from academics.restructuring.frames import Frame, RestructuringRefusal, cell_of, heading_plain
from academics.restructuring.groups import GROUPS_JOINED
from academics.restructuring.hours_cells import pairs_of, says_hours
from academics.restructuring.questions import MOST_EXAMPLES, Choice, Question, Questions
from academics.restructuring.roles import HOURS, ROLES, roles_by_heading
from academics.restructuring.steps import (
    DropRows,
    FillDown,
    Headings,
    Join,
    JoinCells,
    Melt,
    MoveValues,
    RemoveBrackets,
    RemoveText,
    Replace,
    Split,
    SplitRows,
    Step,
    Unescape,
    steps_apply,
)
from academics.restructuring.summaries import CANCELLED, is_cancelled, summary_rows
from academics.restructuring.untis import export_of
from academics.restructuring.words import BRACKETED, IN_BRACKETS, component_of, is_no_room
from academics.week_labels import DAY_NAMES
from academics.weekly_times.grammar import read_weekly_times

FIRST_ROWS = 12  # among which headings are looked for
LOOKED_AT = 3_000  # rows, for what the values are like
MARKS = frozenset({"x", "✓", "✔", "●", "○"})
YES = MARKS | {"yes", "y", "true", "ja", "oui", "si", "sí", "sim", "да", "evet", "tak", "1"}
NO = frozenset({"no", "n", "-", "–", "—", "false", "nein", "non", "não", "nao", "нет", "hayır", "nie", "✗", "✘", "n/a", "0"})
WHEN = ("times", "days", "start", "end", "period", "date")
SCHEDULE, ROOMS, CAN_TEACH, NONE = "schedule", "rooms", "can_teach", "none"
LAYOUTS = {
    SCHEDULE: "A schedule or list of classes: it becomes courses, offerings, sections, people and rooms",
    ROOMS: "A list of rooms: it becomes rooms and buildings",
    CAN_TEACH: "Who can teach what: a row for each course and person",
    NONE: "None of these: read it as one of the kinds that can be imported",
}
ROOM_ROLES = ("room", "building", "room_capacity", "room_kind", "features")
CLASS_CODE = re.compile(r"(.{2,30}?)-([\w.]{1,6})")
DATE_RANGE = re.compile(r"\d{1,4}(?:[/.\-]\d{1,4}){1,2}\s*(?:-|–|to|bis|au)\s*\d{1,4}(?:[/.\-]\d{1,4}){1,2}")
HTML = re.compile(r"&(?:amp|lt|gt|quot|nbsp|#\d{1,6});")
NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?")
DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}")
CLOCK = re.compile(r"\d{1,2}[:.h]\d{2}(?::\d{2})?(?:\s*[ap]\.?m\.?)?", re.IGNORECASE)
CLASS_MARKS = (" ", "/", "-", "_")
CLASS_NAMES = {
    mark: re.compile(rf"(.{{0,40}}?\d[^\W_]{{0,4}}){re.escape(mark)}+([^\W\d_]{{1,12}}){re.escape(mark)}+([^\W_]{{1,6}})")
    for mark in CLASS_MARKS
}
DAY_OF_TABLE = re.compile(r"[A-Z]{7}_([A-Z]{3})_DAY")
CODE_WITH_NUMBER = re.compile(r"[A-Za-z]{1,4}\d{2,4}[A-Za-z]?")
CLASS_NUMBER = re.compile(r"\d{3,7}")
SECTION_KIND = re.compile(r"(\w{1,6})-([^\W\d_]{2,6})(?:\W.*)?", re.DOTALL)
SECTION_NUMBER = re.compile(r"\d{1,3}")
YEARS_OF_STUDY = frozenset(
    ("sınıf", "sinif", "curso", "class", "classe", "klasse", "対象学年", "学年", "grado", "promotion", "kurs", "курс")
)
# Words for lengths of time that also head columns of clock times.
HOURS_HEADINGS = frozenset(("hours", "hrs", "heures", "horas", "ore", "stunden", "часы", "години", "hodiny", "timmar", "saat", "الساعات"))
SMALL_NUMBER = re.compile(r"\d{1,2}(?:[.,]\d)?")
# Code and title in one cell: ``BIO1001 - Cell Biology``, ``TDA357 Databaser``.
CODE_AND_TITLE = (
    ("{text} - {text}", re.compile(r"([^\W\d_]{1,8}[ -]?\d[\w./]{0,9}|\d{3,8})\s+[-–]\s+(\S.*)")),
    ("{text}: {text}", re.compile(r"([^\W\d_]{1,8}[ -]?\d[\w.]{0,9}|\d{3,8}):\s+(\S.*)")),
    ("{code} {text}", re.compile(r"([A-ZÀ-ÖØ-ÞА-ЯΑ-Ω]{1,8}-?\d[\w.]{0,9}|\d{4,8})\s+([^\W\d_]{2}.*)")),
)
ROOM_MARKS = (";", "\n", " / ", "/", ",", "+", "&")  # between rooms of a cell
SURE_ROOM_MARKS = (";", "\n")
SEATS_OR_SIZE = frozenset(("seats", "capacidade", "aforo", "capienza", "capacidad", "pojemność", "χωρητικότητα", "kapacita"))
GROUP_HEADINGS = frozenset(
    (
        *("group", "groups", "student group", "subgroup", "sub group", "batch", "lab batch", "half", "grupo", "groupe"),
        *("groupes", "gruppe", "gruppen", "untergruppe", "gruppo", "grup", "группа", "подгруппа", "група", "skupina", "grupp", "grupa"),
    )
)
CLASS_HEADINGS = frozenset(("class", "classes", "classe", "klasse", "clase"))
# Course, section, and the title behind them; with a number in brackets between.
CLASS_TITLES = (
    ("{text}-{word} - {text}", re.compile(r"([^\W\d_]{2,8}[ -]?\d[\w.]{0,5})-(\w{1,5})\s+[-–]\s+(.+)")),
    ("{text}-{word} ({digits}) {text}", re.compile(r"([^\W\d_]{2,8}[ -]?\d[\w.]{0,5})-(\w{1,5})\s+\((\d+)\)\s+(.+)")),
    ("{text}-{word}: {text}", re.compile(r"([^\W\d_]{2,8}[ -]?\d[\w.]{0,5})-(\w{1,5}):\s+(.+)")),
)
DAY_LETTER_WEEKS = (
    ("m", "t", "w", "r", "f", "s", "u"),
    ("m", "t", "w", "th", "f", "s", "su"),
    ("m", "tu", "w", "th", "f", "sa", "su"),
    ("m", "t", "w", "th", "f", "sa", "su"),
    ("m", "t", "w", "t", "f", "s", "s"),
    ("m", "t", "w", "h", "f", "s", "u"),
    ("u", "m", "t", "w", "r", "f", "s"),
    ("su", "m", "tu", "w", "th", "f", "sa"),
    ("l", "m", "x", "j", "v", "s", "d"),
    ("l", "m", "m", "j", "v", "s", "d"),
    ("l", "ma", "mi", "j", "v", "s", "d"),
    ("lu", "ma", "mi", "ju", "vi", "sa", "do"),
    ("lu", "ma", "me", "je", "ve", "sa", "di"),
    ("mo", "di", "mi", "do", "fr", "sa", "so"),
)
METHODS = frozenset(
    f"{first} {last}" for first in ("instr", "inst", "instruction", "instructional", "teaching", "delivery") for last in ("method", "mode")
)
DAY_LETTERS = frozenset(letter for week in DAY_LETTER_WEEKS for letter in week)
# What values are like that a heading alone does not make: a year of study, a number of people, an address.
LOOKS = {
    "year": re.compile(r"(?:[1-9]|I{1,3}|IV|VI{0,3}|[1-9](?:st|nd|rd|th|er|e|º|ª|°|\.)?(?: year)?)", re.IGNORECASE),
    "capacity": re.compile(r"[^\W\d_]{0,6}[-+]?[\d.,' ]{1,12}.{0,12}|[-–n/a]{1,3}", re.IGNORECASE),
    "enrolled": re.compile(r"[^\W\d_]{0,6}[-+]?[\d.,' ]{1,12}.{0,12}|[-–n/a]{1,3}", re.IGNORECASE),
    "email": re.compile(r"[^@\s]+@[^@]+"),
    "duration": re.compile(r".*\d.*"),
    "first_date": re.compile(r".*\d.*"),
    "last_date": re.compile(r".*\d.*"),
}
ROOM_IN_BUILDING = re.compile(r"([^\W\d_]{1,6})[ -]+([^\W_]*\d[\w.]*)")

SaysWhen = Callable[[str], bool]  # whether a text is one of days or times


@dataclass(frozen=True)
class Proposal:
    """How a table may be read. ``layout`` empty: nothing that this room knows."""

    layout: str
    steps: tuple[Step, ...]
    roles: Mapping[str, str]
    reasons: tuple[str, ...]
    questions: tuple[Question, ...] = ()

    def document(self) -> dict[str, Any]:
        return {
            "layout": self.layout,
            "steps": [step.document() for step in self.steps],
            "roles": dict(self.roles),
            "reasons": list(self.reasons),
        }


@dataclass
class Guesser:
    """One look at a table. Questions change what is proposed by their answers."""

    raw: Frame  # every row of the file, without headings
    answers: Mapping[str, str]
    says_when: SaysWhen
    steps: list[Step] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    roles: dict[str, str] = field(default_factory=dict)
    frame: Frame = field(default_factory=lambda: Frame((), ()))

    def propose(self) -> Proposal:
        self.questions = Questions(self.answers)
        self.whole = self.raw
        self.raw = Frame(self.raw.columns, self.raw.rows[:LOOKED_AT])
        if not self.raw.rows:
            return Proposal("", (), {}, ())
        self.is_export = self.untis()
        if not self.is_export:
            self.step(self.headings())
            self.cells_overlong()
            self.roles = {name: role for name, role in roles_by_heading(self.frame.names).items() if role}
        self.headings_doubted()
        self.rows_summed()
        self.rows_cancelled()
        self.days_marked()
        self.columns_wide()
        self.days_wide()
        self.class_alone()
        self.class_split()
        self.sections_with_kinds()
        self.places_split()
        self.codes_and_titles()
        self.codes_with_titles()
        self.values_look()
        self.days_continued()
        self.rooms_listed()
        self.sections_numbered()
        self.dates_settle()
        self.groups_choose()
        self.years_join()
        self.entities_replace()
        self.rows_continued()
        self.code_joined()
        self.subject_alone()
        self.marks_removed()
        self.rooms_split()
        self.campus_ask()
        layout = self.layout()
        roles = {name: role for name, role in self.roles.items() if self.frame.has(name)}
        return Proposal(layout, tuple(self.steps), roles, tuple(self.reasons), tuple(self.questions.questions.values()))

    def step(self, step: Step, reason: str = "") -> None:
        self.frame = step.apply(self.frame if self.steps else self.raw).frame
        self.steps.append(step)
        if reason:
            self.reasons.append(reason)

    def column(self, role: str) -> str:
        return next((name for name, each in self.roles.items() if each == role), "")

    def values(self, name: str) -> list[str]:
        return [value for value in self.frame.values(name) if value]

    # The shape.

    def headings_doubted(self) -> None:
        """A heading alone makes no column one of years, numbers or addresses: its values have to be such."""
        for name, role in list(self.roles.items()):
            looks = LOOKS.get(role)
            values = self.values(name)
            if looks is not None and values and sum(bool(looks.fullmatch(value.strip())) for value in values) < 0.7 * len(values):
                del self.roles[name]
        if not self.column("kind"):
            # A method of instruction is a kind of class where its values are such.
            name = next((each for each in self.frame.names if each not in self.roles and heading_plain(each) in METHODS), "")
            values = self.values(name) if name else []
            if values and sum(bool(component_of(value)) for value in values) >= 0.7 * len(values):
                self.roles[name] = "kind"
        times, has_hours = self.column("times"), self.column("hours")
        if times and not has_hours and heading_plain(times) in HOURS_HEADINGS and not any(map(self.column, ("start", "period", "date"))):
            values = self.values(times)
            if values and all(SMALL_NUMBER.fullmatch(value.strip()) or says_hours(value) or pairs_of(value) for value in values):
                self.roles[times] = "hours"
        seats = self.column("room_capacity")
        if seats and not self.column("capacity") and any(map(self.column, ("course", "number", "title"))) and self.column("room"):
            self._seats_of_classes(seats)
        if "campus" not in self.roles.values() and "room" in self.roles.values():
            # Beside a column of rooms a *location* is the campus.
            name = next((each for each in self.frame.names if each not in self.roles and heading_plain(each).endswith("location")), "")
            if name and self.values(name):
                self.roles[name] = "campus"

    def _seats_of_classes(self, seats: str) -> None:
        """What differs between classes in one room is no number of the room's seats."""
        room = self.frame.index(self.column("room"))
        by_room: dict[str, set[str]] = {}
        for (_, cells), value in zip(self.frame.rows, self.frame.values(seats), strict=True):
            by_room.setdefault(cell_of(cells, room), set()).add(value)
        if heading_plain(seats) in SEATS_OR_SIZE and any(len(values - {""}) > 1 for name, values in by_room.items() if name):
            self.roles[seats] = "capacity"
            self.reasons.append(f"{seats} differs between classes in one room: it is the size of the class.")

    def days_continued(self) -> None:
        """A day, or a date, that stands only in the first of its rows, as below a merged cell."""
        when = [column for role in ("times", "start", "period") if (column := self.column(role))]
        for name in filter(None, (self.column("days"), self.column("date"))):
            values = self.frame.values(name)
            if not when or not values or not values[0]:
                continue
            places = [self.frame.index(column) for column in when]
            bare = [
                number
                for (number, cells), value in zip(self.frame.rows, values, strict=True)
                if not value
                and (cells_filled := [cell for place in places if (cell := cell_of(cells, place))])
                and any(self.says_when(f"Monday {cell}") for cell in cells_filled)
                and not any(map(self.says_when, cells_filled))  # ``F 10:00`` has its day beside the time
            ]
            said = [value for value in values if value]
            if not bare:
                continue
            answer: str | None = "above"
            if len(set(said)) < len(said) or len(said) < 2:
                answer = self.questions.ask(
                    Question(
                        "days_above",
                        f"{_rows(len(bare), 'has', 'have')} a time, and nothing in {name}. Is what stands above meant?",
                        (
                            Choice("above", "Yes: the last one above, as below a merged cell"),
                            Choice("none", "No: they have no weekly time"),
                        ),
                        len(bare),
                        tuple(bare[:MOST_EXAMPLES]),
                    )
                )
            if answer == "above":
                self.step(FillDown((name,)), f"{name} stands in the first of its rows, and counts for those below.")

    def class_alone(self) -> None:
        """Where no column names courses, a class with its times and its teacher is one."""
        name = next((each for each, role in self.roles.items() if role == "curriculum" and heading_plain(each) in CLASS_HEADINGS), "")
        is_alone = bool(name) and not any(map(self.column, ("course", "number", "title", "subject")))
        if is_alone and any(map(self.column, WHEN)) and any(map(self.column, ("instructor", "room"))):
            self.roles[name] = "title"
            self.reasons.append(f"No other column names courses, so it is taken that {name} does.")

    def codes_with_titles(self) -> None:
        """Code and title in one cell, where no other column has codes alone."""
        to = ("Course code", "Course title")
        name = self.column("course") or self.column("title")
        if not name or self.is_matrix or self.column("number") or any(map(self.frame.has, to)):
            return
        values = set(self.values(name))
        for pattern, form in CODE_AND_TITLE:
            parts = [match.groups() for value in values if (match := form.fullmatch(value.strip()))]
            parts = [(code, title) for code, title in parts if not (component_of(title) and len(title.split()) == 1)]  # CS101 LAB
            if len(values) >= 2 and len(parts) >= 0.8 * len(values) and len({code for code, _ in parts}) == len(parts):
                self.step(Split(name, to, pattern=pattern), f"{name} has code and title, as in {min(values)[:60]}.")
                self.roles = {each: role for each, role in self.roles.items() if role not in ("course", "title")}
                self.roles |= dict(zip(to, ("course", "title"), strict=True))
                return

    def rooms_listed(self) -> None:
        """Several rooms in a cell: certain where the mark is one between values, or where each of them stands alone elsewhere."""
        room = self.column("room")
        if not room or not any(map(self.column, ("course", "number", "title"))):
            return
        values = Counter(self.values(room))
        alone = {value.casefold().strip() for value in values}
        sure: list[str] = []
        maybe: list[str] = []
        examples: list[str] = []
        for mark in ROOM_MARKS:
            listed = {value: [part.strip() for part in value.split(mark)] for value in values if mark in value and not is_no_room(value)}
            listed = {value: parts for value, parts in listed.items() if all(parts) and not any(map(is_no_room, parts))}
            are_known = all(part.casefold() in alone for parts in listed.values() for part in parts)
            are_alike = all(any(map(str.isdigit, parts[0])) and len(set(map(shape_of, parts))) == 1 for parts in listed.values())
            if listed and (mark in SURE_ROOM_MARKS or are_known):
                sure.append(mark)
            elif listed and are_alike:
                maybe.append(mark)
                examples += listed
        if maybe:
            answer = self.questions.ask(
                Question(
                    "rooms_listed",
                    f"{len(examples):,} {'value' if len(examples) == 1 else 'values'} of {room} may name several rooms. What is meant?",
                    (Choice("several", "Several rooms at once"), Choice("one", "One room, as it stands")),
                    sum(values[value] for value in dict.fromkeys(examples)),
                    examples=tuple(dict.fromkeys(examples))[:MOST_EXAMPLES],
                )
            )
            sure += maybe if answer == "several" else []
        if sure:
            self.step(SplitRows(room, tuple(sure)), f"Some cells of {room} name several rooms.")

    def days_marked(self) -> None:
        """A column for each day of the week with marks below, beside a column of times."""
        if self.column("days") or not any(self.column(role) for role in ("times", "start", "period")):
            return
        names = day_columns(self.frame.names)
        marks = {name: {value.casefold().strip() for value in self.values(name)} for name in names}
        allowed = {name: YES | NO | {name.casefold(), *DAY_LETTERS} for name in names}
        if len(names) < 3 or not all(marks[name] <= allowed[name] for name in names) or self.frame.has("Days"):
            return
        given = sorted(set().union(*marks.values()) - NO)
        if not given:
            return
        for name in names:
            self.roles.pop(name, None)
        self.step(Melt(tuple(names), "Days", "cell", tuple(given)), f"{', '.join(names)} are days with marks below.")
        full = {name: DAY_NAMES[place] for name, place in names.items() if len(name) < 3}
        if full:  # M alone may be of another language, T of two days
            old = list(dict.fromkeys(value for value in self.values("Days")))
            pairs = {value: "; ".join(full.get(part, part) for part in value.split("; ")) for value in old}
            self.step(Replace("Days", pairs))
        self.roles["Days"] = "days"

    def dates_settle(self) -> None:
        """Columns of a first and a last date that are the same in nearly every row say when a single meeting is."""
        first, last = self.column("first_date"), self.column("last_date")
        if not first or self.column("date"):
            return
        pairs = [
            (cell_of(cells, self.frame.index(first)), cell_of(cells, self.frame.index(last)) if last else "")
            for _, cells in self.frame.rows
        ]
        filled = [pair for pair in pairs if pair[0]]
        is_dated = last and len({pair[0] for pair in filled}) > 2 and sum(a == b for a, b in filled) > 0.9 * len(filled)
        if is_dated:
            self.roles[first] = "date"
            del self.roles[last]
            self.reasons.append(f"{first} and {last} are the same in nearly every row: a row is a meeting of one date.")

    def years_join(self) -> None:
        """Students of one programme move together year by year."""
        year, programme = self.column("year"), self.column("curriculum")
        if not year or not programme or self.is_matrix or self.frame.has("Programme and year"):
            return
        index = self.frame.index(programme)
        by_programme: dict[str, set[str]] = {}
        for (_, cells), value in zip(self.frame.rows, self.frame.values(year), strict=True):
            by_programme.setdefault(cell_of(cells, index), set()).add(value)
        if any(len(years - {""}) > 1 for name, years in by_programme.items() if name):
            self.step(Join((programme, year), " ", "Programme and year"), f"{programme} and {year} together say who moves together.")
            del self.roles[programme], self.roles[year]
            self.roles["Programme and year"] = "curriculum"

    def subject_alone(self) -> None:
        """Without numbers, as in a school's timetable, the subject is the course."""
        subject = self.column("subject")
        if subject and not any(self.column(role) for role in ("course", "number", "title")):
            self.roles[subject] = "course"

    def campus_ask(self) -> None:
        """Rooms have a building and no campus: it is asked what is to become of one."""
        campus = self.column("campus")
        named = list(dict.fromkeys(self.values(campus))) if campus else []
        if len(named) < 2 or not self.column("room"):
            return
        building = self.column("building")
        counts = Counter(self.values(campus))
        examples = tuple(f"{name} ({count:,})" for name, count in counts.most_common(MOST_EXAMPLES))
        if building:
            of_building: dict[str, set[str]] = {}
            for (_, cells), value in zip(self.frame.rows, self.frame.values(campus), strict=True):
                of_building.setdefault(cell_of(cells, self.frame.index(building)), set()).add(value)
            several = [name for name, campuses in of_building.items() if name and len(campuses - {""}) > 1]
            if not several or self.frame.has("Campus and building"):
                return
            text = f"{', '.join(several[:4])} {'is' if len(several) == 1 else 'are'} on several campuses. Are these several buildings?"
            yes, no = "Yes: each is a building of its own, named by campus and building", "No: it is one building"
            answer = self.questions.ask(
                Question("campus", text, (Choice("join", yes), Choice("none", no)), sum(counts.values()), examples=examples)
            )
            if answer == "join":
                name = "Campus and building"
                self.step(Join((campus, building), " ", name), f"{campus} and {building} together name a building.")
                del self.roles[campus], self.roles[building]
                self.roles[name] = "building"
            return
        answer = self.questions.ask(
            Question(
                "campus",
                f"{campus} says on which of {len(named)} campuses a class is, and rooms here have a building but no campus. "
                "Is it kept as the building of its rooms?",
                (Choice("building", "Yes: each campus counts as a building"), Choice("none", "No: it is not needed")),
                sum(counts.values()),
                examples=examples,
            )
        )
        if answer == "building":
            self.roles[campus] = "building"

    is_export = False  # of another program, whose columns are known

    def untis(self) -> bool:
        """Whether it is laid out as Untis exports lessons or a timetable: without headings, and with columns in a fixed order."""
        export = export_of(self.raw)
        if export is None:
            return False
        self.step(Headings(None), f"It is laid out as Untis exports {export.what} ({export.name}).")
        self.roles = {self.frame.names[number - 1]: role for number, role in export.roles.items()}
        return True

    def headings(self) -> Headings:
        first = self.raw.rows[:FIRST_ROWS]
        known = []
        for _, cells in first:
            names = list(dict.fromkeys(cell for cell in cells if cell))
            roles = roles_by_heading(names)
            days = [name for name in names if name not in roles and is_day(name)]
            known.append(len(roles) + (len(days) if len(days) >= 3 else 0))
        best = max(range(len(first)), key=lambda index: (known[index], -index))
        if known[best] >= 2:
            double = best + 1 < len(first) and _is_double(first[best][1], first[best + 1][1])
            if not double and best and _is_double(first[best - 1][1], first[best][1]):
                best, double = best - 1, True
            self.reasons.append(f"Row {first[best][0]} has headings that are known.")
            return Headings(first[best][0], 2 if double else 1)
        widest = max(sum(map(bool, cells)) for _, cells in first)
        candidates = [index for index, (_, cells) in enumerate(first) if sum(map(bool, cells)) >= max(2, 0.6 * widest)]
        index = candidates[0] if candidates else 0
        if index == 0 and self._is_data(first[0][1]):
            self.reasons.append("The first row looks like all others, so the table has no headings.")
            return Headings(None)
        return Headings(first[index][0])

    def _is_data(self, cells: Sequence[str]) -> bool:
        """Whether the first row is of the same types as those below: numbers where they have numbers."""
        rows = [each for _, each in self.raw.rows[1:200]]
        if not rows:
            return False
        alike = telling = 0
        for index, cell in enumerate(cells):
            kinds = Counter(type_of(cell_of(each, index)) for each in rows if cell_of(each, index))
            usual = kinds.most_common(1)[0][0] if kinds else ""
            below = {cell_of(each, index).casefold().strip() for each in rows} - {""}
            if cell and below and below <= YES | NO:  # above marks a heading is no mark itself, above numbers no number
                telling += 1
                alike += cell.casefold().strip() in YES | NO or (usual == "number" and type_of(cell) == "number")
            elif cell and usual in ("number", "date", "clock", "code"):
                telling += 1
                alike += type_of(cell) == usual or (usual == "code" and type_of(cell) == "number")
        return telling >= 2 and alike >= 0.8 * telling

    def cells_overlong(self) -> None:
        """A comma in a cell that was not quoted moves the cells behind it."""
        width = len(self.frame.columns)
        long = [cells for _, cells in self.frame.rows if len(cells) > width and any(cells[width:])]
        short = [cells for _, cells in self.frame.rows if len(cells) <= width]
        if not long or len(short) < len(long):
            return
        usual = [Counter(shape_of(cell_of(cells, index)) for cells in short if cell_of(cells, index)) for index in range(width)]
        scores = []
        for index in range(width):
            score = 0
            for cells in long[:50]:
                extra = len(cells) - width
                joined = (*cells[:index], ", ".join(cells[index : index + extra + 1]), *cells[index + extra + 1 :])
                score += sum(bool(cell) and usual[place][shape_of(cell)] > 0 for place, cell in enumerate(joined[:width]) if place != index)
            scores.append((score, index))
        best = max(scores)[0]
        possible = [
            index for score, index in scores if score == best and all(_are_alike(cells, index, width, usual[index]) for cells in long)
        ]
        names = [self.frame.columns[index].name for index in possible]
        if not names:
            return
        answer = self.questions.ask(
            Question(
                "overlong",
                _rows(len(long), "has", "have") + " more cells than there are headings: a comma stands in a cell. In which column?",
                tuple(Choice(name, name) for name in names[:10]),
                len(long),
                examples=tuple(", ".join(cell for cell in cells if cell)[:120] for cells in long[:3]),
                default=names[0] if len(names) == 1 else None,
            )
        )
        if answer:
            self.step(JoinCells(answer), f"{_rows(len(long), 'is', 'are')} longer than the headings by a comma in {answer}.")

    def _all_rows(self) -> Frame:
        """Every row after the steps so far; those that are looked at, where a table is too large for its steps."""
        try:
            return steps_apply(self.whole, self.steps)
        except RestructuringRefusal:
            return self.frame

    def rows_summed(self) -> None:
        """Subtotals, headings of groups and footers are no classes, no rooms and no people. All rows are looked at: totals stand last."""
        column = self.column("course") or self.column("number") or self.column("room")
        found = summary_rows(self._all_rows(), column)
        if not found:
            return
        one = "looks like a total, a heading of a group or a footer: leave it out?"
        many = "look like totals, headings of groups or footers: leave them out?"
        answer = self.questions.ask(
            Question(
                "summaries",
                _rows(len(found), one, many),
                (Choice("leave", "Leave them out"), Choice("keep", "Keep them: they are rows like all others")),
                len(found),
                tuple(number for number, _ in found[:MOST_EXAMPLES]),
                tuple(dict.fromkeys(", ".join(cell for cell in cells if cell)[:80] for _, cells in found))[:MOST_EXAMPLES],
                default="leave",
            )
        )
        if answer == "leave":
            self.step(DropRows(column, is_summary=True), f"{_rows(len(found), 'is a summary', 'are summaries')} of others.")

    def rows_cancelled(self) -> None:
        """Rows that say that they are cancelled, in whatever column but the one of the names."""
        gone = cancelled_in(self._all_rows(), self.roles)
        numbers = sorted({number for values in gone.values() for each in values.values() for number in each})
        if not numbers:
            return
        examples = [f"{name}: {value} ({len(each)})" for name, values in gone.items() for value, each in values.items()]
        answer = self.questions.ask(
            Question(
                "cancelled",
                f"{_rows(len(numbers), 'says that it is', 'say that they are')} cancelled, in {', '.join(gone)}. Are they left out?",
                (Choice("leave", "Leave them out"), Choice("keep", "Keep them: they are held")),
                len(numbers),
                tuple(numbers[:MOST_EXAMPLES]),
                tuple(examples[:MOST_EXAMPLES]),
                default="leave",
            )
        )
        if answer == "leave":
            for name, found in gone.items():
                self.step(DropRows(name, tuple(found)), f"Some rows are cancelled, as {name} says.")

    def columns_wide(self) -> None:
        if self._matrix_of_people() or self._features_of_rooms():
            return
        wide = [name for name in self.frame.names if name not in self.roles and self._are_marks(name, MARKS)]
        empty = [name for name in self.frame.names if name not in self.roles and not self.values(name) and name not in wide]
        if len(wide) >= 3 and not self.frame.has("Features"):
            places = [self.frame.index(name) for name in wide]
            between = [name for name in empty if min(places) < self.frame.index(name) < max(places)]
            names = sorted({*wide, *between}, key=self.frame.index)
            self.step(Melt(tuple(names), "Features", "cell", tuple(sorted(MARKS))), f"{len(names)} columns hold nothing but marks.")
            self.roles.pop(self.column("features"), None)
            self.roles["Features"] = "features"
            return
        binary = [name for name in self.frame.names if self._are_marks(name, frozenset({"0", "1"}))]
        if len(binary) >= 3 and any("1" in self.frame.values(name) for name in binary):
            for name in binary:
                self.roles.pop(name, None)
            reason = f"{len(binary)} columns hold nothing but 0 and 1."
            self.step(Melt(tuple(binary), "Instructor", "rows", ("1",), keeps_unmarked=True), reason)
            self.roles = {name: role for name, role in self.roles.items() if role != "instructor"} | {"Instructor": "instructor"}
            self.is_matrix = True

    is_matrix = False

    def _columns_marked(self) -> list[str]:
        """Columns without a role that hold nothing but yes and no, in whatever signs."""
        return [name for name in self.frame.names if name not in self.roles and self._are_marks(name, YES | NO)]

    def _matrix_of_people(self) -> bool:
        """Courses in rows, a column for each person, and marks, or people in rows and a column for each course.

        Only where that was said, for marks may name anything; or where people stand beside codes of courses.
        """
        roles, names = set(self.roles.values()), self._columns_marked()
        has_courses, has_people = bool(roles & {"course", "title"}), "instructor" in roles
        to = "Instructor" if has_courses else "Course"
        said = self.answers.get("layout", "")
        are_codes = len(names) >= 3 and all(is_code(name) and any(map(str.isdigit, name)) for name in names)
        is_said = said == CAN_TEACH or (not said and has_people and roles == {"instructor"} and are_codes)
        if has_courses == has_people or not is_said:
            return False
        marks = {value.casefold().strip() for name in names for value in self.values(name)} & YES
        if not marks or self.frame.has(to):
            return False
        empty = [name for name in self.frame.names if name not in self.roles and not self.values(name)]
        places = [self.frame.index(name) for name in names]
        between = [name for name in empty if min(places) < self.frame.index(name) < max(places)]
        aside = [name for name in empty if name not in between]
        columns = tuple(sorted({*names, *between}, key=self.frame.index))
        signs = ", ".join(sorted(marks))
        reason = f"{len(columns)} columns hold nothing but marks ({signs})."
        if aside:
            reason += f" {', '.join(aside)} beside them are empty, and count as none."
        self.step(Melt(columns, to, "rows", tuple(sorted(marks)), keeps_unmarked=True), reason)
        self.roles[to] = to.casefold()
        self.is_matrix = True
        return True

    def _features_of_rooms(self) -> bool:
        """A column for each thing that a room may have. Of 0 and 1 it is asked: they may be floors, or numbers of doors."""
        roles = set(self.roles.values())
        is_rooms = self.answers.get("layout") == ROOMS or ("room" in roles and not roles & {"course", "title", *WHEN})
        names = self._columns_marked() if is_rooms and not self.frame.has("Features") and "features" not in roles else []
        numbers = [name for name in names if self._are_marks(name, frozenset({"0", "1"}))]
        if numbers:
            answer = self.questions.ask(
                Question(
                    "features_numbers",
                    f"{', '.join(numbers)} hold nothing but 0 and 1. Is a 1 something that the room has?",
                    (Choice("yes", "Yes: a 1 says that the room has it"), Choice("no", "No: it is a number, and is not needed")),
                    len(self.frame.rows),
                    examples=tuple(numbers[:MOST_EXAMPLES]),
                )
            )
            names = [name for name in names if name not in numbers or answer == "yes"]
        marks = {value.casefold().strip() for name in names for value in self.values(name)} & YES
        if not marks:
            return bool(numbers)
        reason = f"{', '.join(names)} say by marks ({', '.join(sorted(marks))}) what a room has."
        self.step(Melt(tuple(names), "Features", "cell", tuple(sorted(marks))), reason)
        self.roles["Features"] = "features"
        return True

    def _are_marks(self, name: str, marks: frozenset[str]) -> bool:
        values = {value.casefold().strip() for value in self.frame.values(name) if value}
        return bool(values) and values <= marks

    def groups_choose(self) -> None:
        """Of a programme and its groups the groups are what moves together; a whole programme would be kept from ever overlapping."""
        names = [name for name, role in self.roles.items() if role == "curriculum"]
        year = self.column("year")
        if self.groups_joined([*([year] if year else []), *names]) or len(names) < 2:
            return
        finest = max(names, key=lambda name: len(set(self.values(name))))
        answer = self.questions.ask(
            Question(
                "groups_column",
                f"{', '.join(names)} name students. Which of them attend all their classes together, so that none may overlap?",
                tuple(Choice(name, name) for name in (finest, *(name for name in names if name != finest))),
                len(self.values(finest)),
                examples=tuple(f"{name}: {', '.join(list(dict.fromkeys(self.values(name)))[:3])}" for name in names),
                default=finest,
            )
        )
        for name in names:
            if name != answer:
                self.roles.pop(name)

    def groups_joined(self, names: Sequence[str]) -> bool:
        """Columns of years, groups and subgroups, where a name occurs below several others: A of year 1 is not A of year 2."""
        if len(names) < 2 or self.is_matrix or self.frame.has(GROUPS_JOINED):
            return False
        ordered = sorted(names, key=self.frame.index)  # a tree is written from its top, left to right
        if heading_plain(ordered[-1]) not in GROUP_HEADINGS:
            return False
        rows = {path for path in zip(*map(self.frame.values, ordered), strict=True) if any(path)}
        if any(mark in value for path in rows for value in path for mark in "/;"):
            return False
        for place in range(len(ordered)):  # where one column tells groups apart by itself, it is enough
            full = [path for path in rows if path[place]]
            if len({path[place] for path in full}) == len(full) and len(full) == len([path for path in rows if path[-1]]):
                return False
        self.step(Join(tuple(ordered), "/", GROUPS_JOINED), f"{', '.join(ordered)} together name a group: a name occurs below several.")
        for name in ordered:
            del self.roles[name]
        self.roles[GROUPS_JOINED] = "curriculum"
        return True

    def entities_replace(self) -> None:
        names = [name for name, role in self.roles.items() if any(HTML.search(value) for value in self.values(name))]
        if names:
            self.step(Unescape(tuple(names)), f"{', '.join(names)} hold marks of web pages, such as &amp;.")

    def days_wide(self) -> None:
        """A column for each day of the week, with times below."""
        names = [name for name in self.frame.names if is_day(name) and self.values(name)]
        values = [value for name in names for value in self.values(name)]
        if len(names) >= 3 and values and not any(self.column(role) for role in ("course", "number", "title", "days")):
            self._classes_of_days(names)
            return
        if len(names) < 3 or any(self.column(role) for role in ("days", "times", "start")):
            return
        if (
            sum(self.says_when(f"Monday {value}") for value in values) < 0.7 * len(values)
            or self.frame.has("Day")
            or self.frame.has("Time")
        ):
            return
        for name in names:
            self.roles.pop(name, None)
        self.step(Melt(tuple(names), "Day", "rows", (), "Time"), f"{', '.join(names)} are days with times below.")
        self.roles |= {"Day": "days", "Time": "times"}

    def _classes_of_days(self, names: Sequence[str]) -> None:
        """A timetable as it hangs on a door: a row for each time, a column for each day, and the classes in the cells."""
        when = next((self.column(role) for role in ("times", "start", "period") if self.column(role)), "")
        if not when or self.frame.has("Day") or self.frame.has("Class"):
            return
        for name in names:
            self.roles.pop(name, None)
        cells = [value for name in names for value in self.values(name)]
        self.step(Melt(tuple(names), "Day", "rows", (), "Class"), f"{', '.join(names)} are days with classes below.")
        self.roles |= {"Day": "days", "Class": "title"}
        lines = Counter(cell.count("\n") for cell in cells)
        usual = lines.most_common(1)[0][0]
        if not 1 <= usual <= 3 or lines[usual] < 0.7 * len(cells):
            return
        parts = tuple(f"Line {place}" for place in range(1, usual + 2))
        self.step(Split("Class", parts, separator="\n"), f"The cells have {usual + 1} lines, as in {cells[0][:60]!r}.")
        del self.roles["Class"]
        choices = tuple(
            Choice(role, ROLES[role].label) for role in ("title", "course", "room", "instructor", "curriculum", "section", "kind")
        )
        for place, part in enumerate(parts):
            values = list(dict.fromkeys(self.values(part)))
            answer = self.questions.ask(
                Question(
                    f"line:{place + 1}",
                    f"What is in line {place + 1} of the cells?",
                    (*choices, Choice("none", "Nothing that is needed")),
                    len(self.values(part)),
                    examples=tuple(values[:MOST_EXAMPLES]),
                    default="title" if place == 0 else None,
                )
            )
            if answer and answer != "none" and (not ROLES[answer].is_single or answer not in self.roles.values()):
                self.roles[part] = answer

    def class_split(self) -> None:
        """Course and section in one code, such as CS 102-01."""
        if self._class_titled():
            return
        if any(self.column(role) for role in ("section", "subject")):
            return
        for name in self.frame.names:
            values = set(self.values(name))
            if self.roles.get(name, "course") not in ("course", "curriculum") or len(values) < 2:
                continue
            if (
                self.roles.get(name) == "curriculum"
                and heading_plain(name) not in CLASS_HEADINGS
                and (self.column("course") or self.column("title"))
            ):
                continue  # groups of students, which have numbers behind a stroke as well
            if self._class_named(name, values):
                return
            if any(type_of(value) in ("date", "clock") for value in values):
                continue  # 2026-08-31 is a day
            parts = [found.groups() for value in values if (found := CLASS_CODE.fullmatch(value))]
            if len(parts) < 0.8 * len(values) or not 1 < len({course for course, _ in parts}) < len(parts):
                continue
            if self.frame.has("Course code") or self.frame.has("Section"):
                return
            self.step(
                Split(name, ("Course code", "Section"), pattern="{text}-{word}"), f"{name} has course and section, as in {min(values)}."
            )
            self.roles = {each: role for each, role in self.roles.items() if each != name and role != "course"}
            self.roles |= {"Course code": "course", "Section": "section"}
            return

    def _class_titled(self) -> bool:
        """Course, section and title in one cell, such as BIO 101-01 - Biology."""
        to = ("Course code", "Section code", "Course title")
        if any(map(self.frame.has, to)):
            return False
        for name in self.frame.names:
            values = set(self.values(name))
            for pattern, form in CLASS_TITLES:
                parts = [found.groups() for value in values if (found := form.fullmatch(value))]
                if len(values) < 2 or len(parts) < 0.8 * len(values):
                    continue
                names = to if pattern.count("{") == 3 else (*to[:2], "Number of the class", to[2])
                self.step(Split(name, names, pattern=pattern), f"{name} has course, section and title, as in {min(values)}.")
                replaced = ("course", "section", "title", "subject", "number")
                self.roles = {each: role for each, role in self.roles.items() if each != name and role not in replaced}
                self.roles |= dict(zip(to, ("course", "section", "title"), strict=True))
                if len(names) == 4 and not self.column("section_key"):
                    self.roles[names[2]] = "section_key"
                return True
        return False

    def _class_named(self, name: str, values: set[str]) -> bool:
        """Course, kind of class and section in one name, such as AAE 20300 Lec 1."""
        to = ("Course code", "Kind of class", "Section")
        mark = max(CLASS_MARKS, key=lambda mark: sum(bool(CLASS_NAMES[mark].fullmatch(value)) for value in values))
        parts = [found.groups() for value in values if (found := CLASS_NAMES[mark].fullmatch(value))]
        if len(parts) < 0.8 * len(values) or any(map(self.frame.has, to)):
            return False
        if not all(component_of(kind) for _, kind, _ in parts) or len({course for course, _, _ in parts}) == len(parts):
            return False
        self.step(
            Split(name, to, pattern=mark.join(("{text}", "{letters}", "{word}"))),
            f"{name} has course, kind and section, as in {min(values)}.",
        )
        has_kind = bool(self.column("kind"))  # a column of its own says it in full
        self.roles = {each: role for each, role in self.roles.items() if each != name and role != "course"}
        self.roles |= {
            column: role for column, role in zip(to, ("course", "kind", "section"), strict=True) if role != "kind" or not has_kind
        }
        return True

    def sections_with_kinds(self) -> None:
        """A kind behind the section, such as 001-LEC(1001), and numbers of classes below the heading *Class*."""
        name = next((each for each, role in self.roles.items() if role == "curriculum" and heading_plain(each) in CLASS_HEADINGS), "")
        values = self.values(name) if name else []
        if values and not self.column("section_key") and all(map(CLASS_NUMBER.fullmatch, values)) and len(set(values)) > 0.7 * len(values):
            self.roles[name] = "section_key"
        section = self.column("section")
        if not section or self.column("kind"):
            return
        found = [match.groups() for value in set(self.values(section)) if (match := SECTION_KIND.fullmatch(value))]
        to = ("Section code", "Kind of class", "Behind the kind")
        if len(found) < max(1, 0.8 * len(set(self.values(section)))) or not all(component_of(kind) for _, kind in found):
            return
        if not any(map(self.frame.has, to)):
            first = self.values(section)[0]
            self.step(
                Split(section, to, pattern="{word}-{letters}{text}"), f"{section} has the kind of class behind it, as in {first[:40]}."
            )
            del self.roles[section]
            self.roles |= {to[0]: "section", to[1]: "kind"}

    def places_split(self) -> None:
        """Room and times in one cell with a stroke between, such as Hall 101 | MWF | 9:00 AM - 9:50 AM."""
        if any(self.column(role) for role in WHEN):
            return
        for name in self.frame.names:
            values = list(dict.fromkeys(self.values(name)))[:60]
            pairs = [value.split(" | ", 1) for value in values if value.count(" | ") >= 2]
            if name in self.roles or not pairs or len(pairs) < 0.7 * len(values) or self.frame.has("Days and times"):
                continue
            if sum(self.says_when(rest) and not self.says_when(first) for first, rest in pairs) >= 0.7 * len(pairs):
                self.step(
                    Split(name, ("Place", "Days and times"), separator=" | "), f"{name} has a room, days and times, as in {values[0]}."
                )
                self.roles["Days and times"] = "times"
                if not self.column("room"):
                    self.roles["Place"] = "room"
                return

    def sections_numbered(self) -> None:
        """Numbers or letters that tell the rows of a course apart, and no groups of students, are its sections."""
        course = self.column("course") or self.column("title") or self.column("number")
        names = [name for name, role in self.roles.items() if role == "curriculum"]
        if len(names) != 1 or not course or self.column("section") or self.is_matrix:
            return
        values = set(self.values(names[0]))
        if values and all(map(SECTION_NUMBER.fullmatch, values)) and heading_plain(names[0]) not in YEARS_OF_STUDY:
            self.roles[names[0]] = "section"
            self.reasons.append(f"{names[0]} numbers the sections of a course.")

    def codes_and_titles(self) -> None:
        """A column of names is no column of codes, whatever its heading."""
        course, title = self.column("course"), self.column("title")
        if not course and not title and self.column("subject") and not self.column("number"):
            course = self.column("subject")
            self.roles[course] = "course"
        if course and not title and self._are_names(course):
            self.roles[course] = "title"
            ranks = {heading_plain(word) for word in ROLES["course"].headings}
            codes = [name for name in self.frame.names if name not in self.roles and heading_plain(name) in ranks]
            code = next((name for name in codes if self.values(name) and not self._are_names(name)), "")
            if code:
                self.roles[code] = "course"

    def _are_names(self, name: str) -> bool:
        values = list(dict.fromkeys(self.values(name)))[:200]
        wordy = [value for value in values if any(map(str.islower, value)) and not any(map(str.isdigit, (value.split() or [""])[0]))]
        return 2 * len(wordy) > len(values)

    def rows_continued(self) -> None:
        """Rows that name no course go on with the one above."""
        course = self.column("course") or self.column("number") or self.column("title")
        if not course or self.is_matrix:
            return
        words = self._kinds_among_titles(course)
        if words:
            title = self.column("title")
            kind = "Kind of class"
            self.step(MoveValues(title, tuple(words), kind), f"{', '.join(words)} stand where titles do.")
            self.step(FillDown((kind,), course))
            if not self.column("kind"):
                self.roles[kind] = "kind"
        index = self.frame.index(course)
        bare = [cells for _, cells in self.frame.rows[1:] if any(cells) and not cell_of(cells, index)]
        if not bare or (self.frame.rows and not cell_of(self.frame.rows[0][1], index)):
            return
        section = [self.column(role) for role in ("section", "section_key") if self.column(role)]
        reason = _rows(len(bare), "names no course: it goes on with the one above.", "name no course: they go on with the one above.")
        if section:
            self.step(FillDown(tuple(section), course))
        names = [self.column(role) for role in ("course", "subject", "number", "title", "department") if self.column(role)]
        self.step(FillDown(tuple(names)), reason)

    def _kinds_among_titles(self, course: str) -> list[str]:
        title = self.column("title")
        if not title or title == course:
            return []
        index = self.frame.index(course)
        titles = [value for (_, cells), value in zip(self.frame.rows, self.frame.values(title), strict=True) if not cell_of(cells, index)]
        return [value for value in dict.fromkeys(titles) if value and component_of(value) and len(value.split()) <= 2][:10]

    def code_joined(self) -> None:
        subject, number = self.column("subject"), self.column("number")
        department = self.column("department")
        if not subject and number and department and not self.column("course") and all(map(is_code, set(self.values(department)))):
            subject = department  # the prefix of the codes, and the unit that they belong to
        if self.column("course") and subject and not number and self._is_number_column(self.column("course")):
            number = self.column("course")
        if not subject or not number or (self.column("course") and self.column("course") != number):
            return
        name = "Course" if not self.frame.has("Course") else "Course code"
        if self.frame.has(name):
            return
        self.step(Join((subject, number), " ", name), f"{subject} and {number} are the two parts of a code.")
        if subject != department:
            self.roles.pop(subject)
        self.roles.pop(number)
        self.roles[name] = "course"

    def _is_number_column(self, name: str) -> bool:
        values = self.values(name)
        return bool(values) and sum(any(letter.isdigit() for letter in value) and len(value) <= 6 for value in values) > 0.9 * len(values)

    def marks_removed(self) -> None:
        """Marks in brackets behind names, such as (P), where most names have one and few different ones occur."""
        for name in [name for name, role in self.roles.items() if role == "instructor"]:
            values = self.values(name)
            marks = Counter(mark for value in values for mark in set(BRACKETED.findall(value)))
            # A mark is of letters; numbers, shares and names in brackets are a person's own.
            frequent = [mark for mark, count in marks.items() if count >= max(3, 0.05 * len(values)) and not any(map(str.isdigit, mark))]
            if frequent and sum(any(mark in value for mark in frequent) for value in values) >= 0.5 * len(values) and len(frequent) <= 5:
                self.step(
                    RemoveText(name, tuple(sorted(frequent))), f"{', '.join(sorted(frequent))} behind names is a mark, no part of them."
                )
            elif values and sum(bool(IN_BRACKETS.search(value)) for value in values) >= 0.5 * len(values):
                first = next(value for value in values if IN_BRACKETS.search(value))
                self.step(RemoveBrackets(name), f"What stands in brackets behind names is no part of them, as in {first[:60]}.")

    def rooms_split(self) -> None:
        room = self.column("room")
        if not room or self.column("building"):
            return
        values = {value for value in self.values(room) if not is_no_room(value)}
        found = [match.groups() for value in values if (match := ROOM_IN_BUILDING.fullmatch(value))]
        buildings = sorted({building for building, _ in found})
        if len(found) < 0.7 * len(values) or not 2 <= len(buildings) < len(values):
            return
        answer = self.questions.ask(
            Question(
                "rooms_split",
                f"Rooms are written as {sorted(values)[0]}. Are {', '.join(buildings[:4])} buildings?",
                (Choice("no", "No: the whole is the room's code"), Choice("yes", "Yes: make buildings of them")),
                len(self.values(room)),
                examples=tuple(sorted(values)[:MOST_EXAMPLES]),
                default="no",
            )
        )
        if answer == "yes" and not self.frame.has("Building"):
            self.step(Split(room, ("Building", "Room in building"), pattern="{letters} {text}"))
            self.roles["Building"] = "building"

    # The values.

    def values_look(self) -> None:
        """Roles of columns whose heading says nothing; above all where there are no headings."""
        date = self.column("date")
        if date and not self.column("dates"):
            values = self.values(date)
            if sum(bool(DATE_RANGE.fullmatch(value)) for value in values) > 0.5 * len(values):
                self.roles[date] = "dates"
        if not any(role in self.roles.values() for role in ("times", "start", "period")):
            for name in self.frame.names:
                values = list(dict.fromkeys(self.values(name)))[:60]
                if name in self.roles or not values or type_of(values[0]) == "number" or len(values[0]) < 2:
                    continue
                # R102 is a room, and no 1:02 on a Thursday; with a colon, a space or a dash it would be a time.
                when = [value for value in values if not CODE_WITH_NUMBER.fullmatch(value) and self.says_when(value)]
                never = sum(says_no_time(value) for value in values if value not in when)
                if len(when) >= max(1, 0.7 * (len(values) - never)):
                    self.roles[name] = "times"
                    self.reasons.append(f"The values of {name} are days and times, such as {when[0]}.")
                    break
        self._hours_among_values()
        if isinstance(self.steps[0], Headings) and self.steps[0].row is None and not self.is_export:
            self._columns_without_headings()

    def _hours_among_values(self) -> None:
        """A column of cells such as 2V+1Ü, whatever its heading."""
        if any(role in self.roles.values() for role in (*HOURS, "hours")):
            return
        for name in self.frame.names:
            values = list(dict.fromkeys(self.values(name)))[:60] if name not in self.roles else []
            several = [value for value in values if len(pairs_of(value)) > 1]
            if len(several) > 0.5 * len(values) and all(map(pairs_of, values)):
                self.roles[name] = "hours"
                self.reasons.append(f"The values of {name} are hours of several kinds, such as {several[0]}.")
                return

    def _columns_without_headings(self) -> None:
        """Codes come first, then titles; what else there may be is asked for, column by column."""
        for name in self.frame.names:
            values = self.values(name)
            if name in self.roles or not values:
                continue
            distinct = set(values)
            if "course" not in self.roles.values() and all(map(is_code, distinct)) and len(distinct) > 0.5 * len(self.frame.rows):
                self.roles[name] = "course"
                self.reasons.append(f"{name} has codes, nearly each of its own.")
            elif (
                "title" not in self.roles.values()
                and "course" in self.roles.values()
                and not any(map(is_code, list(distinct)[:5]))
                and type_of(values[0]) == "text"
            ):
                self.roles[name] = "title"
                self.reasons.append(f"{name} has titles, such as {values[0][:40]}.")
        if "course" not in self.roles.values() and "title" not in self.roles.values():
            return
        choices = tuple(
            Choice(role.name, role.label)
            for role in ROLES.values()
            if role.name
            in ("room", "instructor", "section", "kind", "capacity", "enrolled", "dates", "department", "curriculum", "building")
        )
        for name in self.frame.names:
            values = self.values(name)
            if name in self.roles or not values or len(set(values)) < 2:
                continue
            is_telling = (
                all(len(value) <= 200 for value in values[:20]) and type_of(values[0]) == "code" and not NUMBER.fullmatch(values[0])
            )
            answer = self.questions.ask(
                Question(
                    f"column:{name}",
                    f"What is in {name}?",
                    (Choice("none", "Nothing that is needed"), *choices),
                    len(values),
                    examples=tuple(dict.fromkeys(values))[:4],
                    default=None if is_telling else "none",
                )
            )
            if answer and answer != "none" and (not ROLES[answer].is_single or answer not in self.roles.values()):
                self.roles[name] = answer

    # What it is.

    def layout(self) -> str:
        if self.answers.get("layout") == ROOMS:
            self.roles = roles_of_rooms(self.roles)
        roles = set(self.roles.values())
        if self.is_matrix and roles & {"course", "title"}:
            self.reasons.append("Courses and people, one in rows and the other in columns: who can teach what.")
            return CAN_TEACH
        has_course = bool(roles & {"course", "title"})
        if has_course and "instructor" in roles and roles <= {"course", "title", "instructor", "department"} and len(self.frame.names) <= 4:
            listed = self.column("course") or self.column("title")
            if any(";" in value or "," in value for value in self.values(listed)):
                self.step(SplitRows(listed), f"{listed} lists several.")
            self.reasons.append("It has people and courses, and nothing else.")
            return CAN_TEACH
        has_when = bool(roles & set(WHEN))
        has_class = len(roles & {"section", "section_key", "instructor", "capacity", "enrolled", "room", "kind"})
        is_bare = isinstance(self.steps[0], Headings) and self.steps[0].row is None  # what else is there is being asked for
        if has_course and "hours" in roles and roles & {"instructor", "curriculum", "section", "section_key"} and not has_when:
            self.reasons.append("It has courses with their hours.")
            return SCHEDULE
        if has_course and "hours" in roles and not has_when and any(map(says_hours, self.values(self.column("hours")))):
            self.reasons.append("It has courses with their hours of several kinds.")
            return SCHEDULE
        if has_course and (has_when or roles & set(HOURS)) and (has_class or is_bare or roles & set(HOURS)):
            self.reasons.append("It has courses with days and times." if has_when else "It has courses with their hours.")
            return SCHEDULE
        if "room" in roles and roles & {"room_capacity", "capacity", "building", "features"} and not has_course:
            if self.answers.get("layout", ROOMS) == ROOMS:
                self.roles = roles_of_rooms(self.roles)
            self.reasons.append("It has rooms with their seats.")
            return ROOMS
        if has_course and has_class >= 2 and ("section" in roles or "section_key" in roles):
            self.reasons.append("It has courses with sections.")
            return SCHEDULE
        return ""


def layout_question(proposal: Proposal, *, num_rows: int, default: str | None = None) -> Question:
    """What the table is: asked before anything is made of it, unless a recipe says so."""
    reasons = " ".join(proposal.reasons)
    return Question(
        "layout",
        f"What is this table? {reasons}".strip(),
        tuple(Choice(value, label) for value, label in sorted(LAYOUTS.items(), key=lambda pair: pair[0] != proposal.layout)),
        num_rows,
        default=default,
    )


def roles_of_rooms(roles: Mapping[str, str]) -> dict[str, str]:
    """Roles where a row is a room: its type and its capacity are the room's, and it has no classes."""
    taken = set(roles.values())
    own = {"kind": "room_kind", "capacity": "room_capacity"}
    found = {name: own[role] if role in own and own[role] not in taken else role for name, role in roles.items()}
    return {name: role for name, role in found.items() if role in ROOM_ROLES}


def says_no_time(text: str) -> bool:
    """Whether a cell says that there is no weekly time, as *by arrangement* does."""
    if len(text) > 60:
        return False
    reading = read_weekly_times(text)
    return not reading.times and not reading.not_understood


def day_columns(names: Sequence[str]) -> dict[str, int]:
    """Headings that are days, by their names or, where they stand side by side in the order of the week, by their letters."""
    found = {name: day for name in names if (day := day_of(name)) is not None}
    if len(found) >= 3:
        return found
    letters = [name.casefold().strip(". ") for name in names]
    for week in DAY_LETTER_WEEKS:
        for length in (7, 6, 5):
            for first in range(len(names) - length + 1):
                if tuple(letters[first : first + length]) == week[:length]:
                    offset = -1 if week[0] in ("u", "su") else 0  # a week that begins on Sunday
                    return {names[first + place]: (place + offset) % 7 for place in range(length)}
    return {}


def day_of(heading: str) -> int | None:
    """The day that a heading names, from Monday; None where it names none, or is a single letter."""
    return read_weekly_times(_without_table(heading), part="days").times[0].day if is_day(heading) else None


def is_day(heading: str) -> bool:
    """Whether a heading is the name of one day."""
    reading = read_weekly_times(_without_table(heading), part="days")
    is_bare = all(time.start is None and time.period is None and time.date is None for time in reading.times)
    return len(heading) > 1 and len(reading.times) == 1 and is_bare and reading.is_understood and reading.times[0].day is not None


def _without_table(heading: str) -> str:
    """SSRMEET_MON_DAY is how Banner's own table calls the column of Monday."""
    found = DAY_OF_TABLE.fullmatch(heading)
    return found.group(1) if found else heading


def type_of(cell: str) -> str:
    text = cell.strip()
    if NUMBER.fullmatch(text):
        return "number"
    if DATE.fullmatch(text):
        return "date"
    if CLOCK.fullmatch(text):
        return "clock"
    return "code" if is_code(text) else "text"


def shape_of(cell: str) -> str:
    """Digits and letters as one sign each, runs of them shortened: 08/19-12/11 is 9/9-9/9."""
    signs = "".join("9" if letter.isdigit() else "a" if letter.isalpha() else " " if letter.isspace() else letter for letter in cell[:60])
    return re.sub(r"(.)\1+", r"\1", signs)


def _is_double(upper: Sequence[str], lower: Sequence[str]) -> bool:
    """Whether two rows are one heading: what is merged over rows stands in both, what is below a wide heading only in the second."""
    width = max(len(upper), len(lower))
    same = sum(bool(cell_of(upper, index)) and cell_of(upper, index) == cell_of(lower, index) for index in range(width))
    under = [cell_of(lower, index) for index in range(width) if cell_of(lower, index) and cell_of(lower, index) != cell_of(upper, index)]
    blank = sum(not cell_of(lower, index) for index in range(width))
    is_wordy = all(not any(letter.isdigit() for letter in cell) and len(cell) <= 20 for cell in under)
    return len(under) >= 2 and is_wordy and (same >= 2 or blank >= len(under))


def _are_alike(cells: Sequence[str], index: int, width: int, usual: Counter[str]) -> bool:
    """Whether what a comma cut apart may stand in this column: every part with letters, where the column has them, or none."""
    parts = cells[index : index + len(cells) - width + 1]
    has_letters = 2 * sum(count for shape, count in usual.items() if "a" in shape) > sum(usual.values())
    return all(part and any(map(str.isalpha, part)) == has_letters for part in parts)


def cancelled_in(frame: Frame, roles: Mapping[str, str]) -> dict[str, dict[str, list[int]]]:
    """By column and value the numbers of the rows that say that they are cancelled."""
    gone: dict[str, dict[str, list[int]]] = {}
    for name in frame.names:
        if roles.get(name) in ("course", "number", "subject", "title", "instructor"):
            continue
        is_headed = name_folded(name) in CANCELLED
        values = frame.values(name)
        words = {cell for cell in set(values) if cell and (is_cancelled(cell) or (is_headed and cell.casefold().strip() in YES))}
        for (number, _), cell in zip(frame.rows, values, strict=True):
            if cell in words:
                gone.setdefault(name, {}).setdefault(str(cell), []).append(number)
    return gone


def rows_doubtful(raw: Frame, steps: Sequence[Step], kept: Frame, answers: Mapping[str, str]) -> list[str]:
    """Notes about rows that are kept by steps that somebody chose, for another file perhaps, and that would have been asked about."""
    if not steps or not isinstance(steps[0], Headings):
        return []
    frame = steps[0].apply(raw).frame
    roles = {name: role for name, role in roles_by_heading(frame.names).items() if role}
    course = next((name for name, role in roles.items() if role in ("course", "number", "room")), "")
    there = {number for number, _ in kept.rows}
    notes = []
    sums = [(number, ", ".join(cell for cell in cells if cell)[:60]) for number, cells in summary_rows(frame, course) if number in there]
    if sums and answers.get("summaries") != "keep":
        words = "; ".join(f"row {number}: {text}" for number, text in sums[:MOST_EXAMPLES])
        which = _rows(len(sums), "looks like a total, a heading of a group or a footer", "look like totals, headings of groups or footers")
        notes.append(f"{which}: {words}. Such rows are read as all others are.")
    if answers.get("cancelled") != "keep":
        for name, values in cancelled_in(frame, roles).items():
            for value, numbers in values.items():
                if count := sum(number in there for number in numbers):
                    notes.append(f"{name} is {value} in {_rows(count, 'that is read', 'that are read')} all the same.")
    return notes


def _rows(count: int, one: str, many: str) -> str:
    return f"{count:,} row {one}" if count == 1 else f"{count:,} rows {many}"
