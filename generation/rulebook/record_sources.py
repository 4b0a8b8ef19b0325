"""Constraints that stand at courses, their meetings, rooms and curricula."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from django.db.models import Q, QuerySet

from academics.ids import number_read
from academics.models import (
    CourseOffering,
    Curriculum,
    Meeting,
    Room,
    RoomPreference,
)
from academics.selectors import offerings_spread
from generation.engine.model.text import Count, listed
from generation.rulebook import sentences
from generation.rulebook.context import Book, Filters, Line, Parameter
from generation.rulebook.costs import Breach
from generation.rulebook.kinds import KINDS
from generation.rulebook.source import Rows, admin_page, course_label


class OfferingSource:
    """Wishes that stand at a course: days to spread over, a building, preferred rooms."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.kinds = (kind,)

    def select(self, book: Book, filters: Filters) -> Rows:
        rows = self._narrowed(book)
        if filters.search:
            rows = rows.filter(Q(course__code__icontains=filters.search) | Q(course__name__icontains=filters.search))
        if filters.strength == "hard":
            return []
        if filters.state:
            off = book.off(self.kind)
            rows = rows.filter(pk__in=off) if filters.state == "off" else rows.exclude(pk__in=off)
        if filters.cost and book.costs:
            rows = rows.filter(course__code__in=book.costs.courses(KINDS[self.kind].constraints))
        return rows.order_by("course__code", "pk")

    def find(self, book: Book, kind: str, row: str) -> CourseOffering | None:
        pk = number_read(row)
        return self._narrowed(book).filter(pk=pk).first() if pk is not None else None

    def _narrowed(self, book: Book) -> QuerySet[CourseOffering]:
        rows = CourseOffering.objects.filter(term=book.term).select_related("course", "preferred_building")
        return {
            "min_days": offerings_spread(book.term).select_related("course", "preferred_building"),
            "home_building": rows.exclude(preferred_building=None),
            "preferred_rooms": rows.filter(pk__in=RoomPreference.objects.filter(offering__term=book.term).values("offering")),
        }[self.kind]

    def lines(self, book: Book, rows: Sequence[CourseOffering]) -> list[Line]:
        choices: dict[int, list[RoomPreference]] = defaultdict(list)
        if self.kind == "preferred_rooms":
            preferences = RoomPreference.objects.filter(offering__in=[row.pk for row in rows]).select_related("room", "building")
            for preference in preferences.order_by("rank", "id"):
                choices[preference.offering_id].append(preference)
        return [self._line(book, row, choices[row.pk]) for row in rows]

    def _line(self, book: Book, row: CourseOffering, choices: list[RoomPreference]) -> Line:
        code, label = row.course.code, course_label(row.course.code, row.course.name)
        is_active, comment = book.setting(self.kind, row.pk)
        places = [f"room {each.room.code}" if each.room else place_of(each) for each in choices]
        building = row.preferred_building
        days = row.min_days or getattr(row, "usual", 0)
        default = sentences.SPREAD_DEFAULT if self.kind == "min_days" and not row.min_days else ""
        sentence, parameter = {
            "min_days": (
                f"The lectures of each section of {label} should be spread over {Count(days):day}.",
                Parameter("Days", str(days), "days", f"1 to {book.term.num_days}"),
            ),
            "home_building": (
                f"Lectures of {label} should be held in building {building.code if building else ''}.",
                Parameter("Building", str(building)),
            ),
            "preferred_rooms": (
                f"Lectures of {label} should be held in {', then '.join(places) or 'no room yet'}.",
                Parameter("Choices", str(len(places)), "places, the first choice first"),
            ),
        }[self.kind]
        breaches = None
        if book.costs is not None:
            breaches = tuple(book.costs.of_course(KINDS[self.kind].constraints, code)) if is_active else ()
        return Line(
            kind=KINDS[self.kind],
            row=str(row.pk),
            sentence=sentence,
            scope=label,
            is_hard=False,
            parameters=(parameter,),
            weight=book.weight(self.kind),
            is_active=is_active,
            comment=comment,
            num_lectures=book.touches.of_offerings([row.pk]),
            breaches=breaches,
            record=admin_page("courseoffering", row.pk),
            default=default,
            facts={
                "pk": row.pk,
                "offering": code,
                "number": days,
                "building": building.code if building else "",
                "choices": [place_of(each) for each in choices],
            },
        )


