"""The secret key of an installation that sets none: random, made once, kept beside the data."""

import os
import secrets
from pathlib import Path


def secret_key_stored(path: Path) -> str:
    """Reads the key, or makes it; processes that start together end with the same one."""
    if not path.exists():
        _key_make(path)
    return path.read_text()


def _key_make(path: Path) -> None:
    """Writes the key aside and links it into place whole, so that nobody reads half a key; the first one stays."""
    aside = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(50))
    try:
        os.link(aside, path)
    except FileExistsError:
        pass
    finally:
        aside.unlink()
