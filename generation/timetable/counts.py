"""What a stored variant counts of each constraint, beside what that costs.

The counts stand among the variant's statistics, with the score that they belong to. A variant that was stored by an earlier release,
or changed by one since, has none that hold: then nothing is said but what its breaches cost.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from generation.engine.constraints.register import CONSTRAINTS
from generation.engine.evaluation.counts import Counted, Found, counted_words
from generation.engine.model.solution import Score
from generation.models import Variant
from generation.text.messages import broken_total, broken_words, constraint_label

STORED = "counts"  # among the statistics
RELEASE = 1  # raise it whenever a constraint counts something else


def certificate_facts(breakdown: Mapping[str, int]) -> dict[str, dict[str, int]]:
    """The breakdown as a certificate has it: how often each rule is broken, and what each wish costs."""
    return {
        "violations": {name: amount for name, amount in breakdown.items() if _is_hard(name)},
        "costs": {name: amount for name, amount in breakdown.items() if not _is_hard(name)},
    }


def certificate_read(stored: Mapping[str, Any]) -> dict[str, Any]:
    """A certificate as it is shown: earlier releases wrote costs among the violations."""
    if "violations" not in stored:
        return dict(stored)
    facts = certificate_facts(stored["violations"])
    return {**stored, "violations": facts["violations"], "costs": stored.get("costs", {}) | facts["costs"]}


def counts_stored(found: Mapping[str, Found], score: Score) -> dict[str, Any]:
    """As statistics keep it; what is not named is 0."""
    counts = {name: [each.counted.count, each.counted.also] for name, each in found.items() if each.counted.count}
    return {STORED: {"release": RELEASE, "score": [score.hard, score.soft], "found": counts}}


def counts_read(variant: Variant) -> dict[str, Counted] | None:
    """By constraint, those of the breakdown and what else was found; None where none are known of the variant as it is."""
    stored = variant.statistics.get(STORED)
    if not stored or stored["release"] != RELEASE or stored["score"] != [variant.hard, variant.soft]:
        return None
    found = {name: Counted(*stored["found"].get(name, (0, 0))) for name in [*variant.breakdown, *stored["found"]]}
    return {name: each for name, each in found.items() if name in CONSTRAINTS}


def counts_facts(variant: Variant) -> dict[str, dict[str, Any]]:
    """The same for programs; empty where none are known."""
    return {name: _facts(name, each) for name, each in (counts_read(variant) or {}).items()}


def _facts(constraint: str, found: Counted) -> dict[str, Any]:
    unit = CONSTRAINTS[constraint].counted
    also = {"also": {"count": found.also, "unit": unit.also}} if unit.also else {}
    return {"count": found.count, "unit": unit.name, **also}


def facts_words(constraint: str, facts: Mapping[str, Mapping[str, Any]]) -> str:
    """Of what `counts_facts` says, the words; empty where it says nothing."""
    found = facts.get(constraint)
    return counted_words(constraint, Counted(found["count"], found.get("also", {}).get("count", 0))) if found else ""


def statistics_facts(variant: Variant) -> dict[str, Any]:
    """The statistics without what has its own place."""
    return {name: value for name, value in variant.statistics.items() if name not in (STORED, "change")}


def found_words(constraint: str, counts: Mapping[str, Counted] | None) -> str:
    """``4,210 students (75,384 clashes)``; empty where it is not known."""
    return counted_words(constraint, counts.get(constraint, Counted(0))) if counts is not None and constraint in CONSTRAINTS else ""


def amount_words(constraint: str, amount: int) -> str:
    """What a constraint adds to the score: a wish its cost, a rule how often it is broken."""
    return broken_words(amount) if _is_hard(constraint) else f"cost {amount:,}"


def _is_hard(constraint: str) -> bool:
    return constraint in CONSTRAINTS and CONSTRAINTS[constraint].is_hard


def variant_lines(variant: Variant) -> list[str]:
    """A variant for a terminal: its totals, then what is found of each constraint, with what that costs."""
    counts = counts_read(variant)
    lines = [f"{variant.label}: {broken_total(variant.hard)}, cost {variant.soft:,}. {variant.note}".rstrip()]
    for name, amount in sorted(variant.breakdown.items(), key=lambda row: (not _is_hard(row[0]), -row[1], row[0])):
        if amount:
            words = [found_words(name, counts), amount_words(name, amount)]
            lines.append(f"  {constraint_label(name)}: {', '.join(filter(None, words))}")
    return lines
