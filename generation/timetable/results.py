"""Finished variants to rows: evaluated, described, compared with one another, stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from generation.engine.constraints.register import constraints_of
from generation.engine.evaluation.counts import MOST_LISTED, Found, found_of
from generation.engine.evaluation.criteria_in_use import wishes_of
from generation.engine.evaluation.evaluate import student_clashes_of
from generation.engine.evaluation.violations import violations_of
from generation.engine.infeasibility.unplaced_reasons import unplaced_reasons
from generation.engine.model.problem import UNPLACED, Problem
from generation.engine.model.schedule import Timetable
from generation.engine.model.solution import Score, Solution
from generation.engine.model.text import Count, listed
from generation.errors import Unsolvable
from generation.models import Entry, GenerationJob, Seating, Variant, Workflow
from generation.problem.seating_codec import seating_pack
from generation.problem.without_room import places_without_room
from generation.text.display_names import Naming
from generation.text.messages import NOTHING_TO_PLACE, variants_alike_note, variants_same_note
from generation.text.violations import unlisted_row, violation_row
from generation.timetable.conflict_store import conflicts_write
from generation.timetable.counts import certificate_facts, counts_stored
from generation.timetable.electives import electives_of
from generation.timetable.provenance import code_version

if TYPE_CHECKING:  # the web server stores an edited variant without the search
    from generation.engine.solve import Result, VariantResult

ALIKE_BELOW = 0.1  # of the placements: then the variant carries a note that says why
BATCH = 2000
MOST_CHOSEN = 10  # named in a sentence
MOST_EXPLAINED = 1000  # lectures without a place: of more only a few would be explained in that time, for a quarter of a gigabyte
REASONS_S = 0.5  # for finding out why lectures of one variant have no place: the save is within the job's time


@dataclass(frozen=True)
class Judgement:
    """The evaluation of one timetable, as rows keep it."""

    score: Score
    breakdown: dict[str, int]
    conflicts: list[dict[str, Any]]
    statistics: dict[str, Any]


@dataclass(frozen=True)
class FinishedVariant:
    """A variant whose score the evaluator confirms, and the rows' contents."""

    result: VariantResult
    conflicts: list[dict[str, Any]]
    statistics: dict[str, Any]
    certificate: dict[str, Any]
    note: str
    entries: list[dict[str, Any]]
    seating: bytes


def variants_evaluate(
    problem: Problem,
    result: Result,
    *,
    certificate: Mapping[str, object],
    naming: Naming | None = None,
    settled_note: str = NOTHING_TO_PLACE,
    is_each_kept: bool = False,
) -> list[FinishedVariant]:
    """Judges every variant under the organization's own weights; of identical ones the first, which says so, unless each is kept.

    Raises when search and evaluator disagree.
    """
    finished: list[FinishedVariant] = []
    wishes = wishes_of(problem)
    for alike in [[each] for each in result.variants] if is_each_kept else _grouped(result.variants):
        variant = alike[0]
        timetable = Timetable(problem, variant.solution)
        found = found_of(timetable, most=MOST_LISTED)
        evaluated, _ = _scored(problem, found)
        if evaluated != variant.score:
            raise Unsolvable("scores_differ", label=variant.label, claimed=_words(variant.score), evaluated=_words(evaluated))
        finished.append(
            FinishedVariant(
                result=variant,
                conflicts=conflicts_of(timetable, variant.solution, found),
                statistics=statistics_of(problem, variant.solution, unplaced=variant.unplaced, student_clashes=variant.student_clashes)
                | {"lower_bound": result.lower_bound}
                | counts_stored(found, variant.score),
                certificate={
                    **certificate,
                    "variant_seed": variant.seed,
                    "code_version": code_version(),
                    **certificate_facts(variant.breakdown),
                    "wishes": wishes,
                },
                note=settled_note if result.is_settled else _note(problem, alike, finished),
                entries=entries_of(problem, variant.solution, curriculum_of=naming.curriculum_of_students if naming else {}),
                seating=seating_pack(problem, variant.solution),
            )
        )
    return finished


def solution_evaluate(problem: Problem, solution: Solution) -> Judgement:
    """Judges a timetable that no search stands behind, under the organization's own weights."""
    timetable = Timetable(problem, solution)
    found = found_of(timetable, most=MOST_LISTED)
    score, breakdown = _scored(problem, found)
    return Judgement(
        score=score,
        breakdown=breakdown,
        conflicts=conflicts_of(timetable, solution, found),
        statistics=statistics_of(problem, solution, unplaced=len(timetable.unplaced), student_clashes=student_clashes_of(timetable))
        | counts_stored(found, score),
    )


