"""Files of other timetabling programs, each a whole institution: what is in one, what it would change, and the writing of it.

This app knows none of their formats: the class that the setting INSTITUTION_READER names reads them.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from academics.defaults import has_defaults
from academics.importing.columns_by_kind import TIMETABLE
from academics.importing.entities import ENTITIES
from academics.importing.further_terms import (
    KINDS,
    MOST_KEPT,
    Counts,
    Matched,
    counts_of,
    rows_matched,
    term_is_taken,
    term_proposed,
)
from academics.importing.messages import ImportConflict, ImportRefusal, UnreadableFile, text
from academics.importing.snapshots import digests_read
from academics.models import ImportBatch, Organization, Rule
from academics.placements import USES, Placement
from academics.plain_text import text_plain
from academics.selectors import TermRows
from academics.services import organization_has_rows, organization_store, term_store

INSTITUTION = "institution"  # among the samples: what the file holds beside rows
ALLOW_UNSUPPORTED, REPLACE, AS_TERM = "allow_unsupported", "replace", "as_term"  # decisions
FURTHER_TERM = "further_term"  # of what is said of a file: what it would be as one
COUNTS = "counts_by_decision"  # among the samples: what would change, as it is decided
AS_TERM_BUTTON = "Add it as a new term"
LONGEST_CODE = 60
RULES = "rules"
MOST_KINDS = 200  # of what can't be kept, listed one by one
FACTS = ("weights", "hardness", "source")  # of the institution itself, that come with a file
LEFT_OUT = "left_out"
# How many rows of each kind a file has.
ROWS = (
    "buildings",
    "features",
    "rooms",
    "instructors",
    "periods",
    "courses",
    "curricula",
    "groups",
    "offerings",
    "sections",
    "room_preferences",
    "students",
    "enrolments",
    "availability",
)
KINDS_COUNTED = (*ROWS, RULES, TIMETABLE)


@dataclass(frozen=True)
class InstitutionFile:
    """What a file holds, as an institution's rows."""

    format_name: str  # as people call it
    name: str
    term: str  # the code of its term
    rows: TermRows
    weights: Mapping[str, int]
    hardness: Mapping[str, bool] = field(default_factory=dict)
    placements: Sequence[Placement] = ()
    source: Mapping[str, Any] = field(default_factory=dict)
    left_out: Mapping[str, int] = field(default_factory=dict)  # what can't be kept, by kind
    notes: Sequence[str] = ()  # what is kept otherwise than the file has it

    @property
    def num_lectures(self) -> int:
        sections = Counter(section.offering_id for section in self.rows.sections)
        return sum(meeting.count * max(1, sections[meeting.offering_id]) for meeting in self.rows.meetings)


class InstitutionReader(Protocol):
    """Whoever knows the formats."""

    def format_of(self, *, file: str, data: bytes) -> str:
        """What such a file is called, by its beginning; empty where it is of no format that holds an institution.

        Raises `UnreadableFile` for formats that are known and not imported.
        """
        ...

    def read(self, *, file: str, data: bytes) -> InstitutionFile:
        """Raises `UnreadableFile`."""
        ...


def institution_reader() -> InstitutionReader:
    found: InstitutionReader = import_string(settings.INSTITUTION_READER)()
    return found


def format_of(files: Sequence[tuple[str, bytes]]) -> str:
    """The format of the one file that is a whole institution; empty where all are tables. Raises `UnreadableFile` where it has company."""
    reader = institution_reader()
    found = {name: each for name, data in files if (each := reader.format_of(file=name, data=data))}
    if found and len(files) > 1:
        name, format_name = next(iter(found.items()))
        raise UnreadableFile("institution_alone", field="files", file=name, format=format_name)
    return next(iter(found.values()), "")


def institution_read(batch: ImportBatch) -> tuple[InstitutionFile, str]:
    """The batch's file, and a digest by which it is known again."""
    file = batch.files.get()
    data = zlib.decompress(file.data)
    return institution_reader().read(file=file.name, data=data), hashlib.sha256(data).hexdigest()


