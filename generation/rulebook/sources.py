"""Every source of constraints, in the order in which people read them."""

from __future__ import annotations

from academics.selectors import LIMIT_KINDS, MARKED
from generation.rulebook.institution_sources import AlwaysSource, SeatsSource, WeightSource
from generation.rulebook.kinds import KINDS
from generation.rulebook.person_source import PersonSource
from generation.rulebook.record_sources import CurriculumSource, MeetingSource, OfferingSource, SharingSource
from generation.rulebook.rule_source import RuleSource
from generation.rulebook.source import Source

SOURCES: tuple[Source, ...] = (
    RuleSource("times"),
    OfferingSource("min_days"),
    RuleSource("together"),
    RuleSource("places"),
    OfferingSource("preferred_rooms"),
    OfferingSource("home_building"),
    MeetingSource(),
    *(PersonSource(kind) for kind in LIMIT_KINDS),
    *(PersonSource(f"{sort}_{owner}") for sort in ("away", "wish") for owner in MARKED),
    SharingSource(),
    SeatsSource(),
    CurriculumSource(),
    AlwaysSource(),
    WeightSource(),
)
SOURCE_OF = {kind: source for source in SOURCES for kind in source.kinds}
assert set(SOURCE_OF) == set(KINDS), set(KINDS) ^ set(SOURCE_OF)
