"""The ITC-2007 solution format: `CourseID RoomID Day Period` a line."""

from __future__ import annotations

from generation.exports.document import Document, ExportRefused
from generation.text import messages


def render(document: Document) -> bytes:
    """Lectures without a place have no line, as the format has it."""
    if document.source.get("format") != "ctt":
        raise ExportRefused(text=messages.not_from_ctt(document.organization_name))
    lines = [f"{lecture.course} {lecture.room} {lecture.day} {lecture.period}\n" for lecture in document.placed if lecture.room]
    return "".join(lines).encode()
