"""How one table is restructured: the proposal, what people made of it, the steps' previews, the questions, and what comes out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from academics.plain_text import json_is_storable
from academics.restructuring.derive import Derivation, DerivedTable, Deriver, Known, roles_read
from academics.restructuring.frames import Frame, RestructuringRefusal, cell_of, heading_plain
from academics.restructuring.guess import (
    CAN_TEACH,
    LAYOUTS,
    NONE,
    ROOMS,
    Guesser,
    Proposal,
    layout_question,
    roles_of_rooms,
    rows_doubtful,
    type_of,
)
from academics.restructuring.questions import MOST_EXAMPLES, Choice, Question, Questions, answers_check, answers_match
from academics.restructuring.roles import ROLES, roles_check, singles_check
from academics.restructuring.schedules import TimesReader, says_when, vocabulary_read
from academics.restructuring.steps import DropRows, FillDown, Headings, JoinCells, SplitRows, Step, StepPreview, steps_apply, steps_read
from academics.weekly_times.readings import Reading

PREVIEWED_ROWS = 8
BEHIND = "cells behind the last heading"
NUMBERED = re.compile(r"column \d+")  # a column without a heading
FIELDS = ("steps", "roles", "answers", "vocabulary", "owners")


@dataclass(frozen=True)
class TablePlan:
    """What people decided of a table. ``steps`` and ``roles`` None: as they are proposed."""

    steps: tuple[Step, ...] | None = None
    roles: Mapping[str, str] | None = None
    answers: Mapping[str, str] = field(default_factory=dict)
    vocabulary: Mapping[str, Any] = field(default_factory=dict)
    owners: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        return {
            **({} if self.steps is None else {"steps": [step.document() for step in self.steps]}),
            **({} if self.roles is None else {"roles": dict(self.roles)}),
            "answers": dict(self.answers),
            **({"vocabulary": dict(self.vocabulary)} if self.vocabulary else {}),
            **({"owners": {kind: dict(fields) for kind, fields in self.owners.items()}} if self.owners else {}),
        }


def plan_read(document: Any) -> TablePlan:
    """A plan of its document, every part checked. Raises `RestructuringRefusal`."""

    def refuse(why: str) -> RestructuringRefusal:
        return RestructuringRefusal("document_shape", field="recipe", why=why)

    if not isinstance(document, Mapping):
        raise refuse("it is not an object")
    if not json_is_storable(document):
        raise refuse("it holds NaN, or characters that are none: a zero character, or half of a letter")
    strange = [str(name)[:40] for name in document if name not in FIELDS]
    if strange and all(isinstance(value, str) and value in ROLES for value in document.values()):
        raise refuse(
            'it says what columns are; put that under "roles", as in {"roles": {' + f'"{strange[0]}": "{document[strange[0]]}"' + "}}"
        )
    if strange and all(isinstance(value, Mapping) and ("kind" in value or "columns" in value) for value in document.values()):
        raise refuse("it says of which kind tables are; that is a mapping, and goes under 'mapping' (in the terminal --mapping)")
    if strange:
        raise refuse(f"there is no {strange[0]!r}; there are {', '.join(FIELDS)}")
    steps = None if document.get("steps") is None else steps_read(document["steps"])
    roles = document.get("roles")
    if roles is not None and not (isinstance(roles, Mapping) and all(isinstance(v, str) for pair in roles.items() for v in pair)):
        raise refuse("'roles' is not an object of columns and roles")
    singles_check(roles or {})
    vocabulary = document.get("vocabulary") or {}
    if not isinstance(vocabulary, Mapping):
        raise refuse("'vocabulary' is not an object")
    vocabulary_read(vocabulary)
    owners = document.get("owners") or {}
    if not isinstance(owners, Mapping) or not all(
        isinstance(fields, Mapping) and all(owner in ("file", "registrar") for owner in fields.values()) for fields in owners.values()
    ):
        raise refuse("'owners' is not an object of kinds, their columns and 'file' or 'registrar'")
    answers = answers_check(document.get("answers") or {})
    if answers.get("layout", NONE) not in LAYOUTS:
        known = ", ".join(LAYOUTS)
        raise RestructuringRefusal("answer_unknown", field="answers", value=answers["layout"][:40], question="layout", known=known)
    return TablePlan(steps, None if roles is None else dict(roles), answers, dict(vocabulary), dict(owners))


@dataclass(frozen=True)
class TableState:
    """A table as it is read now. ``tables`` are what comes out, whole; ``refusal`` says why nothing does."""

    key: str
    raw: Frame
    proposal: Proposal
    plan: TablePlan
    layout: str
    steps: tuple[Step, ...]
    roles: Mapping[str, str]
    frame: Frame
    previews: tuple[StepPreview, ...]
    questions: tuple[Question, ...]
    tables: tuple[DerivedTable, ...]
    notes: tuple[str, ...] = ()
    unread: tuple[tuple[str, int], ...] = ()  # days and times that are not understood, with how many rows have them
    refusal: str = ""
    unused: tuple[tuple[str, int], ...] = ()  # headings of the file that nothing is made of, with how many rows say something there
    recipe: str = ""  # the name of the saved one that is used
    readings: tuple[Reading, ...] = ()  # of its days and times

    @property
    def is_restructured(self) -> bool:
        """Whether it is read by its steps and roles, and not as a table of one kind."""
        return self.layout not in ("", NONE)

    @property
    def is_decided(self) -> bool:
        """Whether somebody, or a recipe, said what the table is."""
        return "layout" in self.plan.answers

    @property
    def open(self) -> list[Question]:
        """The questions that have to be answered before anything is imported."""
        answers = self.plan.answers
        return [question for question in self.questions if not _is_answered(question, answers)] if self.layout != NONE else []

    @property
    def shape(self) -> str:
        return shape_of_table(self.raw, self.steps)

    def recipe_document(self) -> dict[str, Any]:
        """Everything that reads such a table the same way again, the proposal included."""
        whole = replace(self.plan, steps=self.steps, roles=dict(self.roles))
        return {"shape": self.shape} | whole.document()

    def document(self) -> dict[str, Any]:
        """For REST and for the terminal."""
        return {
            "table": self.key,
            "layout": self.layout,
            "layouts": LAYOUTS,
            "recipe": self.recipe,
            "reasons": list(self.proposal.reasons),
            "steps": [
                {
                    **preview.step.document(),
                    "sentence": preview.sentence,
                    "num_rows": preview.num_rows,
                    "before": preview.before,
                    "after": preview.after,
                }
                for preview in self.previews
            ],
            "columns": list(self.frame.names),
            "roles": dict(self.roles),
            "questions": [question.document(self.plan.answers) for question in self.questions],
            "open": [question.id for question in self.open],
            "derived": [derived_document(table) for table in self.tables],
            "notes": list(self.notes),
            "unused": [{"heading": heading, "num_rows": count} for heading, count in self.unused],
            "refusal": self.refusal,
        }


def derived_document(table: DerivedTable, *, most: int = PREVIEWED_ROWS) -> dict[str, Any]:
    rows = [{"row": number, "cells": [str(cell) for cell in cells]} for number, cells in table.rows[:most]]
    return {"kind": table.kind, "columns": list(table.columns), "headings": list(table.headings), "num_rows": len(table.rows), "rows": rows}


def _is_answered(question: Question, answers: Mapping[str, str]) -> bool:
    answer = answers.get(question.id, "")
    if not answer or (question.choices and all(choice.value != answer for choice in question.choices)):
        return question.default is not None
    return True


def table_state(*, key: str, raw: Frame, plan: TablePlan, known: Known, recipe: str = "") -> TableState:
    """Read a table by its plan. What can't be done is said in ``refusal``; nothing is written."""
    proposal = Guesser(raw, plan.answers, says_when).propose()
    layout = plan.answers.get("layout", proposal.layout)
    steps = proposal.steps if plan.steps is None else plan.steps
    previews: list[StepPreview] = []
    blank = TableState(key, raw, proposal, plan, layout, steps, {}, raw, (), (), (), recipe=recipe)
    first_question = layout_question(proposal, num_rows=len(raw.rows))
    if layout in ("", NONE):
        return replace(blank, questions=(first_question,) if "layout" in plan.answers else ())
    try:
        frame = steps_apply(raw, steps, previews=previews)
        roles = _roles(plan, proposal, frame)
        questions = Questions(plan.answers)
        questions.ask(first_question)
        if plan.steps is None or plan.roles is None:  # questions about steps that somebody chose are answered by them
            for question in proposal.questions:
                questions.ask(question)
        if layout == ROOMS:
            roles = rooms_roles(frame, roles, questions)
        reader = TimesReader(plan.vocabulary, plan.answers)
        derivation = derived(layout, frame, roles, questions=questions, known=known, reader=reader)
        answers_match(plan.answers, derivation.questions)
        doubtful = () if plan.steps is None else tuple(rows_doubtful(raw, steps, frame, plan.answers))
    except RestructuringRefusal as refusal:
        return replace(blank, previews=tuple(previews), questions=(first_question, *proposal.questions), refusal=str(refusal))
    unused = columns_unused(raw, steps, previews, roles_read(roles, is_matrix=layout == CAN_TEACH))
    return replace(
        blank,
        roles=roles,
        frame=frame,
        previews=tuple(previews),
        questions=derivation.questions,
        tables=derivation.tables,
        notes=(*doubtful, *derivation.notes, *unused_said(unused)),
        unused=unused,
        unread=derivation.unread,
        readings=tuple(reader.readings),
    )