def place_of(choice: RoomPreference) -> str:
    """A preferred place as the form takes it: a room's code, or ``building`` and the building's."""
    if choice.room is not None:
        return choice.room.code
    return f"building {choice.building.code}" if choice.building is not None else ""


class MeetingSource:
    """Kinds of rooms, features and lengths that lectures need."""

    kinds = ("meeting",)

    def select(self, book: Book, filters: Filters) -> Rows:
        rows = self._needing(book)
        if filters.search:
            found = Q(offering__course__code__icontains=filters.search) | Q(offering__course__name__icontains=filters.search)
            rows = rows.filter(found | Q(room_kind__icontains=filters.search) | Q(features__code__icontains=filters.search)).distinct()
        if filters.strength == "weighted" or filters.state == "off":
            return []
        if filters.cost and book.costs:
            rows = rows.filter(offering__course__code__in=book.costs.courses(KINDS["meeting"].constraints))
        return rows.order_by("offering__course__code", "pk")

    def find(self, book: Book, kind: str, row: str) -> Meeting | None:
        pk = number_read(row)
        return self._needing(book).filter(pk=pk).first() if pk is not None else None

    def _needing(self, book: Book) -> QuerySet[Meeting]:
        rows = Meeting.objects.filter(offering__term=book.term).select_related("offering__course")
        featured = Meeting.features.through.objects.filter(meeting__offering__term=book.term).values("meeting")
        return rows.filter(~Q(room_kind="") | Q(length__gt=1) | Q(pk__in=featured))

    def lines(self, book: Book, rows: Sequence[Meeting]) -> list[Line]:
        features: dict[int, list[tuple[str, str]]] = defaultdict(list)
        links = Meeting.features.through.objects.filter(meeting__in=[row.pk for row in rows]).order_by("id")
        for meeting, code, name in links.values_list("meeting_id", "roomfeature__code", "roomfeature__name"):
            features[meeting].append((code, name or code))
        return [self._line(book, row, features[row.pk]) for row in rows]

    def _line(self, book: Book, row: Meeting, features: list[tuple[str, str]]) -> Line:
        course = row.offering.course
        label = course_label(course.code, course.name)
        comment = book.setting("meeting", row.pk)[1]
        return Line(
            kind=KINDS["meeting"],
            row=str(row.pk),
            sentence=sentences.meeting_sentence(label, row.count, row.length, row.room_kind, [name for _, name in features]),
            scope=label,
            is_hard=True,
            parameters=(
                Parameter("Lectures", str(row.count), "a week", "1 to 40"),
                Parameter("Length", str(row.length), "periods", "1 to 12"),
                *([Parameter("Kind of room", row.room_kind)] if row.room_kind else []),
                *([Parameter("Features", listed([name for _, name in features], 6))] if features else []),
            ),
            comment=comment,
            num_lectures=book.touches.of_meeting(row.offering_id, row.count),
            breaches=None if book.costs is None else tuple(book.costs.of_course(KINDS["meeting"].constraints, course.code)),
            record=admin_page("courseoffering", row.offering_id),
            can_switch=False,
            facts={"pk": row.pk, "room_kind": row.room_kind, "features": [code for code, _ in features], "offering": course.code},
        )


