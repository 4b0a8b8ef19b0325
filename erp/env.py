"""The one environment reader; every setting that may differ between installations goes through it."""

from __future__ import annotations

import os
import warnings
from collections.abc import Collection
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

DATABASES = ("django.db.backends.postgresql", "django.db.backends.sqlite3")
PERIODS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}
KINDS = {int: "a whole number", float: "a number", bool: "true or false"}


class Environment(environ.Env):  # type: ignore[misc]
    """Names the variable, its value and what it should be where it can't be read."""

    def get_value(self, var: str, cast: Any = None, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().get_value(var, cast, *args, **kwargs)
        except ValueError as error:
            raise ImproperlyConfigured(f"{var} is {os.environ.get(var)!r}; it must be {KINDS.get(cast, 'readable')}.") from error

    def choice(self, var: str, choices: Collection[str], default: str) -> str:
        value = str(self.str(var, default=default))
        if value not in choices:
            raise ImproperlyConfigured(f"{var} is {value!r}; it must be {' or '.join(choices)}.")
        return value

    def rate(self, var: str, default: str) -> tuple[int, int]:
        """So many in so many seconds, as in 20/minute."""
        value = str(self.str(var, default=default))
        number, _, period = value.partition("/")
        if not number.isdecimal() or not int(number) or period not in PERIODS:
            raise ImproperlyConfigured(f"{var} is {value!r}; it must look like 20/minute (second, minute, hour or day).")
        return int(number), PERIODS[period]

    def database(self, var: str, default: str) -> dict[str, Any]:
        """A database's address as Django wants it. It is not repeated in errors: it may hold a password."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it would print the address
            found: dict[str, Any] = self.db_url(var, default=default)
        if found.get("ENGINE") not in DATABASES:
            raise ImproperlyConfigured(
                "DATABASE_URL can't be read; it must look like postgres://USER:PASSWORD@HOST:5432/NAME or sqlite:///PATH."
            )
        return found

    def email(self, var: str, default: str) -> dict[str, Any]:
        """A mail server's address as Django's settings. It is not repeated in errors: it may hold a password."""
        try:
            found: dict[str, Any] = self.email_url(var, default=default)
        except (ImproperlyConfigured, KeyError, ValueError):
            found = {}
        if "EMAIL_BACKEND" not in found:
            raise ImproperlyConfigured(
                f"{var} can't be read; it must look like smtp+tls://USER:PASSWORD@HOST:587, filemail:///FOLDER or consolemail://."
            )
        return {name: value for name, value in found.items() if value is not None}  # what is left out has Django's own value

    def directory(self, var: str, default: Path) -> Path:
        """A directory that is there when this returns."""
        path = Path(self.str(var, default=str(default))).resolve()
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ImproperlyConfigured(f"{var} is {str(path)!r}; that directory can't be made ({error.strerror}).") from error
        return path


env = Environment()
