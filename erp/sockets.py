"""Where the embedded Redis-compatible server listens."""

import hashlib
import os
import tempfile
from pathlib import Path

# A unix socket's address holds 107 bytes on Linux and 103 on macOS.
MAX_SOCKET_PATH = 100


def valkey_socket(directory: Path) -> Path:
    """Beside the data; for a data directory with a long path, in a folder of the same name for everybody who asks."""
    beside = directory / "valkey.sock"
    if len(os.fsencode(beside)) <= MAX_SOCKET_PATH:
        return beside
    digest = hashlib.sha256(os.fsencode(directory)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"timeloom-{os.getuid()}-{digest}" / "valkey.sock"
