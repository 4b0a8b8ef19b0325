"""The table of who may do what, against the addresses that exist and against what they answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from academics.access import ACCESS, ANYONE, Access
from academics.models import Membership, Rule
from generation.models import GenerationJob, Workflow
from tests.factories import OrganizationFactory, member
from tests.walking import forget
from tests.world import World, world_make

PARTS = 6  # with a world each
IN_ITS_OWN_TEST = {"progress-stream"}  # never ends; tests/progress/test_strangers.py walks it on a real server
ROWS = [(name, method, access) for name, methods in ACCESS.items() for method, access in methods.items()]
UNSEEN = ("sessions", "auth", "contenttypes")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def patterns(resolver: URLResolver) -> Iterator[URLPattern]:
    for each in resolver.url_patterns:
        if isinstance(each, URLPattern):
            yield each
        elif each.app_name != "admin":
            yield from patterns(each)


def own_patterns() -> list[URLPattern]:
    return list(patterns(get_resolver()))


def walked(rows: list[tuple[str, str, Access]]) -> list[tuple[str, str, Access]]:
    return [row for row in rows if row[0] not in IN_ITS_OWN_TEST]


def call(user: User | None, name: str, method: str, world: World) -> int:
    """The status that the user gets at the world's address."""
    client = Client()
    if user is not None:
        client.force_login(user)
    address = world.address(name, method)
    if method == "GET":
        return client.get(address).status_code
    if address.startswith("/api/"):
        return client.generic(method, address, json.dumps(world.body(name)), content_type="application/json").status_code
    return client.post(address, world.body(name)).status_code


def contents() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of the database, but for sessions and when somebody signed in; read plainly, since it is done thousands of times."""
    rows = {}
    with connection.cursor() as cursor:
        for table, key in seen_tables():
            cursor.execute(f'SELECT * FROM "{table}" ORDER BY "{key}"')
            rows[table] = cursor.fetchall()
    return rows


@cache
def seen_tables() -> list[tuple[str, str]]:
    """Each table with its key."""
    models = [model._meta for model in apps.get_models(include_auto_created=True) if model._meta.app_label not in UNSEEN]
    return [(meta.db_table, meta.pk.column) for meta in models if meta.managed and not meta.proxy]


@pytest.mark.django_db
def test_a_change_anywhere_is_seen_in_the_contents() -> None:
    world = world_make()
    before = contents()
    assert {table for table, rows in before.items() if rows} >= {"generation_entry", "academics_rule", "academics_rule_offerings"}
    assert contents() == before
    Rule.objects.get(organization=world.organization).offerings.clear()
    assert contents() != before


def test_every_address_has_its_row_and_every_row_an_address() -> None:
    unnamed = [str(each.pattern) for each in own_patterns() if not each.name]
    assert unnamed == []
    assert {each.name for each in own_patterns()} == set(ACCESS)


def test_a_view_answers_the_methods_of_its_row() -> None:
    wrong = {}
    for each in own_patterns():
        view = getattr(each.callback, "view_class", getattr(each.callback, "cls", None))
        if view is not None and view.__module__.split(".")[0] in ("academics", "generation", "progress", "erp"):
            methods = {method for method in METHODS if hasattr(view, method.lower())}
            if methods != set(ACCESS[each.name or ""]):
                wrong[each.name] = methods
    assert wrong == {}


@contextmanager
def undone() -> Iterator[None]:
    """What happens inside leaves nothing behind."""
    before = transaction.savepoint()
    yield
    transaction.savepoint_rollback(before)


@contextmanager
def alone(name: str, method: str) -> Iterator[None]:
    """One address of several in a world: it finds what the first found, and a failure names it."""
    forget()
    try:
        with undone():
            yield
    except AssertionError as error:
        error.add_note(f"at {method} {name}")
        raise


@pytest.mark.django_db
@pytest.mark.parametrize("part", range(PARTS))
def test_an_address_lets_in_whom_its_row_names(part: int) -> None:
    world = world_make()
    for name, method, access in walked([row for row in ROWS if ANYONE not in row[2].who])[part::PARTS]:
        with alone(name, method):
            world.put_in((*access.states, "in_review")[0])

            assert call(None, name, method, world) in (401, 302)
            if access.of:
                strangers_learn_nothing(name, method, world)
            if access.roles:
                each_role_gets_its_answer(name, method, access, world)
            if access.states:
                other_states_are_refused(name, method, access, world)


def strangers_learn_nothing(name: str, method: str, world: World) -> None:
    """Another institution's object does not exist, and nothing changes."""
    stranger = member(OrganizationFactory(), "admin")
    before = contents()
    assert call(stranger, name, method, world) == 404
    assert contents() == before


def each_role_gets_its_answer(name: str, method: str, access: Access, world: World) -> None:
    for role in Membership.Role.values:
        with undone():
            user = member(world.organization, role)
            before = contents()
            status = call(user, name, method, world)
            if role in access.roles:
                assert status not in (401, 403, 404, 405, 409, 500), role
            else:
                assert status == 403, role
                assert contents() == before


def other_states_are_refused(name: str, method: str, access: Access, world: World) -> None:
    states = GenerationJob.Status.values if access.of == "job" else Workflow.Status.values
    user = member(world.organization, access.roles[0])
    for state in set(states) - set(access.states):
        world.put_in(state)
        before = contents()
        assert call(user, name, method, world) == (404 if method == "GET" else 409), state
        assert contents() == before


@pytest.mark.django_db
def test_what_is_published_is_open_to_viewers() -> None:
    world = world_make("published")
    for name, method, _ in walked([row for row in ROWS if row[2].is_open_when_published]):
        with alone(name, method):
            assert call(member(world.organization, "viewer"), name, method, world) in (200, 400)
