"""Everything that is known of the variant, as JSON; days and periods count from 0, weeks from 1; without weeks it is every one."""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from typing import Any

from academics.term_weeks import weeks_of
from generation.exports.document import Document
from generation.timetable.lectures import Lecture


def render(document: Document) -> bytes:
    facts = {field.name: getattr(document, field.name) for field in fields(document) if field.name not in ("source", "marks")}
    if document.week_of is None:
        del facts["week_of"]
    if document.conflicts is None:
        del facts["conflicts"]
    facts["clocks"] = [asdict(clock) for clock in document.clocks]
    facts["rooms"] = {code: {"name": room.name, "building": room.building or room.building_code} for code, room in document.rooms.items()}
    facts["breaks"] = [each._asdict() for each in document.breaks]
    facts["lectures"] = [
        _lecture(lecture, facts["ordinals"].get(lecture.number)) | (mark._asdict() if (mark := document.marks.get(lecture)) else {})
        for lecture in document.lectures
    ]
    del facts["ordinals"]
    return json.dumps(facts, ensure_ascii=False, default=str).encode("utf-8", "replace")


def _lecture(lecture: Lecture, ordinal: int | None) -> dict[str, Any]:
    """What later releases say comes last."""
    facts = lecture._asdict()
    number, electives, weeks = (facts.pop(name) for name in ("number", "electives", "weeks"))
    return {"lecture": number, **facts, "ordinal": ordinal, "electives": electives, "weeks": weeks_of(weeks)}
