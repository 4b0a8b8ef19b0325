"""The system checks name a harmful setting by id, and are silent on the defaults."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.checks import run_checks

SQLITE, POSTGRES = "django.db.backends.sqlite3", "django.db.backends.postgresql"


def _ids() -> set[str | None]:
    return {message.id for message in run_checks(include_deployment_checks=False) if str(message.id).startswith("timeloom.")}


def test_the_defaults_raise_nothing() -> None:
    assert _ids() == set()


@pytest.mark.parametrize(
    ("changes", "engine", "expected"),
    [
        ({"SECRET_KEY": "short"}, SQLITE, "timeloom.W001"),
        ({"SECRET_KEY": "a" * 60}, SQLITE, "timeloom.W001"),
        ({"ALLOWED_HOSTS": []}, SQLITE, "timeloom.E001"),
        ({"DEBUG": True}, POSTGRES, "timeloom.W002"),
        ({"REDIS_URL": "redis://redis:6379/0"}, SQLITE, "timeloom.W003"),
        ({"STREAM_POLL_S": 0.0}, SQLITE, "timeloom.E002"),
        ({"STREAM_LIMIT": -1}, SQLITE, "timeloom.E002"),
        ({"JOB_LEASE_S": 9.0, "JOB_LEASE_RENEW_S": 5.0}, SQLITE, "timeloom.E003"),
    ],
)
def test_a_harmful_setting_is_named(
    settings: Any, monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any], engine: str, expected: str
) -> None:
    monkeypatch.setitem(settings.DATABASES["default"], "ENGINE", engine)
    for name, value in changes.items():
        setattr(settings, name, value)

    assert _ids() == {expected}
