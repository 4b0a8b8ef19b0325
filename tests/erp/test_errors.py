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
from django.test import Client

from erp.sessions import SessionStore
from generation.exports import cached_once

pytestmark = pytest.mark.django_db


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
