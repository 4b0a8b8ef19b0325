"""Who may do what: one table of addresses, methods, roles and states, read by the code that guards them and by the tests.

A row says which roles at the institution that the address is about may call it, and in which states of
the workflow (or of the job) it does anything. Everybody else gets 401 without signing in, 404 for
another institution's object, 403 in the wrong role, 409 in the wrong state. An address that is not in
the table is refused by `erp.permissions.ByTable` and by `role_page`, so that a new one cannot be open by
oversight.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from django.http import HttpRequest
from rest_framework.request import Request

from academics.models import Membership

Role = Membership.Role
Object = Literal["", "job", "workflow", "variant", "organization", "offering", "rule", "feed", "import", "reading", "wish", "exception"]
ANYONE = "anyone"  # signed in or not
SIGNED_IN = "signed in"  # whatever the role; what is answered is narrowed to the caller's institutions
STAFF = "staff"  # of the server


@dataclass(frozen=True, slots=True)
class Access:
    """One method of one address."""

    who: tuple[str, ...]
    of: Object = ""  # what the address names; its institution decides
    states: tuple[str, ...] = ()  # empty: all
    is_open_when_published: bool = False  # then for every role of the institution

    @property
    def roles(self) -> tuple[Role, ...]:
        return tuple(Role(name) for name in self.who if name in Role.values)


class UnlistedError(LookupError):
    """The address or its method is not in the table."""


_OPEN = Access((ANYONE,))
_SIGNED_IN = Access((SIGNED_IN,))
_STAFF = Access((STAFF,))
_ADMINS = (Role.ADMIN,)
_READERS = (Role.ADMIN, Role.REVIEWER)
_EVERYBODY = (Role.ADMIN, Role.REVIEWER, Role.VIEWER)
_BEFORE_REVIEW = ("draft", "rejected")
_ACTIVE = ("pending", "running", "cancelling")

_JOB_READ = Access(_READERS, "job")
_JOB_CANCEL = Access(_ADMINS, "job", _ACTIVE)
_VARIANT_READ = Access(_READERS, "variant")
_VARIANT_OR_PUBLISHED = Access(_READERS, "variant", is_open_when_published=True)
_EDIT = Access(_ADMINS, "variant", _BEFORE_REVIEW)
_WORKFLOW_READ = Access(_READERS, "workflow")
_OWN_FEED = Access((SIGNED_IN,), "feed")
_IMPORT = Access(_ADMINS, "import")
_OWN_READING = Access((SIGNED_IN,), "reading")  # what it may be read into is checked when it is
_PUBLISHED = Access(_EVERYBODY, "organization", ("published",))
_REVIEW = Access(_READERS, "workflow", ("in_review",))

# By the address's name, then by method. HEAD follows GET; OPTIONS asks for no object.
ACCESS: Mapping[str, Mapping[str, Access]] = {
    # Signing in and what describes the site.
    "login": {"GET": _OPEN, "POST": _OPEN, "PUT": _OPEN},
    "logout": {"POST": _OPEN},
    "token": {"POST": _OPEN},
    "token-refresh": {"POST": _OPEN},
    "password": {"GET": _SIGNED_IN, "POST": _SIGNED_IN, "PUT": _SIGNED_IN},  # everybody's own
    "api-password": {"POST": _SIGNED_IN},
    "me": {"GET": _SIGNED_IN},
    "schema": {"GET": _OPEN},
    "docs": {"GET": _OPEN},
    "icon": {"GET": _OPEN},
    "help": {"GET": _SIGNED_IN},
    "help-page": {"GET": _SIGNED_IN},
    "help-picture": {"GET": _SIGNED_IN},
    "help-staff-page": {"GET": _STAFF},
    # Progress and the server's health.
    "health": {"GET": _OPEN},
    "metrics": {"GET": _OPEN},  # by a token or an address list of its own: see settings
    "operations": {"GET": _STAFF, "POST": _STAFF},
    "progress-stream": {"GET": _JOB_READ},
    "progress-snapshot": {"GET": _JOB_READ},
    "progress-snapshot-short": {"GET": _JOB_READ},
    "progress-selftest": {"POST": _STAFF},
    "progress-active": {"GET": _SIGNED_IN},
    # Jobs.
    "job-list": {"GET": Access(_READERS)},
    "job-generate": {"POST": Access(_ADMINS, "organization")},
    "job-detail": {"GET": _JOB_READ, "DELETE": _JOB_CANCEL},
    "job-cancel": {"POST": _JOB_CANCEL, "DELETE": _JOB_CANCEL},
    "job-stop": {"POST": Access(_ADMINS, "job", ("running",))},
    # Variants.
    "published-list": {"GET": Access(_EVERYBODY, "organization")},
    "variant-list": {"GET": _SIGNED_IN},
    "variant-detail": {"GET": _VARIANT_OR_PUBLISHED},
    "variant-entries": {"GET": _VARIANT_OR_PUBLISHED},
    "variant-export": {"GET": _VARIANT_OR_PUBLISHED, "DELETE": Access(_ADMINS, "variant")},
    "variant-conflicts": {"GET": _VARIANT_READ},
    "variant-students": {"GET": _VARIANT_READ},
    "variant-compare": {"GET": _VARIANT_READ},
    # On dates: what is published for each, and what is otherwise.
    "published-week": {"GET": _PUBLISHED},
    "own-week": {"GET": _SIGNED_IN},
    "api-exceptions": {"GET": Access(_READERS, "organization"), "POST": Access(_ADMINS, "organization", ("published",))},
    "api-exception": {"GET": Access(_READERS, "exception"), "DELETE": Access(_ADMINS, "exception")},
    "dates": {"GET": Access(_ADMINS)},
    "lecture-date": {method: Access(_ADMINS, "variant", ("published",)) for method in ("GET", "POST")},
    # Changing one by hand.
    "variant-weeks": {"GET": _VARIANT_READ},
    "lecture-places": {"GET": _VARIANT_READ},
    "lecture-swaps": {"GET": _VARIANT_READ},
    "variant-edits": {"GET": _VARIANT_READ, "POST": _EDIT},
    "variant-undo": {"POST": _EDIT},
    "variant-redo": {"POST": _EDIT},
    "variant-copy": {"POST": Access(_ADMINS, "variant")},
    # Its way to publication.
    "variant-select": {"POST": Access(_ADMINS, "variant", _BEFORE_REVIEW)},
    "workflow-detail": {"GET": _WORKFLOW_READ},
    "workflow-approve": {"POST": _REVIEW},
    "workflow-reject": {"POST": _REVIEW},
    "workflow-publish": {"POST": Access(_ADMINS, "workflow", ("approved",))},
    "workflow-history": {"GET": _WORKFLOW_READ},
    "workflow-waivers": {"GET": _WORKFLOW_READ, "POST": _REVIEW},
    "waiver-withdraw": {"POST": _REVIEW},
    "workflow-comments": {"GET": _WORKFLOW_READ, "POST": _WORKFLOW_READ},
    "comment-resolve": {"POST": _WORKFLOW_READ},
    # What an institution's data require.
    "api-readiness": {"GET": Access(_READERS, "organization")},
    "readiness": {"GET": Access(_READERS)},
    "api-demand": {"GET": Access(_READERS, "organization")},
    "api-demand-courses": {"GET": Access(_READERS, "organization")},
    "api-demand-matrix": {"GET": Access(_READERS, "organization")},
    "api-demand-split": {"POST": Access(_ADMINS, "organization")},
    "api-demand-bands": {"GET": Access(_READERS, "organization"), "POST": Access(_ADMINS, "organization")},
    "api-demand-band": {"DELETE": Access(_ADMINS, "organization")},
    "demand": {"GET": Access(_READERS)},
    "demand-split": {"GET": Access(_READERS, "offering"), "POST": Access(_ADMINS, "offering")},
    "demand-band": {"GET": Access(_ADMINS), "POST": Access(_ADMINS)},
    "demand-band-delete": {"POST": Access(_ADMINS)},
    "readiness-summary": {"GET": Access(_READERS)},
    "api-rules": {"GET": Access(_READERS, "organization"), "POST": Access(_ADMINS, "organization")},
    "api-rule": {"GET": Access(_READERS, "rule"), "PATCH": Access(_ADMINS, "rule"), "DELETE": Access(_ADMINS, "rule")},
    "rules": {"GET": Access(_READERS)},
    "rule-new": {"GET": Access(_ADMINS), "POST": Access(_ADMINS)},
    "rule-choices": {"GET": Access(_ADMINS)},
    "rule": {"GET": Access(_READERS, "rule"), "POST": Access(_ADMINS, "rule")},
    # What instructors wish. A personal link is the secret; whoever is signed in sees only their own.
    "wishes": {"GET": Access(_ADMINS), "POST": Access(_ADMINS)},
    "wish": {"GET": Access(_ADMINS, "wish"), "POST": Access(_ADMINS, "wish")},
    "api-wishes": {"GET": Access(_ADMINS, "organization"), "POST": Access(_ADMINS, "organization")},
    "api-wish": {"GET": Access(_ADMINS, "wish"), "PATCH": Access(_ADMINS, "wish")},
    "wishes-own": {"GET": _SIGNED_IN},
    "wish-link": {"GET": _OPEN, "POST": _OPEN},
    # Bringing data in.
    "archive": {"GET": Access(_ADMINS, "organization"), "POST": Access(_ADMINS)},
    "archive-page": {"GET": Access(_ADMINS), "POST": Access(_ADMINS)},
    "archive-reading": {"GET": _OWN_READING, "DELETE": _OWN_READING},
    "archive-reading-page": {"GET": _OWN_READING, "POST": _OWN_READING},
    "imports": {"GET": Access(_ADMINS), "POST": Access(_ADMINS)},
    "import-page": {"GET": _IMPORT, "POST": _IMPORT},
    "import-list": {"GET": Access(_ADMINS), "POST": Access(_ADMINS)},
    "import-template": {"GET": _SIGNED_IN},
    "import-detail": {"GET": _IMPORT, "DELETE": _IMPORT},
    "import-problems": {"GET": _IMPORT},
    "import-restructuring": {"GET": _IMPORT, "PATCH": _IMPORT},
    "import-start": {"POST": _IMPORT},
    "import-recipe-list": {"GET": Access(_ADMINS, "organization")},
    "import-recipe": {method: Access(_ADMINS, "organization") for method in ("GET", "PUT", "DELETE")},
    "import-undo": {"POST": _IMPORT},
    "roll-forward": {"GET": Access(_ADMINS), "POST": Access(_ADMINS)},
    "api-roll-forward": {"POST": Access(_ADMINS)},
    # Calendar links: everybody has only their own; the link itself is the secret.
    "feed": {"GET": _OPEN},
    "feeds": {"GET": _SIGNED_IN, "POST": _SIGNED_IN},
    "feed-list": {"GET": _SIGNED_IN, "POST": _SIGNED_IN},
    "feed-detail": {"GET": _OWN_FEED, "DELETE": _OWN_FEED},
    # Pages.
    "home": {"GET": _OPEN},  # says what the site is, and to those who signed in what to do next
    "notices": {"GET": _SIGNED_IN, "POST": _SIGNED_IN},  # everybody's own
    "inbox": {"GET": Access(_READERS)},
    "timetables": {"GET": Access(_READERS)},
    "timetable-new": {"GET": Access(_ADMINS), "POST": Access(_ADMINS)},
    "timetable-stays": {"GET": Access(_ADMINS)},
    "timetable-status": {"GET": _JOB_READ},
    "timetable-compare": {"GET": _JOB_READ},
    "timetable-review": {"GET": _JOB_READ, "POST": _JOB_READ},  # what the form requests is checked as its address above
    "timetable-grid": {"GET": _JOB_READ},
    "timetable-fet": {"GET": _JOB_READ},
    "timetable-today": {"GET": _JOB_READ},
    "timetable-copy": {"POST": Access(_ADMINS, "job")},
    "published": {"GET": _SIGNED_IN},
    # An institution's published timetable: for its members, or for everybody where the institution says so.
    "published-front": {"GET": Access(_EVERYBODY, "organization")},
    "published-kind": {"GET": _PUBLISHED},
    "published-key": {"GET": _PUBLISHED},
    "published-file": {"GET": _PUBLISHED},
    "published-book": {"GET": _PUBLISHED, "POST": Access(_ADMINS, "organization", ("published",))},
    "published-calendar": {"GET": _OPEN},  # where it is public; elsewhere it does not exist, and a secret link serves
}


def access_to(name: str, method: str) -> Access:
    """The row of one method of an address; `UnlistedError` where the table has none."""
    try:
        return ACCESS[name]["GET" if method == "HEAD" else method]
    except KeyError:
        raise UnlistedError(f"{method} {name} is not in the table of who may do what: academics/access.py.") from None


def access_required(request: HttpRequest | Request) -> Access:
    """The row of the address that was called, for the view that answers it."""
    match = request.resolver_match
    return access_to((match.url_name if match else None) or "", request.method or "")


def roles_for(name: str, method: str = "GET") -> tuple[Role, ...]:
    return access_to(name, method).roles


def states_for(name: str, method: str = "POST") -> tuple[str, ...]:
    return access_to(name, method).states
