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
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from academics.models import Membership, Term
from generation.models import Comment, Feed, GenerationJob, Workflow
from tests.factories import member
from tests.factories.academics import PASSWORD
from tests.factories.editing import editable_variant
from tests.factories.problems import place, problem_make
from tests.factories.small_university import small_university
from tests.fuzzing.site import WORDS
from tests.world import world_make

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
Known = dict[str, list[Any]]


def fill() -> dict[str, Any]:
    """What requests may name, by institution, and what their senders show, by role."""
    AccessToken.lifetime = timedelta(hours=12)
    known: dict[str, Known] = {}
    tokens: dict[str, str] = {}
    for code, word in WORDS.items():
        known[code], users = institution_make(code, word)
        stamp(word)
        tokens |= {f"{code} {role}": str(AccessToken.for_user(user)) for role, user in users.items()}
        known[code]["refresh"] = [str(RefreshToken.for_user(users["viewer"]))]
    return {"known": known, "tokens": tokens}


def institution_make(code: str, word: str) -> tuple[Known, dict[str, User]]:
    term = small_university(code)
    users = {role: member(term.organization, role, username=f"{word}-{role}", password=PASSWORD) for role in Membership.Role.values}
    world = world_make("in_review", **_named(word), organization=term.organization, term=term)
    known: Known = {name: [value] for name, value in world.known.items()}
    known["variant_id"] += known["other_id"]
    for state in STATES:
        job = job_in(state, word, term)
        known["job_id"].append(job.pk)
        known["variant_id"] += [variant.pk for variant in job.variants.all()]
    feeds = [Feed.objects.create(organization=term.organization, user=user, by="room", key="R0") for user in users.values()]
    known["feed_id"] += [feed.pk for feed in feeds]
    known |= CODES | {"term": [term.code], "username": [users["viewer"].username], "password": [PASSWORD]}
    known |= {"variant": known["variant_id"], "other_id": known["variant_id"]}
    return json.loads(json.dumps(known, default=str)), users


def _named(word: str) -> dict[str, Any]:
    """A problem whose names show whose it is, and its solution."""
    problem = problem_make((0, 1, 2), instructors=2, section_instructors=[[0], [0], [1]])
    names = replace(problem.names, titles=tuple(f"{word} {title}" for title in problem.names.titles))
    problem = replace(problem, names=replace(names, instructors=tuple(f"{word} {name}" for name in names.instructors)))
    return {"problem": problem, "solution": place(problem, [(0, 0), (4, 0), (0, 1)])}


def job_in(state: str, word: str, term: Term) -> GenerationJob:
    """A job in this state, or one whose workflow is."""
    variant = editable_variant(**_named(word), organization=term.organization, term=term)
    job = variant.job
    if state in GenerationJob.Status.values:
        GenerationJob.objects.filter(pk=job.pk).update(status=state, has_incumbent=True)
        return job
    workflow, _ = Workflow.objects.get_or_create(job=job)
    Workflow.objects.filter(pk=workflow.pk).update(status=state, variant=None if state == "draft" else variant)
    Comment.objects.create(workflow=workflow, variant=variant, lecture=1, text="And this?")
    return job


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
