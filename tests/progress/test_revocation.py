"""Rights that end while streams and sockets are open: with the real server, and by the clock."""

from __future__ import annotations

import json
import logging
import threading
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx
import pytest
from django.contrib.auth.models import User
from django.test import RequestFactory
from pytest_django import DjangoAssertNumQueries
from rest_framework_simplejwt.tokens import AccessToken

from academics.models import Membership
from progress.auth import Credential, credential_of
from progress.authorization import Grant, Request, denials_of, grants_of
from tests.clocks import Stopwatch
from tests.factories import MembershipFactory, OrganizationFactory, UserFactory
from tests.factories.generation import JobFactory
from tests.processes import SOON_S, manage
from tests.progress.intervals import PATIENCE
from tests.progress.site import Site, messages_of, open_socket, open_stream, start_site

# How each right ends, the reason that is told, and whether its tokens are refused everywhere from then on.
ENDS = {
    "changes": ("signed_out", True),
    "closed": ("signed_out", True),
    "deleted": ("signed_out", True),
    "leaves": ("signed_out", False),
    "removed": ("missing", False),
    "demoted": ("forbidden", False),
}
MAKE = """
import json
from django.contrib.auth.models import User
from django.test import Client
from rest_framework_simplejwt.tokens import RefreshToken
from academics.models import Membership, Organization
ours, found = Organization.objects.get(code="ours"), {}
for name in %r:
    user = User.objects.create_user(name, password="pw")
    Membership.objects.create(user=user, organization=ours, role="reviewer")
    client, refresh = Client(), RefreshToken.for_user(user)
    client.force_login(user)
    found[name] = {"access": str(refresh.access_token), "refresh": str(refresh), "session": client.session.session_key}
print("MADE" + json.dumps(found))
"""
END = """
import time
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from academics.models import Membership
user = User.objects.get(username="changes")
user.set_password("another")
user.save()
User.objects.filter(username="closed").update(is_active=False)
User.objects.get(username="deleted").delete()
Membership.objects.filter(user__username="removed").delete()
Membership.objects.filter(user__username="demoted").update(role="viewer")
Session.objects.filter(session_key=%r).delete()
print("ENDED" + str(time.time()))
"""
AT_MOST_S = 5.0
logger = logging.getLogger(__name__)
STATUS = {"signed_out": 401, "forbidden": 403, "missing": 404}


