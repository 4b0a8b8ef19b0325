"""One request id from the click to the worker's lines and back."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from erp.request_ids import RequestIds, faults, request_id_of
from tests.processes import SOON_S, start_worker, wait_until
from tests.progress.site import open_socket, open_stream, start_site


@pytest.mark.parametrize("sent", [b"", b"a b", b"x\n", b"x" * 65, b"\xff", b"<script>"])
def test_an_id_that_could_spoil_a_log_is_replaced(sent: bytes) -> None:
    assert request_id_of([(b"x-request-id", b"click-7.A_")]) == "click-7.A_"
    assert len(request_id_of([(b"x-request-id", sent)])) == 32


async def test_an_application_that_fails_is_counted_and_told_with_its_id(caplog: pytest.LogCaptureFixture) -> None:
    async def broken(*arguments: Any) -> None:
        raise ZeroDivisionError

    scope = {"type": "http", "method": "GET", "path": "/x", "headers": [(b"x-request-id", b"click-7")]}
    with pytest.raises(ZeroDivisionError):
        await RequestIds(broken)(scope, broken, broken)

    assert caplog.messages == ["request_failed method=GET path=/x status=500 request_id=click-7"]
    assert (faults[0].path, faults[0].request_id) == ("/x", "click-7")
    faults.clear()


async def test_who_leaves_before_the_answer_makes_no_fault(caplog: pytest.LogCaptureFixture) -> None:
    async def given_up(*arguments: Any) -> None:
        """As Django does once it is told that the caller is gone."""

    await RequestIds(given_up)({"type": "http", "method": "GET", "path": "/x", "headers": []}, given_up, given_up)

    assert caplog.messages == []
    assert not faults


@pytest.mark.processes
def test_a_click_is_followed_through_the_queue_to_the_worker_and_back() -> None:
    with start_site(PROGRESS_JOB_SOURCE="generation.timetable.job_selectors.JobSource", LOG_FORMAT="json") as site:
        with start_worker(site.env, folder=site.folder, redis_url=site.valkey.url) as worker:
            headers = {**site.headers(), "X-Request-ID": "click-7"}
            address = f"{site.server.url}/api/generation-jobs/generate/"
            answer = httpx.post(address, headers=headers, json={"organization": "ours"}, timeout=SOON_S)
            job_id = answer.json()["job_id"]
            with (
                open_stream(site, job_id, X_Request_ID="follow-7") as (response, events),
                open_socket(site, job_id, headers={"X-Request-ID": "socket-7"}) as socket,
            ):
                assert [event.name for event in events][-1] == "done"  # too little data: it fails at once
            wait_until(lambda: "job_refused" in worker.output(), what="the worker's line")
        wait_until(lambda: site.server.process.output().count("watch_ended") == 2, what="the server's lines")
        served = [json.loads(line) for line in site.server.process.output().splitlines()]  # gunicorn's and uvicorn's own, too
        lines = [*served, *(json.loads(line) for line in worker.output().splitlines() if line[:1] == "{")]

    assert {"gunicorn.error", "uvicorn.error"} <= {line["logger"] for line in served}
    assert answer.headers["X-Request-ID"] == "click-7"
    assert response.headers["X-Request-ID"] == "follow-7"
    assert socket.response.headers["X-Request-ID"] == "socket-7"
    of_click = {line["event"] for line in lines if line.get("request_id") == "click-7"}
    assert {"job_queued", "request_handled", "job_started", "job_refused"} <= of_click
    ended = {line["request_id"] for line in lines if line["event"] == "watch_ended" and line["job_id"] == job_id}
    assert ended == {"follow-7", "socket-7"}
