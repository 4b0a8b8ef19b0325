"""An archive read back step by step: given, looked at, read. Small ones at once, large ones by a worker."""

from __future__ import annotations

import uuid
import zlib
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.db import transaction
from django.utils import timezone

from academics.ids import uuid_read
from academics.importing.batches import organization_for_import
from academics.importing.lifecycle import step_claim, step_finish, step_run
from academics.importing.planning import OnProgress, no_progress
from academics.importing.queue import step_send
from academics.long_work import work_give_up
from academics.models import ArchiveReading, Organization
from erp.archive.messages import ArchiveConflict, ArchiveRefusal, ForbiddenArchive, UnknownArchive
from erp.archive.overview import archive_overview
from erp.archive.reading import Target, archive_checked, archive_document, archive_sniff

Status = ArchiveReading.Status
MOST_CODE = 40


def target_check(*, user: User, code: Any) -> str:
    """The code of an organization that the user may read an archive into: one that he or she administers; a new one, the superuser."""
    try:
        validate_slug(code)
    except ValidationError:
        raise ArchiveRefusal("code", field="organization", code=str(code)[:60]) from None
    if not isinstance(code, str) or len(code) > MOST_CODE:
        raise ArchiveRefusal("code", field="organization", code=str(code)[:60])
    if Organization.objects.filter(code=code).exists():
        organization_for_import(user=user, code=code)
    elif not user.is_superuser:
        raise ForbiddenArchive("new_organization", field="organization")
    return code


def reading_create(*, user: User, file: str, data: bytes, code: str = "", replace: bool = False) -> ArchiveReading:
    """Keep the file for the next steps. Tidies up what was never read."""
    archive_sniff(data=data, file=file)
    old = timezone.now() - timedelta(days=settings.IMPORT_KEPT_DAYS)
    ArchiveReading.objects.filter(created_at__lt=old).exclude(status__in=(Status.READING, Status.READ)).delete()
    packed = zlib.compress(data, 1)
    return ArchiveReading.objects.create(user=user, name=file, size=len(data), data=packed, code=code, replace=replace)


def reading_get(*, user: User, reading_id: uuid.UUID | str) -> ArchiveReading:
    """One of the user's own; nobody else's exists."""
    readings, key = ArchiveReading.objects.select_related("organization").defer("data"), uuid_read(reading_id)
    found = None if key is None else readings.filter(pk=key, user=user).first()
    if found is None:
        raise UnknownArchive("unknown", days=settings.IMPORT_KEPT_DAYS)
    return found


def reading_look(*, reading: ArchiveReading) -> bool:
    """Find out what is in it; True when that is done, False when a worker does it."""
    if not step_claim(reading, to=Status.LOOKING, earlier=(Status.UPLOADED, Status.LOOKED)):
        raise wrong_state(reading, "looked at")
    return _do(reading)


def reading_start(*, reading: ArchiveReading, code: str, replace: bool) -> bool:
    """Read it into an organization; True when that is done, False when a worker does it. An empty code: the archive's own."""
    if not step_claim(reading, to=Status.READING, earlier=(Status.UPLOADED, Status.LOOKED), code=code, replace=replace):
        raise wrong_state(reading, "read")
    return _do(reading)


def reading_send(*, reading: ArchiveReading) -> None:
    """Have a worker read it, whatever its size, into the organization that it was given for."""
    if not step_claim(reading, to=Status.READING, earlier=(Status.UPLOADED,)):
        raise wrong_state(reading, "read")
    step_send(reading)


def reading_is_large(size: int) -> bool:
    """Whether it would keep somebody waiting for a page."""
    return bool(size > settings.IMPORT_INLINE_KB * 1024)


def _do(reading: ArchiveReading) -> bool:
    if reading_is_large(reading.size):
        step_send(reading)
        return False
    reading_run(reading_id=reading.pk, attempt=reading.attempt)
    reading.refresh_from_db()
    return True


def reading_discard(*, reading: ArchiveReading) -> None:
    if not ArchiveReading.objects.filter(pk=reading.pk).exclude(status__in=ArchiveReading.BEFORE).delete()[0]:
        reading.refresh_from_db(fields=["status"])
        raise wrong_state(reading, "discarded")


def reading_give_up(*, reading: ArchiveReading) -> None:
    """Takes back what a worker is to do, or does: nothing of it stays."""
    if not work_give_up(reading):
        raise wrong_state(reading, "given up")


def reading_end(*, reading: ArchiveReading) -> bool:
    """Gives up what is under way, True; forgets what is not, False. What was read stays."""
    if reading.is_active:
        reading_give_up(reading=reading)
        return True
    if reading.status == Status.READ:
        raise wrong_state(reading, "given up")
    reading_discard(reading=reading)
    return False


def wrong_state(reading: ArchiveReading, action: str) -> ArchiveConflict:
    return ArchiveConflict("state", status=reading.get_status_display().lower(), action=action)


def reading_run(*, reading_id: uuid.UUID, attempt: int, on_progress: OnProgress = no_progress) -> None:
    """Do what the archive was claimed for: see `step_run`."""
    step_run(model=ArchiveReading, key=reading_id, attempt=attempt, run=_run, on_progress=on_progress)


def _run(reading: ArchiveReading, on_progress: OnProgress) -> None:
    RUNS[Status(reading.status)](reading, on_progress)


def _look_run(reading: ArchiveReading, on_progress: OnProgress) -> None:
    document = _document(reading, on_progress)
    step_finish(reading, Status.LOOKED, overview=archive_overview(document=document, file=reading.name))


def _read_run(reading: ArchiveReading, on_progress: OnProgress) -> None:
    """All of it in one transaction, the reading's own end included."""
    document = _document(reading, on_progress)
    user = reading.user
    if user is None:  # whose account is gone
        raise ForbiddenArchive("new_organization", field="organization")
    code = target_check(user=user, code=reading.code or document["organization"].get("code"))
    overview = reading.overview or archive_overview(document=document, file=reading.name)
    target = Target(reading.name, code, reading.replace, user.is_superuser, user)
    with archive_checked(document=document, target=target, on_progress=on_progress) as checked, transaction.atomic():
        organization = checked.write()
        step_finish(reading, Status.READ, organization=organization, code=code, overview=overview, data=b"")


def _document(reading: ArchiveReading, on_progress: OnProgress) -> dict[str, Any]:
    on_progress("Opening the archive", 0, 1)
    return archive_document(data=zlib.decompress(reading.data), file=reading.name)


RUNS = {Status.LOOKING: _look_run, Status.READING: _read_run}
