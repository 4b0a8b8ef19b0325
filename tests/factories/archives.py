"""Archives that tests change by hand."""

from __future__ import annotations

import json
from typing import Any

from erp.archive.writing import archive_digest


def sealed(archive: dict[str, Any]) -> str:
    """The document's text with the digest of what is in it now: what is wrong in it is found by the checks behind the digest."""
    return json.dumps(archive | {"digest": archive_digest(document=archive)})


def without_digest(archive: dict[str, Any]) -> str:
    """As a release before the digests wrote it, or as somebody made it by hand."""
    return json.dumps({name: value for name, value in archive.items() if name != "digest"})
