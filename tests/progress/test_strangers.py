"""Every address of progress, asked by everybody who may not see it."""

from __future__ import annotations

import pytest

from tests.progress.site import Site
from tests.progress.test_sockets import expired, refusal_of

pytestmark = pytest.mark.processes

JOB_ADDRESSES = ("/api/generation/progress/{}/", "/api/progress/{}/", "/api/generation/stream/{}/", "/ws/timetable/progress/{}/")
OTHER_ADDRESSES = ("/api/progress/", "/metrics", "/admin/operations/", "/api/generation/health/")
# Who asks for a job of which organization, and the answer at each of the job's addresses.
REFUSALS = {
    "a stranger": ("nobody", "ours", 401),
    "an expired token": ("expired", "ours", 401),
    "a made-up session": ("made up", "ours", 401),
    "a viewer": ("guest", "ours", 403),
    "another organization's administrator": ("boss", "theirs", 404),
    "another organization's reviewer": ("second", "theirs", 404),
}


def headers_of(site: Site, who: str) -> dict[str, str]:
    known = {
        "nobody": {},
        "expired": {"Authorization": f"Bearer {expired(site.tokens['boss'])}"},
        "made up": {"Cookie": "sessionid=made-up"},
    }
    return known[who] if who in known else site.headers(who)


@pytest.mark.parametrize("address", JOB_ADDRESSES)
@pytest.mark.parametrize(("who", "whose", "status"), REFUSALS.values(), ids=REFUSALS)
def test_a_job_is_refused(site: Site, address: str, who: str, whose: str, status: int) -> None:
    job_id = site.foreign if whose == "theirs" else site.jobs[0]
    headers = headers_of(site, who)
    if address.startswith("/ws/"):
        answer, body = refusal_of(site, job_id, None, headers=headers)
    else:
        response = site.get(address.format(job_id), None, **headers)
        answer, body = response.status_code, response.text

    assert answer == status
    assert "overall_progress" not in body


@pytest.mark.parametrize("address", OTHER_ADDRESSES)
@pytest.mark.parametrize("who", ["nobody", "expired", "made up", "guest"])
def test_what_names_no_job_tells_nothing(site: Site, address: str, who: str) -> None:
    response = site.get(address, None, **headers_of(site, who))

    expected = {
        "/api/progress/": (200, "[]") if who == "guest" else (401, "detail"),
        "/metrics": (403, "detail"),
        "/admin/operations/": (302, ""),  # to the sign-in page
        "/api/generation/health/": (503, "workers"),  # no worker runs here; words for everybody
    }
    status, words = expected[address]
    assert (response.status_code, words in response.text) == (status, True)
    assert site.jobs[0] not in response.text
    assert '"figures"' not in response.text
    assert "sse_connections" not in response.text


@pytest.mark.parametrize("address", JOB_ADDRESSES)
def test_a_parameter_that_an_address_does_not_know_is_named(site: Site, address: str) -> None:
    if address.startswith("/ws/"):
        answer, body = refusal_of(site, site.jobs[0], query="?token=x")
    else:
        response = site.get(f"{address.format(site.jobs[0])}?token=x")
        answer, body = response.status_code, response.text

    assert answer == 400
    assert "There is no parameter `token` here." in body
