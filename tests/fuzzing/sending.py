"""Requests as the schema allows them and as it does not, most of them about things that exist."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from hypothesis import strategies as st
from schemathesis import APIOperation, Case, GenerationMode

from tests.fuzzing.site import Site

# Who asks: the institution and the role there. Half of all mistakes are in what is done for nobody.
CALLERS = ("own admin", "own reviewer", "own viewer", "foreign admin", "nobody")
# What somebody may name of the other institution. Its names are not among them, for they would come back as they were sent.
IDS = ("job_id", "variant_id", "other_id", "variant", "comment_id", "waiver_id", "feed_id", "batch_id", "organization", "rule_id")
EXAMPLES = 0.35  # chance of a request that works for those who may
PLACES = (("path_parameters", 0.85, 0.15), ("query", 0.4, 0.06), ("body", 0.6, 0.06))  # chance to name what exists, and of it a foreign one


@dataclass(frozen=True)
class SentRequest:
    caller: str
    case: Case
    upload: Mapping[str, Any] = field(default_factory=dict)  # sent instead of the case's body

    def headers(self, site: Site) -> dict[str, str]:
        token = site.tokens.get(self.caller)
        return {"Authorization": f"Bearer {token}"} if token else {}


def requests_of(operation: APIOperation[Any, Any, Any], site: Site, callers: Iterator[str]) -> st.SearchStrategy[SentRequest]:
    """Two of three as the schema allows."""
    good = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    bad = operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)
    cases = st.one_of(good, good, bad) if _can_be_wrong(operation) else good
    return st.builds(lambda case, number: _about_what_exists(case, next(callers), site, Random(number)), cases, st.integers(0, 2**32))


def _can_be_wrong(operation: APIOperation[Any, Any, Any]) -> bool:
    return bool(operation.query or operation.path_parameters or operation.headers or operation.body)


def _about_what_exists(case: Case, caller: str, site: Site, chance: Random) -> SentRequest:
    mine, theirs = ("foreign", "own") if caller.startswith("foreign") else ("own", "foreign")
    for name in ("Authorization", "authorization"):
        case.headers.pop(name, None)
    declared = {parameter.name for parameter in (*case.operation.query, *case.operation.path_parameters)}
    examples = site.examples[mine].get(case.operation.label)
    if examples and chance.random() < EXAMPLES:
        return _like(caller, case, chance.choice(examples))
    for place, often, foreign in PLACES:
        values = getattr(case, place)
        if not isinstance(values, dict):
            continue
        names = (set(values) | declared) if place == "query" else set(values)
        for name in sorted(names & site.known[mine].keys()):
            if (place, name) != ("path_parameters", "name") and chance.random() < often:
                whose = theirs if name in IDS and chance.random() < foreign else mine
                values[name] = chance.choice(site.known[whose][name])
    return SentRequest(caller, case)


def _like(caller: str, case: Case, example: dict[str, Any]) -> SentRequest:
    """The request as one that works, where it can be said in its media type."""
    if "files" in example:
        files = [(name, (file, content)) for name, file, content in example["files"]]
        return SentRequest(caller, case, {"files": files, "data": example["data"]})
    case.path_parameters, case.query = dict(example["path_parameters"]), dict(example["query"])
    if example["body"] and case.media_type in ("application/json", None):
        case.body = dict(example["body"])
    return SentRequest(caller, case)
