"""What an organization has published now, known without a look into the database until something changes.

Every write to what a published page shows begins a new turn, once its transaction is committed; what was read in an earlier turn is
not looked at again. Should Redis be away just then, and the process that wrote be gone when
it comes back, the old turn lasts `PUBLISHED_CHECK_S` at most.
"""

from __future__ import annotations

import re
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from academics.models import Organization
from generation.published.publication import Publication, publication_of, workflows_published
from generation.published.shelf import shelf

TURN = "published-turn"
SHOWN = "generation_(?:workflow|variant|entry)|academics_(?:organization|term|period|holiday|instructor|room|curriculum)"
WRITE = re.compile(rf'\s*(?:INSERT (?:OR \w+ )?INTO|UPDATE|DELETE FROM)\s+"(?:{SHOWN})"', re.IGNORECASE)
Execute = Callable[[str, Any, bool, dict[str, Any]], Any]

_one_reads = threading.Lock()  # of this process; the others wait for what it finds


@dataclass(frozen=True)
class Standing:
    """An organization to its readers. The usual term's timetable comes first."""

    organization_id: int
    code: str
    name: str
    is_public: bool
    turn: str  # in which this was read; empty where Redis is away
    publications: tuple[Publication, ...]

    def publication(self, term: str = "") -> Publication | None:
        return next((each for each in self.publications if not term or each.term == term), None)


def standing_of(code: str) -> Standing | None:
    """None where there is no such organization. Reads the whole timetable once a turn."""
    turn = shelf.get(TURN) or shelf.put_first(TURN, uuid.uuid4().hex)
    name = f"standing-{turn}-{code}"
    found = shelf.get(name) if turn else None
    if found is None:
        with _one_reads:
            found = (shelf.get(name) if turn else None) or (_read(code, turn or ""),)
            if turn:
                shelf.put(name, found, keep_s=settings.PUBLISHED_CHECK_S)
    standing: Standing | None = found[0]
    return standing


def _read(code: str, turn: str) -> Standing | None:
    organization = Organization.objects.filter(code=code).first()
    if organization is None:
        return None
    publications = tuple(publication_of(each) for each in workflows_published(organization_id=organization.pk))
    return Standing(organization.pk, organization.code, organization.name, organization.is_public, turn, publications)


def writes_watch(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Has a new connection begin a turn with each write of what is shown; bulk writes and cascades pass here too."""
    if _turn_after_write not in connection.execute_wrappers:
        connection.execute_wrappers.append(_turn_after_write)


def _turn_after_write(execute: Execute, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    result = execute(sql, params, many, context)
    if isinstance(sql, str) and WRITE.match(sql):
        connection = context["connection"]
        if all(hook[1] is not turn_begin for hook in connection.run_on_commit):
            transaction.on_commit(turn_begin, using=connection.alias)
    return result


def turn_begin() -> None:
    """What Redis is not there to hear, it is told as soon as this process finds it again."""
    shelf.put_surely(TURN, uuid.uuid4().hex)
