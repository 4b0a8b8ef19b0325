from __future__ import annotations

import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from erp.env import env
from tests.processes import COMMAND_S


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("JOB_WORKERS", "x", "JOB_WORKERS is 'x'; it must be a whole number."),
        ("STREAM_POLL_S", "soon", "STREAM_POLL_S is 'soon'; it must be a number."),
        ("LOG_FORMAT", "xml", "LOG_FORMAT is 'xml'; it must be line or json."),
        ("DATABASE_URL", "garbage:secret", "DATABASE_URL can't be read; it must look like"),
        ("TIMELOOM_VAR", "/proc/none/here", "TIMELOOM_VAR is '/proc/none/here'; that directory can't be made"),
    ],
)
def test_a_setting_that_cannot_be_read_is_named_in_one_line(name: str, value: str, message: str) -> None:
    command = [sys.executable, "manage.py", "check"]

    run = subprocess.run(command, env={**os.environ, name: value}, cwd=settings.BASE_DIR, capture_output=True, text=True, timeout=COMMAND_S)

    assert run.returncode == 2
    assert run.stderr.startswith(f"Settings: {message}")
    assert run.stderr.count("\n") == 1
    assert "secret" not in run.stderr


@pytest.mark.parametrize("address", ["mail.example", "ftp://mail.example", ""])
def test_a_mail_server_that_cannot_be_read_is_named_and_not_repeated(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("EMAIL_URL", address)
    with pytest.raises(ImproperlyConfigured, match=r"EMAIL_URL can't be read; it must look like smtp\+tls") as message:
        env.email("EMAIL_URL", "consolemail://")
    assert not address or address not in str(message.value)


def test_what_a_mail_servers_address_leaves_out_is_djangos_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMAIL_URL", "smtp://mail.example")
    assert "EMAIL_PORT" not in env.email("EMAIL_URL", "consolemail://")
