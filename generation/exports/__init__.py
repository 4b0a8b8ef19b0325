"""A variant as a file. Rendered once for the same content and options, then served from the cache."""

from __future__ import annotations

import fcntl
import hashlib
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from django.conf import settings
from django.core.cache import caches

from generation.exports import calendar_ics, ctt_lines, document_json, fet_locked, table_csv, unitime_csv, workbook_xlsx
from generation.exports.document import Document, ExportRefused, document_load
from generation.models import Variant
from generation.text import messages
from generation.timetable.grid import By

# Raise it whenever a renderer changes, so that no file of an older release is served.
RELEASE = 10


@dataclass(frozen=True)
class Renderer:
    content_type: str
    render: Callable[[Document], bytes]
    ending: str = ""  # of a file's name; empty: the kind


@dataclass(frozen=True)
class WholeRenderer:
    """Of a format that says more than the timetable: its data, too, as they were in the run. For whoever reads the whole timetable."""

    content_type: str
    render: Callable[[Variant], bytes]
    ending: str = ""


def _pdf(document: Document) -> bytes:
    from generation.exports import grid_pdf  # typesetting's tables, which other pages need not wait for

    return grid_pdf.render(document)


RENDERERS = {
    "csv": Renderer("text/csv; charset=utf-8", table_csv.render),
    "xlsx": Renderer("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", workbook_xlsx.render),
    "ics": Renderer("text/calendar; charset=utf-8", calendar_ics.render),
    "pdf": Renderer("application/pdf", _pdf),
    "json": Renderer("application/json", document_json.render),
    "ctt": Renderer("text/plain; charset=utf-8", ctt_lines.render),
    "unitime": Renderer("text/csv; charset=utf-8", unitime_csv.render, "unitime.csv"),
}
WHOLE = {
    "fet": WholeRenderer("application/xml", fet_locked.render),
    "fet-left-out": WholeRenderer("application/json", fet_locked.left_out, "fet.json"),
}
KINDS = (*RENDERERS, *WHOLE)
_TYPES = [*(each.content_type for each in RENDERERS.values()), *(each.content_type for each in WHOLE.values())]
CONTENT_TYPES = tuple(sorted({each.partition(";")[0] for each in _TYPES}))


@dataclass(frozen=True)
class ExportFile:
    name: str
    content_type: str
    content: bytes
    content_hash: str


def export_file(
    variant: Variant, *, kind: str, by: By | None = None, key: str = "", with_violations: bool = True, is_inner: bool = True
) -> ExportFile:
    """The variant in that format, narrowed to one ``key`` where given; what is wrong with it only when ``with_violations``.

    What concerns nobody outside (how the search went) is left out unless ``is_inner``.

    Raises `ExportRefused` with words for people.
    """
    document = document_load(variant, by=by, key=key, with_violations=with_violations)
    if kind in WHOLE:
        if key or not is_inner or not with_violations:
            raise ExportRefused(text=messages.WHOLE_ALONE)
        whole, content_hash = WHOLE[kind], f"{RELEASE}-{kind}-{document.content_hash}"
        content = cached_once(content_hash, lambda: whole.render(variant))
        return ExportFile(_file_name(document, kind), whole.content_type, content, content_hash)
    return document_file(document if is_inner else document_outer(document), kind=kind)


def document_outer(document: Document) -> Document:
    """What anybody may read: how the search went concerns nobody outside."""
    return replace(document, certificate={}, statistics={}, weights={}, breakdown={}, counts={}, seed=0)


def document_file(document: Document, *, kind: str) -> ExportFile:
    """The document in that format. Raises `ExportRefused` with words for people."""
    content_hash = f"{RELEASE}-{kind}-{document.content_hash}"
    renderer = RENDERERS[kind]
    content = cached_once(content_hash, lambda: renderer.render(document))
    return ExportFile(_file_name(document, kind), renderer.content_type, content, content_hash)


def cached_once(content_hash: str, render: Callable[[], bytes]) -> bytes:
    """The file of that content; rendered by whoever asks first."""
    cache = caches["exports"]
    content: bytes | None = cache.get(content_hash)
    if content is None:
        with _one_at_a_time(content_hash):
            content = cache.get(content_hash)
            if content is None:
                content = render()
                cache.set(content_hash, content)
    return content


@contextmanager
def _one_at_a_time(content_hash: str) -> Iterator[None]:
    """Holds a lock that every process of this machine shares, so that two requests do not render the same file."""
    # Not in a folder that others on this machine may write to: a file of theirs could stand there already.
    path = settings.VAR_DIR / f"export-{hashlib.sha256(content_hash.encode()).hexdigest()[:2]}.lock"
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _file_name(document: Document, kind: str) -> str:
    """The job and the variant by name, in letters that every file system takes; a published one has no other name."""
    return _safe_name(
        [document.organization, document.term, f"job-{document.job_id[:8]}", document.label, document.key, str(document.week_of or "")],
        (RENDERERS | WHOLE)[kind].ending or kind,
    )


def book_name(document: Document, book: str) -> str:
    return _safe_name([document.organization, document.term, f"job-{document.job_id[:8]}", document.label, book], "pdf")


def _safe_name(words: list[str], kind: str) -> str:
    safe = (re.sub(r"[^A-Za-z0-9]+", "-", word).strip("-").lower() for word in words)
    return "_".join(word for word in safe if word)[:150] + f".{kind}"


__all__ = [
    "CONTENT_TYPES",
    "KINDS",
    "RELEASE",
    "ExportFile",
    "ExportRefused",
    "book_name",
    "cached_once",
    "document_file",
    "document_outer",
    "export_file",
]
