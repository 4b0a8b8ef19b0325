"""The demo users of an installation on one machine, and the lines that tell how to sign in as them."""

from __future__ import annotations

import os
from pathlib import Path

from django.contrib.auth import get_user_model

from academics.models import Organization
from academics.services import DEMO_ROLES, demo_users_store

DEMO_CODE = "demo"


def demo_logins(*, directory: Path) -> list[str]:
    """Makes the users where they are missing. A random password is kept beside the data, so that the next start can tell it again."""
    if not Organization.objects.filter(code=DEMO_CODE).exists():
        return []
    given, file = os.environ.get("DEMO_PASSWORD", ""), directory / "demo_password"
    made = demo_users_store(code=DEMO_CODE, password=given)
    if made and not given:
        file.touch(mode=0o600)
        file.write_text(next(iter(made.values())))
    kept = given or (file.read_text() if file.exists() else "")
    return [f"  {name:<9} password: {_password_text(name, kept)}" for name in DEMO_ROLES]


def _password_text(username: str, kept: str) -> str:
    user = get_user_model().objects.get(username=username)
    return kept if kept and user.check_password(kept) else "as you set it (DEMO_PASSWORD=... sets a new one)"
