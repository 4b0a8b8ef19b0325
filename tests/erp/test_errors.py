"""What people get while a part of the server is away."""

from __future__ import annotations

import errno
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.backends.base import UpdateError
from django.core.cache import caches
from django.core.cache.backends import filebased
from django.db import OperationalError
from django.http import HttpResponse
from django.test import Client, RequestFactory

from academics.errors import UserError
from academics.importing.messages import ForbiddenImport, ImportRefusal, KindUnclear
from erp.archive.messages import ForbiddenArchive
from erp.errors import UserErrorMiddleware, api_error
from erp.sessions import SessionStore
from generation.errors import Conflict, Forbidden, Invalid, Missing, TooMany
from generation.exports import ExportRefused, cached_once
from generation.rulebook.messages import RuleError

pytestmark = pytest.mark.django_db


INVALID = Invalid(field="amount", text="Too many.")
INVALID.lines = ("One.", "Two.")


@pytest.mark.parametrize(
    ("error", "status", "body"),
    [
        (INVALID, 400, {"amount": ["Too many.", "One.", "Two."]}),
        (Invalid(text="Too many."), 400, {"non_field_errors": ["Too many."]}),
        (Forbidden(text="Not yours."), 403, {"detail": "Not yours."}),
        (Missing(field="organization", text="Nothing."), 404, {"detail": "Nothing."}),
        (Conflict(field="name", text="Taken."), 409, {"detail": "Taken."}),
        (TooMany(text="Full.", retry_after_s=7), 429, {"detail": "Full."}),
        (RuleError({"day": ["No."], "period": ["Nor that."]}), 400, {"day": ["No."], "period": ["Nor that."]}),
        (ExportRefused(text="No dates."), 409, {"detail": "No dates."}),
        (ImportRefusal(text="Nothing."), 400, {"detail": "Nothing."}),
        (ImportRefusal(field="files", text="Nothing."), 400, {"files": ["Nothing."]}),
        (ForbiddenImport(field="organization", text="Not yours."), 403, {"detail": "Not yours.", "organization": ["Not yours."]}),
        (ForbiddenArchive(text="Not yours."), 403, {"detail": "Not yours.", "file": ["Not yours."]}),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_a_users_error_has_its_status_and_body_everywhere(error: UserError, status: int, body: dict[str, Any]) -> None:
    answer = api_error(error, {})
    page = UserErrorMiddleware(lambda request: HttpResponse()).process_exception(RequestFactory().get("/admin/"), error)

    assert answer is not None
    assert (answer.status_code, answer.data, answer.headers.get("Retry-After")) == (status, body, "7" if status == 429 else None)
    assert page is not None
    assert (page.status_code, page.headers.get("Retry-After")) == (status, "7" if status == 429 else None)
    assert status in (403, 404) or str(error) in page.content.decode()


def test_what_tables_may_hold_stands_beside_what_is_wrong_with_them() -> None:
    answer = api_error(KindUnclear({"a.csv": ["rooms", "courses"]}), {})

    assert answer is not None
    assert answer.data["kinds"] == {"a.csv": ["rooms", "courses"]}
    assert "mapping" in answer.data


def test_a_locked_database_is_a_page_that_says_when_to_try_again(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(*args: Any, **kwargs: Any) -> Any:
        raise OperationalError("database is locked")

    monkeypatch.setattr("django.contrib.sessions.backends.db.SessionStore.load", locked)
    client.raise_request_exception = False
    client.cookies["sessionid"] = "a" * 32

    answer = client.get("/admin/timetables/")

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "The database is busy" in answer.content.decode()


def test_a_database_that_is_locked_at_the_end_of_a_sign_in_is_no_bad_request(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(*args: Any, **kwargs: Any) -> Any:
        raise OperationalError("database is locked")

    User.objects.create_user("registrar", password="quiet-loom-1")
    client.raise_request_exception = False
    monkeypatch.setattr("django.contrib.sessions.models.Session.save", locked)

    answer = client.post("/accounts/login/", {"username": "registrar", "password": "quiet-loom-1"})

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")


def test_a_locked_database_is_not_taken_for_a_session_that_was_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(*args: Any, **kwargs: Any) -> Any:
        raise OperationalError("database is locked")

    kept = SessionStore()
    kept.create()
    ended = SessionStore(kept.session_key)
    monkeypatch.setattr("django.contrib.sessions.models.Session.save", locked)
    with pytest.raises(OperationalError):
        kept.save()
    monkeypatch.undo()
    kept.delete()

    with pytest.raises(UpdateError):
        ended.save()


def test_another_fault_is_still_a_fault(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.contrib.sessions.backends.db.SessionStore.load", lambda store: 1 / 0)
    client.raise_request_exception = False
    client.cookies["sessionid"] = "a" * 32

    assert client.get("/admin/timetables/").status_code == 500


def test_a_full_disk_keeps_no_file_and_fails_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: Any, **kwargs: Any) -> Any:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(filebased.tempfile, "mkstemp", full)

    assert cached_once("full-disk", lambda: b"made") == b"made"
    assert caches["exports"].get("full-disk") is None


def test_what_nobody_says_otherwise_of_is_kept_by_nobody_else(client: Client) -> None:
    for address in ("/", "/accounts/login/", "/api/auth/me/", "/nowhere/"):
        cached = client.get(address).headers["Cache-Control"]
        assert "private" in cached or "no-store" in cached, address