@dataclass
class Follower:
    """Reads on a thread of its own until the server closes."""

    events: Any
    seen: list[tuple[str, dict[str, Any], float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.thread = threading.Thread(target=self._follow, daemon=True)
        self.thread.start()

    def _follow(self) -> None:
        with suppress(httpx.HTTPError, OSError):  # the test's own end closes what is still open
            for event in self.events:
                name, data = event if isinstance(event, tuple) else (event.name, event.data)
                if name != "comment":
                    self.seen.append((name, data, time.time()))


@pytest.mark.processes
def test_every_way_in_which_a_right_ends_ends_the_open_streams_within_five_seconds() -> None:
    with start_site(STREAM_HEARTBEAT_S="2", METRICS_TOKEN="figures") as site, ExitStack() as stack:
        people = json.loads(run(site, MAKE % [*ENDS, "stays"]).split("MADE", 1)[1])
        site.tokens |= {name: each["access"] for name, each in people.items()}
        followers: dict[tuple[str, str], Follower] = {}
        sockets = {}
        for name, each in people.items():
            cookie = {"Cookie": f"sessionid={each['session']}"}
            _, events = stack.enter_context(open_stream(site, site.jobs[0], None, **cookie))
            followers[name, "session"] = Follower(events)
            if name != "leaves":  # a token knows of no session
                _, events = stack.enter_context(open_stream(site, site.jobs[0], name))
                followers[name, "token"] = Follower(events)
            sockets[name] = stack.enter_context(open_socket(site, site.jobs[0], None, headers=cookie))
            followers[name, "socket"] = Follower(messages_of(sockets[name]))
        stopwatch = Stopwatch()
        ended_at = float(run(site, END % people["leaves"]["session"]).split("ENDED", 1)[1])
        seconds = {}
        for (name, way), follower in followers.items():
            if name == "stays":
                continue
            follower.thread.join(SOON_S * PATIENCE)
            reason, _ = ENDS[name]
            last, data, at = follower.seen[-1]
            assert (last, data["reason"], data["status"]) == ("ended", reason, STATUS[reason]), (name, way)
            assert data["detail"]
            seconds[name, way] = at - ended_at
            if way == "socket":
                assert sockets[name].close_code == 4000 + STATUS[reason]
        logger.info("ended %.1f to %.1f s after the right was gone", min(seconds.values()), max(seconds.values()))
        assert max(seconds.values()) <= AT_MOST_S * PATIENCE + stopwatch.busy_s()
        for way in ("session", "token", "socket"):
            assert followers["stays", way].thread.is_alive()
            assert [name for name, _, _ in followers["stays", way].seen] == ["connected", "progress"]
        for name, (_, are_tokens_refused) in ENDS.items():
            assert site.get("/api/auth/me/", name).status_code == (401 if are_tokens_refused else 200), name
        assert "sse_connections_active 2.0" in site.metrics()
        assert "sse_revoked_total 11.0" in site.metrics()


def run(site: Site, script: str) -> str:
    done = manage("shell", "-v", "0", "-c", script, env=site.env)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.django_db
def test_all_open_streams_cost_one_query_and_all_who_come_at_once_three(
    django_assert_num_queries: DjangoAssertNumQueries, client: Any
) -> None:
    members = [MembershipFactory(role="reviewer") for _ in range(10)]
    jobs = [JobFactory(organization=each.organization) for each in members]
    client.force_login(members[0].user)
    by_session = Credential(session_key=client.session.session_key)
    credentials = [by_session, *(credential_by_token(each.user) for each in members[1:])]
    with django_assert_num_queries(3):
        grants = grants_of([Request(credential, job.id) for _ in range(20) for credential, job in zip(credentials, jobs, strict=True)])

    assert all(isinstance(grant, Grant) for grant in grants)
    with django_assert_num_queries(1):
        assert denials_of([grant for grant in grants if isinstance(grant, Grant)]) == {}


def credential_by_token(user: User) -> Credential:
    credential = credential_of(RequestFactory().get("/", headers={"Authorization": f"Bearer {AccessToken.for_user(user)}"}))
    assert credential is not None
    return credential


def grant_of(member: Membership, job_id: UUID) -> Grant | str:
    return grants_of([Request(credential_by_token(member.user), job_id)])[0]


@pytest.mark.django_db
def test_an_open_stream_is_judged_as_a_new_one_would_be() -> None:
    member = MembershipFactory(role="reviewer")
    job = JobFactory(organization=member.organization)
    grant = grant_of(member, job.id)
    assert isinstance(grant, Grant)

    Membership.objects.filter(pk=member.pk).update(role="viewer")
    assert denials_of([grant]) == {grant: "forbidden"}
    assert grant_of(member, job.id) == "forbidden"
    Membership.objects.filter(pk=member.pk).update(organization=OrganizationFactory())
    assert denials_of([grant]) == {grant: "missing"}
    assert grant_of(member, job.id) == "missing"
    User.objects.filter(pk=member.user.pk).update(is_superuser=True)
    assert denials_of([grant]) == {}
    User.objects.filter(pk=member.user.pk).update(is_active=False)
    assert denials_of([grant]) == {grant: "signed_out"}
    assert grant_of(member, job.id) == "signed_out"


@pytest.mark.django_db
def test_a_token_without_the_passwords_digest_is_nobodys() -> None:
    user = UserFactory()
    token = AccessToken.for_user(user)
    del token.payload["hash_password"]

    assert credential_of(RequestFactory().get("/", headers={"Authorization": f"Bearer {token}"})) is None
