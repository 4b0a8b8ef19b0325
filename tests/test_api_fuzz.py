"""A few hundred requests that the schema allows or forbids, to the real server; `make bench SUITE=schemathesis` sends thousands."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fuzzing.checking import api_checked
from tests.fuzzing.sending import CALLERS
from tests.fuzzing.site import Site, start_site

pytestmark = pytest.mark.processes


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with start_site() as started:
        yield started


def test_every_answer_is_one_that_the_schema_describes(site: Site) -> None:
    report = api_checked(site, num_requests=260)

    assert [f"{found.operation} as {found.caller}: {found.what}\n{found.example}" for found in report.findings.values()] == []
    assert {caller for caller, _ in report.answers} == set(CALLERS)
    assert sum(times for (_, status), times in report.answers.items() if status < 300) > 30
