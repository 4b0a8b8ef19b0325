"""The WebSocket under a server that can't answer a handshake with a status of its own: close codes instead."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator
from rest_framework_simplejwt.tokens import AccessToken

from academics.models import Membership
from generation.models import GenerationJob
from progress.authorization import authorizer_shared
from progress.reader import reader_shared
from progress.slots import slots_shared
from progress.sockets import ProgressSocket
from progress.threads import in_thread
from tests.factories.academics import MembershipFactory
from tests.factories.generation import JobFactory
from tests.processes import SOON_S, Valkey

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _own_reader(valkey: Valkey, settings: Any) -> Iterator[None]:
    """This loop's, and no other test's."""
    settings.REDIS_URL = valkey.url
    settings.STREAM_POLL_S = 0.05
    for shared in (reader_shared, slots_shared, authorizer_shared):
        shared.cache_clear()
    yield
    for shared in (reader_shared, slots_shared, authorizer_shared):
        shared.cache_clear()


@pytest.fixture
def member() -> Membership:
    return MembershipFactory()


@pytest.fixture
def job(member: Membership) -> GenerationJob:
    return JobFactory(organization=member.organization)


def handshake(job_id: object, *headers: tuple[bytes, bytes], offers: list[str] | None = None) -> ApplicationCommunicator:
    scope = {
        "type": "websocket",
        "path": f"/ws/timetable/progress/{job_id}/",
        "query_string": b"",
        "headers": list(headers),
        "subprotocols": offers or [],
        "url_route": {"kwargs": {"job_id": str(job_id)}},
    }
    return ApplicationCommunicator(ProgressSocket.as_asgi(), scope)


async def answer_of(socket: ApplicationCommunicator) -> dict[str, Any]:
    await socket.send_input({"type": "websocket.connect"})
    answer = dict(await socket.receive_output(SOON_S))
    if answer["type"] == "websocket.close":
        await socket.send_input({"type": "websocket.disconnect", "code": 1006})
        await socket.wait(SOON_S)
    return answer


async def test_a_finished_job_is_told_to_its_end(member: Membership, job: GenerationJob) -> None:
    socket = handshake(job.id, offers=["timeloom.progress", f"bearer.{AccessToken.for_user(member.user)}"])
    assert await answer_of(socket) == {"type": "websocket.accept", "subprotocol": "timeloom.progress"}

    events = [json.loads((await socket.receive_output(SOON_S))["text"]) for _ in range(3)]
    closed = await socket.receive_output(SOON_S)
    await socket.send_input({"type": "websocket.disconnect", "code": 1000})
    await socket.wait(SOON_S)

    assert [event["type"] for event in events] == ["connected", "progress", "done"]
    assert events[2]["data"] == {"status": "completed"}
    assert closed == {"type": "websocket.close", "code": 1000}
    assert slots_shared().num_open == 0


async def test_refusals_have_a_close_code_each(member: Membership, job: GenerationJob, settings: Any) -> None:
    token = (b"authorization", f"Bearer {AccessToken.for_user(member.user)}".encode())
    answers = [await answer_of(handshake(job.id)), await answer_of(handshake("f47ac10b-58cc-4372-a567-0e02b2c3d479", token))]
    settings.STREAM_LIMIT = 0
    answers.append(await answer_of(handshake(job.id, token)))
    await in_thread(Membership.objects.filter(pk=member.pk).update, role="viewer")
    answers.append(await answer_of(handshake(job.id, token)))
    answers.append(await answer_of(handshake(job.id, token, (b"host", b"elsewhere.example"))))

    assert [answer["code"] for answer in answers] == [4401, 4404, 4503, 4403, 4400]
