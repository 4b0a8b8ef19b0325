"""Words in the headings and texts of all documents that a reader may open."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from erp.help.documents import Document, Section, document_rendered, documents_for

QUERY_MAX = 100  # letters that are read of what was typed
WORDS_MAX = 8
HITS_MAX = 30
BEFORE, AFTER = 60, 180  # letters of an excerpt around the first word that was found


@dataclass(frozen=True, slots=True)
class Hit:
    document: Document
    section: Section
    excerpt: SafeString

    @property
    def address(self) -> str:
        return self.document.address if self.section.level == 1 else f"{self.document.address}#{self.section.anchor}"


def help_search(query: str, *, is_staff: bool) -> list[Hit]:
    """Sections that hold every word, or one that begins with it; those that have them in the heading come first."""
    words = query[:QUERY_MAX].split()[:WORDS_MAX]
    if not words:
        return []
    patterns = [re.compile(rf"(?<!\w){re.escape(word)}", re.IGNORECASE) for word in words]
    found = sorted(_matches(patterns, is_staff=is_staff), key=lambda each: each[0], reverse=True)[:HITS_MAX]
    either = re.compile("|".join(each.pattern for each in patterns), re.IGNORECASE)
    return [Hit(document, section, _excerpt(section.text, patterns, either)) for _, document, section in found]


def _matches(patterns: list[re.Pattern[str]], *, is_staff: bool) -> Iterator[tuple[tuple[int, int], Document, Section]]:
    for document in documents_for(is_staff=is_staff):
        for section in document_rendered(document, is_staff=is_staff).sections:
            in_heading = sum(bool(each.search(section.heading)) for each in patterns)
            times = [len(each.findall(f"{section.heading} {section.text}")) for each in patterns]
            if all(times):
                yield (in_heading, min(times)), document, section


def _best_place(text: str, patterns: list[re.Pattern[str]]) -> int:
    """Where most of the words are near one another, and of two such places the one with the rarer word."""
    places = [(found.start(), len(starts)) for each in patterns if (starts := list(each.finditer(text))) for found in starts]
    return max(places, key=lambda place: (_num_near(text, place[0], patterns), -place[1]), default=(0, 0))[0]


def _num_near(text: str, at: int, patterns: list[re.Pattern[str]]) -> int:
    return sum(bool(each.search(text, at, at + AFTER)) for each in patterns)


def _excerpt(text: str, patterns: list[re.Pattern[str]], either: re.Pattern[str]) -> SafeString:
    at = _best_place(text, patterns)
    start = text.rfind(" ", 0, max(0, at - BEFORE)) + 1 if at > BEFORE else 0
    end = text.find(" ", at + AFTER) if len(text) > at + AFTER else len(text)
    piece = text[start : end if end > 0 else len(text)]
    parts, last = [], 0
    for match in either.finditer(piece):
        parts.append((piece[last : match.start()], match.group()))
        last = match.end()
    marked = format_html_join("", "{}<mark>{}</mark>", parts)
    return format_html("{}{}{}{}", "... " if start else "", marked, piece[last:], " ..." if start + len(piece) < len(text) else "")
