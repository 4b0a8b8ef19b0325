"""The secret key of an installation that sets none: random, made once, kept beside the data."""

import os
import secrets
from pathlib import Path


def secret_key_stored(path: Path) -> str:
    """Reads the key, or makes it; two processes that start together end with the same one."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text()
    key = secrets.token_urlsafe(50)
    with os.fdopen(descriptor, "w") as file:
        file.write(key)
    return key