def institution_report(batch: ImportBatch, found: InstitutionFile, digest: str) -> dict[str, Any]:
    """What importing it would do, as the batch keeps it, with what has to be decided first as problems."""
    organization, code = batch.organization, term_code_of(batch.fixes)
    is_there = _is_there(organization, digest) and not code
    is_in_the_way = not is_there and organization_has_rows(organization=organization)
    # How many rows there are of a kind, now and in the file, is all that can be said: one institution takes the other's place.
    whole = {name: _counts(_existing(organization, name), _number(found, name), is_there=is_there) for name in KINDS_COUNTED}
    facts: dict[str, Any] = {
        "format": found.format_name,
        "term": found.term,
        "lectures": found.num_lectures,
        "placed": len(found.placements),
        RULES: _rules(found),
        LEFT_OUT: dict(found.left_out),
        "there": is_there,
        "in_the_way": is_in_the_way,
        FURTHER_TERM: None,
    }
    samples = {INSTITUTION: facts, COUNTS: {REPLACE: _some(whole)}}
    if is_in_the_way:
        matched = rows_matched(organization=organization, rows=found.rows)
        added = counts_of(matched, lambda name: _number(found, name), KINDS_COUNTED)
        facts[FURTHER_TERM] = _further_term(organization, found, matched)
        samples[COUNTS][AS_TERM] = _some(added)
    return {
        "counts": _counts_chosen(samples, batch.fixes),
        "samples": samples,
        "num_repeated": 0,
        "warnings": [{"file": batch.names[0], "sheet": "", "row": 0, "column": "", "value": "", "message": each} for each in found.notes],
        "read_as": [],
        **undecided(organization, batch.names[0], facts, batch.fixes),
    }


def _some(counts: Counts) -> dict[str, Mapping[str, int]]:
    return {name: each for name, each in counts.items() if any(each.values())}


def _counts_chosen(samples: Mapping[str, Any], fixes: Mapping[str, Any]) -> Any:
    """What would change, as it was decided."""
    listed = samples[COUNTS]
    return listed[AS_TERM] if term_code_of(fixes) and AS_TERM in listed else listed[REPLACE]


def term_code_of(fixes: Mapping[str, Any]) -> str:
    """The code of the term that the file is to become; empty where nothing was said."""
    return text_plain(str(fixes.get(AS_TERM, "")))


def _further_term(organization: Organization, found: InstitutionFile, matched: Matched) -> dict[str, Any]:
    """What the file would be as a term of the institution: what of it is there, and what stays as the institution has it."""
    same = {name: matched.count(model) for name, (model, _) in KINDS.items() if matched.count(model)}
    notes = [text("term_by_name", count=count, kind=ENTITIES[name].title.lower()) for name, count in matched.by_name.items()]
    costs = {name for name in {*found.weights, *organization.weights} if found.weights.get(name) != organization.weights.get(name)}
    hard = {name for name in {*found.hardness, *organization.hardness} if found.hardness.get(name) != organization.hardness.get(name)}
    notes += [text("term_costs", organization=organization.name)] if costs or hard else []
    notes += [text("term_defaults", organization=organization.name)] if has_defaults(organization) else []
    return {
        "proposed": term_proposed(organization=organization, code=found.term),
        "matched": same,
        "num_kept": len(matched.kept),
        "kept": [each._asdict() for each in matched.kept[:MOST_KEPT]],
        "notes": notes,
    }


def undecided(organization: Organization, file: str, facts: Mapping[str, Any], fixes: Mapping[str, Any]) -> dict[str, Any]:
    """What is still to be decided, as problems and causes: whether to leave out what can't be kept, and to replace what is there."""
    problems: list[dict[str, Any]] = []
    causes: list[dict[str, Any]] = []
    left_out: Mapping[str, int] = facts[LEFT_OUT]
    if left_out and not facts["there"] and not fixes.get(ALLOW_UNSUPPORTED):
        values = list(left_out.items())[:MOST_KINDS]
        problems += [_problem(file, ALLOW_UNSUPPORTED, kind, text("unsupported_kind", count=count)) for kind, count in values]
        words = text("unsupported", count=sum(left_out.values()), format=facts["format"])
        causes.append(_cause(file, ALLOW_UNSUPPORTED, words, values, "Leave these out"))
    code = term_code_of(fixes)
    if code and (fixes.get(REPLACE) or len(code) > LONGEST_CODE or term_is_taken(organization=organization, code=code)):
        which = "term_or_replace" if fixes.get(REPLACE) else "term_code_long" if len(code) > LONGEST_CODE else "term_taken"
        words = text(which, organization=organization.name, code=code[:LONGEST_CODE], most=LONGEST_CODE)
        problems.append(_problem(file, AS_TERM, code[:LONGEST_CODE], words))
        causes.append(_cause(file, AS_TERM, words, [(code[:LONGEST_CODE], 1)], AS_TERM_BUTTON, ""))
    elif facts["in_the_way"] and not code and not fixes.get(REPLACE):
        words = text("institution_full", organization=organization.name)
        problems.append(_problem(file, REPLACE, "", words))
        cause = _cause(file, REPLACE, words, [("", 1)], "Replace what is there")
        cause["fix"] += _cause(file, AS_TERM, words, [], AS_TERM_BUTTON, "")["fix"]
        causes.append(cause)
    return {"num_problems": len(problems), "problems": problems, "causes": causes}


def _problem(file: str, cause: str, value: str, message: str) -> dict[str, Any]:
    return {"file": file, "sheet": "", "row": 0, "column": "", "value": value, "message": message, "allowed": "", "cause": cause}