class SharingSource:
    """Rooms that several lectures may share."""

    kinds = ("room_sharing",)

    def select(self, book: Book, filters: Filters) -> Rows:
        rows = self._shared(book)
        if filters.search:
            rows = rows.filter(Q(code__icontains=filters.search) | Q(name__icontains=filters.search))
        if filters.strength == "weighted":
            return []
        if filters.state:
            off = book.off("room_sharing")
            rows = rows.filter(pk__in=off) if filters.state == "off" else rows.exclude(pk__in=off)
        if filters.cost and book.costs:
            rows = rows.filter(code__in=book.costs.people(["room_clash"]))
        return rows.order_by("code", "pk")

    def find(self, book: Book, kind: str, row: str) -> Room | None:
        pk = number_read(row)
        return self._shared(book).filter(pk=pk).first() if pk is not None else None

    def _shared(self, book: Book) -> QuerySet[Room]:
        return Room.objects.filter(organization=book.organization, sharing__gt=1)

    def lines(self, book: Book, rows: Sequence[Room]) -> list[Line]:
        return [self._line(book, row) for row in rows]

    def _line(self, book: Book, row: Room) -> Line:
        is_active, comment = book.setting("room_sharing", row.pk)
        return Line(
            kind=KINDS["room_sharing"],
            row=str(row.pk),
            sentence=f"Up to {Count(row.sharing):lecture} may share room {row} at the same time.",
            scope=str(row),
            is_hard=True,
            parameters=(Parameter("Lectures at once", str(row.sharing), "lectures", "2 to 100"),),
            is_active=is_active,
            comment=comment,
            num_lectures=book.touches.in_room(row.kind),
            breaches=None if book.costs is None else tuple(book.costs.of_person(["room_clash"], row.code)),
            record=admin_page("room", row.pk),
            facts={"pk": row.pk, "room": row.code, "number": row.sharing},
        )


class CurriculumSource:
    """Courses of one curriculum never overlap."""

    kinds = ("curriculum",)

    def select(self, book: Book, filters: Filters) -> Rows:
        rows = self._taught(book)
        if filters.search:
            rows = rows.filter(Q(code__icontains=filters.search) | Q(name__icontains=filters.search))
        if filters.strength == "weighted" or filters.state == "off":
            return []
        if filters.cost and book.costs:
            named = {who.rsplit("/", 1)[0] for who in book.costs.people(["curriculum_clash"])} | book.costs.people(["curriculum_clash"])
            rows = rows.filter(code__in=named)
        return rows.order_by("code", "pk")

    def find(self, book: Book, kind: str, row: str) -> Curriculum | None:
        pk = number_read(row)
        return self._taught(book).filter(pk=pk).first() if pk is not None else None

    def _taught(self, book: Book) -> QuerySet[Curriculum]:
        taken = CourseOffering.curricula.through.objects.filter(courseoffering__term=book.term).values("curriculum")
        return Curriculum.objects.filter(organization=book.organization, pk__in=taken)

    def lines(self, book: Book, rows: Sequence[Curriculum]) -> list[Line]:
        taken: dict[int, list[tuple[int, str]]] = defaultdict(list)
        links = CourseOffering.curricula.through.objects.filter(curriculum__in=[row.pk for row in rows], courseoffering__term=book.term)
        fields = ("curriculum_id", "courseoffering_id", "courseoffering__course__code")
        for curriculum, offering, code in links.order_by("courseoffering__course__code").values_list(*fields):
            taken[curriculum].append((offering, code))
        return [self._line(book, row, taken[row.pk]) for row in rows]

    def _line(self, book: Book, row: Curriculum, taken: list[tuple[int, str]]) -> Line:
        codes = [code for _, code in taken]
        breaches: list[Breach] | None = None
        if book.costs is not None:
            found = book.costs.of(["curriculum_clash"])
            breaches = [breach for breach in found if any(who == row.code or who.rsplit("/", 1)[0] == row.code for who in breach.who)]
        return Line(
            kind=KINDS["curriculum"],
            row=str(row.pk),
            sentence=sentences.curriculum_sentence(row.name or row.code, codes),
            scope=str(row),
            is_hard=True,
            parameters=(Parameter("Courses", str(len(codes))),),
            comment=book.setting("curriculum", row.pk)[1],
            num_lectures=book.touches.of_offerings(offering for offering, _ in taken),
            breaches=None if breaches is None else tuple(breaches),
            record=admin_page("curriculum", row.pk),
            can_switch=False,
            facts={"pk": row.pk},
        )