def _scored(problem: Problem, found: Mapping[str, Found]) -> tuple[Score, dict[str, int]]:
    """The score and what it is made of, whatever of it is listed."""
    totals, breakdown = {True: 0, False: 0}, {}
    for constraint in constraints_of(problem, problem.weights):
        breakdown[constraint.id] = amount = constraint.weight(problem.weights) * found[constraint.id].units
        totals[constraint.is_hard] += amount
    return Score(totals[True], totals[False]), breakdown


@dataclass(frozen=True)
class Prepared:
    """One variant's rows, made before the transaction, which then only sends them."""

    variant: Variant
    conflicts: list[dict[str, Any]]
    seating: bytes
    entries: list[Entry]


def variants_prepare(*, job: GenerationJob, variants: list[FinishedVariant]) -> list[Prepared]:
    """The rows of a run's variants. Reads and writes nothing."""
    prepared = []
    for index, variant in enumerate(variants):
        result = variant.result
        row = Variant(
            job=job,
            index=index,
            label=result.label,
            weights=result.profile.weights.as_dict(),
            seed=result.seed,
            hard=result.score.hard,
            soft=result.score.soft,
            breakdown=result.breakdown,
            statistics=variant.statistics,
            certificate=variant.certificate,
            note=variant.note,
        )
        entries = [Entry(variant=row, **entry) for entry in variant.entries]
        prepared.append(Prepared(row, variant.conflicts, variant.seating, entries))
    return prepared


def variants_write(*, job: GenerationJob, variants: list[FinishedVariant], prepared: list[Prepared] | None = None) -> None:
    """Stores the variants with their lectures and a draft workflow. Call inside a transaction; replaces earlier rows."""
    Workflow.objects.filter(job=job).delete()
    Variant.objects.filter(job=job).delete()
    for each in prepared or variants_prepare(job=job, variants=variants):
        each.variant.save(force_insert=True)
        conflicts_write(variant_id=each.variant.pk, rows=each.conflicts, is_new=True)
        if each.seating:
            Seating.objects.create(variant=each.variant, data=each.seating)
        Entry.objects.bulk_create(each.entries, batch_size=BATCH)
    Workflow.objects.create(job=job)


def entries_of(problem: Problem, solution: Solution, *, curriculum_of: Mapping[str, str] | None = None) -> list[dict[str, Any]]:
    """One row's contents per lecture, with names instead of indices. ``curriculum_of``: of students, by code."""
    names = problem.names
    electives = electives_of(problem, solution, curriculum_of=curriculum_of or {})
    entries = []
    weeks, every = problem.lecture_weeks.tolist(), (1 << problem.num_weeks) - 1
    for lecture in range(problem.num_lectures):
        section = int(problem.lecture_section[lecture])
        slot, room = int(solution.slot[lecture]), int(solution.room[lecture])
        day, period = divmod(slot, problem.periods_per_day) if slot != UNPLACED else (None, None)
        entries.append(
            {
                "lecture": lecture,
                "course": names.courses[section],
                "title": names.titles[section],
                "section": names.sections[section],
                "instructors": [names.instructors[i] for i in problem.section_instructors[section]],
                "curricula": [names.curricula[q] for q in problem.section_curricula[section]],
                "electives": electives.get(section, []),
                "size": int(problem.section_size[section]),
                "room": names.rooms[room] if room != UNPLACED else "",
                "day": day,
                "period": period,
                "length": int(problem.lecture_length[lecture]),
                "weeks": weeks[lecture] if weeks and weeks[lecture] != every else 0,
                "is_pinned": bool(problem.lecture_pin_slot[lecture] >= 0 or problem.lecture_pin_room[lecture] >= 0),
                "is_time_pinned": bool(problem.lecture_pin_slot[lecture] >= 0),
                "is_room_pinned": bool(problem.lecture_pin_room[lecture] >= 0),
            }
        )
    return entries


