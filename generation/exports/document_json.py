"""Everything that is known of the variant, as JSON; days and periods count from 0."""

from __future__ import annotations

import json
from dataclasses import asdict

from generation.exports.document import Document


def render(document: Document) -> bytes:
    facts = asdict(document)
    facts.pop("source")
    return json.dumps(facts, ensure_ascii=False, indent=1, default=str).encode()
