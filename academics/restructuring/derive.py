"""A table whose columns have roles, as tables of the kinds that can be imported.

Distinct values are collected: a row a section, or a row a meeting, names its course, its room and its people again and again. What
differs between rows of one thing is a question, asked once for all of them with counts. Nothing is written here: the tables go the way
of every other import, and each row keeps the number that it has in the file.
"""

from __future__ import annotations

import functools
import math
import operator
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from academics.restructuring.codes import codes_made, is_code, name_folded
from academics.restructuring.frames import Frame, cell_of, made_of
from academics.restructuring.groups import GROUPS_JOINED, parents_by_name, strokes_of
from academics.restructuring.hours_cells import (
    ORDERS,
    bare_of,
    hours_by,
    hours_in_order,
    order_of_heading,
    pairs_of,
    words_of,
    writings_of,
)
from academics.restructuring.persons import Entry, Persons, persons_read
from academics.restructuring.questions import MOST_EXAMPLES, Choice, Question, Questions
from academics.restructuring.roles import HOURS
from academics.restructuring.schedules import Grid, Meeting, TimesReader, folded
from academics.restructuring.term_parts import part_weeks, parts_partial, rows_named
from academics.restructuring.words import (
    BESIDE_LABS,
    BESIDE_TUTORIALS,
    IN_BRACKETS,
    JOINED,
    MAYBE_JOINED,
    SEMINARS,
    SUFFIX,
    TIME_TO_COME,
    TP,
    component_of,
    is_no_room,
    is_nobody,
    kind_number,
    kind_word,
    without_room,
)
from academics.term_weeks import TermWeeks, weeks_text
from academics.weekly_times.readings import Reading

MOST_MEETINGS, MOST_LENGTH = 40, 12  # of an offering a week; periods of one of them
MOST_HOURS_A_WEEK = 30  # more are hours of a term, or no weekly hours at all
JOINT = re.compile(r"(?:(?<!\s)\s+)?[/&]\s*")
CODE = re.compile(r"[^\W\d_]{1,8}[ -]?\d{1,5}[^\W_]{0,3}")
LONGEST_SECTION = 80  # of a section's code
USUAL_HOURS_A_WEEK = 10  # of one kind; where many courses have more, it is asked whether they are those of a term
GROUPED = re.compile(r"[1-9]([.,])\d{3}")  # a thousand with a mark, or a fraction: the column decides
DECIMAL = re.compile(r"(\d{1,4})[.,](\d{1,2})")
APART = re.compile(r"[1-9]([ '\u2019\u202f])\d{3}")  # a thousand, whatever the column says
NO_NUMBER = frozenset({"", "n a", "na", "nil", "null"})
MOST_KINDS = 8  # of classes, that are asked about
MOST_PARTS = 12  # of a term, that are asked about one by one
MOST_TERMS = 20  # of which one is chosen
ALL_TERMS = "all"
LONGEST_ROOM = 24  # of what is a room's code as it stands, ``HR 148``


@dataclass(frozen=True)
class Known:
    """What the institution has already: by kind its codes with their names, and the grid of its current term."""

    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    grid: Grid | None = None
    has_term: bool = False
    kinds: frozenset[str] = frozenset()  # that can be imported
    term: tuple[str, ...] = ()  # code and name of the current one
    emails: Mapping[str, str] = field(default_factory=dict)  # of instructors, by code
    readings: tuple[Reading, ...] = ()  # days and times of other tables of the import: all share one grid
    weeks: TermWeeks = field(default_factory=TermWeeks)  # of the current term

    def of(self, kind: str) -> Mapping[str, str]:
        return self.names.get(kind, {})


@dataclass(frozen=True)
class DerivedTable:
    """Rows of one kind, under the headings that they came from."""

    kind: str
    columns: tuple[str, ...]
    headings: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Derivation:
    tables: tuple[DerivedTable, ...]
    questions: tuple[Question, ...]
    notes: tuple[str, ...] = ()
    unread: tuple[tuple[str, int], ...] = ()  # days and times that are not understood, with how many rows have them

    @property
    def open(self) -> tuple[Question, ...]:
        return tuple(question for question in self.questions if question.default is None)


@dataclass
class ClassRow:
    """One row of the table, by roles."""

    number: int
    code: str
    title: str
    component: str
    section: str
    key: str  # what the registration counts it by
    capacity: str
    enrolled: str
    meetings: tuple[Meeting, ...]
    room: str
    building: str
    people: tuple[str, ...]
    department: str
    curricula: tuple[str, ...]
    cells: tuple[str, ...]
    is_again: bool = False  # of a further code of its cell: one class, which is counted under the first
    weeks: str = ""  # of the term, as tables have them; empty: every week


@dataclass
class SectionFacts:
    number: int
    code: str
    rows: list[ClassRow] = field(default_factory=list)

    @property
    def people(self) -> list[str]:
        return list(dict.fromkeys(person for row in self.rows for person in row.people))


@dataclass
class OfferingFacts:
    number: int
    course: str  # its code
    title: str
    component: str
    part_of: str = ""
    meetings: str = ""
    sections: dict[str, SectionFacts] = field(default_factory=dict)

    @property
    def rows(self) -> Iterator[ClassRow]:
        return (row for section in self.sections.values() for row in section.rows)


