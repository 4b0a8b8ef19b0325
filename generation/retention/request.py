"""What a request wants to stay: of which earlier timetable, and which of its lectures."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from academics.ids import uuid_read
from academics.models import Course, Department, Organization, Term
from academics.selectors import data_revision
from generation.engine.model.problem import ANY, Problem
from generation.engine.search.exchange_units import Units, units_of
from generation.errors import Conflict, Invalid, Missing
from generation.models import Entry, GenerationJob, KeptPlaces, Seating, Variant
from generation.problem.builder import problem_load
from generation.problem.seating_codec import seating_numbers
from generation.problem.stored_problem import problem_of
from generation.retention import messages
from generation.retention.kept_places import Budget, Kept, KeptPlace, Roster
from generation.retention.plan import EarlierPlace, Lost, Plan, Renewed, plan_make, plan_of_change, plan_without_lost
from generation.retention.rosters import problem_seated, rosters_made, seating_summary
from generation.text.display_names import Naming
from generation.text.messages import and_more, some_of
from generation.timetable.lecture_keys import SectionName, lecture_keys, sections_followed, sections_of
from generation.timetable.when import Clock, clocks_of, when_words

KINDS = ("nothing", "pinned", "departments", "except_departments", "sound", "minimal")
NOTHING, PINNED, DEPARTMENTS, EXCEPT_DEPARTMENTS, SOUND, MINIMAL = KINDS
OF_DEPARTMENTS = (DEPARTMENTS, EXCEPT_DEPARTMENTS)
MAY_NAME_DEPARTMENTS = (*OF_DEPARTMENTS, MINIMAL)  # of the smallest change: those that may not be touched
COLUMNS = ("variant", "lecture", "course", "section", "length", "day", "period", "room", "is_time_pinned", "is_room_pinned", "instructors")
MOST_LISTED = 50  # lectures in one refusal
BUDGETS = ("max_lectures", "max_people", "is_only_rooms")


@dataclass(frozen=True, slots=True)
class KeepRequest:
    """Which places of an earlier timetable stay in a new run."""

    kind: str
    variant_id: str
    departments: tuple[str, ...] = ()  # codes
    is_leaving_out: bool = False  # start without those that can't stay
    max_lectures: int | None = None  # of the smallest change, as the two that follow
    max_people: int | None = None
    is_only_rooms: bool = False


class CannotStay(Invalid):
    """Lectures that were requested to stay and can't; ``lines`` names each with its reason."""

    def __init__(self, keeping: Keeping) -> None:
        super().__init__("keep_impossible", field="keep_from", lectures=len(keeping.plan.lost))
        self.keeping = keeping
        self.lines = lines_shown(keeping.lost)


@dataclass(frozen=True)
class Keeping:
    """A request, answered: the earlier timetable, and what of it stays."""

    request: KeepRequest
    variant: Variant
    plan: Plan
    lost: tuple[str, ...] = ()  # of each that can't stay, why
    freed: tuple[str, ...] = ()  # of each that was not requested by name
    renewed: tuple[str, ...] = ()  # of each that stays and is taught by others, by whom

    def summary(self) -> dict[str, object]:
        """What the job's row says about it; names are copied, for the earlier timetable may go."""
        job = self.variant.job
        return {
            "keep": self.request.kind,
            "departments": list(self.request.departments),
            "variant_id": str(self.variant.pk),
            "job_id": str(job.pk),
            "label": self.variant.label,
            "revision": self.variant.revision,
            "made_at": job.created_at.isoformat(),
            "kept": self.plan.num_kept,
            "placed_anew": self.plan.num_new,
            "left_out": len(self.plan.kept.left_out),
            "taught_by_others": len(self.plan.renewed),
            "is_settled": self.plan.is_settled,
            "students_staying": self.plan.seated.num_staying,
            "students_leaving": len(self.plan.seated.leaving),
            "students_joining": len(self.plan.seated.joining),
            **({name: getattr(self.request, name) for name in BUDGETS} if self.request.kind == MINIMAL else {}),
        }


