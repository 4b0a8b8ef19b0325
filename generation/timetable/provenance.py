"""What a variant's certificate rests on: the hash of all that went into a run, and the code's version."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
from pathlib import Path

from generation.engine.params import SolveParams

ENGINE = Path(__file__).resolve().parent.parent / "engine"


def run_hash(problem: str, params: SolveParams) -> str:
    """SHA-256 over the problem's hash, every parameter and the learned values."""
    text = json.dumps(dataclasses.asdict(params), sort_keys=True)
    return hashlib.sha256(f"{problem}\n{text}".encode()).hexdigest()


@functools.cache
def code_version() -> str:
    """Changes with every edit of the engine, released or not."""
    digest = hashlib.sha256()
    for path in sorted(ENGINE.rglob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return f"engine-{digest.hexdigest()[:16]}"
