"""What a source of constraints does: it counts, narrows and words its own, a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from django.db.models import QuerySet
from django.urls import reverse

from generation.rulebook.context import Book, Filters, Line

Rows = QuerySet[Any] | list[Any]


class Source(Protocol):
    """Constraints of one or several kinds."""

    @property
    def kinds(self) -> tuple[str, ...]: ...

    def select(self, book: Book, filters: Filters) -> Rows:
        """What matches the filters, in order, to be counted and sliced."""

    def find(self, book: Book, kind: str, row: str) -> Any | None:
        """One of them."""

    def lines(self, book: Book, rows: Sequence[Any]) -> list[Line]: ...


def admin_page(model: str, pk: object) -> str:
    return reverse(f"admin:academics_{model}_change", args=[pk])


def course_label(code: str, name: str) -> str:
    return f"{code} {name}".strip()
