"""How often a password or a token may be tried: a count for the account and one for the caller's address.

Both are counted before the attempt, in one step in Redis, so that however many come at the same time, no more than the limit
are tried. An attempt that succeeds is taken back: a campus behind one address may sign in as often as it likes. While Redis
is away each web process counts for itself.
"""

from __future__ import annotations

import functools
import hashlib
import math
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import redis
import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rest_framework.exceptions import Throttled
from rest_framework.request import Request

from erp.client_address import address_counted

log = structlog.get_logger(__name__)
PREFIX = "timeloom:attempts:"
TIMEOUT_S = 0.5
AWAY_S = 2.0  # so long a Redis that did not answer is not tried again
MOST_COUNTED = 10_000  # accounts and addresses that a process counts by itself

# Answers the milliseconds to wait, or counts one more at each key and answers 0.
TAKE = """
for i, key in ipairs(KEYS) do
  if tonumber(redis.call('GET', key) or '0') >= tonumber(ARGV[2 * i - 1]) then
    return math.max(1, redis.call('PTTL', key))
  end
end
for i, key in ipairs(KEYS) do
  if redis.call('INCR', key) == 1 then redis.call('PEXPIRE', key, ARGV[2 * i]) end
end
return 0
"""
GIVE_BACK = """
for i, key in ipairs(KEYS) do
  if tonumber(redis.call('GET', key) or '0') > 0 then redis.call('DECR', key) end
end
"""


@dataclass(frozen=True)
class Limit:
    """So many attempts from the first one on, until the time is over."""

    key: str
    most: int
    seconds: int


@dataclass(frozen=True)
class Attempt:
    """One try at a password or token, counted unless it is given back."""

    limits: list[Limit]
    is_local: bool
    wait_s: int  # where not 0 the limit is reached: nothing is to be tried, and nothing was counted

    def give_back(self) -> None:
        counts.give_back(self)


class LocalCounts:
    """What Redis does, in this process alone."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._lock, self._clock = threading.Lock(), clock
        self._counts: dict[str, tuple[int, float]] = {}

    def take(self, limits: list[Limit]) -> float:
        """The seconds to wait, or 0 and one more counted."""
        with self._lock:
            now = self._clock()
            if len(self._counts) > MOST_COUNTED:
                self._counts = {key: found for key, found in self._counts.items() if found[1] > now}
            counts = [self._count(limit, now) for limit in limits]
            for limit, (count, ends) in zip(limits, counts, strict=True):
                if count >= limit.most:
                    return ends - now
            for limit, (count, ends) in zip(limits, counts, strict=True):
                self._counts[limit.key] = (count + 1, ends)
            return 0

    def give_back(self, limits: list[Limit]) -> None:
        with self._lock:
            now = self._clock()
            for limit in limits:
                count, ends = self._count(limit, now)
                if count:
                    self._counts[limit.key] = (count - 1, ends)

    def clear(self) -> None:
        with self._lock:
            self._counts.clear()

    def _count(self, limit: Limit, now: float) -> tuple[int, float]:
        count, ends = self._counts.get(limit.key, (0, 0.0))
        return (count, ends) if ends > now else (0, now + limit.seconds)


class Counts:
    """In Redis, and in the process while that is away."""

    def __init__(self) -> None:
        self.local = LocalCounts()
        self._away_until = 0.0

    def take(self, limits: list[Limit]) -> Attempt:
        arguments = [number for limit in limits for number in (limit.most, limit.seconds * 1000)]
        found = self._tried(TAKE, limits, arguments)
        seconds = self.local.take(limits) if found is None else found / 1000
        return Attempt(limits, is_local=found is None, wait_s=math.ceil(seconds))

    def give_back(self, attempt: Attempt) -> None:
        if attempt.is_local:
            self.local.give_back(attempt.limits)
        else:
            self._tried(GIVE_BACK, attempt.limits, [])

    def _tried(self, script: str, limits: list[Limit], arguments: list[int]) -> int | None:
        """What the script answers; None while Redis is away."""
        if time.monotonic() < self._away_until:
            return None
        try:
            keys = [limit.key for limit in limits]
            return int(_client(settings.REDIS_URL).eval(script, len(keys), *keys, *map(str, arguments)) or 0)
        except (RedisError, OSError) as error:
            self._away_until = time.monotonic() + AWAY_S
            log.warning("attempts_counted_here_alone", error=str(error))
            return None


@functools.cache
def _client(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S, retry=Retry(NoBackoff(), 0))


counts = Counts()


def attempt_begin(*, account: str, request: HttpRequest | Request) -> Attempt:
    limits = [
        _limit("account", account.casefold(), settings.SIGN_IN_RATE),
        _limit("address", address_counted(request.META), settings.SIGN_IN_ADDRESS_RATE),
    ]
    return counts.take(limits)


@contextmanager
def attempt_counted(*, account: str, request: HttpRequest | Request) -> Iterator[None]:
    """For REST: raises `Throttled` before anything is tried; what raises nothing inside is given back."""
    attempt = attempt_begin(account=account, request=request)
    if attempt.wait_s:
        raise Throttled(wait=attempt.wait_s)
    yield
    attempt.give_back()


def wrong_links_counted(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For a page whose address is the secret: who tries many that open nothing has to wait, as who guesses passwords has."""

    @functools.wraps(view)
    def counted(request: HttpRequest, **kwargs: object) -> HttpResponse:
        attempt = counts.take([_limit("links", address_counted(request.META), settings.SIGN_IN_ADDRESS_RATE)])
        if attempt.wait_s:
            context = {"title": "Too many links that open nothing", "words": f"Wait {attempt.wait_s} seconds, then open yours again."}
            refused = render(request, "refused.html", context, status=429)
            refused["Retry-After"] = str(attempt.wait_s)
            return refused
        response = view(request, **kwargs)
        if response.status_code != 404:
            attempt.give_back()
        return response

    return counted


def field_of(request: Request, name: str) -> str:
    """A field of the body, whatever the body is."""
    return str(request.data.get(name, "")) if isinstance(request.data, Mapping) else ""


def _limit(what: str, whose: str, rate: tuple[int, int]) -> Limit:
    """Nobody's name stands in Redis, and a long one takes no room there."""
    digest = hashlib.sha256(whose.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return Limit(f"{PREFIX}{what}:{digest}", *rate)
