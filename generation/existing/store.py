"""A timetable that exists already becomes a variant: a run of its own without a search, evaluated, editable, and a draft."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from academics.models import CourseOffering, Organization, Period, Term
from academics.placements import PINS, WISHES, Placement, PlacesRefused, Source
from generation.engine.model.problem import Problem
from generation.existing import messages
from generation.existing.placing import Laid, places_laid
from generation.existing.rules import pins_write, wishes_write
from generation.models import GenerationJob, Seating, Variant, Workflow
from generation.problem.builder import problem_hash, problem_load
from generation.problem.seating_codec import seating_pack
from generation.problem.stored_problem import problem_freeze
from generation.text.display_names import Naming
from generation.timetable.conflict_store import conflicts_write
from generation.timetable.counts import certificate_facts
from generation.timetable.entry_rows import entries_insert
from generation.timetable.provenance import code_version
from generation.timetable.results import Judgement, entries_of, solution_evaluate

LABEL = "Existing timetable"
MOST_LABEL = Variant._meta.get_field("label").max_length or 0
MOST_NAME = 200


class Takeover:
    """See `academics.placements.Takeover`. The same places on the same data give the run that was made of them before.

    Rules that are asked for beside the timetable take a second turn: which lectures are to be fixed is known only once the places are
    evaluated, and the timetable is evaluated with the rules then.
    """

    def __init__(self, organization: Organization, term_code: str, placements: Sequence[Placement], source: Source) -> None:
        self._organization = organization
        self._term_code = term_code
        self._placements = placements
        self._source = source
        self._notes: list[str] = []
        self._digest = ""
        self._before: tuple[Problem, Laid] | None = None  # without the rules that are asked for
        self._broken: set[int] = set()
        self._read: tuple[Problem, Laid] | None = None  # what is evaluated and written
        self._judgement: Judgement | None = None

    @property
    def is_evaluated(self) -> bool:
        return self._judgement is not None

    def read(self) -> None:
        term = self._term()
        if self._before is None:
            periods = _periods(term)
            if not periods or not CourseOffering.objects.filter(term=term).exists():
                raise PlacesRefused(text=f"The term {term.code} has no periods or no offerings yet.")
            problem = problem_load(organization=self._organization, term=term)
            laid = places_laid(problem, self._placements, periods=periods, is_lenient=self._source.is_lenient)
            self._notes = _notes(problem, laid)
            self._before = problem, laid
            if PINS in self._source.uses:
                return  # what breaks a rule has to be known first
        self._rules_write(term)
        problem, laid = self._before
        if self._source.uses:
            problem = problem_load(organization=self._organization, term=term)
        self._digest = _digest(self._placements, problem_hash(problem))
        self._read = problem, laid

    def evaluate(self) -> None:
        assert self._before is not None, "nothing was read"
        problem, laid = self._read or self._before
        judgement = solution_evaluate(problem, laid.solution)
        if self._read is None:
            self._broken = _broken(judgement)
        else:
            self._judgement = judgement

    def write(self) -> dict[str, Any]:
        assert self._judgement is not None, "nothing was evaluated"
        assert self._read is not None
        (problem, laid), term = self._read, self._term()
        notes = self._notes + self._rules_write(term)
        facts = {"term": term.code, "lectures": problem.num_lectures, "places": len(laid.places), "notes": notes}
        earlier = _made_before(self._organization, term, self._digest)
        if earlier is not None:
            return facts | _facts_of(earlier, is_new=False)
        made = _write(self._organization, term, problem, laid, self._judgement, self._source, self._digest)
        return facts | _facts_of(made, is_new=True)

    def _term(self) -> Term:
        return Term.objects.get(organization=self._organization, code=self._term_code)

    def _rules_write(self, term: Term) -> list[str]:
        assert self._before is not None
        return _uses(term, *self._before, self._source, self._broken) if self._source.uses else []


class ExistingTimetables:
    """What the setting TIMETABLE_STORE names: see `academics.placements.TimetableStore`."""

    def takeover(self, *, organization: Organization, term_code: str, placements: Sequence[Placement], source: Source) -> Takeover:
        return Takeover(organization, term_code, placements, source)

    def take_over(self, *, organization: Organization, term: Term, placements: Sequence[Placement], source: Source) -> dict[str, Any]:
        """All of a `Takeover` at once. Reads the whole term. Raises `PlacesRefused` where a place is of no lecture of the term."""
        takeover = self.takeover(organization=organization, term_code=term.code, placements=placements, source=source)
        while not takeover.is_evaluated:
            with transaction.atomic():
                takeover.read()
                transaction.set_rollback(True)  # rules that were asked for are written with the timetable
            takeover.evaluate()
        return takeover.write()

    def take_back(self, *, organization: Organization, facts: Mapping[str, Any]) -> None:
        """Removes the run, where it was made then and nobody has worked with it. Raises `PlacesRefused` with the reason."""
        if not facts.get("is_new"):
            return
        job = GenerationJob.objects.select_for_update(of=("self",)).filter(pk=facts["job_id"], organization=organization).first()
        if job is None:
            return  # cleared away since
        workflow = Workflow.objects.select_for_update().filter(pk=job.pk).first()
        if workflow is not None and (workflow.status != Workflow.Status.DRAFT or workflow.history.exists()):
            raise PlacesRefused(text=messages.IN_REVIEW)
        if workflow is not None and workflow.comments.exists():
            raise PlacesRefused(text=messages.COMMENTED)
        if job.variants.filter(revision__gt=0).exists():
            raise PlacesRefused(text=messages.EDITED)
        job.delete()

    def published(self, *, organization: Organization, term: Term) -> list[Placement] | None:
        """The places of the term's published timetable, by its own periods."""
        workflows = Workflow.objects.filter(organization=organization, term=term, status=Workflow.Status.PUBLISHED)
        workflow = workflows.select_related("variant").first()
        if workflow is None or workflow.variant is None:
            return None
        index = {position: period for period, position in _periods(term).items()}
        return [
            Placement(entry.course, entry.section, entry.day, index[entry.period], None, entry.length, entry.room, tuple(entry.instructors))
            for entry in workflow.variant.entries.order_by("lecture")
            if entry.day is not None and entry.period in index
        ]


