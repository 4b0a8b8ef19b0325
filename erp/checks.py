"""System checks: settings that would hurt an installation later are named at the start."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

MIN_SECRET_KEY_LENGTH = 50
INTERVALS = (
    "STREAM_POLL_S",
    "STREAM_HEARTBEAT_S",
    "STREAM_DB_FALLBACK_S",
    "STREAM_BACKOFF_MAX_S",
    "JOB_LEASE_RENEW_S",
    "JOB_SWEEP_S",
    "OPERATIONS_SAMPLE_S",
    "DATABASE_POOL_WAIT_S",
)
COUNTS = ("STREAM_LIMIT", "STREAM_LIMIT_PER_USER", "JOB_WORKERS", "PROGRESS_TTL_S")
EMBEDDED_REDIS = "unix://"


@register(Tags.security)
def secret_key_check(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    key = settings.SECRET_KEY
    if len(key) >= MIN_SECRET_KEY_LENGTH and len(set(key)) >= 5:
        return []
    message = f"SECRET_KEY has {len(key)} characters; it needs at least {MIN_SECRET_KEY_LENGTH}, at random."
    return [Warning(message, hint="Leave it out, and a random one is made and kept in the data directory.", id="timeloom.W001")]


@register()
def hosts_check(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    if settings.DEBUG or settings.ALLOWED_HOSTS:
        return []
    hint = "Set ALLOWED_HOSTS to the names that the site is reached by, separated by commas."
    return [Error("ALLOWED_HOSTS is empty while DEBUG is off: every request would be refused.", hint=hint, id="timeloom.E001")]


@register()
def debug_check(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    if not settings.DEBUG or settings.DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
        return []
    hint = "Set DEBUG=false where others can reach the site: error pages show settings."
    return [Warning("DEBUG is on with a database server.", hint=hint, id="timeloom.W002")]


@register()
def database_check(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """A Redis server of its own means several machines or containers, which can't share a SQLite file."""
    if settings.REDIS_URL.startswith(EMBEDDED_REDIS) or settings.DATABASES["default"]["ENGINE"] != "django.db.backends.sqlite3":
        return []
    hint = "Set DATABASE_URL=postgres://USER:PASSWORD@HOST/NAME, unless every process runs on this machine."
    return [Warning("REDIS_URL names a server while the database is a SQLite file.", hint=hint, id="timeloom.W003")]


@register()
def numbers_check(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    wrong = [name for name in (*INTERVALS, *COUNTS) if getattr(settings, name) <= 0]
    return [Error(f"{name} is {getattr(settings, name)}; it must be greater than 0.", id="timeloom.E002") for name in wrong]


@register()
def lease_check(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    lease, renew = settings.JOB_LEASE_S, settings.JOB_LEASE_RENEW_S
    if renew * 2 <= lease:
        return []
    message = f"JOB_LEASE_S is {lease:g} and JOB_LEASE_RENEW_S {renew:g}: one late renewal would give a running job up."
    return [Error(message, hint="Make the lease at least twice the renewal.", id="timeloom.E003")]
