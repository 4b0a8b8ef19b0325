"""A term's rule book while a page is made: what every sentence needs to know of the institution."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from academics.models import Organization, Period, RuleSetting, Term
from academics.selectors import has_defaults, lunch_usual
from generation.engine.evaluation.counts import Counted
from generation.engine.model.problem import Weights
from generation.rulebook.costs import Breach, Costs
from generation.rulebook.kinds import COST_OF, FAMILIES, HARDNESS, KINDS, Kind
from generation.rulebook.lectures_affected import Touches, touches_of
from generation.rulebook.sentences import Mark, times
from generation.text.labels import count_words
from generation.timetable.counts import counts_read


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list of sentences is narrowed to; empty: everything."""

    kind: str = ""  # a kind, or a family of them
    search: str = ""
    strength: str = ""  # hard, weighted
    state: str = ""  # on, off
    cost: str = ""  # some: only what cost something


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    value: str
    unit: str = ""
    allowed: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One constraint as people read it."""

    kind: Kind
    row: str
    sentence: str
    scope: str
    is_hard: bool
    parameters: tuple[Parameter, ...] = ()
    weight: int | None = None  # what one breach costs, in all
    factor: int | None = None  # of that, the rule's own part, where it has one
    is_active: bool = True
    comment: str = ""
    num_lectures: int | None = None
    breaches: tuple[Breach, ...] | None = None  # None: no timetable has been looked at
    record: str = ""  # the page of the record in the data entry
    can_switch: bool = True
    default: str = ""  # why it counts though nobody entered it; empty: somebody did, or it always counts
    facts: dict[str, object] = field(default_factory=dict)  # as the form takes them
    found: str = ""  # what the timetable counts of it, where it is one constraint of the whole institution

    @property
    def id(self) -> str:
        return f"{self.kind.id}-{self.row}"

    @property
    def family_title(self) -> str:
        return next(family.title for family in FAMILIES if family.id == self.kind.family)

    @property
    def can_delete(self) -> bool:
        """What nobody entered can be switched off, and not taken away."""
        return self.kind.is_deletable and not self.default

    @property
    def cost(self) -> int | None:
        return None if self.breaches is None else sum(breach.amount for breach in self.breaches)

    @property
    def found_words(self) -> str:
        """``12 students (15 clashes)``, else ``5 lectures, in 3 places``: never a cost."""
        if self.found or not self.breaches:
            return self.found
        lectures = {lecture for breach in self.breaches for lecture in breach.lectures}
        places = f"in {count_words(len(self.breaches), 'place', 'places')}"
        return f"{count_words(len(lectures), 'lecture', 'lectures')}, {places}" if lectures else places


class Book:
    """The institution, its term, and the timetable whose costs are shown."""

    def __init__(self, organization: Organization, term: Term, costs: Costs | None = None) -> None:
        self.organization = organization
        self.term = term
        self.costs = costs

    @cached_property
    def weights(self) -> dict[str, int]:
        usual = Weights().as_dict()
        return usual | {name: int(value) for name, value in self.organization.weights.items() if name in usual}

    @cached_property
    def counts(self) -> dict[str, Counted] | None:
        return counts_read(self.costs.variant) if self.costs is not None else None

    @cached_property
    def touches(self) -> Touches:
        return touches_of(term=self.term)

    @cached_property
    def periods(self) -> list[int]:
        return [period.index for period in self._clock]

    @cached_property
    def _clock(self) -> list[Period]:
        return list(self.term.periods.order_by("index"))

    @property
    def has_lunch(self) -> bool:
        """Whether the term marks a lunch time itself."""
        return any(period.is_lunch for period in self._clock)

    @property
    def noon(self) -> list[Period]:
        """The periods that count as lunch time though nobody marked any."""
        return lunch_usual(self._clock) if has_defaults(self.organization) else []

    @cached_property
    def settings(self) -> dict[tuple[str, int], tuple[bool, str]]:
        rows = RuleSetting.objects.filter(organization=self.organization)
        return {(row.kind, row.owner_id): (row.is_active, row.comment) for row in rows}

    def off(self, kind: str) -> list[int]:
        return [row for (of, row), (is_active, _) in self.settings.items() if of == kind and not is_active]

    def setting(self, kind: str, row: int) -> tuple[bool, str]:
        return self.settings.get((kind, row), (True, ""))

    def is_hard(self, kind: str) -> bool:
        """Of a kind that is hard, or weighed, for everybody at once."""
        if kind not in HARDNESS:
            return KINDS[kind].strength == "hard"
        cost = HARDNESS[kind]
        usual = cost == "room_capacity" and self.organization.source.get("formulation") != "udine2007"
        return bool(self.organization.hardness.get(cost, usual))

    def weight(self, kind: str, factor: int = 1) -> int:
        """What one breach of a weighted constraint of this kind costs."""
        cost = self.weights[COST_OF[kind]]
        return cost * factor * (3 if kind in ("inside", "outside") else 1)

    def when(self, marks: Iterable[Mark]) -> str:
        return times(marks, self.term.num_days, self.periods)

    def slots(self, marks: Iterable[Mark]) -> set[int]:
        """The timeslots of the marks, as the engine numbers them."""
        position = {period: number for number, period in enumerate(self.periods)}
        found = set()
        for day, period in marks:
            days = range(self.term.num_days) if day is None else [day]
            hours = list(position.values()) if period is None else [position[period]] if period in position else []
            found |= {each * len(position) + hour for each in days for hour in hours}
        return found