class Deriver:
    """One pass over a frame. ``roles`` are by the frame's columns."""

    def __init__(self, frame: Frame, roles: Mapping[str, str], *, questions: Questions, known: Known, times: TimesReader) -> None:
        self.frame = frame
        self.roles = roles
        self.known = known
        self.questions = questions
        self.times = times
        self.notes: list[str] = []
        self.unread: Counter[str] = Counter()
        self.marks: dict[str, str] = {}  # behind the thousands, by role
        self.in_other_weeks: list[int] = []  # sections whose rows are of different weeks
        self.joint: dict[str, str] = {}  # codes of cells with two, each with the first
        self.columns = {role: [frame.index(name) for name, each in roles.items() if each == role] for role in set(roles.values())}

    def has(self, *roles: str) -> bool:
        return any(role in self.columns for role in roles)

    def cell(self, cells: Sequence[str], role: str) -> str:
        if role == "dates" and role not in self.columns:  # columns of their own for the first and the last
            return " - ".join(filter(None, (self.cell(cells, "first_date"), self.cell(cells, "last_date"))))
        for index in self.columns.get(role, ()):
            if index < len(cells) and cells[index]:
                return cells[index]
        return ""

    def heading(self, *roles: str) -> str:
        """The headings of the file that these roles' columns came from."""
        parts = {"dates": ("first_date", "last_date")}
        wanted = [part for role in roles for part in (parts.get(role, (role,)) if role not in self.columns else (role,))]
        found = [self.frame.columns[index].source for role in wanted for index in self.columns.get(role, ())]
        return " + ".join(dict.fromkeys(each for each in found if each))

    # Numbers.

    def number(self, role: str, text: str) -> int | None:
        """The whole number of a cell; one with a mark behind the thousands only where its column can mean nothing else."""
        plain = text.strip()
        found = whole(plain)
        if found is None and (decimal := DECIMAL.fullmatch(plain)) and not decimal[2].strip("0"):
            found = int(decimal[1])
        if found is None and (APART.fullmatch(plain) or ((mark := GROUPED.fullmatch(plain)) and mark[1] == self.thousands(role))):
            found = int("".join(filter(str.isdigit, plain)))
        return found

    def number_text(self, cells: Sequence[str], role: str) -> str:
        number = self.number(role, self.cell(cells, role))
        return "" if number is None else str(number)

    def thousands(self, role: str) -> str:
        """The mark behind the thousands of a column; empty where it has another use there, or where thousands stand without one."""
        if role not in self.marks:
            cells = {cell.strip() for _, row in self.frame.rows if (cell := self.cell(row, role))}
            marks = {found[1] for cell in cells if (found := GROUPED.fullmatch(cell))}
            mark = marks.pop() if len(marks) == 1 and role not in (*HOURS, "hours") else ""
            others = [cell for cell in cells if not GROUPED.fullmatch(cell)]
            is_clear = not any((mark and mark in cell) or (whole(cell) or 0) >= 1000 for cell in others)
            self.marks[role] = mark if is_clear else ""
        return self.marks[role]

    def numbers_ask(self, about: str, roles: Sequence[str]) -> str | None:
        """What to do with cells that hold no whole number, or one below 0: never taken for 0, and never guessed."""
        unread: Counter[str] = Counter()
        places: set[int] = set()
        found_in: dict[str, None] = {}
        for number, cells in self.frame.rows:
            for role in roles:
                cell = self.cell(cells, role)
                if role == "hours" and cell in self.hours_said and all(hours.denominator == 1 for hours in self.hours_said[cell].values()):
                    continue
                if cell and self.number(role, cell) is None and not (is_nobody(cell) or name_folded(cell) in NO_NUMBER):
                    unread[str(cell)] += 1
                    places.add(number)
                    found_in[role] = None
        if not unread:
            return None
        count = sum(unread.values())
        is_rounded = about == "numbers_hours" and any(DECIMAL.fullmatch(cell) or cell in self.hours_said for cell in unread)
        left = "hours" if about == "numbers_hours" else "students"
        up = (Choice("up", "Round hours up, so that 1.5 are 2, and leave out what is no number"),) if is_rounded else ()
        return self.questions.ask(
            Question(
                about,
                f"{_things(count, 'cell', 'cells')} of {self.heading(*found_in)} can't be read as a whole number of 0 or more. "
                "Correct them in the file, replace them by a step, or leave them out.",
                (*up, Choice("leave", f"Leave them out: they say no {left} until somebody does")),
                len(places),
                tuple(sorted(places)[:MOST_EXAMPLES]),
                tuple(f"{text[:40]} ({each:,})" for text, each in unread.most_common(MOST_EXAMPLES)),
            )
        )

    # What is in the rows.

    def derive(self) -> Derivation:
        self.term_choose()
        self.numbers_ask("numbers", ("capacity", "enrolled"))
        if self.has("course", "title"):
            offerings = self.offerings_read()
            tables = [*self.places(), *self.people(), *self.terms(), *self.courses(offerings), *self.classes(offerings)]
        else:
            tables = [*self.places(), *self.people()]
        order = {kind: place for place, kind in enumerate(KINDS_IN_ORDER)}
        kept = sorted((table for table in tables if table.rows), key=lambda table: order[table.kind])
        asked, notes = tuple(self.questions.questions.values()), tuple(self.notes)
        return Derivation(tuple(kept), asked, notes, tuple(self.unread.most_common()))

    def offerings_read(self) -> list[OfferingFacts]:
        rows = self.rows_parallel(self.rows_once(self.parts_settle(list(self.rows_read()))))
        self.titles = self.titles_chosen(rows)
        by_course: dict[str, dict[str, list[ClassRow]]] = defaultdict(lambda: defaultdict(list))
        for row in rows:
            by_course[row.code][row.component].append(row)
        taken = {row.code for row in rows} | set(self.known.of("courses"))
        found: list[OfferingFacts] = []
        for code, components in by_course.items():
            main = "lecture" if "lecture" in components else next(iter(components))
            for component in sorted(components, key=lambda each: each != main):
                own = code if component == main else self.part_code(code, component, taken)
                title = self.titles.get(code, "")
                named = title if component == main else f"{title or code} ({component})"
                offering = OfferingFacts(components[component][0].number, own, named, component, "" if own == code else code)
                self.sections_form(offering, components[component])
                found.append(offering)
        return self.hours_split(self.patterns_choose(found))

    def can_teach(self, *, as_kind: str) -> Iterator[DerivedTable]:
        """Courses, people, and who can teach, or teaches, what: a row of the frame is a pair."""
        self.term_choose()
        people = list(self.people())
        pairs: dict[str, dict[str, None]] = defaultdict(dict)
        rows: dict[str, ClassRow] = {}
        self.is_pairs = True
        for row in self.rows_read():
            rows.setdefault(row.code, row)
            pairs[row.code] |= dict.fromkeys(self.person_codes[name] for name in row.people)
        yield from people
        if as_kind == "offerings":
            self.grid = self.known.grid or self.times.grid([], self.questions)
            yield from self.terms()
        offerings = [OfferingFacts(row.number, code, row.title, "lecture") for code, row in rows.items()]
        for offering in offerings:
            offering.sections["1"] = SectionFacts(offering.number, "1", [rows[offering.course]])
        yield from self.courses(offerings)
        course, person = self.heading("course") or self.heading("title"), self.heading("instructor")
        self.unpaired_said(rows, pairs)
        if as_kind == "offerings":
            listed_people = [(rows[code].number, (code, "; ".join(people))) for code, people in pairs.items() if people]
            yield table_of("offerings", ("course", "instructors"), (course, person), listed_people)
        else:
            single = [(rows[code].number, (code, person)) for code, people in pairs.items() for person in people]
            yield table_of(as_kind, ("course", "instructor"), (course, person), single)

    is_pairs = False  # of courses and people: either may stand without the other

    def unpaired_said(self, rows: Mapping[str, ClassRow], pairs: Mapping[str, Mapping[str, None]]) -> None:
        """Name the courses and the people that no mark puts together with another."""
        courses = [code for code in rows if not pairs[code]]
        paired = {person for each in pairs.values() for person in each}
        people = [name for name, code in self.person_codes.items() if code not in paired]
        if courses:
            words = f"{', '.join(courses[:MOST_EXAMPLES])}{' ...' if len(courses) > MOST_EXAMPLES else ''}"
            self.notes.append(f"{_things(len(courses), 'course has', 'courses have')} nobody: {words}.")
        if people:
            words = f"{', '.join(people[:MOST_EXAMPLES])}{' ...' if len(people) > MOST_EXAMPLES else ''}"
            self.notes.append(f"{_things(len(people), 'person has', 'people have')} no course: {words}.")

    def part_code(self, code: str, component: str, taken: set[str]) -> str:
        base = f"{code}-{SUFFIX.get(component, 'X')}"
        own, number = base, 1
        while own in taken and self.known.of("courses").get(own, "") and number < 100:
            if name_folded(self.known.of("courses")[own]).endswith(component):
                return own
            number += 1
            own = f"{base}{number}"
        taken.add(own)
        return own

    def rows_read(self) -> Iterator[ClassRow]:
        nameless: list[int] = []
        named: dict[str, str] = {}
        if not self.has("course"):
            titles = [self.cell(cells, "title") for _, cells in self.frame.rows]
            named = codes_made([title for title in titles if title], known=self.known.of("courses"))
        unread = self.unread
        self.times.decide([functools.partial(self.cell, cells) for _, cells in self.frame.rows])
        unknown_kinds: Counter[str] = Counter()
        tp = self.component_of_tp()
        self.kinds_ask()
        joint = self.codes_joint()
        expanded = (
            (number, cells, code, title)
            for number, cells in self.frame.rows
            if any(cells)
            for title in (self.cell(cells, "title"),)
            for code in joint.get(self.cell(cells, "course"), (self.cell(cells, "course") or named.get(title, ""),))
        )
        for number, cells, code, title in expanded:
            if not code:
                if not self.is_pairs or not self.cell(cells, "instructor"):
                    nameless.append(number)
                continue
            kind = self.cell(cells, "kind")
            component = self.kinds_said.get(kind) or (tp if tp and kind_word(kind) == TP else component_of(kind))
            if kind_word(kind) in SEMINARS and (code or title) in self.with_lectures:
                component = "tutorial"
            if kind and not component:
                unknown_kinds[kind] += 1
            reading = self.times.row(functools.partial(self.cell, cells))
            unread.update(() if reading.is_open else reading.not_understood)
            yield ClassRow(
                number,
                code,
                title,
                component or "lecture",
                self.cell(cells, "section") or ("" if self.has("section", "section_key") else kind_number(kind)),
                self.cell(cells, "section_key"),
                self.number_text(cells, "capacity"),
                self.number_text(cells, "enrolled"),
                reading.meetings,
                self.cell(cells, "room"),
                self.cell(cells, "building"),
                self.people_of(cells),
                self.cell(cells, "department"),
                tuple(part for index in self.columns.get("curriculum", ()) for part in self.groups_listed(cell_of(cells, index))),
                self.frame.wide(cells),
                code != joint.get(self.cell(cells, "course"), (code,))[0],
            )
        if nameless:
            self.notes.append(
                f"{_things(len(nameless), 'row names no course and is', 'rows name no course and are')} left out ({_numbered(nameless)})."
            )
        if unknown_kinds:
            words = ", ".join(f"{kind} ({count})" for kind, count in unknown_kinds.most_common(MOST_EXAMPLES))
            self.notes.append(f"Kinds of classes that are not known count as lectures: {words}.")
        if unread:
            self.questions.ask(
                Question(
                    "times_unread",
                    f"{_things(len(unread), 'way of writing days and times is', 'ways of writing days and times are')} not understood. "
                    "Say what they mean, or leave those times out.",
                    (Choice("leave", "Leave these times out: the classes have no time yet"),),
                    sum(unread.values()),
                    examples=tuple(f"{text} ({count})" for text, count in unread.most_common(MOST_EXAMPLES)),
                )
            )
        self.times.ask(self.questions)

    def parts_settle(self, rows: list[ClassRow]) -> list[ClassRow]:
        """Ask about rows that are not held all term long."""
        sources = ("weeks", "span") if self.has("dates") else ("span",)  # weeks in words, and a first and a last date besides
        said = {source: {row.number: self.part_of_term(row.cells, source) for row in rows} for source in sources}
        partial = {source: parts_partial(each.values()) for source, each in said.items()}
        numbers: dict[str, list[int]] = {}
        for number in dict.fromkeys(row.number for row in rows):
            parts = [said[source][number] for source in sources if said[source][number] in partial[source]]
            if parts:
                numbers.setdefault(", ".join(parts), []).append(number)
        if not numbers:
            return rows
        count = sum(map(len, numbers.values()))
        masks = self.masks_of_parts(said, partial, numbers)
        heading = self.heading("dates", "first_date", "last_date")
        are = "row is" if count == 1 else "rows are"
        answer = self.questions.ask(
            Question(
                "parts",
                f"{count:,} {are} of a part of the term only, as {heading} says. How are they taken?",
                (
                    *((Choice("weeks", f"As held in these weeks alone: {self.masks_words(masks)}"),) if len(masks) == len(numbers) else ()),
                    Choice("weekly", "As held every week: they keep their room, their people and their students free of all else"),
                    Choice("leave", "Leave these rows out"),
                    *((Choice("each", "Not all alike: ask about each part"),) if len(numbers) > 1 else ()),
                ),
                count,
                tuple(number for each in numbers.values() for number in each)[:MOST_EXAMPLES],
                tuple(rows_named(numbers, most=MOST_EXAMPLES)),
            )
        )
        gone = set(numbers) if answer == "leave" else set()
        in_weeks = set(numbers) if answer == "weeks" else set()
        if answer == "each":
            for part in list(numbers)[:MOST_PARTS]:
                own = self.questions.ask(
                    Question(
                        f"part:{part[:80]}",
                        f"How are the rows of {part} taken?",
                        (
                            *((Choice("weeks", f"As held in {self.known.weeks.words(masks[part])}"),) if part in masks else ()),
                            Choice("weekly", "As held every week of the term"),
                            Choice("leave", "Leave them out"),
                        ),
                        len(numbers[part]),
                        tuple(numbers[part][:MOST_EXAMPLES]),
                    )
                )
                gone |= {part} if own == "leave" else set()
                in_weeks |= {part} if own == "weeks" else set()
        kept = {part: each for part, each in numbers.items() if part not in gone | in_weeks}
        if kept and answer is not None:
            words = "; ".join(rows_named(kept, most=MOST_EXAMPLES))
            self.notes.append(f"Not held all term long, and taken as held every week: {words}.")
        if gone:
            words = "; ".join(rows_named({part: numbers[part] for part in numbers if part in gone}, most=MOST_EXAMPLES))
            self.notes.append(f"Left out, as they are not held all term long: {words}.")
        out = {number for part in gone for number in numbers[part]}
        texts = {number: weeks_text(masks[part], self.known.weeks.num_weeks) for part in in_weeks for number in numbers[part]}
        for row in rows:
            row.weeks = texts.get(row.number, "")
        return [row for row in rows if row.number not in out]

    def masks_of_parts(
        self, said: Mapping[str, Mapping[int, str]], partial: Mapping[str, Mapping[str, int]], numbers: Mapping[str, Sequence[int]]
    ) -> dict[str, int]:
        """The weeks of each part, where what is said of it is understood: in all columns that say something, in their common weeks."""
        weeks = {source: part_weeks(said[source].values(), self.known.weeks) for source in partial}
        found = {}
        for part, rows in numbers.items():
            values = [(source, said[source][rows[0]]) for source in said if said[source][rows[0]] in partial[source]]
            masks = [weeks[source].get(value) for source, value in values]
            known = [mask or self.known.weeks.all for mask in masks if mask is not None]
            if known and len(known) == len(masks) and (mask := functools.reduce(operator.and_, known)):
                found[part] = mask
        return found

    def masks_words(self, masks: Mapping[str, int]) -> str:
        words = list(dict.fromkeys(self.known.weeks.words(mask) for mask in masks.values()))
        return "; ".join(words[:MOST_EXAMPLES]) + (" ..." if len(words) > MOST_EXAMPLES else "")

    def part_of_term(self, cells: Sequence[str], source: str) -> str:
        if source == "weeks":
            return self.cell(cells, "dates")
        return " - ".join(filter(None, (self.cell(cells, "first_date"), self.cell(cells, "last_date"))))

    def kinds_ask(self) -> None:
        """Ask what the kinds are that are not known, where a course has classes of another kind beside them."""
        self.kinds_said: dict[str, str] = {}
        by_course: dict[str, set[str]] = defaultdict(set)
        counts: Counter[str] = Counter()
        for _, cells in self.frame.rows:
            if kind := self.cell(cells, "kind"):
                by_course[self.cell(cells, "course") or self.cell(cells, "title")].add(kind)
                counts[kind] += 1
        self.with_lectures = {
            course
            for course, kinds in by_course.items()
            if any(component_of(kind) == "lecture" and kind_word(kind) not in SEMINARS for kind in kinds)
        }
        unknown = {kind for kind in counts if not component_of(kind) and kind_word(kind) not in {TP, *BESIDE_LABS, *BESIDE_TUTORIALS}}
        beside = [kind for kind in counts if kind in unknown and any(kind in kinds and kinds - {kind} for kinds in by_course.values())]
        for kind in beside[:MOST_KINDS]:
            answer = self.questions.ask(
                Question(
                    f"kind:{kind[:60]}",
                    f"What are the classes of the kind {kind}? Their courses have classes of other kinds as well.",
                    (
                        Choice("lab", "Labs or practical work, beside the lecture"),
                        Choice("tutorial", "Tutorials, seminars or exercises, beside the lecture"),
                        Choice("lecture", "Lectures: sections of the course like the others"),
                    ),
                    counts[kind],
                )
            )
            self.kinds_said[kind] = answer or "lab"  # until it is answered: a section of the lecture would raise questions of its own

    def component_of_tp(self) -> str:
        """What TP is in the column of kinds, where it has it; asked where nothing beside it says so."""
        words = Counter(kind_word(kind) for _, cells in self.frame.rows if (kind := self.cell(cells, "kind")))
        if not words[TP]:
            return ""
        is_lab, is_tutorial = (any(words[word] for word in beside) for beside in (BESIDE_LABS, BESIDE_TUTORIALS))
        if is_lab != is_tutorial:
            return "lab" if is_lab else "tutorial"
        answer = self.questions.ask(
            Question(
                "kind_tp",
                "What are the classes of the kind TP?",
                (Choice("lab", "Practical work (travaux pratiques): labs"), Choice("tutorial", "Theory and practice: tutorials")),
                words[TP],
            )
        )
        return answer or "lab"

    def codes_joint(self) -> dict[str, tuple[str, ...]]:
        """Cells with two codes, such as ``CS 101 / MA 101``, where that is one class under both."""
        cells = Counter(cell for _, row in self.frame.rows if (cell := self.cell(row, "course")))
        several = {
            cell: parts for cell in cells if len(parts := tuple(JOINT.split(str(cell).strip()))) > 1 and all(map(CODE.fullmatch, parts))
        }
        if not several:
            return {}
        answer = self.questions.ask(
            Question(
                "two_codes",
                f"{_things(len(several), 'cell has', 'cells have')} two codes. What is meant?",
                (Choice("cross", "One class under both codes: cross-listed"), Choice("whole", "One code, as it stands")),
                sum(cells[cell] for cell in several),
                examples=tuple(several)[:MOST_EXAMPLES],
            )
        )
        if answer != "cross":
            return {}
        for parts in several.values():
            self.joint |= {part: parts[0] for part in parts[1:] if part != parts[0]}
        return several

    def rows_once(self, rows: list[ClassRow]) -> list[ClassRow]:
        """What to do with rows that repeat an earlier one exactly. Where each has a number or a time of its own, none can."""
        seen: set[tuple[str, ...]] = set()
        again = []
        for row in rows:
            whole_row = (row.code, *row.cells)
            if whole_row in seen:
                again.append(row)
            seen.add(whole_row)
        if not again:
            return rows
        is_counted = self.has("section", "section_key")
        answer = self.questions.ask(
            Question(
                "repeats",
                f"{_things(len(again), 'row repeats', 'rows repeat')} an earlier row exactly. What is such a row?",
                (
                    Choice("drop", "A repetition by mistake: leave it out"),
                    Choice("sections", "A further parallel section of the same size"),
                ),
                len(again),
                tuple(row.number for row in again[:MOST_EXAMPLES]),
                default="drop" if is_counted else None,
            )
        )
        if answer == "sections":
            return rows
        gone = {id(row) for row in again}
        return [row for row in rows if id(row) not in gone]

    def rows_parallel(self, rows: list[ClassRow]) -> list[ClassRow]:
        """Name the sections of rows that name none: by the number of the class, else by turn."""
        keys: dict[tuple[str, str, str], set[str]] = defaultdict(set)
        for row in rows:
            if row.section and row.key:
                keys[row.code, row.component, row.section].add(row.key)
        num_double = sum(len(each) > 1 for each in keys.values())
        if num_double and self.has("section_key"):
            self.notes.append(
                f"{_things(num_double, 'section code stands', 'section codes stand')} for several classes with numbers of their own; "
                "the number stands behind the code."
            )
        bare: dict[tuple[str, str], list[ClassRow]] = defaultdict(list)
        for row in rows:
            if row.section and len(keys[row.code, row.component, row.section]) > 1:
                row.section = f"{row.section}/{row.key}"
            elif not row.section and row.key:
                row.section = row.key
            elif not row.section and row.curricula and not self.has("section"):
                row.section = "; ".join(row.curricula)[:LONGEST_SECTION]  # a group that is taught on its own
            elif not row.section:
                bare[row.code, row.component].append(row)
        several = [each for each in bare.values() if len({row.number for row in each}) > 1]
        answer: str | None = "sections"
        if several:
            has_times = any(row.meetings for each in several for row in each)
            is_dated = has_times and all(meeting.time.date is not None for each in several for row in each for meeting in row.meetings)
            answer = self.questions.ask(
                Question(
                    "parallel",
                    f"{_things(len(several), 'course has', 'courses have')} several rows, and no column "
                    "says which section a row is. What is a row?",
                    (
                        Choice("sections", "A parallel section, with students of its own"),
                        Choice("meetings", "A further meeting of the same class"),
                    ),
                    sum(map(len, several)),
                    tuple(row.number for each in several for row in each)[:MOST_EXAMPLES],
                    tuple(each[0].code for each in several[:MOST_EXAMPLES]),
                    default="meetings" if is_dated else None if has_times else "sections",
                )
            )
        for each in bare.values():
            places = {number: str(place) for place, number in enumerate(dict.fromkeys(row.number for row in each), 1)}
            for row in each:  # several rows that were made of one of the file are one class
                row.section = places[row.number] if answer == "sections" else "1"
        return rows

    def titles_chosen(self, rows: Sequence[ClassRow]) -> dict[str, str]:
        titles: dict[str, Counter[str]] = defaultdict(Counter)
        for row in rows:
            if (row.title and row.component == "lecture") or row.code not in titles:
                titles[row.code][row.title] += bool(row.title)
        differing = {code: counts for code, counts in titles.items() if len(counts) > 1}
        answer: str | None = "most"
        if differing:
            answer = self.questions.ask(
                Question(
                    "titles",
                    f"{_things(len(differing), 'course has', 'courses have')} several titles. Which one counts?",
                    (
                        Choice("most", "The most frequent"),
                        Choice("first", "The first"),
                        Choice("longest", "The longest"),
                        Choice("courses", "All: each title is a course of its own, with the section behind the code"),
                    ),
                    sum(sum(counts.values()) for counts in differing.values()),
                    examples=tuple(f"{code}: {', '.join(list(counts)[:3])}" for code, counts in list(differing.items())[:MOST_EXAMPLES]),
                    default="most",
                )
            )
        if answer == "courses":
            return self.titles_apart(rows, differing) | {
                code: _chosen(counts, "most") for code, counts in titles.items() if code not in differing
            }
        return {code: _chosen(counts, answer or "most") for code, counts in titles.items()}

    def titles_apart(self, rows: Sequence[ClassRow], differing: Mapping[str, Counter[str]]) -> dict[str, str]:
        """Give each title of a course a code of its own: that of the course, and the first section that has the title."""
        codes: dict[tuple[str, str], str] = {}
        for row in rows:
            if row.code in differing:
                title = row.title or next(iter(differing[row.code]))
                if (row.code, title) not in codes:
                    base, number = f"{row.code}-{row.section}", 1
                    while base in codes.values():
                        number += 1
                        base = f"{row.code}-{row.section}-{number}"
                    codes[row.code, title] = base
                row.code = codes[row.code, title]
        return {code: title for (_, title), code in codes.items()}

    def sections_form(self, offering: OfferingFacts, rows: Sequence[ClassRow]) -> None:
        for row in rows:
            section = offering.sections.get(row.section)
            if section is None:
                section = offering.sections[row.section] = SectionFacts(row.number, row.section)
            section.rows.append(row)

    # Meetings and hours.

    def patterns_choose(self, offerings: Sequence[OfferingFacts]) -> list[OfferingFacts]:
        """One pattern an offering, such as 2 x 1; where its sections differ it is asked. Sections may become offerings of their own."""
        grid = self.grid_of(offerings)
        weekly = self.weekly_meetings(offerings)
        differing: dict[str, Counter[str]] = {}
        found: dict[int, Counter[str]] = {}
        pattern_of: dict[tuple[int, str], str] = {}
        for place, offering in enumerate(offerings):
            patterns: Counter[str] = Counter()
            for section in offering.sections.values():
                kinds = self.room_kinds(section)
                counts = Counter((grid.length(meeting), kinds.get(meeting, "")) for meeting in weekly[place, section.code])
                pattern = pattern_text(counts)
                if pattern:
                    patterns[pattern] += 1
                    pattern_of[place, section.code] = pattern
            found[place] = patterns
            if len(patterns) > 1:
                differing[offering.course] = patterns
        answer: str | None = "most"
        if differing:
            answer = self.questions.ask(
                Question(
                    "patterns",
                    f"{_things(len(differing), 'course has', 'courses have')} sections that meet in different patterns, "
                    "and a course has one. Which one counts?",
                    (
                        Choice("apart", "All: sections that meet otherwise than most are courses of their own, named by code and section"),
                        Choice("most", "That of most sections: the times of the others are left out"),
                        Choice("longest", "The one with the most periods: the times of the others are left out"),
                    ),
                    sum(1 for offering in offerings if offering.course in differing for _ in offering.rows),
                    examples=tuple(
                        f"{course}: " + ", ".join(f"{pattern} ({count})" for pattern, count in patterns.most_common(3))
                        for course, patterns in list(differing.items())[:MOST_EXAMPLES]
                    ),
                )
            )
        for place, offering in enumerate(offerings):
            patterns = found[place]
            if patterns:
                ranks = patterns if answer != "longest" else {pattern: _periods_of(pattern) for pattern in patterns}
                offering.meetings = max(patterns, key=lambda pattern, ranks=ranks: ranks[pattern])  # type: ignore[misc]
        kept = self.timeless_settle(offerings, weekly)
        if answer == "apart":
            for (place, code), pattern in pattern_of.items():
                if pattern != offerings[place].meetings:
                    kept.append(self.section_apart(offerings[place], code, kept))
                    kept[-1].meetings = pattern
        return kept

    def section_apart(self, offering: OfferingFacts, code: str, offerings: Sequence[OfferingFacts]) -> OfferingFacts:
        """A section as an offering of a course of its own, with the section behind the code."""
        section = offering.sections.pop(code)
        taken, known = {each.course for each in offerings}, self.known.of("courses")
        own, number = f"{offering.course}-{code}", 1
        while own in taken or (own in known and name_folded(known[own] or own) != name_folded(offering.title or own)):
            number += 1
            own = f"{offering.course}-{code}-{number}"
        if offering.course in self.joint:
            self.joint[own] = f"{self.joint[offering.course]}-{code}"
        return OfferingFacts(section.number, own, offering.title, offering.component, offering.part_of, "", {code: section})

    def room_kinds(self, section: SectionFacts) -> dict[Meeting, str]:
        """Of a section's meetings of a week those that need no room: all that is said of it is that they are online, or have none."""
        said: dict[Meeting, set[str]] = defaultdict(set)
        for row in section.rows:
            for meeting in row.meetings:
                if row.room or without_room(row.building):
                    said[meeting.weekly].add(without_room(row.room or row.building))
        return {meeting: next(iter(kinds)) for meeting, kinds in said.items() if len(kinds) == 1 and kinds != {""}}

    def timeless_settle(self, offerings: Sequence[OfferingFacts], weekly: Mapping[tuple[int, str], list[Meeting]]) -> list[OfferingFacts]:
        """Ask about sections without a weekly time whose course has some: whether they meet as its others do is not in the table."""
        timeless = {
            (place, section.code): section
            for place, offering in enumerate(offerings)
            if offering.meetings
            for section in offering.sections.values()
            if not weekly[place, section.code]
            and not any(self.times.row(functools.partial(self.cell, row.cells)).not_understood for row in section.rows)
        }
        if not timeless:
            return list(offerings)
        # TBA says that they will meet; an empty cell, or *by arrangement*, does not.
        are_to_come = all(
            any(name_folded(self.cell(row.cells, role)) in TIME_TO_COME for row in section.rows for role in ("days", "times", "start"))
            for section in timeless.values()
        )
        answer = self.questions.ask(
            Question(
                "timeless",
                f"{_things(len(timeless), 'section has', 'sections have')} no weekly time, while other sections of the same course do. "
                "Do they meet?",
                (
                    Choice("same", "As often as the others, at times that are still to be found"),
                    Choice("apart", "They have no weekly times: each is a course of its own, with the section behind the code"),
                    Choice("drop", "Leave these sections out"),
                ),
                sum(len(section.rows) for section in timeless.values()),
                tuple(row.number for section in timeless.values() for row in section.rows)[:MOST_EXAMPLES],
                tuple(f"{offerings[place].course} {code}" for place, code in timeless)[:MOST_EXAMPLES],
                default="same" if are_to_come else None,
            )
        )
        if answer not in ("apart", "drop"):
            return list(offerings)
        found = list(offerings)
        for place, code in timeless:
            if answer == "drop":
                del offerings[place].sections[code]
            else:
                found.append(self.section_apart(offerings[place], code, found))
        return found

    def weekly_meetings(self, offerings: Sequence[OfferingFacts]) -> dict[tuple[int, str], list[Meeting]]:
        """By offering and section its meetings of a week; dated ones are folded, and what follows no pattern is counted."""
        self.meetings_long([meeting for offering in offerings for row in offering.rows for meeting in row.meetings])
        found: dict[tuple[int, str], list[Meeting]] = {}
        dated = []
        for place, offering in enumerate(offerings):
            for section in offering.sections.values():
                pairs = [(row, meeting) for row in section.rows for meeting in row.meetings if self.is_held(meeting)]
                found[place, section.code] = list(dict.fromkeys(meeting.weekly for _, meeting in pairs if meeting.time.date is None))
                key = f"{place}\n{section.code}"
                dated += [(key, row.number, meeting, row.room) for row, meeting in pairs if meeting.time.date is not None]
        weekly = folded(dated)
        for each in weekly.meetings:
            place_text, _, code = each.key.partition("\n")
            found[int(place_text), code].append(Meeting(each.time).weekly)
        if weekly.exceptions:
            kinds = Counter(exception.kind.value.replace("_", " ") for exception in weekly.exceptions)
            words = ", ".join(f"{kind} ({count})" for kind, count in kinds.most_common())
            first = _numbered([exception.row.number for exception in weekly.exceptions])
            ones = _things(len(weekly.meetings), "weekly one", "weekly ones")
            follow = _things(len(weekly.exceptions), "row does not follow", "rows do not follow")
            self.notes.append(f"{_things(len(dated), 'dated meeting is', 'dated meetings are')} {ones}; {follow} them: {words} ({first}).")
        return {key: list(dict.fromkeys(meetings)) for key, meetings in found.items()}

    def meetings_long(self, meetings: Sequence[Meeting]) -> None:
        """Ask about meetings that last longer than a lecture can."""
        self.drops_long = False
        long = [meeting for meeting in meetings if meeting.is_weekly and self.grid.length(meeting) > MOST_LENGTH]
        if not long:
            return
        self.drops_long = True
        self.questions.ask(
            Question(
                "long",
                f"{_things(len(long), 'meeting lasts', 'meetings last')} longer than {MOST_LENGTH} periods, the most of a lecture.",
                (Choice("leave", "They are no weekly lectures: leave their times out"),),
                len(long),
                examples=tuple(dict.fromkeys(meeting.text for meeting in long))[:MOST_EXAMPLES],
                default="leave",
            )
        )

    def is_held(self, meeting: Meeting) -> bool:
        """Whether the meeting is one of every week that a lecture can be made of."""
        return meeting.is_weekly and not (self.drops_long and self.grid.length(meeting) > MOST_LENGTH)

    def grid_of(self, offerings: Sequence[OfferingFacts]) -> Grid:
        if self.known.grid is not None:
            self.grid = self.known.grid
        else:
            meetings = [meeting for offering in offerings for row in offering.rows for meeting in row.meetings]
            self.grid = self.times.grid(meetings, self.questions, others=self.known.readings)
        rounded = self.grid.rounded([meeting for offering in offerings for row in offering.rows for meeting in row.meetings])
        if rounded:
            self.notes.append(rounded)
        return self.grid

    def hours_split(self, offerings: list[OfferingFacts]) -> list[OfferingFacts]:
        """Columns of hours become lecture, tutorial and lab, where no times say more."""
        roles = [role for role in (*HOURS, "hours") if role in self.columns]
        if not roles:
            return offerings
        if any(offering.meetings for offering in offerings):
            self.notes.append(f"The hours in {self.heading(*roles)} are not used: days and times say how often classes meet.")
            return offerings
        self.hours_up = self.numbers_ask("numbers_hours", roles) == "up"
        offerings = self.hours_settle(offerings, roles)
        hours = {id(offering): self.hours_of(offering, offering.rows, roles) for offering in offerings}
        self.hours_ask(hours, offerings)
        found = []
        taken = {offering.course for offering in offerings} | set(self.known.of("courses"))
        for offering in offerings:
            found += self.components_made(offering, hours[id(offering)], taken)
        return found

    def hours_settle(self, offerings: list[OfferingFacts], roles: Sequence[str]) -> list[OfferingFacts]:
        """A course has the same hours in all of its sections; where they differ it is asked. Sections may become courses of their own."""
        differing: dict[int, dict[str, str]] = {}
        for place, offering in enumerate(offerings):
            by_section = {code: self.hours_of(offering, section.rows, roles) for code, section in offering.sections.items()}
            said = {code: _hours(hours) for code, hours in by_section.items() if hours}
            if len(set(said.values())) > 1:
                differing[place] = said
        if not differing:
            return offerings
        answer = self.questions.ask(
            Question(
                "hours_differ",
                f"{_things(len(differing), 'course has', 'courses have')} sections with different hours, and a course has the same in all. "
                "Which count?",
                (
                    Choice("apart", "All: sections with other hours than most are courses of their own, named by code and section"),
                    Choice("most", "The largest number, for all sections of the course"),
                ),
                sum(1 for place in differing for _ in offerings[place].rows),
                examples=tuple(
                    f"{offerings[place].course}: "
                    + ", ".join(f"{hours} ({count})" for hours, count in Counter(said.values()).most_common(3))
                    for place, said in list(differing.items())[:MOST_EXAMPLES]
                ),
            )
        )
        if answer != "apart":
            return offerings
        kept = list(offerings)
        for place, said in differing.items():
            usual = Counter(said.values()).most_common(1)[0][0]
            kept += [self.section_apart(offerings[place], code, kept) for code, hours in said.items() if hours != usual]
        return kept

    def hours_of(self, offering: OfferingFacts, rows: Iterable[ClassRow], roles: Sequence[str]) -> dict[str, int]:
        found: dict[str, int] = {}
        for row in rows:
            for role in roles:
                cell = self.cell(row.cells, role)
                if role == "hours" and cell in self.hours_said:
                    for component, hours in self.hours_said[cell].items():
                        if hours.denominator == 1 or self.hours_up:
                            found[component] = max(found.get(component, 0), math.ceil(hours))
                    continue
                number = self.number(role, cell)
                if number is None and self.hours_up and DECIMAL.fullmatch(cell.strip()):
                    number = math.ceil(float(cell.strip().replace(",", ".")))
                component = HOURS.get(role, offering.component)
                found[component] = max(found.get(component, 0), number or 0)
        return {component: number for component, number in found.items() if number}

    @functools.cached_property
    def hours_said(self) -> dict[str, dict[str, Fraction]]:
        """By cell of the column of hours those that say several at once, such as 2V+1Ü or 3-0-2, in the order and by the letters of the
        heading, of the column, or of an answer. Nothing of a cell whose question nobody has answered yet."""
        cells = dict.fromkeys(cell for _, row in self.frame.rows if (cell := self.cell(row, "hours")))
        lettered = {cell: pairs for cell in cells if (pairs := pairs_of(cell))}
        found = self.hours_lettered(lettered)
        bare: dict[int, dict[str, tuple[int, ...]]] = defaultdict(dict)
        for cell in cells:
            if cell not in found and (numbers := bare_of(cell)):
                bare[len(numbers)][cell] = numbers
        for length, numbered in bare.items():
            found |= self.hours_ordered(length, numbered)
        said = [(cell, hours) for cell, hours in found.items() if hours]
        if said:
            words = "; ".join(f"{cell}: {words_of(hours)}" for cell, hours in said[:3])
            self.notes.append(f"{self.heading('hours')} says several hours in a cell. They are read so: {words}.")
        return found

    def hours_lettered(self, lettered: Mapping[str, tuple[tuple[str, Fraction], ...]]) -> dict[str, dict[str, Fraction]]:
        """Hours by letters; where letters may be of several ways of writing, which are read differently, it is asked."""
        if not lettered:
            return {}
        readings = {
            writing: {cell: hours_by(writing, pairs) for cell, pairs in lettered.items()} for writing in writings_of(lettered.values())
        }
        different = {str(reading): writing for writing, reading in reversed(readings.items())}
        if len(different) == 1:
            return next(iter(readings.values()))
        if not different:
            return {}
        first = next(iter(lettered))
        named = [writing for writing in readings if writing in different.values()]
        answer = self.questions.ask(
            Question(
                "hours_letters",
                f"What do the letters in {self.heading('hours')} mean?",
                tuple(Choice(each.name, f"{each.label}: {first} is {words_of(readings[each][first])}") for each in named),
                len(lettered),
                examples=tuple(lettered)[:MOST_EXAMPLES],
            )
        )
        return next((readings[each] for each in named if each.name == answer), {cell: {} for cell in lettered})

    def hours_ordered(self, length: int, numbered: Mapping[str, tuple[int, ...]]) -> dict[str, dict[str, Fraction]]:
        """Hours by their order, which the heading names, or which is asked for."""
        order = order_of_heading(self.heading("hours"), length)
        if not order:
            first = max(numbered, key=lambda cell: sum(map(bool, numbered[cell])))
            orders = {name: (each, label) for name, (each, label) in ORDERS.items() if len(each) == length}
            answer = self.questions.ask(
                Question(
                    f"hours_order:{length}",
                    f"In which order are the hours in {self.heading('hours')}?",
                    tuple(
                        Choice(name, f"{label}: {first} is {words_of(hours_in_order(each, numbered[first]))}")
                        for name, (each, label) in orders.items()
                    ),
                    len(numbered),
                    examples=tuple(numbered)[:MOST_EXAMPLES],
                )
            )
            order = orders[answer][0] if answer in orders else ()
        return {cell: hours_in_order(order, numbers) if order else {} for cell, numbers in numbered.items()}

    def hours_ask(self, hours: Mapping[int, dict[str, int]], offerings: Sequence[OfferingFacts]) -> None:
        large = [offering for offering in offerings if any(number > USUAL_HOURS_A_WEEK for number in hours[id(offering)].values())]
        self.hours_basis = self.questions.ask(
            Question(
                "hours_basis",
                "Are the hours those of a week, or of the whole term?",
                (
                    Choice("week", "Hours a week"),
                    *(Choice(f"term{weeks}", f"Hours of a term of {weeks} weeks") for weeks in (12, 14, 15, 16)),
                ),
                sum(1 for offering in offerings for _ in offering.rows),
                examples=tuple(f"{offering.course}: {_hours(hours[id(offering)])}" for offering in offerings[:3]),
                default="week" if len(large) * 3 < len(offerings) else None,
            )
        )
        long = [
            offering for offering in offerings if any(self.weekly(number) > MOST_HOURS_A_WEEK for number in hours[id(offering)].values())
        ]
        if long:
            self.hours_long = self.questions.ask(
                Question(
                    "hours_long",
                    f"{_things(len(long), 'course has', 'courses have')} more than {MOST_HOURS_A_WEEK} hours a week, "
                    "which no timetable holds. What is meant?",
                    (Choice("none", "They have no weekly times: a thesis, a work placement"), Choice("drop", "Leave these courses out")),
                    sum(1 for offering in long for _ in offering.rows),
                    tuple(offering.number for offering in long[:MOST_EXAMPLES]),
                    tuple(f"{offering.course} {offering.title}: {_hours(hours[id(offering)])}" for offering in long[:MOST_EXAMPLES]),
                    default="none",
                )
            )
        blocks = sorted({number for each in hours.values() for component, number in each.items() if component != "lecture" and number > 1})
        self.hours_blocks = self.questions.ask(
            Question(
                "hours_blocks",
                "How are hours of tutorials and labs held?",
                (Choice("block", "In one block a week"), Choice("single", "An hour at a time")),
                sum(1 for each in hours.values() for component in each if component != "lecture"),
                default="block",
            )
            if blocks
            else Question("hours_blocks", "", (), default="block")
        )
        if not blocks:
            self.questions.questions.pop("hours_blocks")

    def weekly(self, number: int) -> int:
        basis = self.hours_basis or "week"
        weeks = int(basis[4:]) if basis.startswith("term") else 1
        return -(-number // weeks)

    def components_made(self, offering: OfferingFacts, hours: Mapping[str, int], taken: set[str]) -> list[OfferingFacts]:
        weekly = {component: self.weekly(number) for component, number in hours.items()}
        if any(number > MOST_HOURS_A_WEEK for number in weekly.values()):
            return [] if getattr(self, "hours_long", "none") == "drop" else [offering]
        main = "lecture" if "lecture" in weekly else next(iter(weekly), "lecture")
        found = [offering]
        offering.component, offering.meetings = main, self.hours_pattern(main, weekly.get(main, 0))
        for component, number in weekly.items():
            if component == main:
                continue
            own = self.part_code(offering.course, component, taken)
            title = f"{offering.title or offering.course} ({component})"
            part = OfferingFacts(offering.number, own, title, component, offering.course, self.hours_pattern(component, number))
            for section in offering.sections.values():
                part.sections[section.code] = SectionFacts(section.number, section.code, section.rows)
            found.append(part)
        return found

    def hours_pattern(self, component: str, number: int) -> str:
        if not number:
            return ""
        if component == "lecture" or self.hours_blocks == "single":
            return f"{number} x 1"
        whole_blocks, rest = divmod(number, MOST_LENGTH)
        return "; ".join([f"{whole_blocks} x {MOST_LENGTH}"] * bool(whole_blocks) + [f"1 x {rest}"] * bool(rest))

    # Tables.

    def courses(self, offerings: Sequence[OfferingFacts]) -> Iterator[DerivedTable]:
        departments = self.departments(offerings)
        if departments is not None:
            yield departments
        rows = []
        for offering in offerings:
            department = next((self.department_codes.get(row.department, "") for row in offering.rows if row.department), "")
            rows.append((offering.number, (offering.course, offering.title, department)))
        has_title, has_department = any(cells[1] for _, cells in rows), any(cells[2] for _, cells in rows)
        names = ["code", *(["name"] if has_title else []), *(["department"] if has_department else [])]
        picks = [0, *([1] if has_title else []), *([2] if has_department else [])]
        headings = (self.heading("course") or self.heading("title"), self.heading("title"), self.heading("department"))
        yield DerivedTable(
            "courses",
            tuple(names),
            tuple(headings[pick] for pick in picks),
            tuple((number, tuple(cells[pick] for pick in picks)) for number, cells in rows),
        )

    def departments(self, offerings: Sequence[OfferingFacts]) -> DerivedTable | None:
        names = {row.department: row.number for offering in offerings for row in reversed(list(offering.rows)) if row.department}
        self.department_codes = codes_made(names, known=self.known.of("departments"))
        return self.named_table("departments", names, self.department_codes, self.heading("department"))

    def named_table(self, kind: str, numbers: Mapping[str, int], codes: Mapping[str, str], heading: str) -> DerivedTable:
        """A row for each name that the data lack: its code, and its name where that is another."""
        rows = []
        for name, code in codes.items():
            if code not in self.known.of(kind):
                rows.append((numbers[name], (code, "" if name == code else name)))
        has_names = any(cells[1] for _, cells in rows)
        columns = ("code", "name") if has_names else ("code",)
        return DerivedTable(kind, columns, (heading,) * len(columns), tuple((number, cells[: len(columns)]) for number, cells in rows))

    def classes(self, offerings: Sequence[OfferingFacts]) -> Iterator[DerivedTable]:
        parents = self.groups_parents({name: row.number for offering in offerings for row in offering.rows for name in row.curricula})
        is_open = parents is None
        use = "groups" if parents else "curricula" if is_open else self.groups_use(offerings)
        if use == "names":
            for row in (row for offering in offerings for row in offering.rows):
                row.curricula = ()
        curricula = {name: row.number for offering in offerings for row in offering.rows for name in row.curricula}
        parents = parents or {}
        for name, parent in parents.items():
            curricula.setdefault(parent, curricula.get(name, 0) or min(curricula.values()))
        kind = "groups" if use == "groups" else "curricula"
        curriculum_codes = codes_made(curricula, known=self.known.of(kind), whole=True)
        self.group_codes = curriculum_codes if kind == "groups" else {}
        if curricula and parents:
            yield self.groups_table(curricula, parents)
        elif curricula:
            yield self.named_table(kind, curricula, curriculum_codes, self.heading("curriculum"))
        basis = self.students_basis(offerings)
        self.sizes_differ(offerings)
        self.cross_listed = self.cross_listings(offerings)
        again = [row for offering in offerings if offering.course in self.cross_listed for row in offering.rows if row.is_again]
        if any(whole(row.capacity) or whole(row.enrolled) for row in again):
            self.notes.append(
                f"The students of {_rows(len(again))} with two codes are counted once, under the first code "
                f"({_numbered(list(dict.fromkeys(row.number for row in again)))})."
            )
        yield self.offerings_table(offerings, basis, curriculum_codes)
        yield self.sections_table(offerings, basis)
        if "timetable" in self.known.kinds and self.wants_timetable(offerings):
            yield self.timetable(offerings)

    def groups_listed(self, cell: str) -> list[str]:
        """The groups or programmes of a cell. A stroke stands between several, or before a part of a group: ``Y1/A``."""
        if "/" not in cell:
            return listed(cell)
        return [made_of(re.sub(r"\s*/\s*", "/", part), cell) for part in listed(cell, strokes=self.strokes != "path")]

    @functools.cached_property
    def strokes(self) -> str:
        """What a stroke in the names of groups means: ``path`` or ``list``. Where the column does not show it, it is asked."""
        if any(self.frame.columns[index].name == GROUPS_JOINED for index in self.columns.get("curriculum", ())):
            return "path"
        cells = [cell_of(row, index) for _, row in self.frame.rows for index in self.columns.get("curriculum", ())]
        names = dict.fromkeys(name for cell in cells for name in listed(cell, strokes=False))
        found = strokes_of(names)
        if found is not None:
            return found
        several = [name for name in names if "/" in name]
        answer = self.questions.ask(
            Question(
                "group_strokes",
                f"{_things(len(several), 'value', 'values')} of {self.heading('curriculum')} have a stroke. What is meant by {several[0]}?",
                (
                    Choice("path", "A part of a larger group, which stands before the stroke"),
                    Choice("list", "Several groups, that attend together"),
                ),
                sum(name in several for cell in cells for name in listed(cell, strokes=False)),
                examples=tuple(several[:MOST_EXAMPLES]),
            )
        )
        return answer or "path"

    def groups_parents(self, numbers: Mapping[str, int]) -> dict[str, str] | None:
        """By group the one that it is a part of: by its path, or, where names begin with those of others, if that is the answer.

        None: nobody answered yet.
        """
        parents: dict[str, str] = {}
        for name in numbers:
            parts = name.split("/") if self.strokes == "path" and "/" in name else []
            parents |= {"/".join(parts[:size]): "/".join(parts[: size - 1]) for size in range(2, len(parts) + 1)}
        if parents:
            return parents
        by_name = parents_by_name(numbers)
        if not by_name:
            return {}
        examples = [f"{name}: part of {parent}" for name, parent in by_name.items()]
        answer = self.questions.ask(
            Question(
                "groups_tree",
                f"{_things(len(by_name), 'group has a name that begins', 'groups have names that begin')} with another group's. "
                "Are they parts of it, so that their students attend its classes too?",
                (
                    Choice("yes", "Yes: a larger group and its parts never have classes at the same time"),
                    Choice("no", "No: they have other students"),
                ),
                len(by_name),
                tuple(numbers[name] for name in list(by_name)[:MOST_EXAMPLES]),
                tuple(examples[:MOST_EXAMPLES]),
                default="no" if "groups" in self.questions.answers else None,  # a recipe from before there was this question
            )
        )
        return None if answer is None else by_name if answer == "yes" else {}

    def groups_table(self, numbers: Mapping[str, int], parents: Mapping[str, str]) -> DerivedTable:
        """A row for each group that the data lack, with the one that it is a part of; larger ones first."""
        rows = []
        for name in sorted(numbers, key=lambda name: (name.count("/"), name in parents, len(name))):
            code = self.group_codes[name]
            if code not in self.known.of("groups"):
                rows.append((numbers[name], (code, "" if name == code else name, self.group_codes.get(parents.get(name, ""), ""))))
        return table_of("groups", ("code", "name", "parent"), (self.heading("curriculum"),) * 3, rows)

    def groups_use(self, offerings: Sequence[OfferingFacts]) -> str:
        """Whether the curricula are groups that attend the section of their row. Asked where sections of one course have different ones."""
        differing = []
        for offering in offerings:
            named = [frozenset(name for row in section.rows for name in row.curricula) for section in offering.sections.values()]
            if len({names for names in named if names}) > 1:
                differing.append(offering)
        if not differing:
            return "curricula"
        rows = [row for offering in differing for row in offering.rows if row.curricula]
        answer = self.questions.ask(
            Question(
                "groups",
                f"{_things(len(differing), 'course has', 'courses have')} sections with different values in {self.heading('curriculum')}. "
                "Who attends a section?",
                (
                    Choice("groups", "The groups of students that its rows name, and nobody else's"),
                    Choice("curricula", "Anybody: these are programmes, whose students are shared out to all sections of the course"),
                    Choice("names", "Anybody: these are only the names of the sections"),
                ),
                len(rows),
                tuple(row.number for row in rows[:MOST_EXAMPLES]),
                tuple(
                    f"{offering.course} {section.code}: {', '.join(dict.fromkeys(name for row in section.rows for name in row.curricula))}"
                    for offering in differing
                    for section in offering.sections.values()
                )[:MOST_EXAMPLES],
            )
        )
        return answer or "curricula"

    def wants_timetable(self, offerings: Sequence[OfferingFacts]) -> bool:
        num_rows = sum(any(meeting.is_weekly for meeting in row.meetings) for offering in offerings for row in offering.rows)
        if not num_rows:
            return False
        answer = self.questions.ask(
            Question(
                "times_use",
                "What are the days and times for?",
                (
                    Choice("timetable", "An existing timetable: to look at, to edit and to improve"),
                    Choice("leave", "Nothing but how often classes meet and for how long"),
                ),
                num_rows,
                default="timetable",
            )
        )
        return answer == "timetable"

    def students_basis(self, offerings: Sequence[OfferingFacts]) -> str:
        """Whether students are counted by who is enrolled or by who may be."""
        if not (self.has("capacity") and self.has("enrolled")):
            return "capacity" if self.has("capacity") else "enrolled"
        answer = self.questions.ask(
            Question(
                "students",
                f"How many students are expected: those in {self.heading('enrolled')}, or as many as {self.heading('capacity')} allows?",
                (Choice("capacity", "As many as may attend"), Choice("enrolled", "Those who are enrolled")),
                sum(1 for offering in offerings for _ in offering.rows),
                default="capacity",
            )
        )
        return answer or "capacity"

    def sizes_differ(self, offerings: Sequence[OfferingFacts]) -> None:
        """Ask which size counts where rows of one section have several."""
        differing: dict[str, list[int]] = {}
        num_rows = 0
        for offering in offerings:
            for section in offering.sections.values():
                for name in ("capacity", "enrolled"):
                    sizes = {size for row in section.rows if (size := whole(getattr(row, name)))}
                    if len(sizes) > 1:
                        differing[f"{offering.course} {section.code}"] = sorted(sizes)
                        num_rows += len(section.rows)
        self.size_choice = "largest"
        if differing:
            answer = self.questions.ask(
                Question(
                    "sizes_differ",
                    f"{_things(len(differing), 'section has', 'sections have')} rows with different sizes. Which one counts?",
                    (Choice("largest", "The largest"), Choice("smallest", "The smallest"), Choice("first", "That of the first row")),
                    num_rows,
                    examples=tuple(f"{name}: {', '.join(map(str, sizes))}" for name, sizes in list(differing.items())[:MOST_EXAMPLES]),
                    default="largest",
                )
            )
            self.size_choice = answer or "largest"

    def size_of(self, section: SectionFacts, basis: str, *, once: bool = False) -> int | None:
        """The size that the rows of one section have; None where none of them says. ``once``: without rows counted elsewhere."""
        first, second = ("capacity", "enrolled") if basis == "capacity" else ("enrolled", "capacity")
        for name in (first, second):
            rows = [row for row in section.rows if not (once and row.is_again)]
            sizes = [size for row in rows if (size := whole(getattr(row, name))) is not None]
            kept = [size for size in sizes if size > 0]
            if kept:
                return kept[0] if self.size_choice == "first" else min(kept) if self.size_choice == "smallest" else max(kept)
        return None

    def cross_listings(self, offerings: Sequence[OfferingFacts]) -> dict[str, str]:
        """By course the one that it is taught with: all its sections share a cross-list key with sections of that one."""
        courses = {offering.course for offering in offerings}
        joint = {code: main for code, main in self.joint.items() if code in courses and main in courses and main not in self.joint}
        by_part = {(offering.part_of, offering.component): offering.course for offering in offerings if offering.part_of}
        for part, component in list(by_part):  # the lab of one class under two codes is one lab
            main = by_part.get((joint.get(part, ""), component))
            if main is not None:
                joint[by_part[part, component]] = main
        if not self.has("cross_list"):
            return joint
        keys: list[list[set[str]]] = [
            [{key for row in section.rows if (key := self.cross_key(row))} for section in offering.sections.values()]
            for offering in offerings
        ]
        first: dict[str, int] = {}
        for place, sections in enumerate(keys):
            for key in set().union(*sections):
                first.setdefault(key, place)
        found: dict[str, str] = joint
        apart = []
        for place, (offering, sections) in enumerate(zip(offerings, keys, strict=True)):
            others = {first[key] for each in sections for key in each if first[key] != place}
            if not others:
                continue
            main = offerings[min(others)].course
            if len(others) == 1 and all(sections) and main not in found and main != offering.course:
                found[offering.course] = main
            else:
                apart.append(offering.course)
        if apart:
            words = ", ".join(apart[:MOST_EXAMPLES])
            self.notes.append(
                f"{_things(len(apart), 'course is', 'courses are')} cross-listed in some sections only, which is not kept: {words}."
            )
        return found

    def cross_key(self, row: ClassRow) -> str:
        """What classes held together share: the key of their cells, or, where a cell names the other's code, the first of both codes."""
        cell = self.cell(row.cells, "cross_list")
        if not cell:
            return ""
        if cell not in self._cross_codes:
            words = name_folded(cell).split()
            spans = {"".join(words[first : first + length]) for first in range(len(words)) for length in (1, 2, 3)}
            self._cross_codes[cell] = sorted(code for folded, code in self._codes_folded.items() if folded in spans)
        others = [code for code in self._cross_codes[cell] if code != row.code]
        return min(row.code, *others) if others else cell

    @functools.cached_property
    def _cross_codes(self) -> dict[str, list[str]]:
        return {}

    @functools.cached_property
    def _codes_folded(self) -> dict[str, str]:
        codes = {self.cell(cells, "course") for _, cells in self.frame.rows} - {""}
        return {name_folded(code).replace(" ", ""): code for code in codes}

    def offerings_table(self, offerings: Sequence[OfferingFacts], basis: str, curriculum_codes: Mapping[str, str]) -> DerivedTable:
        rows = []
        for offering in offerings:
            once = offering.course in self.cross_listed
            sizes = [size for section in offering.sections.values() if (size := self.size_of(section, basis, once=once)) is not None]
            limits = [size for section in offering.sections.values() if (size := self.size_of(section, "capacity")) is not None]
            people = dict.fromkeys(self.person_codes[name] for row in offering.rows for name in row.people)
            named = () if self.group_codes else (name for row in offering.rows for name in row.curricula)  # groups are of sections
            curricula = dict.fromkeys(curriculum_codes[name] for name in named)
            facts = (
                offering.course,
                "; ".join(people),
                "; ".join(curricula),
                str(sum(sizes)) if sizes else "",
                str(max(limits)) if limits else "",
                str(len(offering.sections)),
                offering.part_of,
                self.cross_listed.get(offering.course, ""),
                offering.meetings,
            )
            rows.append((offering.number, facts))
        columns = (
            *("course", "instructors", "curricula", "expected_students"),
            *("max_section_size", "num_sections", "part_of", "taught_with", "meetings"),
        )
        sized = self.heading("capacity", "enrolled")
        when = self.heading("days", "times", "start", "end", "period", *HOURS, "hours")
        course, group = self.heading("course") or self.heading("title"), self.heading("section")
        who, programme = self.heading("instructor"), self.heading("curriculum")
        return table_of(
            "offerings",
            columns,
            (course, who, programme, sized, sized, group, self.heading("kind"), self.heading("cross_list"), when),
            rows,
        )

    def sections_table(self, offerings: Sequence[OfferingFacts], basis: str) -> DerivedTable:
        rows = []
        # A tutorial's section of the same code as one of its lecture's has that one's students.
        lectures = {offering.course: offering.sections for offering in offerings if not offering.part_of}
        for offering in offerings:
            once = offering.course in self.cross_listed
            if once and all(row.is_again for row in offering.rows):
                continue  # its students sit in the sections of the one that it is taught with
            for section in offering.sections.values():
                size = self.size_of(section, "capacity", once=once)
                people = "; ".join(dict.fromkeys(self.person_codes[name] for name in section.people))
                above = lectures.get(offering.part_of, {})
                parent = section.code if section.code in above else ""
                named = (name for row in section.rows for name in row.curricula)
                groups = "; ".join(dict.fromkeys(self.group_codes[name] for name in named)) if self.group_codes else ""
                facts = (offering.course, section.code, "" if size is None else str(size), people, parent, groups, self.weeks_of(section))
                rows.append((section.number, facts))
        if self.in_other_weeks:
            self.notes.append(
                f"{_things(len(self.in_other_weeks), 'section has', 'sections have')} rows of different weeks. A section has one set of "
                f"weeks, so all of its meetings are held in all of these ({_numbered(self.in_other_weeks)})."
            )
        course = self.heading("course") or self.heading("title")
        group = self.heading("section", "section_key")
        headings = (course, group, self.heading("capacity", "enrolled"), self.heading("instructor"), group, self.heading("curriculum"))
        columns = ("course", "code", "size", "instructors", "parent", "groups", "weeks")
        return table_of("sections", columns, (*headings, self.heading("dates", "first_date", "last_date")), rows)

    def weeks_of(self, section: SectionFacts) -> str:
        """A section has the weeks of all its rows; one whose rows are of different weeks has these together, which is said."""
        texts = list(dict.fromkeys(row.weeks for row in section.rows))
        if len(texts) == 1:
            return texts[0]
        self.in_other_weeks.append(section.number)
        masks = [self.known.weeks.read(text) or self.known.weeks.all for text in texts]
        return weeks_text(functools.reduce(operator.or_, masks, 0), self.known.weeks.num_weeks)

    def timetable(self, offerings: Sequence[OfferingFacts]) -> DerivedTable:
        rows: list[tuple[int, tuple[str, ...]]] = []
        other: list[int] = []  # rows of sections that meet in another pattern than their course
        in_rooms: dict[str, tuple[str, ...]] = {}  # by meeting the rooms, of those with several
        for offering in offerings:
            if offering.course in self.cross_listed:
                continue  # it has the places of the one that it is taught with
            lengths = lengths_of(offering.meetings)
            for section in offering.sections.values():
                left = Counter(lengths)
                kinds = self.room_kinds(section)
                held: dict[Meeting, dict[tuple[str, str], None]] = defaultdict(dict)  # rooms and people of all rows
                for row in section.rows:
                    for meeting in row.meetings:
                        if meeting.time.date is None:
                            held[meeting.weekly][self.held_by(row)] = None
                seen: set[Meeting] = set()
                # One row of the file may have become several, with rooms and people of their own.
                every = {(row.number, meeting, self.held_by(row)): None for row in section.rows for meeting in row.meetings}
                for number, meeting, (room, people) in every:
                    if not self.is_held(meeting) or (meeting.time.date is None and meeting.weekly in seen):
                        continue
                    room_kind = kinds.get(meeting.weekly, "")
                    length = self.grid.length(meeting), room_kind
                    if left[length] <= 0 and (meeting.time.date is None or length not in lengths):
                        other.append(number)
                        continue
                    left[length] -= meeting.time.date is None
                    if meeting.time.date is None:
                        seen.add(meeting.weekly)
                        rooms = tuple(dict.fromkeys(each for each, _ in held[meeting.weekly] if each))
                        if len(rooms) > 1:
                            in_rooms[f"{offering.course} {section.code} {meeting.weekly.text}"] = rooms
                        room = rooms[0] if rooms else ""
                        names = (name for _, each in held[meeting.weekly] for name in each.split("; ") if name)
                        people = "; ".join(dict.fromkeys(names))
                    rows.append((number, (offering.course, section.code, *self.grid.cells(meeting), room_kind or room, people)))
        if in_rooms:
            words = "; ".join(f"{name}: {', '.join(rooms)}" for name, rooms in list(in_rooms.items())[:MOST_EXAMPLES])
            self.notes.append(
                f"{_things(len(in_rooms), 'meeting is', 'meetings are')} in several rooms. A lecture has one room, so the first is kept "
                f"and the others count as free then: {words}."
            )
        if other:
            self.notes.append(
                f"{_things(len(set(other)), 'row', 'rows')} of sections that meet in another pattern than their course "
                f"{'has' if len(set(other)) == 1 else 'have'} no place in the timetable ({_numbered(list(dict.fromkeys(other)))})."
            )
        columns = ("course", "section", "day", "start", "end", "period", "length", "date", "weeks", "room", "instructors")
        course, when = self.heading("course") or self.heading("title"), self.heading("days", "times", "start", "end", "period")
        group, date = self.heading("section"), self.heading("date", "dates")
        headings = (course, group, when, when, when, when, when, date, date, self.heading("room"), self.heading("instructor"))
        return table_of("timetable", columns, headings, list(dict.fromkeys(rows)))

    def held_by(self, row: ClassRow) -> tuple[str, str]:
        """The room and the people of a row."""
        people = "; ".join(dict.fromkeys(self.person_codes[name] for name in row.people))
        return self.room_codes.get(room_key(row.building, row.room), ""), people

    def term_choose(self) -> None:
        """Keep the rows of the term that is meant, where the table names several, or another one than the institution's."""
        named = self.terms_of_rows()
        counts = Counter(term for term in named if term)
        own = {name_folded(name) for name in self.known.term}
        other = [term for term in counts if name_folded(term) not in own]
        if not counts or (len(counts) == 1 and not (self.known.has_term and other)):
            return
        current = (self.known.term or ("the current term",))[0] if self.known.has_term else ""
        if len(counts) > 1:
            into = f" They are imported into the institution's term, {current}." if current else ""
            text = f"The table has rows of {len(counts)} terms. Which of them are to be imported?{into}"
            alone = [Choice(term, f"{term} alone ({_rows(count)})") for term, count in counts.most_common(MOST_TERMS)]
            choices = (*alone, Choice(ALL_TERMS, "All of them, as rows of one term"))
        else:
            text = (
                f"The table is of the term {other[0]}, and the institution's term is {current}. Are its rows to be imported there all the "
                "same? If not, make its own term the current one first."
            )
            choices = (Choice(ALL_TERMS, f"Yes: they belong to {current}"),)
        words = tuple(f"{term} ({count:,})" for term, count in counts.most_common(MOST_EXAMPLES))
        answer = self.questions.ask(Question("term_rows", text, choices, sum(counts.values()), examples=words))
        if answer in (None, ALL_TERMS):
            return
        gone = Counter(term for term in named if term and term != answer)
        without = sum(not term for term in named)
        kept = tuple(row for row, term in zip(self.frame.rows, named, strict=True) if term in ("", answer))
        self.frame = Frame(self.frame.columns, kept)
        words_gone = ", ".join(f"{term} ({count:,})" for term, count in gone.most_common(MOST_EXAMPLES))
        unnamed = f" {without:,} that name no term are kept." if without else ""
        self.notes.append(f"{_rows(sum(gone.values()))} of other terms are left out: {words_gone}.{unnamed}")

    def terms_of_rows(self) -> list[str]:
        """The term of each row; one that goes on with the course of the row above has that one's."""
        found: list[str] = []
        above = ("", "", "")
        for _, cells in self.frame.rows:
            term, course, section = self.cell(cells, "term"), self.cell(cells, "course"), self.cell(cells, "section")
            if not term and any(cells) and (course in ("", above[1]) and section in ("", above[2])):
                term = above[0]
            above = (term, course or above[1], section or above[2]) if any(cells) else above
            found.append(str(term))
        return found

    def terms(self) -> Iterator[DerivedTable]:
        """The term that the classes belong to, where the institution has none yet: asked for its code, with the grid of the times."""
        if self.known.has_term:
            return
        named = Counter(cell for _, cells in self.frame.rows if (cell := self.cell(cells, "term")))
        default = next(iter(named)) if len(named) == 1 else None
        term = self.questions.ask(
            Question(
                "term",
                "The institution has no term yet. What is the code of the term that these classes belong to?",
                num_rows=len(self.frame.rows),
                examples=tuple(named)[:MOST_EXAMPLES] or ("2026-autumn",),
                default=default,
                allowed="a code of at most 60 characters, such as 2026-autumn",
            )
        )
        if not term or not self.grid.periods:
            return
        number, _ = self.frame.rows[0]
        rows = [
            (
                number,
                (
                    *(term, str(self.grid.num_days), str(place), period.start.isoformat("minutes"), period.end.isoformat("minutes")),
                    "yes" if period.break_after else "",
                ),
            )
            for place, period in enumerate(self.grid.periods, 1)
        ]
        when = self.heading("days", "times", "start", "end", "period")
        columns = ("term", "num_days", "period", "starts_at", "ends_at", "break_after")
        yield table_of("terms", columns, (self.heading("term") or "term", when, when, when, when, when), rows)

    def people(self) -> Iterator[DerivedTable]:
        numbers: dict[str, int] = {}
        for number, cells in self.frame.rows:
            for label in self.people_of(cells):
                numbers.setdefault(label, number)
        persons = self.persons
        known = self.known.of("instructors")
        self.person_codes = persons.codes(numbers, known=known, known_emails=self.known.emails)
        rows: dict[str, tuple[int, tuple[str, ...]]] = {}
        for label, number in numbers.items():
            code, name = self.person_codes[label], persons.names.get(label, label)
            if code not in known:
                rows.setdefault(code, (number, (code, "" if name == code else name, persons.emails.get(label, ""))))
        headings = (self.heading("person_id") or self.heading("instructor"), self.heading("instructor"), self.heading("email"))
        yield table_of("instructors", ("code", "name", "email"), headings, list(rows.values()))

    def people_of(self, cells: Sequence[str]) -> tuple[str, ...]:
        """The people of a row, by their labels: names, or names with a number where several people have one."""
        if not self.has("email", "person_id"):
            return tuple(self.names_of(cells))
        return tuple(self.persons.label(entry) for entry in self.entries_of(0, cells))

    def names_of(self, cells: Sequence[str]) -> Iterator[str]:
        for index in self.columns.get("instructor", ()):
            for listed_name in listed(cell_of(cells, index), commas=self.commas_separate()):
                for name in self.people_joined(listed_name):
                    if not is_nobody(name):
                        yield name

    @functools.cached_property
    def persons(self) -> Persons:
        if not self.has("email", "person_id"):
            return Persons()
        self.unpaired_rows: list[int] = []
        entries = [entry for number, cells in self.frame.rows for entry in self.entries_of(number, cells)]
        if self.unpaired_rows:
            which = _numbered(list(dict.fromkeys(self.unpaired_rows)))
            self.notes.append(
                f"{_things(len(set(self.unpaired_rows)), 'row names', 'rows name')} another number of people than "
                f"{self.heading('email', 'person_id')} has, "
                f"whose values are not used there ({which})."
            )
        return persons_read(entries, self.questions, heading=self.heading("instructor"))

    def entries_of(self, number: int, cells: Sequence[str]) -> list[Entry]:
        """The people of a row with their e-mails and numbers, where it has as many of these."""
        names = list(self.names_of(cells))
        parts = {}
        for role in ("email", "person_id"):
            found = [part for index in self.columns.get(role, ()) for part in listed(cell_of(cells, index))]
            if found and names and len(found) != len(names) and number:
                self.unpaired_rows.append(number)
            parts[role] = found if len(found) == len(names) else [""] * len(names)
        return [
            Entry(number, name, email.casefold() if "@" in email else "", "" if is_nobody(key) else key)
            for name, email, key in zip(names, parts["email"], parts["person_id"], strict=True)
        ]

    def people_joined(self, name: str) -> list[str]:
        """``Ann Doe and Bob Roe`` are two; where the words may be of one name it is asked."""
        parts, is_sure = people_apart(name)
        known = {name_folded(each) for each in self.known.of("instructors").values()} if not is_sure else set()
        if is_sure or (not is_nobody(name) and name_folded(name) not in known and self.joined_are_people()):
            return [made_of(part, name) for part in parts]
        return [name]

    def joined_are_people(self) -> bool:
        if not hasattr(self, "_joined"):
            cells = [cell_of(row, index) for _, row in self.frame.rows for index in self.columns.get("instructor", ())]
            names = [name for cell in cells for name in listed(cell, commas=self.commas_separate())]
            unsure = [name for name in names if not is_nobody(name) and not people_apart(name)[1]]
            self._joined = self.questions.ask(
                Question(
                    "joined",
                    f"{_things(len(unsure), 'cell', 'cells')} of {self.heading('instructor')} may name several people. What is meant?",
                    (Choice("people", "Several people"), Choice("one", "One person, as it stands")),
                    len(unsure),
                    examples=tuple(dict.fromkeys(unsure))[:MOST_EXAMPLES],
                )
            )
        return self._joined == "people"

    def commas_separate(self) -> bool:
        """Whether a comma stands between people, or between a family name and given names."""
        if not hasattr(self, "_commas"):
            cells = [cell_of(row, index) for _, row in self.frame.rows for index in self.columns.get("instructor", ())]
            with_comma = [cell for cell in cells if "," in IN_BRACKETS.sub(" ", cell)]
            answer: str | None = "people"
            if with_comma:
                parts = [part.strip() for cell in with_comma for part in cell.split(",")]
                are_people = all(is_code(part) or len(part.split()) > 1 for part in parts if part)
                are_names = not are_people and are_names_turned(cells)
                choices = [Choice("people", "One person each"), Choice("names", "Family name, given name of one person")]
                answer = self.questions.ask(
                    Question(
                        "commas",
                        f"{_things(len(with_comma), 'row has', 'rows have')} a comma in {self.heading('instructor')}. "
                        "What is between the commas?",
                        tuple(choices if are_people else reversed(choices)),
                        len(with_comma),
                        examples=tuple(dict.fromkeys(with_comma))[:MOST_EXAMPLES],
                        default="people" if are_people else "names" if are_names else None,
                    )
                )
            self._commas = answer != "names"
        return self._commas

    def places(self) -> Iterator[DerivedTable]:
        """Rooms and buildings. A room of the same name in two buildings is two rooms."""
        self.room_codes: dict[tuple[str, str], str] = {}
        rooms: dict[tuple[str, str], list[tuple[int, tuple[str, ...]]]] = defaultdict(list)
        buildings: dict[str, int] = {}
        without: Counter[str] = Counter()
        for number, cells in self.frame.rows:
            room, building = self.cell(cells, "room"), self.cell(cells, "building")
            if building and not is_no_room(building) and not (room and is_no_room(room)):
                buildings.setdefault(building, number)
            if room and is_no_room(room):
                without[room] += 1
            elif room:
                rooms[room_key(building, room)].append((number, cells))
        if without:
            words = ", ".join(f"{word} ({count})" for word, count in without.most_common(MOST_EXAMPLES))
            self.notes.append(f"No room is meant by: {words}.")
        building_codes = codes_made(buildings, known=self.known.of("buildings"))
        if buildings:
            yield self.named_table("buildings", buildings, building_codes, self.heading("building"))
        if rooms:
            yield self.rooms_table(rooms, building_codes)

    def rooms_table(
        self, rooms: Mapping[tuple[str, str], list[tuple[int, tuple[str, ...]]]], building_codes: Mapping[str, str]
    ) -> DerivedTable:
        by_name = Counter(room for _, room in rooms)
        is_bare = any(room.isdigit() for _, room in rooms) and any(building for building, _ in rooms)
        wanted = {}
        for building, room in rooms:
            is_joined = building and (is_bare or by_name[room] > 1)
            wanted[building, room] = f"{building_codes.get(building, building)} {room}" if is_joined else room
        short = [name for name in wanted.values() if any(map(str.isdigit, name)) and len(name) <= LONGEST_ROOM]
        codes = codes_made(short, known=self.known.of("rooms"), whole=True)
        there = {**self.known.of("rooms"), **{code: name for name, code in codes.items() if code not in self.known.of("rooms")}}
        codes |= codes_made([name for name in wanted.values() if name not in codes], known=there)
        self.room_codes = {key: codes[name] for key, name in wanted.items()}
        seats = self.seats(rooms)
        rows, differing = [], {}
        for key, found in rooms.items():
            code = self.room_codes[key]
            is_there = code in self.known.of("rooms")
            given = {self.number_text(cells, "room_capacity") or self.cell(cells, "room_capacity") for _, cells in found} - {""}
            if len(given) > 1:
                differing[key[1]] = sorted(given)
            if is_there and not self.has("room_capacity", "features", "room_kind"):
                continue
            number, cells = found[0]
            capacity = self.seats_chosen(given) if given else seats.get(key, "")
            features = dict.fromkeys(word for _, each in found for word in listed(self.cell(each, "features")))
            name = "" if wanted[key] == code else wanted[key]
            facts = (code, name, building_codes.get(key[0], ""), capacity, self.cell(cells, "room_kind"), "; ".join(features))
            rows.append((number, facts))
        if differing:
            self.questions.ask(
                Question(
                    "seats_differ",
                    f"{_things(len(differing), 'room has', 'rooms have')} several numbers of seats. Which one counts?",
                    (Choice("largest", "The largest"), Choice("smallest", "The smallest")),
                    len(differing),
                    examples=tuple(f"{room}: {', '.join(values)}" for room, values in list(differing.items())[:MOST_EXAMPLES]),
                    default="largest",
                )
            )
        room, seated = self.heading("room"), self.heading("room_capacity") or self.heading("capacity", "enrolled")
        headings = (room, room, self.heading("building"), seated, self.heading("room_kind"), self.heading("features"))
        return table_of("rooms", ("code", "name", "building", "capacity", "kind", "features"), headings, rows, always=("code", "capacity"))

    def seats_chosen(self, given: Iterable[str]) -> str:
        sizes = sorted(given, key=lambda text: whole(text) or 0)
        return sizes[0] if self.questions.answers.get("seats_differ") == "smallest" else sizes[-1]

    def seats(self, rooms: Mapping[tuple[str, str], list[tuple[int, tuple[str, ...]]]]) -> dict[tuple[str, str], str]:
        """The seats of rooms for which the table has none: as many as the largest class that is held there, where that is the answer."""
        new = [key for key in rooms if self.room_codes[key] not in self.known.of("rooms")]
        if self.has("room_capacity") or not new:
            return {}
        sizes = {
            key: max(
                (self.number(role, self.cell(cells, role)) or 0 for _, cells in rooms[key] for role in ("capacity", "enrolled")), default=0
            )
            for key in new
        }
        can_tell = any(sizes.values())
        choices = (Choice("largest", "As many as the largest class that is held there"),) if can_tell else ()
        answer = self.questions.ask(
            Question(
                "room_seats",
                f"{_things(len(new), 'room is', 'rooms are')} new, and the table does not say how many seats they have. How many?",
                (*choices, *(Choice(str(number), f"{number} each, to be corrected later") for number in (30, 60, 100))),
                sum(len(rooms[key]) for key in new),
                examples=tuple(self.room_codes[key] for key in new[:MOST_EXAMPLES]),
                default="largest" if can_tell else None,
            )
        )
        if answer == "largest":
            return {key: str(size or 30) for key, size in sizes.items()}
        return dict.fromkeys(new, answer or "")


OF_ROOMS = frozenset({"room_capacity", "room_kind", "features"})  # these say nothing without the room


def roles_read(roles: Mapping[str, str], *, is_matrix: bool) -> dict[str, str]:
    """Those of the roles, by column, of which something is made."""
    given = set(roles.values())
    if is_matrix:
        read = {"course", "title", "instructor", "department", "term"}
    elif given & {"course", "title"}:
        read = given - {"subject", "number", "campus", "year"}
    else:
        read = {"room", "building", "instructor", "email", "person_id", "capacity", "enrolled", "term", *OF_ROOMS}
    if "room" not in given:
        read -= OF_ROOMS if given & {"course", "title"} else {*OF_ROOMS, "capacity", "enrolled"}
    return {name: role for name, role in roles.items() if role in read}


KINDS_IN_ORDER = (
    *("departments", "buildings", "rooms", "instructors", "terms", "courses", "curricula", "groups"),
    *("offerings", "sections", "timetable"),
)


def table_of(
    kind: str,
    columns: Sequence[str],
    headings: Sequence[str],
    rows: Sequence[tuple[int, tuple[str, ...]]],
    *,
    always: Sequence[str] = (),
) -> DerivedTable:
    """The table without the columns that are empty in all rows: what a file does not say stays as it is."""
    kept = [place for place, name in enumerate(columns) if place == 0 or name in always or any(cells[place] for _, cells in rows)]
    return DerivedTable(
        kind,
        tuple(columns[place] for place in kept),
        tuple(headings[place] for place in kept),
        tuple((number, tuple(cells[place] for place in kept)) for number, cells in rows),
    )


def room_key(building: str, room: str) -> tuple[str, str]:
    return ("" if is_no_room(building) else building, room)


def listed(text: str, *, commas: bool = True, strokes: bool = True) -> list[str]:
    """Several values of a cell."""
    if not text:
        return []
    marks = ";|\n、，" + ("/" if strokes else "") + ("," if commas else "")
    found, part = [], ""
    depth = 0
    for letter in str(text):
        depth += (letter in "([（") - (letter in ")]）")
        if letter in marks and depth <= 0:
            found.append(part)
            part = ""
        else:
            part += letter
    found.append(part)
    return [made_of(each.strip(), text) for each in found if each.strip()]


def are_names_turned(cells: Iterable[str]) -> bool:
    """Whether cells hold family names with given names behind a comma: one comma a name everywhere, or initials behind it."""
    names = {name for cell in cells for name in listed(IN_BRACKETS.sub(" ", cell), commas=False) if name and not is_nobody(name)}
    pairs = [name.split(",") for name in names]
    if not all(len(pair) <= 2 for pair in pairs):
        return False
    behind = [pair[1].strip() for pair in pairs if len(pair) == 2]
    are_initials = all(len(word.strip(".")) == 1 for given in behind for word in given.replace(".", ". ").split())
    return bool(behind) and (are_initials or (len(pairs) >= 3 and len(behind) == len(pairs)))


@functools.lru_cache(maxsize=20_000)
def people_apart(name: str) -> tuple[tuple[str, ...], bool]:
    """The people of a name with a word such as *and* in it, and whether that is sure: ``Ann and Bob Roe`` leaves a name out."""
    parts = tuple(part.strip(" ,") for part in JOINED.split(name) if part.strip(" ,"))
    if len(parts) > 1:
        lengths = [len(part.split()) for part in parts]
        return parts, max(lengths) == 1 or min(lengths) > 1
    maybe = tuple(part.strip() for part in MAYBE_JOINED.split(name))
    if len(maybe) > 1 and all(len(part.split()) > 1 for part in maybe):
        return maybe, False
    return parts or (name,), True


def whole(text: str) -> int | None:
    """A whole number, where the cell is one."""
    plain = text.strip().replace("\u00a0", "")
    if plain.endswith((".0", ",0")):
        plain = plain[:-2]
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) < 8 else None


