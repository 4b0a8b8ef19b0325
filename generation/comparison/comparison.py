"""Two variants side by side, kept by what they are compared from."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.core.cache import caches

from academics.models import Instructor
from generation.comparison.people import People, people_changed, seats_of
from generation.comparison.rescoring import Rescored, profiles_of, variant_rescored
from generation.engine.constraints.register import CONSTRAINTS
from generation.engine.evaluation.counts import Counted
from generation.errors import Conflict
from generation.models import Variant
from generation.text import messages
from generation.text.display_names import Naming, reading_order
from generation.text.without_room import is_without_room
from generation.timetable.counts import amount_words, counts_read, found_words
from generation.timetable.grid import BY, By, Choice
from generation.timetable.lecture_moves import Moved, lectures_moved
from generation.timetable.lectures import Lecture, lectures_of

RELEASE = 3  # raise it whenever what is kept has another shape, or its classes move


@dataclass(frozen=True)
class Criterion:
    """One line of the table: both amounts under the chosen weights, how much more the second has, and what each counts, in words."""

    id: str
    label: str
    is_hard: bool
    first: int
    second: int
    first_found: str = ""
    second_found: str = ""

    @property
    def first_cost(self) -> str:
        return amount_words(self.id, self.first)

    @property
    def second_cost(self) -> str:
        return amount_words(self.id, self.second)

    @property
    def difference(self) -> int:
        return self.second - self.first


@dataclass(frozen=True)
class Differences:
    """What does not depend on weights."""

    moves: tuple[Moved, ...]
    people: People
    num_lectures: int
    choices: dict[By, tuple[Choice, ...]]
    changed_keys: dict[By, frozenset[str]]

    @property
    def changed(self) -> tuple[frozenset[int], frozenset[int]]:
        """The numbers of the lectures that moved, in the one variant and in the other."""
        first = frozenset(move.first.number for move in self.moves if move.first)
        return first, frozenset(move.second.number for move in self.moves if move.second)


@dataclass(frozen=True)
class Scores:
    """Scored under one profile."""

    first: Rescored
    second: Rescored
    criteria: tuple[Criterion, ...]


def comparable_require(first: Variant, second: Variant) -> None:
    """Only timetables of one institution's term have the same lectures and people."""
    if (first.job.organization_id, first.job.term_id) != (second.job.organization_id, second.job.term_id):
        raise Conflict(text=messages.OTHER_TERM)


def is_same_data(first: Variant, second: Variant) -> bool:
    """Whether both runs were made from the same data."""
    return first.job_id == second.job_id or first.certificate.get("problem_hash") == second.certificate.get("problem_hash", "")


def scores_of(first: Variant, second: Variant, *, profile: str) -> Scores:
    """Judges both under one profile of the institution's; `Conflict` where the problem of a run is gone."""
    profiles = profiles_of(first.job.organization)
    rescored = [variant_rescored(variant, profiles=profiles, profile=profile) for variant in (first, second)]
    return Scores(rescored[0], rescored[1], _criteria(rescored[0], rescored[1], (counts_read(first), counts_read(second))))


def _criteria(first: Rescored, second: Rescored, counts: Sequence[Mapping[str, Counted] | None]) -> tuple[Criterion, ...]:
    """Totals, then each constraint that costs anything in either, hard ones first."""
    rows = [
        Criterion("hard", messages.HARD_TOTAL, True, first.hard, second.hard),
        Criterion("soft", messages.SOFT_TOTAL, False, first.soft, second.soft),
    ]
    for name, constraint in CONSTRAINTS.items():
        amounts = first.breakdown.get(name, 0), second.breakdown.get(name, 0)
        if any(amounts):
            found = [found_words(name, each) for each in counts]
            rows.append(Criterion(name, messages.constraint_label(name), constraint.is_hard, *amounts, *found))
    return tuple(sorted(rows, key=lambda row: (row.id not in ("hard", "soft"), not row.is_hard)))


def differences_of(first: Variant, second: Variant) -> Differences:
    """What moved and whose week changes; kept until either is edited. Two queries a variant, the first time."""
    cache, key = caches["figures"], _key(first, second)
    kept: Differences | None = cache.get(key)
    if kept is None:
        kept = _differences(first, second)
        cache.set(key, kept)
    return kept


def _differences(first: Variant, second: Variant) -> Differences:
    lectures = lectures_of(first), lectures_of(second)
    moves = tuple(lectures_moved(*lectures))
    people = people_changed(*lectures, (seats_of(first), seats_of(second)))
    moved = [lecture for move in moves for lecture in (move.first, move.second) if lecture is not None]
    organization_id = first.job.organization_id
    names = dict(Instructor.objects.filter(organization=organization_id).values_list("code", "name"))
    return Differences(
        moves=moves,
        people=people,
        num_lectures=max(len(lectures[0]), len(lectures[1])),
        choices=_choices([*lectures[0], *lectures[1]], names, Naming(organization_id)),
        changed_keys={by: frozenset(keys) for by, keys in _keys(moved).items()},
    )


def _keys(lectures: Iterable[Lecture]) -> dict[By, set[str]]:
    """Whose weeks these lectures are in."""
    found: dict[By, set[str]] = {by: set() for by in BY}
    for lecture in lectures:
        found["section"].add(lecture.section)
        found["instructor"].update(lecture.instructors)
        found["room"].update([lecture.room] if lecture.room and not is_without_room(lecture.room) else [])
        found["curriculum"].update(lecture.curricula, lecture.electives)
    return found


def _choices(lectures: Collection[Lecture], names: dict[str, str], naming: Naming) -> dict[By, tuple[Choice, ...]]:
    titles = {lecture.section: f"{lecture.section} {lecture.title}".strip() for lecture in lectures}
    labels: dict[str, dict[str, str]] = defaultdict(dict)
    labels["section"] = titles
    labels["instructor"] = {code: f"{name} ({code})" for code, name in names.items() if name}
    keys = _keys(lectures)
    labels["curriculum"] = {code: naming.curriculum_label(code) for code in keys["curriculum"]}
    return {by: tuple(Choice(key, labels[by].get(key, key)) for key in sorted(keys[by], key=reading_order)) for by in BY}


def _key(first: Variant, second: Variant) -> str:
    text = f"{first.pk} {first.revision} {second.pk} {second.revision} {RELEASE}"
    return f"differences-{hashlib.sha256(text.encode()).hexdigest()}"
