"""What people and programs give for a constraint, checked: the same for the form and for REST."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db.models import Model, QuerySet

from academics.ids import number_read
from academics.models import Building, CourseOffering, Instructor, Room, RoomFeature, Section
from academics.selectors import SWITCHABLE_KINDS
from academics.without_room import LABELS, room_kind_read
from generation.rulebook import messages
from generation.rulebook.context import Book, Line
from generation.rulebook.kinds import ADDABLE, KINDS, Kind
from generation.rulebook.messages import RuleError

MAX_COMMENT = 200
MAX_COURSES = 200
NUMBERS: dict[str, tuple[int, int, str]] = {
    "instructor_daily": (1, 99, "periods"),
    "instructor_consecutive": (1, 99, "periods"),
    "instructor_weekly": (1, 999, "periods"),
    "instructor_free_days": (1, 7, "days"),
    "instructor_free_half_days": (1, 14, "half-days"),
    "days_apart": (1, 6, "days"),
    "min_days": (1, 7, "days"),
    "room_sharing": (2, 100, "lectures"),
    "seats": (0, 32_767, "students"),
}
Values = dict[str, Any]


def kind_named(name: object, *, is_new: bool = True) -> Kind:
    """The kind of that name; of a new constraint only those that can be added."""
    kind = KINDS.get(str(name))
    if kind is None or (is_new and not kind.is_addable):
        raise RuleError({"kind": [messages.not_a_kind(str(name), [each.id for each in ADDABLE])]})
    return kind


def fields_of(kind: Kind, line: Line | None = None) -> tuple[str, ...]:
    """The fields that a constraint of this kind has."""
    can_be_hard = kind.strength == "either" or bool(line is not None and line.facts.get("can_be_hard"))
    has_weight = kind.strength == "either"
    return (
        *kind.fields,
        *(("is_hard",) if can_be_hard else ()),
        *(("weight",) if has_weight and "weight" not in kind.fields else ()),
        *(("is_active",) if kind.is_rule or kind.id in SWITCHABLE_KINDS else ()),
        *(("comment",) if kind.is_rule or kind.id in (*SWITCHABLE_KINDS, "meeting", "curriculum") else ()),
    )


def values_checked(book: Book, kind: Kind, raw: Mapping[str, Any], line: Line | None = None) -> Values:
    """The values as the changes take them: rows for codes, numbers in their ranges. Raises `RuleError` with every fault."""
    return _Checker(book, kind, line).checked(raw)


class _Checker:
    def __init__(self, book: Book, kind: Kind, line: Line | None) -> None:
        self.book = book
        self.kind = kind
        self.line = line
        self.errors: dict[str, list[str]] = {}
        self.readers: dict[str, Callable[[Any], Any]] = {
            "offerings": self._courses,
            "offering": lambda raw: self._one("course", raw, self._offerings, "course__code"),
            "first": self._first,
            "instructor": lambda raw: self._one("instructor", raw, Instructor.objects.filter(organization=book.organization)),
            "room": lambda raw: self._one("room", raw, Room.objects.filter(organization=book.organization)),
            "building": lambda raw: self._one("building", raw, Building.objects.filter(organization=book.organization)),
            "section": self._section,
            "lecture": lambda raw: self._number(raw, 1, 32_767, "") - 1,
            "day": lambda raw: self._number(raw, 0, book.term.num_days - 1, "(0 is the first day of the week)"),
            "period": self._period,
            "timeslots": self._timeslots,
            "number": lambda raw: self._number(raw, *self._range()),
            "percent": lambda raw: self._number(raw, 0, 100, "%"),
            "rating": self._rating,
            "room_kind": self._room_kind,
            "features": self._features,
            "choices": self._choices,
            "is_hard": self._truth,
            "weight": lambda raw: self._number(raw, 0 if kind.id == "weight" else 1, 100, ""),
            "is_active": self._truth,
            "comment": self._comment,
        }

    def checked(self, raw: Mapping[str, Any]) -> Values:
        known = fields_of(self.kind, self.line)
        for name in raw:
            if name not in known and name != "kind":
                self._fault(name, messages.no_such_field(name, self.kind.title, known))
        values: Values = {}
        for name in known:
            try:
                values[name] = self.readers[name](raw.get(name, self._usual(name)))
            except _Fault as fault:
                self._fault(name, str(fault))
        if not self.errors:
            self._together(values)
        if self.errors:
            raise RuleError(self.errors)
        return values

    def _usual(self, name: str) -> Any:
        """What a field is when it is left out: as it was, for a constraint that is there already."""
        if self.line is not None:
            now = {"is_hard": self.line.is_hard, "is_active": self.line.is_active, "comment": self.line.comment}
            if name == "weight" and self.line.factor is not None:
                return self.line.factor
            return now[name] if name in now else self.line.facts.get(name, 1 if name == "weight" else None)
        return {"is_hard": True, "is_active": True, "comment": "", "weight": 1, "lecture": 1, "first": "", "percent": 0}.get(name)

    def _fault(self, name: str, message: str) -> None:
        self.errors.setdefault(name, []).append(message)

    # One field each.

    @property
    def _offerings(self) -> QuerySet[CourseOffering]:
        return CourseOffering.objects.filter(term=self.book.term).select_related("course")

    def _courses(self, raw: Any) -> list[CourseOffering]:
        codes = _codes(raw)
        if not codes:
            raise _Fault(messages.required("at least one course"))
        if len(codes) > MAX_COURSES:
            raise _Fault(messages.out_of_range(f"{len(codes)} courses", 1, MAX_COURSES, "courses"))
        found = {row.course.code: row for row in self._offerings.filter(course__code__in=codes)}
        missing = [code for code in codes if code not in found]
        if missing:
            raise _Fault(messages.unknown("course this term", missing, self.book.organization.name))
        return [found[code] for code in codes]

    def _one(self, what: str, raw: Any, rows: QuerySet[Any], path: str = "code") -> Any:
        codes = _codes(raw)
        if len(codes) != 1:
            raise _Fault(messages.required(f"one {what}"))
        row = rows.filter(**{path: codes[0]}).first()
        if row is None:
            raise _Fault(messages.unknown(what, codes, self.book.organization.name))
        return row

    def _first(self, raw: Any) -> CourseOffering | None:
        return self._one("course", raw, self._offerings, "course__code") if _codes(raw) else None

    def _section(self, raw: Any) -> Section:
        codes = _codes(raw)
        if len(codes) != 1:
            raise _Fault(messages.required("one section"))
        course, _, code = codes[0].rpartition(":")
        rows = Section.objects.filter(offering__term=self.book.term, code=code)
        found = list((rows.filter(offering__course__code=course) if course else rows).select_related("offering__course")[:2])
        if not found:
            raise _Fault(messages.unknown("section of its own", codes, self.book.organization.name))
        if len(found) > 1:
            raise _Fault(messages.ambiguous_section(code))
        return found[0]

    def _number(self, raw: Any, low: int, high: int, unit: str) -> int:
        value = _whole(raw)
        if value is None or not low <= value <= high:
            raise _Fault(messages.out_of_range("" if raw is None else raw, low, high, unit))
        return value

    def _range(self) -> tuple[int, int, str]:
        low, high, unit = NUMBERS[self.kind.id]
        return low, min(high, self.book.term.num_days) if self.kind.id == "min_days" else high, unit

    def _period(self, raw: Any) -> int:
        value = _whole(raw)
        if value is None or value not in self.book.periods:
            raise _Fault(
                messages.out_of_range(
                    "" if raw is None else raw, 0, max(self.book.periods, default=0), "(0 is the first period of the day)"
                )
            )
        return value

    def _timeslots(self, raw: Any) -> list[tuple[int | None, int | None]]:
        if not isinstance(raw, list | tuple) or not raw:
            raise _Fault(messages.required("at least one timeslot"))
        return list(dict.fromkeys(self._timeslot(each) for each in raw))

    def _timeslot(self, raw: Any) -> tuple[int | None, int | None]:
        """No day means every day, no period the whole day; for marks of people they stand for each timeslot."""
        day, period = (raw.get("day"), raw.get("period")) if isinstance(raw, Mapping) else ("", "")
        days, hours = range(self.book.term.num_days), self.book.periods
        is_day = day is None or (_whole(day) is not None and _whole(day) in days)
        is_period = period is None or (_whole(period) is not None and _whole(period) in hours)
        if not is_day or not is_period or (day is None and period is None):
            raise _Fault(messages.not_a_timeslot(raw, self.book.term.num_days, len(hours)))
        return _whole(day), _whole(period)

    def _rating(self, raw: Any) -> int:
        value = _whole(raw)
        if value is None or value == 0 or not -3 <= value <= 3:
            raise _Fault(messages.several_ratings())
        return value

    def _room_kind(self, raw: Any) -> str:
        kind = room_kind_read(str(raw or "").strip())
        if kind in LABELS:
            return kind
        known = sorted(set(Room.objects.filter(organization=self.book.organization).order_by().values_list("kind", flat=True)))
        if kind and kind not in known:
            raise _Fault(messages.unknown("kind of room", [kind], self.book.organization.name))
        return kind

    def _features(self, raw: Any) -> list[RoomFeature]:
        codes = _codes(raw)
        found = {row.code: row for row in RoomFeature.objects.filter(organization=self.book.organization, code__in=codes)}
        missing = [code for code in codes if code not in found]
        if missing:
            raise _Fault(messages.unknown("feature", missing, self.book.organization.name))
        return [found[code] for code in codes]

    def _choices(self, raw: Any) -> list[Room | Building]:
        """Rooms by code; a building by ``building`` and its code."""
        mine = {"organization": self.book.organization}
        found: list[Room | Building] = []
        for code in _codes(raw):
            model: type[Model] = Building if code.lower().startswith("building ") else Room
            row = model._default_manager.filter(**mine, code=code.split(" ", 1)[1].strip() if model is Building else code).first()
            if row is None:
                raise _Fault(messages.unknown("building" if model is Building else "room", [code], self.book.organization.name))
            found.append(row)  # type: ignore[arg-type]
        if not found:
            raise _Fault(messages.required("at least one room or building"))
        return list(dict.fromkeys(found))

    def _truth(self, raw: Any) -> bool:
        if isinstance(raw, bool):
            return raw
        raise _Fault(messages.not_a_truth(raw))

    def _comment(self, raw: Any) -> str:
        if not isinstance(raw, str) or len(raw) > MAX_COMMENT or "\x00" in raw:
            raise _Fault(messages.not_text(MAX_COMMENT))
        return raw.strip()

    # What fields say of one another.

    def _together(self, values: Values) -> None:
        offerings: list[CourseOffering] = values.get("offerings", [])
        if "lecture" in values:
            for offering in offerings:
                lectures = self.book.touches.of_offerings([offering.pk])
                if values["lecture"] >= lectures:
                    self._fault("lecture", messages.too_late_a_lecture(offering.course.code, lectures))
        if "first" in values:
            self._check_first(values["first"], offerings)

    def _check_first(self, first: CourseOffering | None, offerings: Sequence[CourseOffering]) -> None:
        """Of one course its own lectures come in order; of several one has to be named as the first."""
        if first is None and len(offerings) > 1:
            self._fault("first", messages.first_missing())
        elif first is not None and set(offerings) <= {first}:
            self._fault("offerings", messages.nothing_after(first.course.code))


class _Fault(Exception):
    """One field cannot be so."""


def _whole(raw: Any) -> int | None:
    """A whole number, given as one or as its digits."""
    if isinstance(raw, bool) or not isinstance(raw, int | str):
        return None
    text = str(raw).strip()
    found = number_read(text.removeprefix("-"), max_digits=9)
    return -found if found is not None and text.startswith("-") else found


def _codes(raw: Any) -> list[str]:
    """Codes as a list, or as a text with commas or lines between them; each once."""
    parts = raw.replace("\n", ",").split(",") if isinstance(raw, str) else raw if isinstance(raw, list | tuple) else []
    return list(dict.fromkeys(str(part).strip() for part in parts if str(part).strip()))