def _roles(plan: TablePlan, proposal: Proposal, frame: Frame) -> dict[str, str]:
    if plan.roles is None:
        return {name: role for name, role in proposal.roles.items() if frame.has(name)}
    return roles_check(plan.roles, frame.names)


def columns_unused(
    raw: Frame, steps: Sequence[Step], previews: Sequence[StepPreview], read: Mapping[str, str]
) -> tuple[tuple[str, int], ...]:
    """The headings of the file of which nothing is made, each with how many rows have something there.

    ``read`` are the columns, after all steps, that are made into something; what chooses or repeats rows counts as used too.
    """
    if not steps or not isinstance(steps[0], Headings):
        return ()
    first = steps[0].apply(raw).frame
    origins = {name: {name} for name in first.names}
    used: set[str] = set()
    for preview in previews[1:]:
        step = preview.step
        named = [*getattr(step, "columns", ()), *filter(None, [getattr(step, "column", "")])]
        sources = set().union(*(_origin(origins, name) for name in named))
        if isinstance(step, DropRows | SplitRows):
            used |= sources
        if isinstance(step, FillDown) and step.within:
            used |= _origin(origins, step.within)
        origins = {name: origins.get(name, sources) for name in preview.after["columns"]}
    used = used.union(*(_origin(origins, name) for name in read))
    found = [(name, sum(map(bool, first.values(name)))) for name in first.names if name not in used]
    if not any(isinstance(step, JoinCells) for step in steps):
        found.append((BEHIND, sum(any(cells[len(first.columns) :]) for _, cells in first.rows)))
    return tuple((name, count) for name, count in found if count or not (name == BEHIND or NUMBERED.fullmatch(name)))


