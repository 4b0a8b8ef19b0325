"""One institution with one object of everything that an address can name, for walks over all addresses."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.urls import get_resolver, reverse
from django.utils import timezone

from academics.importing.snapshots import snapshot_take
from academics.models import ArchiveReading, Course, CourseOffering, ImportBatch, ImportRecipe, ImportUndo, Instructor, Organization, Rule
from generation.editing.services import EditRequest, edit_undo, variant_edit
from generation.models import (
    Comment,
    Entry,
    Feed,
    GenerationJob,
    LectureException,
    Variant,
    Waiver,
    WishAnswer,
    WishRound,
    Workflow,
    WorkflowEvent,
)
from generation.publication.feeds import feed_token
from generation.wishes.links import link_token
from tests.factories import VariantFactory, member
from tests.factories.editing import editable_variant

MONDAY = "2026-10-12"  # of the term that the factories make
# What an address, or a method of it, needs in its query to be about the institution, and what a request's body holds.
QUERIES: dict[str, Callable[[World], str]] = {
    "published-list": lambda world: f"?organization={world.organization.code}",
    "published-week": lambda world: f"?organization={world.organization.code}&by=room&key={world.known['key']}&date={MONDAY}",
    "api-exceptions": lambda world: f"?organization={world.organization.code}",
    "lecture-swaps": lambda world: "?others=1,2",
    "api-readiness": lambda world: f"?organization={world.organization.code}",
    "api-rules": lambda world: f"?organization={world.organization.code}",
    "api-wishes": lambda world: f"?organization={world.organization.code}",
    "api-demand": lambda world: f"?organization={world.organization.code}",
    "api-demand-courses": lambda world: f"?organization={world.organization.code}",
    "api-demand-matrix": lambda world: f"?organization={world.organization.code}",
    "GET api-demand-bands": lambda world: f"?organization={world.organization.code}",
    "api-demand-band": lambda world: f"?organization={world.organization.code}",
    "import-recipe-list": lambda world: f"?organization={world.organization.code}",
    "import-recipe": lambda world: f"?organization={world.organization.code}",
    "GET archive": lambda world: f"?organization={world.organization.code}",
    "variant-export": lambda world: "?as=csv",
    "timetable-fet": lambda world: f"?variant={world.variant.pk}",
}
BODIES: dict[str, Callable[[World], dict[str, Any]]] = {
    "job-generate": lambda world: {"organization": world.organization.code},
    "api-demand-split": lambda world: {"organization": world.organization.code, "course": "FR1", "size": 10},
    "api-demand-bands": lambda world: {
        "organization": world.organization.code,
        "name": "New",
        "kind": "parallel",
        "courses": ["FR1", "DE1"],
    },
    "api-exceptions": lambda world: {"date": MONDAY, "lecture": 0, "kind": "cancel"},
    "lecture-date": lambda world: {"kind": "cancel", "note": "Away."},
    "api-rules": lambda world: {"kind": "no_overlap", "offerings": ["FR1", "DE1"]},
    "rule": lambda world: {"action": "off"},
    "api-wishes": lambda world: {"answers": [{"instructor": "wishing", "num_free_days": 1}]},
    "api-wish": lambda world: {"action": "accept", "revision": 0},
    "roll-forward": lambda world: rolling(world) | {"source": world.term_code, "target": "NEXT", "action": "look"},
    "api-roll-forward": lambda world: (
        rolling(world) | {"organization": world.organization.code, "from_term": world.term_code, "to_term": "NEXT", "dry_run": True}
    ),
    "archive-reading-page": lambda world: {"action": "discard"},
    "timetable-review": lambda world: {"action": "approve"},
    "variant-edits": lambda world: {"revision": world.variant.revision, "action": "move", "lecture": 1, "day": 1, "period": 3},
    "variant-undo": lambda world: {"revision": world.variant.revision},
    "variant-redo": lambda world: {"revision": world.variant.revision},
    "workflow-waivers": lambda world: {"constraint": "unplaced", "amount": 1, "owner": "Dean", "reason": "Placed next week."},
    "workflow-comments": lambda world: {"text": "Is this right?", "lecture": 0, "variant_id": str(world.variant.pk)},
    "workflow-reject": lambda world: {"comments": "Because."},
    "timetable-copy": lambda world: {"variant": str(world.variant.pk)},
}


def rolling(world: World) -> dict[str, Any]:
    return {"what": ["offerings", "rules"], "starts_on": "2031-01-06", "ends_on": "2031-04-30"}


# Where a method wants another object than the rest: what was imported can be undone, but not given up.
OTHERS = {
    ("import-detail", "DELETE"): {"batch_id": "unfinished_id"},
    ("import-start", "POST"): {"batch_id": "unfinished_id"},
    ("help-staff-page", "GET"): {"page": "staff_page"},
}
STEPS = {"in_review": "select", "approved": "approve", "rejected": "reject", "published": "publish", "archived": "archive"}


@dataclass
class World:
    job: GenerationJob
    variant: Variant
    known: dict[str, Any] = field(default_factory=dict)

    @property
    def organization(self) -> Organization:
        return self.job.organization

    @property
    def term_code(self) -> str:
        return self.job.term.code if self.job.term else ""

    def address(self, name: str, method: str = "GET") -> str:
        query = QUERIES.get(name) or QUERIES.get(f"{method} {name}")
        return reverse(name, kwargs=self.kwargs(name, method)) + (query(self) if query else "")

    def kwargs(self, name: str, method: str = "GET") -> dict[str, Any]:
        """The ids that the address names."""
        wanted = next(iter(get_resolver().reverse_dict.getlist(name)))[0][0][1]
        others = OTHERS.get((name, method), {})
        return {key: self.known[others.get(key, key)] for key in wanted}

    def body(self, name: str) -> dict[str, Any]:
        return BODIES[name](self) if name in BODIES else {}

    def put_in(self, state: str) -> None:
        """The object's state: the workflow's, or the job's where the word is one of a job's."""
        if state in GenerationJob.Status.values:
            GenerationJob.objects.filter(pk=self.job.pk).update(status=state, has_incumbent=True)
            return
        shown = self.variant if state == Workflow.Status.PUBLISHED else self.job.variants.last()
        variant = None if state == Workflow.Status.DRAFT else shown
        revision = variant.revision if variant is not None and state in ("approved", "published", "archived") else 0
        Workflow.objects.filter(pk=self.job.pk).update(status=state, variant=variant, revision=revision)
        WorkflowEvent.objects.filter(workflow=self.job.pk).delete()
        path = ["in_review", "rejected"] if state == "rejected" else [each for each in STEPS if each != "rejected"]
        before = "draft"
        for step in path[: path.index(state) + 1] if state in path else ():
            facts = {"variant": variant, "revision": revision, "user_name": f"who could {STEPS[step]}"}
            WorkflowEvent.objects.create(workflow_id=self.job.pk, action=STEPS[step], from_status=before, to_status=step, **facts)
            before = step


def import_made(organization: Organization) -> ImportBatch:
    """An import that can be undone."""
    batch = ImportBatch.objects.create(organization=organization, status="imported", names=["rooms.csv"], finished_at=timezone.now())
    packed, digests = snapshot_take(organization=organization)
    ImportUndo.objects.create(batch=batch, before=packed, digests_before=digests, digests_after=digests)
    return batch


def world_make(state: str = "in_review", **job_facts: Any) -> World:
    """A judged timetable that was edited twice, one edit undone; with a comment, a waiver and a calendar link."""
    return world_of(editable_variant(**job_facts), state)


def world_of(first: Variant, state: str = "in_review") -> World:
    """The same around a draft that was made elsewhere."""
    job, admin = first.job, member(first.job.organization, "admin")
    for period in (1, 2):
        variant_edit(variant=first, user=admin, request=EditRequest(first.revision, "move", 0, 0, period))
    edit_undo(variant=first, user=admin, revision=first.revision)
    other = VariantFactory(job=job, index=1)
    Entry.objects.bulk_create(Entry(**facts | {"id": None, "variant_id": other.pk}) for facts in first.entries.values())
    workflow, _ = Workflow.objects.get_or_create(job=job)
    comment = Comment.objects.create(workflow=workflow, variant=first, lecture=0, text="Why here?")
    waiver = Waiver.objects.create(
        workflow=workflow, variant=first, revision=first.revision, constraint="unplaced", amount=1, owner="Dean", reason="Later."
    )
    rooms = first.entries.exclude(room="").order_by("lecture").values_list("room", flat=True)
    room = "R0" if "R0" in rooms else rooms[0]
    feed = Feed.objects.create(organization=job.organization, user=member(job.organization, "viewer"), by="room", key=room)
    world = World(job, first)
    world.known |= {"job_id": job.pk, "variant_id": first.pk, "other_id": other.pk, "lecture": 0}
    world.known |= {"comment_id": comment.pk, "waiver_id": waiver.pk}
    world.known |= {"organization": job.organization.code, "by": "room", "key": room, "feed_id": feed.pk, "token": feed_token(feed)}
    world.known |= {"book": "rooms", "kind": "csv"}
    changed = LectureException.objects.create(
        organization=job.organization, term=job.term, course="NONE", section="NONE", ordinal=1, date=MONDAY, kind="cancel"
    )
    world.known |= {"date": MONDAY, "exception_id": changed.pk}
    world.known |= {"offering_id": offering_made(job).pk, "band": "Languages"}
    world.known |= {"answer_id": (answer := wish_made(job)).pk, "wish_token": link_token(answer)}
    world.known |= {"batch_id": str(import_made(job.organization).pk), "name": "rooms.csv"}  # the last change, so that it can be undone
    world.known |= {"recipe": ImportRecipe.objects.create(organization=job.organization, name="nightly", tables=[{"answers": {}}]).name}
    world.known |= {"unfinished_id": str(ImportBatch.objects.create(organization=job.organization, names=["rooms.csv"]).pk)}
    world.known |= {"page": "registrar", "staff_page": "operators", "picture": "home.png"}
    world.known |= {"reading_id": ArchiveReading.objects.create(user=admin, name="a.json", size=2, data=zlib.compress(b"{}")).pk}
    world.known |= {"rule_id": f"same_start-{Rule.objects.get(organization=job.organization, band='Languages').pk}"}
    world.put_in(state)
    return world


def wish_made(job: GenerationJob) -> WishAnswer:
    """One that was sent, in a form that is open."""
    assert job.term is not None
    now, mine = timezone.now(), {"organization": job.organization}
    found = WishRound.objects.create(**mine, term=job.term, opens_at=now - timedelta(days=1), closes_at=now + timedelta(days=1))
    person = Instructor.objects.create(**mine, code="wishing", name="Dr Wishing")
    return WishAnswer.objects.create(round=found, instructor=person, state="sent", sent_at=now, marks=[[0, 0, -2]])


def offering_made(job: GenerationJob) -> CourseOffering:
    """One of two offerings in a band."""
    mine = {"organization": job.organization}
    offerings = [
        CourseOffering.objects.create(
            **mine, term=job.term, course=Course.objects.create(**mine, code=code, name="Language"), expected_students=20
        )
        for code in ("FR1", "DE1")
    ]
    rule = Rule.objects.create(**mine, term=job.term, kind=Rule.Kind.SAME_START, band="Languages")
    rule.offerings.set(offerings)
    return offerings[0]