def _periods(term: Term) -> dict[int, int]:
    """By the number of a period, where it stands in the day."""
    numbers = Period.objects.filter(term=term).order_by("index").values_list("index", flat=True)
    return {number: position for position, number in enumerate(numbers)}


def _digest(placements: Sequence[Placement], problem: str) -> str:
    rows = sorted([each.course, each.section, each.day, each.period, each.lecture, each.length, each.room] for each in placements)
    return hashlib.sha256(json.dumps([problem, rows]).encode()).hexdigest()


def _made_before(organization: Organization, term: Term, digest: str) -> Variant | None:
    """The variant of the same places on the same data, as nobody has changed it."""
    jobs = GenerationJob.objects.filter(organization=organization, term=term, origin__digest=digest)
    return Variant.objects.filter(job__in=jobs, revision=0).order_by("created_at").first()


def _facts_of(variant: Variant, *, is_new: bool) -> dict[str, Any]:
    return {
        "job_id": str(variant.job_id),
        "variant_id": str(variant.pk),
        "label": variant.label,
        "hard": variant.hard,
        "soft": variant.soft,
        "unplaced": int(variant.statistics["unplaced"]),
        "is_new": is_new,
    }


def _notes(problem: Problem, laid: Laid) -> list[str]:
    """What somebody should know of how the places were understood."""
    notes = [messages.left_out(laid.num_left_out)] if laid.num_left_out else []
    notes += messages.rooms_chosen(chosen=len(laid.chosen_rooms), without=len(laid.without_room))
    if laid.not_online:
        notes.append(messages.not_online(rows=[row for lecture in laid.not_online for row in laid.places[lecture].rows]))
    others = []
    for lecture, place in laid.places.items():
        teachers = {problem.names.instructors[i] for i in problem.section_instructors[int(problem.lecture_section[lecture])]}
        if place.instructors and set(place.instructors) != teachers:
            others.append(place)
    if others:
        notes.append(messages.taught_by_others(count=len(others), rows=[row for place in others for row in place.rows]))
    missing = problem.num_lectures - len(laid.places)
    return [*notes, messages.unplaced(missing)] if missing else notes


def _uses(term: Term, problem: Problem, laid: Laid, source: Source, broken: Collection[int]) -> list[str]:
    """Rules that were asked for beside the timetable. A lecture that breaks a rule where it is, is not fixed there."""
    notes: list[str] = []
    if WISHES in source.uses:
        wished = wishes_write(term=term, problem=problem, places=laid.places, name=source.name)
        notes.append(messages.wishes_made(times=wished.times, rooms=wished.rooms))
    if PINS in source.uses:
        placed = [lecture for lecture in laid.places if laid.solution.slot[lecture] >= 0]
        sound = [lecture for lecture in placed if lecture not in broken]
        pinned = pins_write(term=term, problem=problem, places=laid.places, lectures=sound, name=source.name)
        notes += messages.pins_made(made=pinned.made, broken=len(placed) - len(sound), other=pinned.other)
    return notes


def _broken(judgement: Judgement) -> set[int]:
    """Lectures that break a rule where they are. A row that stands for violations that are not listed names their lectures too."""
    rows = (row for row in judgement.conflicts if row["is_hard"] and row["constraint"] != "unplaced")
    return {lecture for row in rows for lecture in row["lectures"]}


def _write(
    organization: Organization, term: Term, problem: Problem, laid: Laid, judgement: Judgement, source: Source, digest: str
) -> Variant:
    now = timezone.now()
    origin = {
        "taken_from": source.name[:MOST_NAME],
        "made_at": now.isoformat(),
        "made_by": source.user.get_username() if source.user else "",
        "digest": digest,
    }
    job = GenerationJob.objects.create(
        organization=organization,
        term=term,
        num_variants=1,
        requested_by=source.user,
        weights={},
        status=GenerationJob.Status.COMPLETED,
        has_incumbent=True,
        started_at=now,
        finished_at=now,
        origin=origin,
    )
    variant = Variant.objects.create(
        job=job,
        index=0,
        label=f"{LABEL} ({source.name})"[:MOST_LABEL],
        weights=problem.weights.as_dict(),
        seed=job.seed,
        hard=judgement.score.hard,
        soft=judgement.score.soft,
        breakdown=judgement.breakdown,
        statistics=judgement.statistics,
        certificate={
            "taken_from": {name: origin[name] for name in ("taken_from", "made_at", "made_by")},
            "problem_hash": problem_hash(problem),
            "code_version": code_version(),
            **certificate_facts(judgement.breakdown),
        },
    )
    conflicts_write(variant_id=variant.pk, rows=judgement.conflicts, is_new=True)
    seating = seating_pack(problem, laid.solution)
    if seating:
        Seating.objects.create(variant=variant, data=seating)
    curricula = Naming(organization.pk).curriculum_of_students
    rows = entries_of(problem, laid.solution, curriculum_of=curricula)
    entries_insert(variant_id=variant.pk, rows=rows)
    problem_freeze(job=job, problem=problem)
    Workflow.objects.create(job=job)
    return variant