def _origin(origins: Mapping[str, set[str]], name: str) -> set[str]:
    """The headings of the file that a column was made of, found as a step finds it."""
    plain = heading_plain(name)
    return origins.get(name) or next((found for each, found in origins.items() if heading_plain(each) == plain), set())


def unused_said(unused: Sequence[tuple[str, int]]) -> list[str]:
    words = ", ".join(
        f"{heading} ({count:,} row{'' if count == 1 else 's'})" if count else f"{heading} (empty)" for heading, count in unused
    )
    return [f"Not used: {words}."] if unused else []


def derived(layout: str, frame: Frame, roles: Mapping[str, str], *, questions: Questions, known: Known, reader: TimesReader) -> Derivation:
    if layout == CAN_TEACH:
        return can_teach_derived(frame, roles, questions=questions, known=known, reader=reader)
    return Deriver(frame, roles, questions=questions, known=known, times=reader).derive()


def rooms_roles(frame: Frame, roles: Mapping[str, str], questions: Questions) -> dict[str, str]:
    """Roles of a table that is said to be one of rooms. Which column names them is asked, where none is known to."""
    found = roles_of_rooms(roles)
    if "room" in found.values():
        return found
    names = [name for name in frame.names if name not in found and any(frame.values(name))]
    answer = questions.ask(
        Question(
            "rooms_column",
            "The table is said to be a list of rooms, but none of its columns is known to name them. Which one does?",
            tuple(Choice(name, name) for name in names),
            len(frame.rows),
            examples=tuple(f"{name}: {next(value for value in frame.values(name) if value)[:40]}" for name in names[:MOST_EXAMPLES]),
        )
    )
    return found | ({answer: "room"} if answer else {})


def can_teach_derived(frame: Frame, roles: Mapping[str, str], *, questions: Questions, known: Known, reader: TimesReader) -> Derivation:
    """Pairs of course and person: who can teach a course, or who does teach it this term."""
    choices = (
        *((Choice("can_teach", "Who can teach the course: one of them is chosen later"),) if "can_teach" in known.kinds else ()),
        Choice("offerings", "Who teaches the course this term: all of them together"),
    )
    answer = questions.ask(Question("can_teach", "What does a mark mean?", choices, len(frame.rows)))
    deriver = Deriver(frame, roles, questions=questions, known=known, times=reader)
    tables = tuple(table for table in deriver.can_teach(as_kind=answer) if table.rows) if answer else ()
    return Derivation(tables, tuple(questions.questions.values()), tuple(deriver.notes))


def shape_of_table(raw: Frame, steps: tuple[Step, ...]) -> str:
    """What tables have in common that are read the same way: their headings, or the number and types of their columns."""
    first = steps[0] if steps else None
    if isinstance(first, Headings) and first.row is not None:
        try:
            names = first.apply(raw).frame.names
        except RestructuringRefusal:
            names = ()
        if names:
            return "headings: " + "|".join(heading_plain(name) for name in names)
    width = max((len(cells) for _, cells in raw.rows[:1000]), default=0)
    kinds = []
    for index in range(width):
        types = [type_of(cell_of(cells, index)) for _, cells in raw.rows[:200] if cell_of(cells, index)]
        kinds.append(max(sorted(set(types)), key=types.count) if types else "")
    return f"columns: {width}: " + "|".join(kinds)
