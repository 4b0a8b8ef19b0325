"""Which job is next. Jobs wait in their table; a message goes to the queue only when a worker has a slot for it.

Institutions take turns: next is the one with the fewest jobs at work, then the one that waited longest since its last. Within
an institution small and large jobs alternate, and of a kind the oldest comes first. Large ones leave a slot free for small
ones, so that a department need not wait for a university. A released job that waits for its worker is one with `queued_at`;
releasing is a guarded update under a lock, so several processes may dispatch. One that dies in between has released at most
what the sweep takes back.
"""

from __future__ import annotations

import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from academics.models import Organization
from generation.errors import TooMany
from generation.models import GenerationJob, JobQueue
from generation.queue import message_send, messages_waiting, search_slots

log = structlog.get_logger(__name__)
Status = GenerationJob.Status
AT_LEAST_S, AT_MOST_S, USUALLY_S = 5, 3600, 30  # for Retry-After
AHEAD_COLUMNS = ("status", "queued_at", "time_limit_s", "attempt", "created_at", "organization__job_queue")
Lane = tuple[int, bool]  # institution, whether of small jobs


@dataclass(frozen=True, slots=True)
class Waiting:
    """A job that waits to be released."""

    id: uuid.UUID
    organization_id: int
    is_small: bool
    is_resumed: bool
    created_at: datetime

    @property
    def lane(self) -> Lane:
        return self.organization_id, self.is_small


@dataclass(frozen=True, slots=True)
class Ahead:
    """How many jobs come before one that waits."""

    own: int
    others: int


class Order:
    """Who is next, as one job after the other is released."""

    def __init__(self, waiting: Iterable[Waiting], at_work: Counter[int], released_at: Mapping[Lane, float]) -> None:
        self._lanes: dict[Lane, list[Waiting]] = defaultdict(list)
        for job in sorted(waiting, key=lambda each: (not each.is_resumed, each.created_at, each.id.int)):
            self._lanes[job.lane].append(job)
        self._at_work = Counter(at_work)
        self._released_at = dict(released_at)
        self._now = max(self._released_at.values(), default=0.0)

    def next(self, *, with_large: bool = True, most_running: int = 0) -> Waiting | None:
        """The next one, taken out; None where none may go."""
        lanes = [lane for lane, jobs in self._lanes.items() if jobs and (lane[1] or with_large)]
        if most_running:
            lanes = [lane for lane in lanes if self._at_work[lane[0]] < most_running]
        if not lanes:
            return None
        organization_id = min({lane[0] for lane in lanes}, key=lambda each: self._rank(each, lanes))
        lane = min((each for each in lanes if each[0] == organization_id), key=lambda each: (self._released_at.get(each, 0.0), not each[1]))
        self._now += 1
        self._released_at[lane] = self._now
        self._at_work[organization_id] += 1
        return self._lanes[lane].pop(0)

    def _rank(self, organization_id: int, lanes: list[Lane]) -> tuple[int, float, datetime]:
        last = max(self._released_at.get((organization_id, is_small), 0.0) for is_small in (True, False))
        oldest = min(self._lanes[lane][0].created_at for lane in lanes if lane[0] == organization_id)
        return self._at_work[organization_id], last, oldest


def is_small(time_limit_s: float) -> bool:
    """By the time for which it holds a slot."""
    return bool(time_limit_s <= settings.JOBS_SMALL_S)


# Releasing.


def jobs_dispatch() -> int:
    """Releases as many jobs as there are slots; how many. A few small queries, and none to Redis where nothing waits."""
    if not _unreleased().exists():
        return 0
    slots = search_slots()
    if slots is None:  # the broker is away: they wait in their table
        return 0
    released = _release(slots)
    for number, job in enumerate(released):
        if not message_send(job_id=job):
            GenerationJob.objects.filter(id__in=released[number:], status=Status.PENDING).update(queued_at=None)
            return number
    return len(released)


def _unreleased() -> QuerySet[GenerationJob]:
    return GenerationJob.objects.filter(status=Status.PENDING, queued_at=None, is_inline=False)


def _at_work() -> QuerySet[GenerationJob]:
    """What holds a slot, or is on its way to one."""
    released = Q(status=Status.PENDING, queued_at__isnull=False)
    held = Q(status__in=(Status.RUNNING, Status.CANCELLING), lease_expires_at__isnull=False)
    return GenerationJob.objects.filter(released | held, is_inline=False)


def _waiting() -> list[Waiting]:
    columns = ("id", "organization_id", "time_limit_s", "attempt", "created_at")
    return [
        Waiting(key, organization_id, is_small(time_limit_s), attempt > 0, created_at)
        for key, organization_id, time_limit_s, attempt, created_at in _unreleased().values_list(*columns)
    ]


def _released_at(queues: Iterable[JobQueue]) -> dict[Lane, float]:
    return {
        (queue.pk, small): moment.timestamp()
        for queue in queues
        for small, moment in ((True, queue.small_released_at), (False, queue.large_released_at))
        if moment is not None
    }


