"""Everything that was done about a timetable, in order, and as a file."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from generation.editing.text import edit_words
from generation.exports.table import plain
from generation.models import Comment, Edit, Workflow, WorkflowEvent
from generation.text import labels
from generation.text.display_names import Naming
from generation.timetable.archive_origin import taken_over_facts
from generation.timetable.when import Clock, clocks_of

HEADINGS = ("When", "Who", "What", "From", "To", "Variant", "Revision", "Lecture", "Text")


@dataclass(frozen=True)
class HistoryLine:
    """Who did what, when and why; ``lecture`` only for comments."""

    created_at: datetime
    user: str
    action: str
    from_status: str
    to_status: str
    variant: str
    revision: int
    lecture: int | None
    text: str


@dataclass(frozen=True)
class HistoryFile:
    name: str
    content_type: str
    content: bytes


def history_lines(workflow: Workflow) -> list[HistoryLine]:
    """Decisions, waivers, comments and changes by hand, the oldest first. Three queries, the term's periods, and the rooms' names."""
    if workflow._state.adding:
        return []
    events = workflow.history.select_related("user", "variant").defer("variant__conflicts", "variant__certificate")
    comments = workflow.comments.select_related("author", "resolved_by", "variant").defer("variant__conflicts", "variant__certificate")
    lines = [_of_event(event) for event in events]
    for comment in comments:
        lines.append(_of_comment(comment, "answer" if comment.thread_id else "comment"))
        if comment.resolved_at is not None:
            resolved = dataclasses.replace(_of_comment(comment, "resolve"), created_at=comment.resolved_at)
            lines.append(dataclasses.replace(resolved, user=_name(comment.resolved_by)))
    clocks, naming = clocks_of(workflow.job), Naming(workflow.job.organization_id)
    edits = Edit.objects.filter(variant__job=workflow.job_id).select_related("user", "variant")
    lines += [_of_edit(edit, clocks, naming) for edit in edits.defer("variant__conflicts", "variant__certificate")]
    return sorted(lines, key=lambda line: line.created_at)


def history_file(workflow: Workflow, *, kind: str) -> HistoryFile:
    """``kind``: csv or json."""
    lines = history_lines(workflow)
    name = f"history-{str(workflow.job_id)[:8]}.{kind}"
    if kind == "csv":
        return HistoryFile(name, "text/csv; charset=utf-8", _csv(lines))
    rows = [dataclasses.asdict(line) | {"created_at": line.created_at.isoformat()} for line in lines]
    document = {"job_id": str(workflow.job_id), "status": workflow.status, "taken_over": taken_over_facts(workflow.pk), "history": rows}
    return HistoryFile(name, "application/json", json.dumps(document, ensure_ascii=False, indent=1).encode())


def _csv(lines: list[HistoryLine]) -> bytes:
    """With a byte order mark, so that spreadsheets read the names' letters right."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(HEADINGS)
    writer.writerows([plain(value) for value in _cells(line)] for line in lines)
    return text.getvalue().encode("utf-8-sig")


def _cells(line: HistoryLine) -> tuple[Any, ...]:
    lecture = "" if line.lecture is None else line.lecture
    what = labels.HISTORY[line.action]
    when = line.created_at.isoformat(timespec="seconds")
    return (when, line.user, what, line.from_status, line.to_status, line.variant, line.revision, lecture, line.text)


def _of_event(event: WorkflowEvent) -> HistoryLine:
    label, who = event.variant.label if event.variant else "", _name(event.user) or event.user_name
    steps = (event.from_status, event.to_status)
    return HistoryLine(event.created_at, who, event.action, *steps, label, event.revision, None, event.comment)


def _of_comment(comment: Comment, action: str) -> HistoryLine:
    label = comment.variant.label
    return HistoryLine(comment.created_at, _name(comment.author), action, "", "", label, comment.revision, comment.lecture, comment.text)


def _of_edit(edit: Edit, clocks: Sequence[Clock], naming: Naming) -> HistoryLine:
    text = edit_words(edit, clocks, naming)
    return HistoryLine(edit.created_at, _name(edit.user), edit.action, "", "", edit.variant.label, edit.number, None, text)


def _name(user: Any) -> str:
    return str(user) if user is not None else ""
