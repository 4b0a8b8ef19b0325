"""What an organization has published now, known without a look into the database until something changes.

Every write to what a published page shows begins a new turn of the institutions that it concerns, once its transaction is committed;
what was read in an earlier turn is not looked at again. A turn is a random word and no number that counts on, as one that Redis forgot
would begin again with numbers that were there before. Should Redis be away just then, and the process that wrote be gone when
it comes back, the old turn lasts `PUBLISHED_CHECK_S` at most.
"""

from __future__ import annotations

import threading
import uuid
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from academics.concerned import Concerned
from academics.models import Organization
from generation.publication.publication import Publication, publication_of, workflows_published
from generation.publication.redis_cache import page_cache

TURN = "published-turn"
SHOWN = (
    *(f"generation_{name}" for name in ("workflow", "variant", "entry", "publishededition", "lectureexception")),
    *(
        f"academics_{name}"
        for name in ("organization", "term", "period", "holiday", "instructor", "room", "building", "curriculum", "studentgroup")
    ),
)

_one_reads = tuple(threading.Lock() for _ in range(16))  # of this process, by code; the others wait for what it finds


@dataclass(frozen=True)
class CurrentPublications:
    """An organization to its readers. The usual term's timetable comes first."""

    organization_id: int
    code: str
    name: str
    is_public: bool
    turn: str  # in which this was read; empty where Redis is away
    publications: tuple[Publication, ...]

    def publication(self, term: str = "") -> Publication | None:
        return next((each for each in self.publications if not term or each.term == term), None)


def current_publications(code: str) -> CurrentPublications | None:
    """None where there is no such organization. Reads the whole timetable once a turn."""
    name = f"current-{code}"
    current = _known(name)
    if current is None:
        with _one_reads[hash(code) % len(_one_reads)]:
            current = _known(name) or _read(code)
            # That there is none is not kept: the organization that takes this code tomorrow has a turn that nobody knows of today.
            if current is not None and current.turn:
                page_cache.put(name, current, keep_s=settings.PUBLISHED_CHECK_S)
    return current


def _known(name: str) -> CurrentPublications | None:
    found: CurrentPublications | None = page_cache.get(name)
    return found if found is not None and found.turn == turn_of(found.organization_id) else None


def turn_of(organization_id: int) -> str:
    """What differs from all earlier ones once anything that its pages show has changed; empty where Redis is away."""
    parts = [page_cache.get(name) or page_cache.put_first(name, uuid.uuid4().hex) for name in turn_names(organization_id)]
    return turn_joined(organization_id, *parts) if all(parts) else ""


def turn_names(organization_id: int | str) -> tuple[str, str]:
    """Of all institutions, and of this one."""
    return TURN, f"{TURN}:{organization_id}"


def turn_joined(organization_id: int | str, of_all: str, own: str) -> str:
    return f"{organization_id}:{of_all}:{own}"


def _read(code: str) -> CurrentPublications | None:
    organization_id = Organization.objects.filter(code=code).values_list("pk", flat=True).first()
    if organization_id is None:
        return None
    turn = turn_of(organization_id)  # before what it is the turn of
    organization = Organization.objects.filter(pk=organization_id, code=code).first()
    if organization is None:
        return None
    publications = tuple(publication_of(each) for each in workflows_published(organization_id=organization.pk))
    return CurrentPublications(organization.pk, organization.code, organization.name, organization.is_public, turn, publications)


class TurnBegins:
    """After a transaction: one of each institution that it concerned."""

    def __init__(self) -> None:
        self.concerned: Concerned = frozenset()

    def __call__(self) -> None:
        turn_begin(self.concerned)


def shown_changed(connection: BaseDatabaseWrapper, concerned: Concerned) -> None:
    """A write of what is shown: bulk writes and cascades come here too."""
    begins = next((hook[1] for hook in connection.run_on_commit if isinstance(hook[1], TurnBegins)), None)
    if begins is None:
        begins = TurnBegins()
        begins.concerned = concerned
        transaction.on_commit(begins, using=connection.alias)
    else:
        begins.concerned = None if concerned is None or begins.concerned is None else begins.concerned | concerned


def turn_begin(concerned: Concerned = None) -> None:
    """What Redis is not there to hear, it is told as soon as this process finds it again. None: of all institutions."""
    for name in [TURN] if concerned is None else [turn_names(each)[1] for each in sorted(concerned)]:
        page_cache.put_required(name, uuid.uuid4().hex)