def _cause(
    file: str, decision: str, words: str, values: Sequence[tuple[str, int]], button: str, given: str | bool = True
) -> dict[str, Any]:
    rows = sum(count for _, count in values)
    return {
        "id": decision,
        "text": words,
        "rows": rows,
        "kind": "",
        "allowed": "",
        "values": [{"value": value, "rows": count, "near": ""} for value, count in values],
        "places": [{"table": file, "column": "", "heading": "", "rows": rows}],
        "fix": [{"action": decision, "text": button, "fixes": {decision: given}}],
    }


def _is_there(organization: Organization, digest: str) -> bool:
    """Whether the data are as this file left them."""
    kept = organization.source.get("imported_file")
    return (
        isinstance(kept, Mapping) and kept.get("digest") == digest and kept.get("left") == _state(digests_read(organization=organization))
    )


def _state(digests: Mapping[str, str]) -> str:
    return hashlib.sha256(json.dumps(digests, sort_keys=True).encode()).hexdigest()


def _counts(existing: int, number: int, *, is_there: bool) -> dict[str, int]:
    if is_there:
        return {"added": 0, "changed": 0, "removed": 0, "unchanged": number}
    return {"added": number, "changed": 0, "removed": existing, "unchanged": 0}


def _existing(organization: Organization, name: str) -> int:
    if name == TIMETABLE:
        return 0
    if name == RULES:
        return Rule.objects.filter(organization=organization).count()
    return ENTITIES[name].rows(organization).count()


def _number(found: InstitutionFile, name: str) -> int:
    if name == TIMETABLE:
        return len(found.placements)
    return len(getattr(found.rows, "offerings" if name == "courses" else name))


def _rules(found: InstitutionFile) -> dict[str, int]:
    counted = Counter(row.kind for row in found.rows.rules)
    return {Rule.Kind(kind).label: count for kind, count in counted.most_common()}


def institution_write(batch: ImportBatch, found: InstitutionFile) -> bool:
    """The file in place of what the institution has, whose name and members stay: True. Or, as decided, as a further term: False.

    Inside a transaction.
    """
    organization, code = batch.organization, term_code_of(batch.fixes)
    if code and organization_has_rows(organization=organization):
        if term_is_taken(organization=organization, code=code):
            raise ImportConflict("term_taken", organization=organization.name, code=code)
        matched = rows_matched(organization=organization, rows=found.rows)
        term_store(organization=organization, code=code, rows=matched.rows, there=matched.there)
        return False
    organization_store(
        code=organization.code,
        name=organization.name,
        term={"code": code or found.term, "name": found.name, "academic_year": "", "semester": ""},
        rows=found.rows,
        weights=found.weights,
        hardness=found.hardness,
        source={**found.source, LEFT_OUT: dict(found.left_out)},
        replace=True,
    )
    organization.refresh_from_db()
    return True


def places_by_term(batch: ImportBatch, found: InstitutionFile) -> dict[str, Sequence[Placement]]:
    """The timetable in the file, by the code of the term that it becomes one of."""
    if not found.placements:
        return {}
    code = term_code_of(batch.fixes)
    if not code:
        return {found.term: found.placements}
    return {code: rows_matched(organization=batch.organization, rows=found.rows).placed(found.placements)}


def institution_remember(organization: Organization, digest: str) -> None:
    """By what the same file is known again, for as long as nobody edits the data. Inside the import's transaction."""
    kept = {"digest": digest, "left": _state(digests_read(organization=organization))}
    organization.source = {**organization.source, "imported_file": kept}
    organization.save(update_fields=["source"])


def facts_of(organization: Organization) -> dict[str, Any]:
    return {name: getattr(organization, name) for name in FACTS}


def facts_put_back(organization: Organization, kept: Mapping[str, Any]) -> None:
    """What an undo gives the institution itself back. Refused where somebody changed it since."""
    if not kept:
        return
    if facts_of(Organization.objects.get(pk=organization.pk)) != kept["after"]:
        raise ImportConflict("undo_later", what="weights and rules of the institution")
    Organization.objects.filter(pk=organization.pk).update(**kept["before"])


def institution_decide(*, batch: ImportBatch, decisions: Mapping[str, bool | str], uses: Sequence[str]) -> None:
    """Note what was decided about a file that was checked, and what is undecided still. Its figures are those of the decision."""
    batch.refresh_from_db(fields=["samples", "fixes", "status"])
    fixes = {**batch.fixes, **decisions}
    left = undecided(batch.organization, batch.names[0], batch.samples[INSTITUTION], fixes)
    facts = {"fixes": fixes, "uses": [use for use in USES if use in uses], **left}
    if COUNTS in batch.samples:  # not of a file that an earlier release has checked
        facts["counts"] = _counts_chosen(batch.samples, fixes)
    if not ImportBatch.objects.filter(pk=batch.pk, status=ImportBatch.Status.CHECKED).update(**facts):
        raise ImportRefusal("fix_unknown")
    for name, value in facts.items():
        setattr(batch, name, value)