def keeping_of(*, job: GenerationJob, request: KeepRequest | None) -> Keeping | None:
    """What stays in a job that is not filed yet; None where nothing does. Reads the whole term.

    Raises the refusals of `errors`, `CannotStay` where something requested by name can't and is not to be left out.
    """
    if request is None or request.kind == NOTHING:
        return None
    found = keeping_previewed(job=job, request=request)
    if found.plan.lost and not request.is_leaving_out:
        raise CannotStay(found)
    return replace(found, plan=plan_without_lost(found.plan, found.lost), lost=())


def keeping_previewed(*, job: GenerationJob, request: KeepRequest) -> Keeping:
    """The same before a run is requested: what would stay, and what could not."""
    if job.term is None:
        raise Invalid("keep_no_term", field="keep_from")
    variant = _variant(job.organization, job.term, request.variant_id)
    departments = _departments(job.organization, request)
    courses = _courses(job.organization, departments) if request.kind in OF_DEPARTMENTS else frozenset()
    now = job.term.pk, job.department_id, data_revision(job.organization_id)
    problem = _problem_now(*now)
    entries = list(variant.entries.order_by("lecture").only(*COLUMNS))
    called = sections_followed(((entry.course, entry.section) for entry in entries), _problem_then(variant), problem)
    requested = list(_earlier_places(variant, entries, called, request.kind, courses, _courses_of_run(job)))
    plan = plan_make(problem, requested)
    if request.kind == MINIMAL:
        untouched = tuple(sorted(_courses(job.organization, departments)))
        plan = plan_of_change(plan, requested, Budget(request.max_lectures, request.max_people, request.is_only_rooms, untouched))
    rosters = _rosters(variant, plan.kept.base.places if plan.kept.base else plan.kept.places, called)
    if rosters:
        seated = problem_seated(problem, rosters, _units_now(*now))
        plan = replace(
            plan,
            kept=replace(plan.kept, rosters=rosters),
            seated=seating_summary(seated, rosters),
            has_movable_seats=seated.has_movable_seats and plan.kept.base is None,
        )
    clocks, naming = clocks_of(variant.job), Naming(job.organization_id)
    plan = replace(plan, renewed=tuple(each for each in plan.renewed if naming.people(each.before) != set(each.now)))
    return Keeping(
        replace(request, departments=departments),
        variant,
        plan,
        lost=tuple(_line(lost, clocks) for lost in plan.lost),
        freed=tuple(_line(lost, clocks) for lost in plan.freed),
        renewed=tuple(_renewed_line(each, naming) for each in plan.renewed),
    )


def lines_shown(lines: Sequence[str]) -> tuple[str, ...]:
    """As many as somebody reads, and how many more there are."""
    more = len(lines) - MOST_LISTED
    return (*lines[:MOST_LISTED], *([and_more(more)] if more > 0 else []))


def kept_of(job: GenerationJob) -> Kept:
    """What the job has to keep. One query where there is anything."""
    stored = KeptPlaces.objects.filter(pk=job.pk).first() if job.fixed else None
    return Kept.of(stored.data) if stored else Kept()


def _variant(organization: Organization, term: Term, variant_id: str) -> Variant:
    variants, key = Variant.objects.select_related("job__organization", "job__term").defer("conflicts"), uuid_read(variant_id)
    found = None if key is None else variants.filter(pk=key).first()
    if found is None or found.job.organization_id != organization.pk:
        raise Missing("keep_from_unknown", field="keep_from", variant_id=variant_id[:60])
    if found.job.term_id != term.pk:
        theirs = found.job.term.code if found.job.term else "none"
        raise Invalid("keep_from_term", field="keep_from", label=found.label, theirs=theirs, term=term.code)
    return found


def _departments(organization: Organization, request: KeepRequest) -> tuple[str, ...]:
    if request.kind not in MAY_NAME_DEPARTMENTS:
        return ()
    known = list(Department.objects.filter(organization=organization).order_by("code").values_list("code", flat=True))
    if not request.departments and request.kind in OF_DEPARTMENTS:
        raise Invalid("keep_departments_missing", field="keep_departments", known=some_of(known))
    for code in request.departments:
        if code not in known:
            raise Invalid("keep_department_unknown", field="keep_departments", code=code[:60], known=some_of(known))
    return request.departments


def _courses(organization: Organization, departments: Collection[str]) -> frozenset[str]:
    courses = Course.objects.filter(organization=organization, department__code__in=departments)
    return frozenset(courses.values_list("code", flat=True))