def _queues_complete() -> None:
    """An institution's queue is made when its first job is filed, but for what an earlier release filed."""
    missing = _unreleased().filter(organization__job_queue=None).values_list("organization_id", flat=True).distinct()
    JobQueue.objects.bulk_create([JobQueue(organization_id=key) for key in missing], ignore_conflicts=True)


@transaction.atomic
def _release(slots: int) -> list[uuid.UUID]:
    """Marks the next ones as released, whatever is at work and how many slots there are. Holds the queues of all institutions."""
    _queues_complete()
    # One lock for all who dispatch, taken in one order: two processes would count the same free slot, or wait for each other.
    queues = list(JobQueue.objects.select_for_update().order_by("pk"))
    at_work: Counter[int] = Counter()
    num_large = 0
    for organization_id, time_limit_s in _at_work().values_list("organization_id", "time_limit_s"):
        at_work[organization_id] += 1
        num_large += not is_small(time_limit_s)
    order, now = Order(_waiting(), at_work, _released_at(queues)), timezone.now()
    most_large = max(1, slots - settings.JOBS_SLOTS_FOR_SMALL)
    released: list[uuid.UUID] = []
    while sum(at_work.values()) + len(released) < slots:
        job = order.next(with_large=num_large < most_large, most_running=settings.JOBS_RUNNING_PER_ORGANIZATION)
        if job is None:
            break
        num_large += not job.is_small
        if GenerationJob.objects.filter(id=job.id, status=Status.PENDING, queued_at=None).update(queued_at=now):
            released.append(job.id)
            column = "small_released_at" if job.is_small else "large_released_at"
            JobQueue.objects.filter(pk=job.organization_id).update(**{column: timezone.now()})
    return released


def released_sweep() -> None:
    """Takes back what was released some time ago and has neither a worker nor a message; then releases the next."""
    patience = timedelta(seconds=settings.JOB_REQUEUE_AFTER_S)
    since, ahead = timezone.now() - patience, timezone.now() + patience
    pending = GenerationJob.objects.filter(status=Status.PENDING)
    # Its process filed it for itself, and is gone: it began nothing.
    pending.filter(Q(created_at__lt=since) | Q(created_at__gt=ahead), is_inline=True).update(is_inline=False)
    # Or, by a clock that was set back since, in the future.
    late = list(pending.filter(Q(queued_at__lt=since) | Q(queued_at__gt=ahead)).values_list("id", "queued_at"))
    messages = messages_waiting() if late else None
    for key, queued_at in late if messages is not None else ():
        if str(key) not in messages and pending.filter(id=key, queued_at=queued_at).update(queued_at=None):  # type: ignore[operator]
            log.info("job_message_lost", job_id=str(key))
    jobs_dispatch()


# Filing.


def queue_hold(organization: Organization) -> None:
    """Counts the institution's waiting jobs while nobody else files one for it: call in the transaction that does. Raises `TooMany`."""
    JobQueue.objects.get_or_create(organization=organization)
    # Counting and filing under one lock: two requests at once would both find the last free place.
    JobQueue.objects.select_for_update().get(organization=organization)
    most = settings.JOBS_PENDING_PER_ORGANIZATION
    waiting = GenerationJob.objects.filter(organization=organization, status=Status.PENDING, is_inline=False).count()
    if waiting >= most:
        raise TooMany("jobs_many", retry_after_s=_free_in_s(organization), organization=organization.name, waiting=waiting, most=most)


def _free_in_s(organization: Organization) -> int:
    """When the first of the institution's running jobs has to end, by its time limit."""
    running = GenerationJob.objects.filter(organization=organization, status=Status.RUNNING, started_at__isnull=False)
    now = timezone.now()
    rest = [limit - (now - began).total_seconds() for began, limit in running.values_list("started_at", "time_limit_s") if began]
    return int(min(AT_MOST_S, max(AT_LEAST_S, min(rest, default=USUALLY_S))))


# Where one stands.


def jobs_ahead(job_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Ahead]:
    """How many come before each that waits, of its own institution and of all others; what does not wait is absent. One query."""
    wanted, at_work, waiting = set(job_ids), Counter[int](), list[Waiting]()
    sent, queues = list[tuple[datetime, uuid.UUID, int]](), dict[int, JobQueue]()
    for job in (_unreleased() | _at_work()).select_related("organization__job_queue").only(*AHEAD_COLUMNS):
        queue = getattr(job.organization, "job_queue", None)
        if queue is not None:
            queues[queue.pk] = queue
        if job.status == Status.PENDING and job.queued_at is None:
            waiting.append(Waiting(job.id, job.organization_id, is_small(job.time_limit_s), job.attempt > 0, job.created_at))
        else:
            at_work[job.organization_id] += 1
            if job.status == Status.PENDING and job.queued_at is not None:
                sent.append((job.queued_at, job.id, job.organization_id))
    line = [(key, organization_id) for _, key, organization_id in sorted(sent)]
    order = Order(waiting, at_work, _released_at(queues.values()))
    while (next_one := order.next()) is not None:
        line.append((next_one.id, next_one.organization_id))
    before: Counter[int] = Counter()
    found = {}
    for number, (key, organization_id) in enumerate(line):
        if key in wanted:
            found[key] = Ahead(own=before[organization_id], others=number - before[organization_id])
        before[organization_id] += 1
    return found
