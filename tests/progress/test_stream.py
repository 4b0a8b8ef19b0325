"""Streams from the real server: gunicorn with uvicorn's worker, the real middleware, the real Redis protocol."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator

import pytest

from progress.tracker import ProgressTracker
from tests.progress.site import Event, Site, open_stream, start_site

pytestmark = pytest.mark.processes


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with start_site() as site:
        yield site


def tracker_of(site: Site, job_id: str) -> ProgressTracker:
    return ProgressTracker(job_id, started_at=int(time.time()), store=site.store)


def next_of(events: Iterator[Event], name: str) -> Event:
    return next(event for event in events if event.name == name)


def test_events_arrive_one_by_one_through_gzip(site: Site) -> None:
    job_id = site.new_job()
    tracker = tracker_of(site, job_id)
    tracker.start()
    with open_stream(site, job_id, Accept_Encoding="gzip") as (response, events):
        seen = [next(events), next_of(events, "progress")]
        for stage in ("loading", "clustering", "cpsat_solving"):
            tracker.update(stage, 50, completed_items=1, total_items=2)
            seen.append(next_of(events, "progress"))
        tracker.completed(hard=0)
        seen += [next_of(events, "progress"), next_of(events, "done")]

        assert next(events, None) is None  # the server closes
    assert response.headers["Content-Encoding"] == "identity"
    assert response.headers["Cache-Control"] == "no-cache"
    assert response.headers["X-Accel-Buffering"] == "no"
    assert [event.name for event in seen] == ["connected", *["progress"] * 5, "done"]
    assert [event.data.get("overall_progress") for event in seen[1:-1]] == [0, 2.5, 10, 45, 100]
    assert seen[-1].data == {"status": "completed"}
    assert all(event.id for event in seen)
    assert all(later.at - earlier.at > 0.005 for earlier, later in itertools.pairwise(seen[2:6]))