def _courses_of_run(job: GenerationJob) -> frozenset[str] | None:
    """The courses of a run about one department; None where it is about all."""
    if job.department_id is None:
        return None
    return frozenset(Course.objects.filter(organization=job.organization, department_id=job.department_id).values_list("code", flat=True))


def problem_today(*, term_id: int, department_id: int | None, revision: str) -> Problem:
    """The term's data as a run would load them. Reads the whole term, unless this process has them at that revision."""
    return _problem_now(term_id, department_id, revision)


@lru_cache(maxsize=1)
def _problem_now(term_id: int, department_id: int | None, revision: str) -> Problem:
    """Kept, for a form that is looked at is mostly sent next."""
    term = Term.objects.select_related("organization").get(pk=term_id)
    return problem_load(organization=term.organization, term=term, department_id=department_id)


@lru_cache(maxsize=1)
def _units_now(term_id: int, department_id: int | None, revision: str) -> Units:
    """Which seats of that problem may be exchanged; they too take a while to find in a large term."""
    return units_of(_problem_now(term_id, department_id, revision))


def _earlier_places(
    variant: Variant,
    entries: Sequence[Entry],
    called: Mapping[SectionName, SectionName],
    kind: str,
    courses: Collection[str],
    of_run: Collection[str] | None,
) -> Iterator[EarlierPlace]:
    """The lectures of the earlier timetable that are requested to stay, by what their sections are called now.

    Those pinned by hand stay whatever else does.
    """
    names = (called.get((entry.course, entry.section), (entry.course, entry.section)) for entry in entries)
    keys = lecture_keys((*name, entry.length) for name, entry in zip(names, entries, strict=True))
    rules = _pinned_by_rules(variant)
    for entry, key in zip(entries, keys, strict=True):
        if of_run is not None and entry.course not in of_run:
            continue
        by_rule = rules.get(entry.lecture, (False, False))
        hand = (entry.is_time_pinned and not by_rule[0], entry.is_room_pinned and not by_rule[1])
        is_chosen = kind in OF_DEPARTMENTS and (entry.course in courses) == (kind == DEPARTMENTS)
        is_sound = kind in (SOUND, MINIMAL) and entry.day is not None
        if not (any(hand) or is_chosen or is_sound):
            continue
        whole = is_chosen or is_sound
        yield EarlierPlace(
            key=key,
            day=entry.day,
            period=entry.period,
            room=entry.room,
            in_time=hand[0] or whole,
            in_room=(hand[1] or whole) and bool(entry.room),
            is_time_pinned=hand[0],
            is_room_pinned=hand[1],
            is_named=any(hand) or is_chosen,
            instructors=tuple(entry.instructors),
        )


def _rosters(variant: Variant, places: Sequence[KeptPlace], called: Mapping[SectionName, SectionName]) -> tuple[Roster, ...]:
    stored = Seating.objects.filter(variant=variant).first()
    if stored is None:
        return ()
    then = _problem_then(variant)
    if then is None:
        return ()  # too old to know which course each section was of
    return rosters_made([called.get(name, name) for name in sections_of(then)], seating_numbers(stored.data), places)


def _pinned_by_rules(variant: Variant) -> dict[int, tuple[bool, bool]]:
    """What the data of that run fixed itself, in time and in room: rules as they are now say what is fixed today."""
    problem = _problem_then(variant)
    if problem is None:
        return {}  # too old to know: what is marked as pinned then counts as pinned by hand
    pins = zip((problem.lecture_pin_slot != ANY).tolist(), (problem.lecture_pin_room != ANY).tolist(), strict=True)
    return dict(enumerate(pins))


def _problem_then(variant: Variant) -> Problem | None:
    """What the variant was evaluated against; None where an earlier release kept none."""
    try:
        return problem_of(job=variant.job)
    except Conflict:
        return None


def _renewed_line(renewed: Renewed, naming: Naming) -> str:
    before, now = (sorted(map(naming.instructor, codes)) for codes in (renewed.before, renewed.now))
    return messages.renewed(section=renewed.key.section, course=renewed.key.course, before=before, now=now)


def _line(lost: Lost, clocks: list[Clock]) -> str:
    each = lost.earlier
    return messages.lost(
        section=each.key.section, course=each.key.course, when=when_words(each.day, each.period, clocks), room=each.room, why=lost.why
    )
