"""Sends requests to the server and holds its answers against the schema."""

from __future__ import annotations

import itertools
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.strategies import SearchStrategy
from schemathesis import APIOperation, Response
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.fuzzing.sending import CALLERS, SentRequest, requests_of
from tests.fuzzing.site import WORDS, Site

CHECKS = [status_code_conformance, content_type_conformance, response_schema_conformance, response_headers_conformance]
MOST_IN_A_ROUND = 10  # requests to each operation before all rows are as at the start again
STREAM = "/api/generation/stream/{job_id}/"
SAYS_503 = "/api/generation/health/"  # as it must: no worker runs here
TIMEOUT_S, STREAM_S = 60.0, 1.5  # the stream of a job at work has no end


@dataclass
class Finding:
    operation: str
    caller: str
    status: int
    what: str
    example: str
    times: int = 1


@dataclass
class FuzzReport:
    """Answers counted by caller and status, and by operation and status; what was wrong, once for each operation, status and kind."""

    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    of_operations: Counter[tuple[str, int]] = field(default_factory=Counter)
    findings: dict[tuple[str, int, str], Finding] = field(default_factory=dict)
    operations: int = 0

    @property
    def num_requests(self) -> int:
        return self.answers.total()

    def never_done(self) -> list[str]:
        """Operations that no request got to do what they are for."""
        done = {label for label, status in self.of_operations if status < 400}
        return sorted({label for label, _ in self.of_operations} - done)

    def add(self, request_made: SentRequest, status: int, what: str, example: str) -> None:
        key = (request_made.case.operation.label, status, what.split(":", 1)[0])
        if key in self.findings:
            self.findings[key].times += 1
        else:
            self.findings[key] = Finding(request_made.case.operation.label, request_made.caller, status, what, example)


def api_checked(site: Site, *, num_requests: int, first_seed: int = 1) -> FuzzReport:
    """As many requests, spread evenly over the operations and in turn over the callers."""
    report, callers = FuzzReport(), itertools.cycle(CALLERS)
    schema = schemathesis.openapi.from_dict(site.schema)
    request_made = [(found.ok(), requests_of(found.ok(), site, callers)) for found in schema.get_all_operations()]
    report.operations = len(request_made)
    with requests.Session() as session:
        for number in itertools.count(first_seed):
            missing = num_requests - report.num_requests
            if missing <= 0:
                return report
            site.begin_anew()
            _round(site, report, request_made, session, number, min(MOST_IN_A_ROUND, -(-missing // len(request_made))))
            sys.stderr.write(f"{report.num_requests:,} requests, {len(report.findings)} findings\n")
    raise AssertionError  # the count has no end


def _round(
    site: Site,
    report: FuzzReport,
    request_made: list[tuple[APIOperation[Any, Any, Any], SearchStrategy[SentRequest]]],
    session: requests.Session,
    number: int,
    most: int,
) -> None:
    options = settings(max_examples=most, phases=[Phase.generate], database=None, deadline=None, suppress_health_check=list(HealthCheck))
    for _, strategy in request_made:

        @seed(number)
        @options
        @given(strategy)
        def send(each: SentRequest) -> None:
            one_checked(site, report, each, session)

        send()


def one_checked(site: Site, report: FuzzReport, request_made: SentRequest, session: requests.Session) -> None:
    case = request_made.case
    session.cookies.clear()
    timeout_s = STREAM_S if case.operation.path == STREAM else TIMEOUT_S
    response = case.call(
        base_url=site.server.url, headers=request_made.headers(site), session=session, timeout=timeout_s, **request_made.upload
    )
    report.answers[request_made.caller, response.status_code] += 1
    report.of_operations[case.operation.label, response.status_code] += 1
    sent = response.request
    for what in wrong_with(request_made, response):
        report.add(request_made, response.status_code, what, f"{sent.method} {sent.url} {str(sent.body)[:300]}")


def wrong_with(request_made: SentRequest, response: Response) -> Iterator[str]:
    if response.status_code >= 500 and request_made.case.operation.path != SAYS_503:
        yield f"Server error: {response.text[:200]}"
    word = WORDS["own" if request_made.caller.startswith("foreign") else "foreign"]
    if word.encode() in response.content or word in str(response.headers):
        yield f"Foreign data: {word} in {response.text[:300]}"
    if request_made.caller == "nobody" and WORDS["own"].encode() in response.content:
        yield f"Foreign data: {WORDS['own']} in {response.text[:300]}"
    try:
        request_made.case.validate_response(response, checks=CHECKS)
    except FailureGroup as group:
        for failure in group.exceptions:
            yield f"{getattr(failure, 'title', type(failure).__name__)}: {failure} {response.text[:200]}"
