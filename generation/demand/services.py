"""What may be done from the demand page: split an offering, set and take away an elective band."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction

from academics.models import MAX_SECTIONS, CourseOffering, Curriculum, Meeting, Rule, RuleTimeslot, Term
from generation.demand import text
from generation.demand.tables import Course, Demand
from generation.errors import Conflict, Invalid, Missing
from generation.problem.sectioning import num_sections_of, parts_counted, share

MOST_SIZE = 100_000
MOST_NAME = 60
MOST_OFFERINGS = 200
KINDS = {text.PARALLEL: Rule.Kind.SAME_START, text.INSIDE: Rule.Kind.INSIDE, text.OUTSIDE: Rule.Kind.OUTSIDE}


@dataclass(frozen=True, slots=True)
class Split:
    """What an offering would be, or is, split into."""

    sizes: tuple[int, ...]
    max_section_size: int
    num_sections: int

    @property
    def words(self) -> str:
        return text.sizes_words(self.sizes)


def split_previewed(*, demand: Demand, course: Course, size: int | None = None, sections: int | None = None) -> Split:
    """The sections that a target size, or a number of sections, makes: sizes differ by at most one (of a part, inside a lecture's section).

    Raises
    ------
    Invalid, Conflict
        A number out of its range; an offering with sections of its own, or without students.
    """
    if (size is None) == (sections is None):
        raise Invalid("split_one_of", field="size")
    if course.has_own_sections:
        raise Conflict("split_own_sections", course=course.code, sections=course.num_sections)
    if not course.students:
        raise Conflict("split_nobody", course=course.code)
    lecture = demand.course(course.part_of) if course.part_of is not None else None
    loads = lecture.sizes if lecture is not None else (course.students,)
    if size is not None:
        _check_range("size", size, MOST_SIZE, course)
        wanted, largest = 0, size
    else:
        assert sections is not None
        _check_range("sections", sections, min(MAX_SECTIONS, course.students), course)
        wanted, largest = sections, max(course.max_section_size, -(-course.students // sections))
    if lecture is not None:
        counts = parts_counted(loads, max_section_size=largest, num_sections=wanted)
    else:
        counts = [num_sections_of(students=course.students, max_section_size=largest, num_sections=wanted)]
    if sum(counts) > MAX_SECTIONS:
        raise Invalid("split_too_many", field="size", sections=sum(counts), course=course.code, most=MAX_SECTIONS)
    sizes = tuple(share(load, count, n) for load, count in zip(loads, counts, strict=True) for n in range(count))
    return Split(sizes, max(largest, max(sizes)) if sections is not None else largest, len(sizes))


def _check_range(name: str, value: int, most: int, course: Course) -> None:
    if not 1 <= value <= most:
        raise Invalid("split_range", field=name, name=name, value=value, most=most, course=course.code, students=course.students)


def offering_split(*, demand: Demand, course: Course, size: int | None = None, sections: int | None = None) -> Split:
    """Have the next run form these sections. One update; the number is kept with the size, so that sizes stay balanced."""
    split = split_previewed(demand=demand, course=course, size=size, sections=sections)
    CourseOffering.objects.filter(pk=course.id).update(max_section_size=split.max_section_size, num_sections=split.num_sections)
    return split


@dataclass(frozen=True, slots=True)
class BandWish:
    """What somebody wants a band to be."""

    name: str
    kind: str = text.PARALLEL
    offerings: tuple[int, ...] = ()
    timeslots: tuple[tuple[int, int], ...] = ()  # day, period
    is_hard: bool = True
    curricula: tuple[int, ...] = ()  # whose other courses keep out of the timeslots


@transaction.atomic
def band_create(*, term: Term, wish: BandWish) -> str:
    """Write a band's rules, all of its name: one of its offerings, one that keeps core courses out of its timeslots. One transaction.

    Raises
    ------
    Invalid, Conflict
        What the wish names is not there, or is not enough; the name is taken; other rules about starting together are not as hard.
    """
    name = wish.name.strip()
    _check_band(term, name, wish)
    offerings = list(CourseOffering.objects.filter(term=term, pk__in=wish.offerings).values_list("pk", flat=True))
    if len(offerings) < 2 or len(offerings) > MOST_OFFERINGS:
        raise Invalid("band_offerings", field="offerings", found=len(offerings), most=MOST_OFFERINGS)
    if wish.kind == text.INSIDE and wish.is_hard:
        _check_room(offerings, len(set(wish.timeslots)))
    _rule(term, name, KINDS[wish.kind], offerings, wish)
    if wish.curricula and wish.kind == text.INSIDE:
        core = CourseOffering.objects.filter(term=term, curricula__in=wish.curricula).exclude(pk__in=offerings).distinct()
        if core:
            _rule(term, name, Rule.Kind.OUTSIDE, [offering.pk for offering in core], wish)
    return name


def _check_band(term: Term, name: str, wish: BandWish) -> None:
    if not 1 <= len(name) <= MOST_NAME:
        raise Invalid("band_name", field="name", most=MOST_NAME)
    if wish.kind not in KINDS:
        raise Invalid("band_kind", field="kind", value=wish.kind, known=", ".join(KINDS))
    if Rule.objects.filter(term=term, band=name).exists():
        raise Conflict("band_taken", field="name", name=name, term=term.code)
    if wish.kind != text.PARALLEL:
        _check_timeslots(term, wish)


def _check_timeslots(term: Term, wish: BandWish) -> None:
    if not wish.timeslots:
        raise Invalid("band_no_times", field="timeslots")
    periods = set(term.periods.values_list("index", flat=True))
    for day, period in wish.timeslots:
        if not 0 <= day < term.num_days or period not in periods:
            raise Invalid("band_timeslot", field="timeslots", value=f"{day}-{period}", term=term.code)


def _check_room(offerings: Sequence[int], num_timeslots: int) -> None:
    """Each offering fits into the timeslots by itself; whether rooms and instructors allow it is for the readiness to say."""
    periods: dict[int, int] = defaultdict(int)
    for offering, count, length in Meeting.objects.filter(offering__in=offerings).values_list("offering", "count", "length"):
        periods[offering] += count * length
    most = max(periods, key=lambda offering: periods[offering], default=None)
    if most is not None and periods[most] > num_timeslots:
        course = CourseOffering.objects.select_related("course").get(pk=most).course.code
        raise Invalid("band_too_few_times", field="timeslots", course=course, periods=periods[most], slots=num_timeslots)


def _rule(term: Term, name: str, kind: str, offerings: Sequence[int], wish: BandWish) -> None:
    rule = Rule.objects.create(organization=term.organization, term=term, kind=kind, band=name, is_hard=wish.is_hard)
    rule.offerings.set(offerings)
    if kind != Rule.Kind.SAME_START:
        RuleTimeslot.objects.bulk_create(RuleTimeslot(rule=rule, day=day, period=period) for day, period in sorted(set(wish.timeslots)))


@transaction.atomic
def band_delete(*, term: Term, name: str) -> None:
    """Take all rules of a band away; twice is refused as unknown."""
    rules = Rule.objects.filter(term=term, band=name).exclude(band="")
    if not rules.exists():
        raise Missing("band_unknown", field="name", name=name, term=term.code)
    rules.delete()


@dataclass(frozen=True, slots=True)
class Band:
    """A band as its rules have it, in words."""

    name: str
    courses: tuple[str, ...]
    sentences: tuple[str, ...]
    is_hard: bool


def bands_of(*, term: Term) -> list[Band]:
    """The term's bands by name. Three small queries."""
    days, labels = _names_of_week(term)
    rules = Rule.objects.filter(term=term).exclude(band="").order_by("band", "id").prefetch_related("offerings__course", "timeslots")
    by_name: dict[str, list[Rule]] = defaultdict(list)
    for rule in rules:
        by_name[rule.band].append(rule)
    bands = []
    for name, own in by_name.items():
        courses = [offering.course.code for offering in own[0].offerings.all()]
        sentences = [text.band_sentence(rule, days, labels, is_first=rule is own[0]) for rule in own]
        bands.append(Band(name, tuple(sorted(courses)), tuple(sentences), own[0].is_hard))
    return bands


def _names_of_week(term: Term) -> tuple[Sequence[str], dict[int, str]]:
    return text.DAYS, {period.index: f"{period.starts_at:%H:%M}" for period in term.periods.all()}


def curricula_named(*, term: Term, codes: Iterable[str]) -> tuple[int, ...]:
    """The organization's curricula of these codes."""
    found = dict(Curriculum.objects.filter(organization=term.organization, code__in=list(codes)).values_list("code", "pk"))
    for code in codes:
        if code not in found:
            raise Invalid("curriculum_unknown_code", field="keep_free", organization=term.organization.name, code=code)
    return tuple(found.values())
