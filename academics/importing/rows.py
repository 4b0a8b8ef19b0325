"""A file's row as rows of the database: one to one for most kinds, several for the grid and for availability."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, ClassVar

from academics.importing.columns_by_kind import ORDER
from academics.importing.entities import ENTITIES, SectionName, lectures_read
from academics.importing.entity import Existing, Key, Values
from academics.importing.field_owners import FieldOwners
from academics.importing.fixes import Fixes
from academics.importing.mapping import MACHINE_KEYS, Mapped, codes_possible, is_key
from academics.importing.messages import text
from academics.importing.people import PeopleIndex, name_words
from academics.importing.planning import MISSING, Cells, Check, OnProgress, RowParser, Seen, no_progress
from academics.importing.readers import Reader, TermedReader
from academics.importing.tables import heading_plain
from academics.importing.term_weeks import WeeksCheck
from academics.importing.timetable_rows import TimetableReader
from academics.importing.values import MeetingValue
from academics.models import LONGEST_TERM_DAYS, MAX_SECTIONS, Availability, Organization, Period, Term
from academics.restructuring.words import is_nobody
from academics.term_weeks import says_weeks
from academics.week_labels import DAY_NAMES


class CodedReader(Reader):
    """Kinds whose rows have a code of their own."""

    entity: ClassVar[str]

    def row(self, number: int, mapped: Mapped, row: int, cells: Cells, is_sound: bool) -> None:
        code = self.code(number, mapped, row, cells)
        if code is None:
            return
        cells["code"] = code
        if not is_sound:
            self.check.break_(self.entity, code)
            return
        self.features_note(cells.get("features") or (), number=number, row=row)
        self.note(self.entity, code, self.values(self.entity, cells), number=number, mapped=mapped, row=row, column="code", shown=code)

    def code(self, number: int, mapped: Mapped, row: int, cells: Cells) -> str | None:
        code: str | None = cells.get("code")
        return code


class InstructorsReader(CodedReader):
    """Lists of lecturers often have no codes, or those of a database: who is there already is known by the name."""

    entity = "instructors"
    entities = ("instructors",)

    def __init__(self, check: Check) -> None:
        super().__init__(check)
        self.people = PeopleIndex()
        self.known: dict[str, str] = {}
        self.tables: dict[str, int] = {}  # by code the number of the table that it came from
        index = ENTITIES["instructors"].fields.index("name")
        for code, (_, values) in check.existing("instructors").items():
            self.known[code] = values[index]
            self.people.add(code, values[index] or code)

    def code(self, number: int, mapped: Mapped, row: int, cells: Cells) -> str | None:
        code: str | None = cells.get("code")
        if code is None or code in self.known:
            return code
        name = cells.get("name") or (code if len(name_words(code)) > 1 else "")
        found = self.people.named(name) if name else []
        is_numbered = bool(cells.get("name")) and heading_plain(mapped.heading("code")) in MACHINE_KEYS
        # Two numbers of one table are two people, whatever their names.
        same = [each for each in found if self.tables.get(each) != number and name_words(self.known[each] or each) == name_words(name)]
        if (found and not cells.get("name")) or (is_numbered and same):
            found = same if is_numbered else found
            if len(found) == 1:
                known = self.known[found[0]] or found[0]
                self.check.problems.warn(mapped, row, "code", code, text("person_there", name=name, code=found[0], known=known))
                if self.known[found[0]]:
                    cells.pop("name", None)  # the name as it was given first stays
                self.check.joins.setdefault("instructors", {})[code] = found[0]
                return found[0]
            message = text("person_several", codes=", ".join(found[:5]))
            self.complain(mapped, row, "code", name, message, text("allowed_codes", kind="instructors"))
            return None
        if found:
            codes = ", ".join(f"{each} ({self.known[each] or each})" for each in found[:5])
            self.check.problems.warn(mapped, row, "name", name, text("person_again", codes=codes, code=code))
        who = name if any(map(str.isalnum, name)) else code
        if any(map(str.isalnum, who)) and is_nobody(who):
            self.check.problems.warn(mapped, row, "code", code, text("person_open", name=who))
        self.known[code] = name
        self.tables[code] = number
        self.people.add(code, name or code)
        return code


class GroupsReader(CodedReader):
    """A row names a group by its code, or by its place in the tree: year, group, subgroup. Groups above it come into being with it."""

    entity = "groups"
    entities = ("groups",)
    LEVELS: ClassVar[tuple[str, ...]] = ("year", "group", "subgroup")

    def __init__(self, check: Check) -> None:
        super().__init__(check)
        self.above: dict[str, tuple[str, str | None, int, int]] = {}  # by code: name, code of the one above, table, row

    def row(self, number: int, mapped: Mapped, row: int, cells: Cells, is_sound: bool) -> None:
        path = [(level, cells[level]) for level in self.LEVELS if cells.get(level)]
        if not path:
            if cells.get("code") is None:
                if is_sound:
                    self.complain(mapped, row, "code", "", text("group_unnamed"), text("allowed_group"))
                return
            super().row(number, mapped, row, cells, is_sound)
            return
        parent: str | None = None
        for level, name in path[:-1]:
            code = self._code_below(parent, name)
            if not self._fits(mapped, row, level, code):
                return
            self.above.setdefault(code, (name, parent, number, row))
            parent = code
        level, name = path[-1]
        code = cells.get("code") or self._code_below(parent, name)
        if not self._fits(mapped, row, level, code):
            return
        placed = {**cells, "code": code, "name": cells.get("name") or (name if name != code else "")}
        if parent is not None:
            placed["parent"] = parent
        super().row(number, mapped, row, placed, is_sound)

    def _code_below(self, parent: str | None, name: str) -> str:
        """A name that says already what it belongs to is a code; any other one might be found below several groups."""
        return name if parent is None or name.casefold().startswith(parent.casefold()) else f"{parent}/{name}"

    def _fits(self, mapped: Mapped, row: int, level: str, code: str) -> bool:
        if len(code) <= MOST_CODE:
            return True
        self.complain(mapped, row, level, code, text("group_long", count=len(code)), text("allowed_group_code", most=MOST_CODE))
        return False

    def finish(self) -> None:
        """Groups that only stand above others; then each has its parent, and none stands below itself."""
        seen = self.check.seen.setdefault("groups", Seen())
        known = self.check.existing("groups")
        for code, (name, parent, number, row) in self.above.items():
            if code not in seen.rows and code not in seen.broken:
                named = {} if code in known or name == code else {"name": name}
                values = self.values("groups", {**named, **({} if parent is None else {"parent": parent})})
                self.check.see("groups", code, values, number=number, row=row)
        self._parents_check(seen, known)

    def _parents_check(self, seen: Seen, known: Existing) -> None:
        names = {code: values[0] for code, (_, values) in known.items()} | dict.fromkeys(seen.broken, "")
        for code, (values, _, _) in seen.rows.items():
            named = values[0] if values is not None else MISSING
            names[code] = names.get(code, "") if named is MISSING else named
        by_name: dict[str, list[str]] = defaultdict(list)
        for code, name in names.items():
            by_name[name].append(code)
        parents: dict[str, str | None] = {code: values[-1] for code, (_, values) in known.items()}
        for code, (values, number, row) in list(seen.rows.items()):
            if values is None or values[-1] is MISSING:
                continue
            parent: str | None = values[-1]
            if parent and parent not in names:
                alike = by_name.get(parent, [])
                if len(alike) != 1:
                    words = text("group_unknown" if not alike else "reference_several", kind="groups", codes=", ".join(sorted(alike)[:5]))
                    self.complain(self.check.tables[number], row, "parent", parent, words, text("allowed_codes", kind="groups"))
                    continue
                parent = alike[0]
                seen.rows[code] = ((*values[:-1], parent), number, row)
            parents[code] = parent
        self._circles_check(parents)

    def _circles_check(self, parents: Mapping[str, str | None]) -> None:
        sound: set[str] = set()
        for code, (_, number, row) in self.check.seen["groups"].rows.items():
            way: dict[str, None] = {}
            at: str | None = code
            while at is not None and at not in way and at not in sound:
                way[at] = None
                at = parents.get(at)
            if at is not None and at in way:
                words = text("group_circle", code=code, above=parents[code])
                self.complain(self.check.tables[number], row, "parent", parents[code], words, text("allowed_part_of_tree"))
                return
            sound.update(way)


def _coded(name: str, *first: str) -> type[CodedReader]:
    return type(f"{name.title()}Reader", (CodedReader,), {"entity": name, "entities": (*first, name)})


class TermsReader(Reader):
    """A row is a period; what it says of its term may be left empty in all rows but one."""

    entities = ("terms", "periods")
    FACTS: ClassVar[tuple[str, ...]] = ("name", "academic_year", "semester", "starts_on", "ends_on", "num_days", "week_start")

    def __init__(self, check: Check) -> None:
        super().__init__(check)
        self.facts: dict[str, dict[str, tuple[Any, int]]] = defaultdict(dict)
        existing = check.existing("terms")
        self.is_any_current = any(values[-1] for _, values in existing.values())
        self.known = frozenset(existing)

    def row(self, number: int, mapped: Mapped, row: int, cells: Cells, is_sound: bool) -> None:
        term, period = cells.get("term"), cells.get("period")
        if term is None or period is None:
            return
        if not is_sound or not self._term_note(number, mapped, row, term, cells) or not self._clock_check(mapped, row, cells):
            self.check.break_("periods", (term, period - 1))
            return
        values = self.values("periods", cells)
        self.note("periods", (term, period - 1), values, number=number, mapped=mapped, row=row, column="period", shown=str(period))

    def _clock_check(self, mapped: Mapped, row: int, cells: Cells) -> bool:
        start, end = cells["starts_at"], cells["ends_at"]
        if start < end:
            return True
        allowed = text("allowed_later", start=start.isoformat("minutes"))
        self.complain(mapped, row, "ends_at", end.isoformat("minutes"), text("period_ends"), allowed)
        return False

    def _term_note(self, number: int, mapped: Mapped, row: int, term: str, cells: Cells) -> bool:
        """Take what the row says of its term; False where an earlier row says something else."""
        known = self.facts[term]
        for name in self.FACTS:
            value = cells.get(name)
            if value in (None, "") or mapped.kind is None:
                continue
            if known.get(name, (value,))[0] != value:
                message = text("term_differs", label=mapped.kind.column(name).label.lower(), row=known[name][1])
                self.complain(mapped, row, name, value, message, text("allowed_same"))
                return False
            known.setdefault(name, (value, row))
        start, end = (known.get(name, (None,))[0] for name in ("starts_on", "ends_on"))
        if start and end and start >= end:
            self.complain(mapped, row, "ends_on", end, text("term_ends"), text("allowed_later", start=start))
            return False
        if start and end and (end - start).days > LONGEST_TERM_DAYS:
            last = start + timedelta(days=LONGEST_TERM_DAYS)
            self.complain(mapped, row, "ends_on", end, text("term_long", days=(end - start).days), text("allowed_until", last=last))
            return False
        self.check.see_again("terms", term, self._term_values(term, known), number=number, row=row)
        return True

    def _term_values(self, term: str, known: dict[str, tuple[Any, int]]) -> Values:
        """The first term of an organization is its current one."""
        facts = {name: value for name, (value, _) in known.items()}
        is_current = {} if term in self.known else {"is_current": not self.is_any_current and term == next(iter(self.facts))}
        return self.values("terms", {**facts, **is_current})


MOST_CODE = 60
PART_OF, TAUGHT_WITH = (ENTITIES["offerings"].fields.index(name) for name in ("part_of", "taught_with"))


class OfferingsReader(TermedReader):
    entities = ("features", "offerings")

    def __init__(self, check: Check) -> None:
        super().__init__(check)
        self.weeks = WeeksCheck(check)

    def row(self, number: int, mapped: Mapped, row: int, cells: Cells, is_sound: bool) -> None:
        term = self.term(mapped, row, cells)
        course = cells.get("course")
        if course is None or term is None:
            return
        key = (course, term)
        if not is_sound or not self._size_check(mapped, row, cells) or not self._weeks_check(mapped, row, term, cells):
            self.check.break_("offerings", key)
            return
        meetings: tuple[MeetingValue, ...] = cells.get("meetings") or ()
        self.features_note([code for each in meetings for code in each.features], number=number, row=row)
        values = self.values("offerings", cells)
        self.note("offerings", key, values, number=number, mapped=mapped, row=row, column="course", shown=course)

    def _weeks_check(self, mapped: Mapped, row: int, term: str, cells: Cells) -> bool:
        said = [("weeks", cells.get("weeks") or ""), *(("meetings", each.weeks) for each in cells.get("meetings") or ())]
        return all(self.weeks.read(mapped, row, term, column, words) is not None for column, words in said)

    def _size_check(self, mapped: Mapped, row: int, cells: Cells) -> bool:
        students, size = cells.get("expected_students", 0), cells.get("max_section_size", 60)
        if students <= MAX_SECTIONS * size:
            return True
        message = text("sections_many", students=students, size=size, most=MAX_SECTIONS)
        self.complain(mapped, row, "expected_students", students, message, text("allowed_sections", most=MAX_SECTIONS))
        return False

    def finish(self) -> None:
        """Parts hang on a lecture that is offered in their term, and is no part itself; so do courses under two codes."""
        lectures = self._offered(PART_OF)
        self._lectures_check(lectures)
        self._cross_listings_check(self._offered(TAUGHT_WITH), lectures)

    def _cross_listings_check(self, offered: Mapping[Key, str | None], lectures: Mapping[Key, str | None]) -> None:
        along = {(other, term): course for (course, term), other in offered.items() if other}
        for key, (_, number, row) in self.check.seen.get("offerings", Seen()).rows.items():
            (course, term), other = key, offered[key]
            if other is None:
                continue
            message = ""
            if other == course:
                message = text("cross_itself", course=course)
            elif other == lectures.get(key):
                message = text("cross_part", course=course, other=other)
            elif (other, term) not in offered:
                message = text("offering_unknown", course=other, term=term)
            elif (third := offered[other, term]) is not None:
                message = text("cross_chain", course=course, other=other, third=third)
            elif key in along:
                message = text("cross_chain", course=along[key], other=course, third=other)
            if message:
                self.complain(self.check.tables[number], row, "taught_with", other, message, text("allowed_cross"))

    def _offered(self, column: int) -> dict[Key, str | None]:
        """The offerings as they will be, each with the course that this column names."""
        entity, seen = ENTITIES["offerings"], self.check.seen.get("offerings", Seen())
        existing = {key: values[column] for key, (_, values) in self.check.existing("offerings").items()}
        if self.check.remove_missing:
            terms = {entity.scope(key) for key in seen.rows}
            existing = {k: part for k, part in existing.items() if k in seen.rows or k in seen.broken or entity.scope(k) not in terms}
        read = {key: values[column] for key, (values, _, _) in seen.rows.items() if values is not None}
        return dict.fromkeys(seen.broken) | existing | {key: existing.get(key) if part is MISSING else part for key, part in read.items()}

    def _lectures_check(self, offered: Mapping[Key, str | None]) -> None:
        rows = self.check.seen.get("offerings", Seen()).rows
        terms = defaultdict(list)
        for course, term in offered:
            terms[course].append(term)
        # Parts that the files do not name: those that they do name are complained of themselves.
        kept = {(lecture, term): course for (course, term), lecture in offered.items() if lecture and (course, term) not in rows}
        for key, (_, number, row) in rows.items():
            (course, term), lecture = key, offered[key]
            if lecture is None:
                continue
            if lecture == course:
                self._part_refused(number, row, lecture, text("part_itself", course=course), "allowed_part")
            elif (lecture, term) not in offered and terms[lecture]:
                words = text("part_other_term", course=lecture, term=term, others=", ".join(sorted(terms[lecture])[:5]))
                self._part_refused(number, row, lecture, words, "allowed_part_term")
            elif (lecture, term) not in offered:
                self._part_refused(number, row, lecture, text("offering_unknown", course=lecture, term=term), "allowed_part_term")
            elif (above := offered[lecture, term]) is not None:
                message_id = "part_circle" if above == course else "part_of_part"
                self._part_refused(number, row, lecture, text(message_id, course=course, lecture=lecture, above=above), "allowed_part")
            elif key in kept:
                words = text("part_has_parts", course=course, parts=kept[key])
                self._part_refused(number, row, lecture, words, "allowed_part")

    def _part_refused(self, number: int, row: int, lecture: str, message: str, allowed: str) -> None:
        self.complain(self.check.tables[number], row, "part_of", lecture, message, text(allowed))


class CanTeachReader(Reader):
    entities = ("can_teach",)

    def row(self, number: int, mapped: Mapped, row: int, cells: Cells, is_sound: bool) -> None:
        instructor, course = cells.get("instructor"), cells.get("course")
        if instructor is None or course is None:
            return
        if is_sound:
            self.note("can_teach", (instructor, course), (), number=number, mapped=mapped, row=row, column="course", shown=course)
        else:
            self.check.break_("can_teach", (instructor, course))


class HolidaysReader(TermedReader):
    entities = ("holidays",)

    def row(self, number: int, mapped: Mapped, row: int, cells: Cells, is_sound: bool) -> None:
        term, start, end = self.term(mapped, row, cells), cells.get("starts_on"), cells.get("ends_on")
        if term is None or start is None:
            return
        if end is not None and end < start:
            self.complain(mapped, row, "ends_on", end, text("holiday_ends"), text("allowed_not_before", start=start))
            is_sound = False
        if not is_sound:
            self.check.break_("holidays", (term, start))
            return
        values = self.values("holidays", cells)
        self.note("holidays", (term, start), values, number=number, mapped=mapped, row=row, column="starts_on", shown=str(start))


class TermPartsReader(TermedReader):
    entities = ("term_parts",)

    def __init__(self, check: Check) -> None:
        super().__init__(check)
        self.weeks = WeeksCheck(check)

    def row(self, number: int, mapped: Mapped, row: int, cells: Cells, is_sound: bool) -> None:
        term, name, weeks = self.term(mapped, row, cells), cells.get("name"), cells.get("weeks")
        if term is None or name is None or weeks is None:
            return
        if says_weeks(name):
            self.complain(mapped, row, "name", name, text("part_says_weeks", name=name), text("allowed_part_name"))
            is_sound = False
        if not is_sound or self.weeks.read(mapped, row, term, "weeks", weeks) is None:
            self.check.break_("term_parts", (term, name))
            return
        self.note("term_parts", (term, name), (weeks,), number=number, mapped=mapped, row=row, column="name", shown=name)


class SectionsReader(TermedReader):
    entities = ("sections",)

    def __init__(self, check: Check) -> None:
        super().__init__(check)
        self.weeks = WeeksCheck(check)

    def row(self, number: int, mapped: Mapped, row: int, cells: Cells, is_sound: bool) -> None:
        term, course, code = self.term(mapped, row, cells), cells.get("course"), cells.get("code")
        if course is None or term is None or code is None:
            return
        if (course, term) not in self.check.keys.of("offerings"):
            self.complain(mapped, row, "course", course, text("offering_unknown", course=course, term=term), text("allowed_offering"))
            is_sound = False
        if self.weeks.read(mapped, row, term, "weeks", cells.get("weeks") or "") is None:
            is_sound = False
        if not is_sound:
            self.check.break_("sections", (course, term, code))
            return
        values = self.values("sections", cells)
        self.note("sections", (course, term, code), values, number=number, mapped=mapped, row=row, column="code", shown=code)

    def finish(self) -> None:
        """The section of a lecture may stand below those of its tutorials."""
        seen = self.check.seen.get("sections", Seen())
        known = {*self.check.keys.of("sections"), *seen.rows}
        lectures = self._lectures()
        for (course, term, _), (values, number, row) in seen.rows.items():
            parent = values[-1] if values is not None else None
            if parent is MISSING or not parent:
                continue
            lecture = lectures.get((course, term))
            if lecture is None or (lecture, term, parent) not in known:
                words = text("part_none", course=course) if lecture is None else text("section_unknown", course=lecture)
                self.complain(self.check.tables[number], row, "parent", parent, words, text("allowed_parent"))

    def _lectures(self) -> dict[Key, str | None]:
        """Of each offering as it will be: the course whose part it is."""
        plan = self.check.plans.get("offerings")
        rows = [*plan.adds, *((key, values) for _, key, values, _ in plan.changes)] if plan else []
        return {**lectures_read(self.check.organization), **{key: values[PART_OF] for key, values in rows}}


class EnrolmentsReader(TermedReader):
    entities = ("enrolments",)

    def row(self, number: int, mapped: Mapped, row: int, cells: Cells, is_sound: bool) -> None:
        term = self.term(mapped, row, cells)
        student, course = cells.get("student"), cells.get("course")
        if student is None or course is None or term is None:
            return
        key, section = (student, course, term), cells.get("section")
        if (course, term) not in self.check.keys.of("offerings"):
            self.complain(mapped, row, "course", course, text("offering_unknown", course=course, term=term), text("allowed_offering"))
            is_sound = False
        elif section and (course, term, section) not in self.check.keys.of("sections"):
            self.complain(mapped, row, "section", section, text("section_unknown", course=course), text("allowed_section"))
            is_sound = False
        if not is_sound:
            self.check.break_("enrolments", key)
            return
        values = self.values("enrolments", cells)
        self.note("enrolments", key, values, number=number, mapped=mapped, row=row, column="student", shown=student)


def one_named(
    reader: Reader, mapped: Mapped, row: int, cells: Cells, *, names: Sequence[str], needed: str, allowed: str
) -> tuple[str, str] | None:
    """The one of these columns that the row fills in, and its code; complains where it is none or several."""
    named = [(name, cells[name]) for name in names if cells.get(name)]
    if len(named) == 1:
        return named[0]
    unsound = [name for name in names if mapped.index(name) is not None and name not in cells]
    if not unsound:  # an unknown code has been complained of
        column = next((name for name in names if mapped.index(name) is not None), "")
        reader.complain(mapped, row, column, "; ".join(code for _, code in named), text(needed), text(allowed))
    return None


class RoomPreferencesReader(TermedReader):
    entities = ("room_preferences",)

    def row(self, number: int, mapped: Mapped, row: int, cells: Cells, is_sound: bool) -> None:
        term, course = self.term(mapped, row, cells), cells.get("course")
        place = one_named(self, mapped, row, cells, names=("room", "building"), needed="place_one", allowed="allowed_place")
        if term is None or course is None or place is None:
            return
        key = (course, term, *place)
        if (course, term) not in self.check.keys.of("offerings"):
            self.complain(mapped, row, "course", course, text("offering_unknown", course=course, term=term), text("allowed_offering"))
            is_sound = False
        if not is_sound:
            self.check.break_("room_preferences", key)
            return
        values = self.values("room_preferences", cells)
        self.note("room_preferences", key, values, number=number, mapped=mapped, row=row, column=place[0], shown=place[1])


class AvailabilityReader(TermedReader):
    """A row names days and periods, and stands for every timeslot of both."""

    entities = ("availability",)

    def __init__(self, check: Check) -> None:
        super().__init__(check)
        self.grids = grids_read(check)

    def row(self, number: int, mapped: Mapped, row: int, cells: Cells, is_sound: bool) -> None:
        term = self.term(mapped, row, cells)
        owner = self._owner(mapped, row, cells)
        if term is None or owner is None or not is_sound:
            return
        column, code = owner
        course = cells.get("course")
        if course and (course, term) not in self.check.keys.of("offerings"):
            self.complain(mapped, row, "course", course, text("offering_unknown", course=course, term=term), text("allowed_offering"))
            return
        if isinstance(code, SectionName) and (code.course, term, code.section) not in self.check.keys.of("sections"):
            self.complain(mapped, row, "section", code.section, text("section_unknown", course=code.course), text("allowed_section"))
            return
        rating = cells.get("rating", Availability.BLOCKED)
        same: tuple[int, int] | None = None
        is_new = False
        for day, period in self._timeslots(mapped, row, term, cells):
            earlier = self.check.see("availability", (term, column, code, day, period), (rating,), number=number, row=row)
            if earlier is None:
                is_new = True
            elif earlier[0] == (rating,):  # of several timeslots some may be marked already, and the others not
                same = earlier[1:]
            else:
                self.complain_repeated("availability", earlier, number=number, mapped=mapped, row=row, column=column, shown=str(code))
                return
        if same is not None and not is_new:
            self.check.repetition_note(same, (number, row))

    def _owner(self, mapped: Mapped, row: int, cells: Cells) -> tuple[str, str | SectionName] | None:
        owner = one_named(self, mapped, row, cells, names=("instructor", "room", "course"), needed="owner_one", allowed="allowed_one")
        section = cells.get("section")
        if owner is None or not section:
            return owner
        if owner[0] != "course":
            self.complain(mapped, row, "section", section, text("owner_course"), text("allowed_owner_course"))
            return None
        return "section", SectionName(owner[1], section)

    def _timeslots(self, mapped: Mapped, row: int, term: str, cells: Cells) -> Iterator[tuple[int, int]]:
        num_days, num_periods = self.grids.get(term, (0, 0))
        days = cells.get("day")
        periods = cells.get("period")
        days = range(num_days) if days is None else days
        periods = range(num_periods) if periods is None else periods
        if any(day >= num_days for day in days):
            message = text("grid_day", term=term, days=num_days)
            allowed = text("allowed_range", low=DAY_NAMES[0], high=DAY_NAMES[num_days - 1]) if num_days else ""
            self.complain(mapped, row, "day", DAY_NAMES[max(days)], message, allowed)
        elif any(period >= num_periods for period in periods):
            message = text("grid_period", term=term, periods=num_periods)
            self.complain(mapped, row, "period", max(periods) + 1, message, text("allowed_range", low=1, high=num_periods))
        else:
            yield from ((day, period) for day in days for period in periods)


def grids_read(check: Check) -> dict[str, tuple[int, int]]:
    """Days and periods of each term, as they will be."""
    days = dict(Term.objects.filter(organization=check.organization).values_list("code", "num_days"))
    periods: dict[str, set[int]] = defaultdict(set)
    for term, index in Period.objects.filter(term__organization=check.organization).values_list("term__code", "index"):
        periods[term].add(index)
    if "terms" in check.plans:
        index = ENTITIES["terms"].fields.index("num_days")
        rows = [*check.plans["terms"].adds, *((key, values) for _, key, values, _ in check.plans["terms"].changes)]
        days |= {key: values[index] for key, values in rows}
        for key, _ in check.plans["periods"].adds:
            periods[key[0]].add(key[1])
        for _, key in check.plans["periods"].removes:
            periods[key[0]].discard(key[1])
    return {term: (number, max(periods[term], default=-1) + 1) for term, number in days.items()}


READERS: dict[str, type[Reader]] = {
    "departments": _coded("departments"),
    "buildings": _coded("buildings"),
    "rooms": _coded("rooms", "features"),
    "instructors": InstructorsReader,
    "terms": TermsReader,
    "holidays": HolidaysReader,
    "term_parts": TermPartsReader,
    "courses": _coded("courses"),
    "can_teach": CanTeachReader,
    "curricula": _coded("curricula"),
    "groups": GroupsReader,
    "offerings": OfferingsReader,
    "sections": SectionsReader,
    "room_preferences": RoomPreferencesReader,
    "students": _coded("students"),
    "enrolments": EnrolmentsReader,
    "availability": AvailabilityReader,
    "timetable": TimetableReader,
}


def tables_check(
    *,
    organization: Organization,
    tables: Sequence[Mapped],
    remove_missing: bool,
    on_progress: OnProgress = no_progress,
    keep_rows: bool = True,
    fixes: Fixes | None = None,
    owners: FieldOwners | None = None,
) -> Check:
    """Check every row and plan the import, kind by kind, so that whatever a row refers to is known before it. Reads only.

    Without ``keep_rows`` the tables are emptied on the way: large ones need not be in memory twice.
    """
    fixes = fixes or Fixes()
    check = Check(organization, tables, remove_missing=remove_missing, fixes=fixes, owners=owners)
    if fixes.create:
        check.tables += fixes.tables({kind: check.keys.of(kind) for kind in fixes.create if kind in ENTITIES})
    for mapped in tables:
        for note in mapped.table.notes:
            check.problems.warn(mapped, 0, "", "", note)
    total = sum(len(mapped.table.rows) for mapped in check.tables)
    done = 0
    for name in ORDER:
        kept = [(number, mapped) for number, mapped in enumerate(check.tables) if mapped.kind and mapped.kind.name == name]
        if not kept:
            continue
        kept.sort(key=lambda pair: "name" not in pair[1].columns)  # names are known before somebody is called by one
        reader = READERS[name](check)
        for number, mapped in kept:
            done = _table_check(check, number, mapped, reader, on_progress, done, total)
        reader.finish()
        check.repetitions_warn([number for number, _ in kept])
        if not keep_rows:  # only now: a row may repeat one of another table of its kind
            for _, mapped in kept:
                mapped.table.rows.clear()
        for entity in reader.entities:
            check.plan(ENTITIES[entity], is_whole=any(not mapped.is_created for _, mapped in kept))
            check.likenesses_warn(entity)
    return check


def _table_check(check: Check, number: int, mapped: Mapped, reader: Reader, on_progress: OnProgress, done: int, total: int) -> int:
    if not check.columns_check(mapped):
        return done + len(mapped.table.rows)
    parse = RowParser(check, mapped)
    joins = _join_columns(mapped)
    skipped = frozenset(check.fixes.skip.get(mapped.table.key, ()))
    for row, cells in mapped.table.rows:
        if done % 1000 == 0:
            on_progress(f"Checking {mapped.table.name}", done, total)
        done += 1
        if row in skipped:
            continue
        values, is_sound = parse(row, cells)
        reader.row(number, mapped, row, values, is_sound)
        if joins and (code := values.get("code")):  # as the reader understood it
            _joins_note(check.joins.setdefault(reader.entities[-1], {}), code, [cells[index] for index in joins if index < len(cells)])
    return done


def _join_columns(mapped: Mapped) -> list[int]:
    """The columns that might have been the code of the rows and are not read: other tables may refer to them."""
    if mapped.kind is None:
        return []
    possible = codes_possible(mapped.kind, [heading_plain(heading) for heading in mapped.table.headings])
    return [index for index in possible if not mapped.columns[index] and is_key(mapped.table, index)]


def _joins_note(joins: dict[str, str | None], code: str, others: Sequence[str]) -> None:
    for other in others:
        if other:
            joins[other] = code if joins.get(other, code) == code else None
