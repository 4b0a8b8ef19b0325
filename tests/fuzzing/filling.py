"""Two institutions in a real database, each with one or more of everything that an address names.

All names of an institution hold a word of its own, which no answer to somebody of the other one may hold. Codes of
institutions and ids have it not, because requests name them.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.contrib.auth.models import User
from django.db.models import F, Model, Value
from django.db.models.functions import Concat, Left
from django.urls import reverse
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from academics.access import ACCESS
from academics.importing.columns_by_kind import KINDS
from academics.importing.templates import template_csv
from academics.models import Membership, Organization
from erp.archive.writing import archive_write
from erp.schema import rest_patterns
from generation.editing.services import EditRequest, edit_undo, variant_edit
from generation.models import Comment, Feed, Workflow
from tests.factories import member
from tests.factories.academics import PASSWORD
from tests.factories.editing import editable_variant
from tests.factories.problems import place, problem_make
from tests.factories.small_university import small_university
from tests.fuzzing.site import WORDS
from tests.world import World, import_made, world_make

STAMPED = ("name", "comment", "text", "reason", "owner", "note", "label", "email", "username")
STATES = ("draft", "rejected", "approved", "published", "running", "pending")
# What `small_university` and `world_make` name, alike in both institutions, and numbers near what is there.
CODES: dict[str, list[Any]] = {
    "section": ["C0-1"],
    "instructor": ["I0"],
    "room": ["R0", "R1", "R9"],
    "curriculum": ["Y1"],
    "department": ["MATH"],
    "student": ["S0"],
    "course": ["FR1", "DE1", "C0", "C1"],
    "courses": [["FR1", "DE1"], ["C0", "C1"], ["C0"]],
    "band": ["Languages"],
    "name": ["Languages", "Another"],
    "key": ["R0", "C0-1", "Y1"],
    "lecture": [0, 1, 2, 99],
    "other": [0, 1, 2],
    "day": [0, 1],
    "period": [0, 1, 2, 3],
    "revision": [0, 1, 2, 3],
    "department_id": [1, 2],
}
# What `tests.world` has not for the addresses of the REST interface.
BODIES: dict[str, list[dict[str, Any]]] = {
    "POST feed-list": [{"by": "room", "key": "R1"}, {"by": "section", "key": "C0-1"}],
    "PATCH api-rule": [{"weight": 5}, {"is_active": False}, {"comment": "Because."}],
}
QUERIES: dict[str, list[dict[str, Any]]] = {
    "variant-export": [{"as": kind} for kind in ("csv", "xlsx", "pdf", "json")] + [{"as": "pdf", "by": "section", "key": "C0-1"}],
}
Known = dict[str, list[Any]]
Examples = dict[str, list[dict[str, Any]]]


def fill() -> dict[str, Any]:
    """What requests may name, by institution, and what their senders show, by role."""
    AccessToken.lifetime = timedelta(hours=12)
    known: dict[str, Known] = {}
    examples: dict[str, Examples] = {}
    tokens: dict[str, str] = {}
    for code, word in WORDS.items():
        known[code], examples[code], users = institution_make(code, word)
        tokens |= {f"{code} {role}": str(AccessToken.for_user(user)) for role, user in users.items()}
        known[code]["refresh"] = [str(RefreshToken.for_user(users["viewer"]))]
    return json.loads(json.dumps({"known": known, "examples": examples, "tokens": tokens}, default=str))


def institution_make(code: str, word: str) -> tuple[Known, Examples, dict[str, User]]:
    term = small_university(code)
    users = {role: member(term.organization, role, username=f"{word}-{role}", password=PASSWORD) for role in Membership.Role.values}
    feeds = [Feed.objects.create(organization=term.organization, user=user, by="room", key="R0") for user in users.values()]
    first = world_make("in_review", **_named(word), organization=term.organization, term=term)
    first.known["feed_id"] = feeds[0].pk
    worlds = {"in_review": first} | {state: world_in(state, word, first) for state in STATES}
    stamp(word)
    first.known["batch_id"] = str(import_made(term.organization).pk)  # the last change, so that it can be undone
    known: Known = {name: [value] for name, value in first.known.items()}
    known["job_id"] = [world.job.pk for world in worlds.values()]
    known["variant_id"] = [variant.pk for world in worlds.values() for variant in world.job.variants.all()]
    known["feed_id"] += [feed.pk for feed in feeds]
    known |= CODES | {"term": [term.code], "username": [users["viewer"].username], "password": [PASSWORD]}
    return known | {"variant": known["variant_id"], "other_id": known["variant_id"]}, examples_of(worlds), users


def examples_of(worlds: dict[str, World]) -> Examples:
    """Requests that can do what the operation is for, in the states that it is for."""
    found: Examples = {}
    for path, pattern in rest_patterns():
        name = pattern.name or ""
        for method, access in ACCESS[name].items():
            found[f"{method} {path}"] = [
                {"path_parameters": world.kwargs(name), "query": query, "body": body}
                for world in (worlds[state] for state in access.states or worlds if state in worlds)
                for query in QUERIES.get(name, [{}])
                for body in BODIES.get(f"{method} {name}", [world.body(name)])
            ]
    return found | {f"POST {reverse(name)}": uploads for name, uploads in uploads_of(worlds["in_review"].organization).items()}


def uploads_of(organization: Organization) -> Examples:
    """Files that are read as they are: tables of the institution, and all of it."""
    tables = [(f"{kind}.csv", template_csv(KINDS[kind])) for kind in ("departments", "buildings", "rooms")]
    checks = [{"dry_run": "true"}, {}]
    archive = "".join(archive_write(organization=organization))
    return {
        "import-list": [{"files": [["files", name, table.decode()]], "data": data} for name, table in tables for data in checks],
        "archive": [{"files": [["file", "all.json", archive]], "data": {"organization": organization.code, "replace": "true"}}],
    }


def _named(word: str) -> dict[str, Any]:
    """A problem whose names show whose it is, and its solution."""
    problem = problem_make((0, 1, 2), instructors=2, section_instructors=[[0], [0], [1]])
    names = replace(problem.names, titles=tuple(f"{word} {title}" for title in problem.names.titles))
    problem = replace(problem, names=replace(names, instructors=tuple(f"{word} {name}" for name in names.instructors)))
    return {"problem": problem, "solution": place(problem, [(0, 0), (4, 0), (0, 1)])}


def world_in(state: str, word: str, first: World) -> World:
    """A job in this state, or one whose workflow is; edited by hand, the last edit undone."""
    variant = editable_variant(**_named(word), organization=first.organization, term=first.job.term)
    user = User.objects.get(username=f"{word}-admin")
    for period in (1, 2):
        variant_edit(variant=variant, user=user, request=EditRequest(variant.revision, "move", 0, 0, period))
    edit_undo(variant=variant, user=user, revision=variant.revision)
    workflow, _ = Workflow.objects.update_or_create(job=variant.job, defaults={"revision": variant.revision})
    comment = Comment.objects.create(workflow=workflow, variant=variant, lecture=1, text="And this?")
    world = World(variant.job, variant, first.known | {"job_id": variant.job_id, "variant_id": variant.pk, "comment_id": comment.pk})
    world.put_in(state)
    return world


def stamp(word: str) -> None:
    """Put the word into every name that has none yet."""
    for model in (User, *apps.get_app_config("academics").get_models(), *apps.get_app_config("generation").get_models()):
        for field in model._meta.fields:
            if field.name in STAMPED:
                _stamp(model, field.name, getattr(field, "max_length", None) or 500, word)


def _stamp(model: type[Model], name: str, most: int, word: str) -> None:
    rows = model._default_manager.all()
    for other in WORDS.values():
        rows = rows.exclude(**{f"{name}__contains": other})
    rows.update(**{name: Left(Concat(Value(f"{word} "), F(name)), most)})
