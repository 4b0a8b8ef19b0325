"""Attempts at passwords and tokens: one true address of the caller, atomic counts, and the same work whoever is meant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.test import Client
from rest_framework.test import APIClient

from erp.client_address import TrueClient, address_counted
from erp.throttles import Counts, Limit, LocalCounts, counts
from tests.factories import UserFactory
from tests.factories.academics import PASSWORD
from tests.processes import SOON_S
from tests.progress.site import Site, start_site


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


async def client_seen(num_proxies: int, settings: Any, *headers: tuple[str, str], kind: str = "http") -> tuple[Any, str]:
    settings.NUM_PROXIES = num_proxies
    seen: list[Any] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        seen.append((scope["client"], scope["scheme"]))

    scope = {
        "type": kind,
        "client": ("127.0.0.1", 5),
        "scheme": "http" if kind == "http" else "ws",
        "headers": [(name.encode(), value.encode()) for name, value in headers],
    }
    await TrueClient(application)(scope, application, application)  # type: ignore[arg-type]
    return seen[0]


MADE_UP = ("x-forwarded-for", "6.6.6.6, 10.0.0.9")


@pytest.mark.parametrize(
    ("num_proxies", "headers", "client"),
    [
        (0, [MADE_UP], "127.0.0.1"),
        (1, [MADE_UP], "10.0.0.9"),
        (2, [MADE_UP, ("x-forwarded-for", "172.16.0.1:4711")], "10.0.0.9"),
        (1, [("x-forwarded-for", "[2001:db8::1]:80")], "2001:db8::1"),
        (1, [("x-forwarded-for", "6.6.6.6, unknown")], "127.0.0.1"),
        (1, [], "127.0.0.1"),
    ],
)
async def test_the_caller_is_as_many_places_from_the_right_as_there_are_proxies(
    settings: Any, num_proxies: int, headers: list[tuple[str, str]], client: str
) -> None:
    assert (await client_seen(num_proxies, settings, *headers))[0][0] == client


@pytest.mark.parametrize(("num_proxies", "scheme"), [(0, "ws"), (1, "wss")])
async def test_a_proxy_says_the_scheme_too(settings: Any, num_proxies: int, scheme: str) -> None:
    assert (await client_seen(num_proxies, settings, ("x-forwarded-proto", "https"), kind="websocket"))[1] == scheme


def test_a_line_in_ipv6_is_one_caller() -> None:
    assert (
        address_counted({"REMOTE_ADDR": "2001:db8:0:7:1::9"}) == address_counted({"REMOTE_ADDR": "2001:db8:0:7::1"}) == "2001:db8:0:7::/64"
    )
    assert address_counted({"REMOTE_ADDR": "::ffff:10.0.0.1"}) == address_counted({"REMOTE_ADDR": "10.0.0.1"})


def test_counts_of_a_process_end_with_their_time_and_are_given_back() -> None:
    clock = Clock()
    local, limits = LocalCounts(clock), [Limit("account", 2, 60), Limit("address", 3, 60)]
    assert [local.take(limits), local.take(limits), local.take(limits)] == [0, 0, 60]
    local.give_back(limits)
    assert [local.take(limits), local.take([Limit("other", 2, 60), limits[1]]), local.take([Limit("third", 2, 60), limits[1]])] == [
        0,
        0,
        60,
    ]
    clock.now = 61
    assert local.take(limits) == 0


def test_without_redis_the_process_counts_and_says_so(settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    settings.REDIS_URL = "unix:///nowhere/valkey.sock"
    away, limits = Counts(), [Limit("account", 2, 60)]
    attempts = [away.take(limits) for _ in range(3)]
    assert [attempt.wait_s for attempt in attempts] == [0, 0, 60]
    assert [message.split()[0] for message in caplog.messages] == ["attempts_counted_here_alone"]


class CountedHasher(PBKDF2PasswordHasher):
    """Django's own, which notes the work that it did."""

    iterations = 100
    work: Counter[str] = Counter()

    def encode(self, password: str, salt: str, iterations: int | None = None) -> str:
        self.work["iterations"] += iterations or self.iterations
        return super().encode(password, salt, iterations)


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/api/auth/token/", "/accounts/login/"])
def test_known_unknown_and_inactive_users_cost_the_same_work(settings: Any, address: str) -> None:
    settings.PASSWORD_HASHERS = [f"{__name__}.CountedHasher"]
    UserFactory(username="known", password=PASSWORD)
    UserFactory(username="gone", password=PASSWORD, is_active=False)
    UserFactory(username="keyless").set_unusable_password()
    counts.local.clear()

    def work(username: str, password: str) -> int:
        CountedHasher.work.clear()
        client = APIClient() if address.startswith("/api/") else Client()
        client.post(address, {"username": username, "password": password})
        return CountedHasher.work["iterations"]

    tried = [work(name, password) for name in ("known", "nobody", "gone", "keyless") for password in ("guess", PASSWORD + "x")]
    assert {*tried, work("gone", PASSWORD)} == {100}


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with start_site(SIGN_IN_RATE="5/hour", SIGN_IN_ADDRESS_RATE="10/hour", WEB_CONCURRENCY="2") as site:
        yield site


def attempt(site: Site, username: str, number: int, password: str = "guess") -> int:
    headers = {"X-Forwarded-For": f"10.0.0.{number}", "X-Real-IP": f"10.0.0.{number}", "Forwarded": f"for=10.0.0.{number}"}
    body = {"username": username, "password": password}
    return httpx.post(f"{site.server.url}/api/auth/token/", json=body, headers=headers, timeout=SOON_S).status_code


@pytest.mark.processes
def test_of_many_attempts_at_once_no_more_than_the_limit_are_tried(site: Site) -> None:
    with ThreadPoolExecutor(80) as pool:
        statuses = Counter(pool.map(lambda number: attempt(site, "boss", number), range(80)))

    assert statuses == {401: 5, 429: 75}
    assert attempt(site, "boss", 1, "pw") == 429, "the page and REST, right or wrong: the account waits"
    assert httpx.post(f"{site.server.url}/accounts/login/", data={"username": "boss", "password": "pw"}).status_code in (403, 429)


@pytest.mark.processes
def test_who_signs_in_is_not_counted_and_another_account_is_free(site: Site) -> None:
    assert {attempt(site, "guest", number, "pw") for number in range(6)} == {200}


@pytest.mark.processes
def test_an_address_has_a_limit_over_all_accounts(site: Site) -> None:
    with ThreadPoolExecutor(30) as pool:
        statuses = Counter(pool.map(lambda number: attempt(site, f"nobody{number}", number), range(30)))

    assert statuses == {401: 5, 429: 25}