def pattern_text(lengths: Mapping[tuple[int, str], int]) -> str:
    """So many lectures of each length, and those that need no room: ``2 x 1; 1 x 2 online``."""
    kept = {(min(length, MOST_LENGTH), kind): min(count, MOST_MEETINGS) for (length, kind), count in lengths.items() if length and count}
    return "; ".join(f"{count} x {length} {kind}".strip() for (length, kind), count in sorted(kept.items()))


def lengths_of(pattern: str) -> dict[tuple[int, str], int]:
    """By length, and online or no room where that is said, how many lectures a week."""
    parts = (part.partition(" x ") for part in pattern.split("; ") if part)
    return {(int(length), kind): int(count) for count, _, rest in parts for length, _, kind in (rest.partition(" "),)}


def _periods_of(pattern: str) -> int:
    return sum(count * length for (length, _), count in lengths_of(pattern).items())


def _chosen(counts: Counter[str], which: str) -> str:
    if which == "longest":
        return max(counts, key=len)
    return next(iter(counts)) if which == "first" else counts.most_common(1)[0][0]


def _hours(hours: Mapping[str, int]) -> str:
    return ", ".join(f"{number} of {component}" for component, number in hours.items()) or "none"


def _rows(count: int) -> str:
    return f"{count:,} row{'' if count == 1 else 's'}"


def _things(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"


def _numbered(numbers: Sequence[int]) -> str:
    """The first of some rows by their numbers."""
    return f"{'row' if len(numbers) == 1 else 'rows'} {_some(numbers)}"


def _some(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers[:MOST_EXAMPLES])) + (" ..." if len(numbers) > MOST_EXAMPLES else "")