def statistics_of(problem: Problem, solution: Solution, *, unplaced: int, student_clashes: int) -> dict[str, Any]:
    """Counts for people who compare variants; shares are percentages with one decimal."""
    placed = solution.slot != UNPLACED
    is_room = ~places_without_room(problem)
    in_rooms = placed & (solution.room != UNPLACED)
    roomed = in_rooms & is_room[np.where(in_rooms, solution.room, 0)] if is_room.size else in_rooms
    lengths = problem.lecture_length
    taken = int(lengths[roomed].sum())
    open_periods = int(problem.room_available[is_room].sum())
    seats = (problem.room_capacity[solution.room[roomed]] * lengths[roomed]).sum()
    seated = (problem.section_size[problem.lecture_section[roomed]] * lengths[roomed]).sum()
    return {
        "sections": problem.num_sections,
        "lectures": problem.num_lectures,
        "placed": int(np.count_nonzero(placed)),
        "unplaced": unplaced,
        "students": len(problem.student_sections),
        "student_clashes": student_clashes,
        "students_moved": num_students_moved(problem, solution),
        **({"chosen_instructors": chosen} if (chosen := problem.source.get("chosen_instructors")) else {}),
        "instructors": problem.num_instructors,
        "rooms": int(np.count_nonzero(is_room)),
        "rooms_used": len(set(solution.room[roomed].tolist())),
        "room_periods_taken": taken,
        "room_utilisation": _percent(taken, open_periods),
        "seat_utilisation": _percent(int(seated), int(seats)),
    }


def chosen_words(variant: Variant) -> str:
    """Whom the program chose to teach, of those who can; empty where it chose nobody. A query for names."""
    chosen = variant.statistics.get("chosen_instructors", [])
    if not chosen:
        return ""
    naming = Naming(variant.job.organization_id)
    named = [f"{section if course in section else f'{course} {section}'} ({naming.instructor(who)})" for course, section, who in chosen]
    return f"The program chose who teaches {Count(len(chosen)):section}, of those who can: {listed(named, MOST_CHOSEN)}."


def num_students_moved(problem: Problem, solution: Solution) -> int:
    """Students who attend another section of some course than the one first dealt to them."""
    if solution.seats is None:
        return 0
    student = np.repeat(np.arange(len(problem.student_sections)), np.diff(problem.student_sections.indptr))
    return len(np.unique(student[solution.seats != problem.student_sections.indices]))


def conflicts_of(timetable: Timetable, solution: Solution, found: Mapping[str, Found]) -> list[dict[str, Any]]:
    """The violations as they are stored, those of lectures without a place with what blocks them and what would have to move. Of a
    constraint with very many the dearest, and a row that stands for the rest, so that the amounts sum to the score.
    """
    problem = timetable.problem
    listed = violations_of(timetable, findings={name: each.listed for name, each in found.items()})
    is_incomplete = 0 < len(timetable.unplaced) <= MOST_EXPLAINED
    reasons = {each.lecture: each for each in unplaced_reasons(problem, solution, limit_s=REASONS_S)} if is_incomplete else {}
    rows = [violation_row(each, reasons.get(each.lectures[0]) if each.constraint == "unplaced" else None) for each in listed]
    rest = ((constraint, found[constraint.id]) for constraint in constraints_of(problem, problem.weights))
    return rows + [
        unlisted_row(
            constraint,
            number=each.num_unlisted,
            amount=constraint.weight(problem.weights) * each.units_unlisted,
            lectures=each.lectures_unlisted,
        )
        for constraint, each in rest
        if each.num_unlisted
    ]


def _percent(part: int, whole: int) -> float:
    return round(100 * part / whole, 1) if whole else 0.0


def _grouped(variants: Sequence[VariantResult]) -> list[list[VariantResult]]:
    """The variants, those with the same places and seats together."""
    groups: list[list[VariantResult]] = []
    for variant in variants:
        group = next((each for each in groups if each[0].solution.is_same(variant.solution)), None)
        if group is None:
            groups.append([variant])
        else:
            group.append(variant)
    return groups


def _note(problem: Problem, alike: Sequence[VariantResult], earlier: list[FinishedVariant]) -> str:
    total = problem.num_lectures
    if len(alike) > 1:
        return variants_same_note([each.label for each in alike])
    for other in earlier:
        differing = alike[0].solution.difference(other.result.solution)
        if differing < ALIKE_BELOW * total:
            return variants_alike_note(other=other.result.label, differing=differing, total=total)
    return ""


def _words(score: Score) -> str:
    return f"{score.hard} hard, {score.soft} soft"
