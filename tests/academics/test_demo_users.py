"""The demo logins are made once, and keep their passwords."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import CommandError

from academics.models import Membership
from tests.factories import OrganizationFactory

pytestmark = pytest.mark.django_db


def test_first_call_makes_three_members_and_prints_their_logins(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("DEMO_PASSWORD", raising=False)
    OrganizationFactory(code="demo")

    call_command("demo_users")

    password = capsys.readouterr().out.split("password: ")[1].split()[0]
    assert all(User.objects.get(username=name).check_password(password) for name in ("admin", "reviewer", "viewer"))
    assert list(User.objects.filter(is_superuser=True).values_list("username", flat=True)) == ["admin"]
    assert set(Membership.objects.values_list("user__username", "role")) == {(name, name) for name in ("admin", "reviewer", "viewer")}


def test_second_call_keeps_passwords_unless_one_is_given(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    OrganizationFactory(code="demo")
    monkeypatch.setenv("DEMO_PASSWORD", "first-password")
    call_command("demo_users")

    monkeypatch.delenv("DEMO_PASSWORD")
    call_command("demo_users")
    assert User.objects.get(username="admin").check_password("first-password")

    monkeypatch.setenv("DEMO_PASSWORD", "second-password")
    call_command("demo_users")
    assert User.objects.get(username="viewer").check_password("second-password")


def test_without_the_organization_it_says_what_to_do() -> None:
    with pytest.raises(CommandError, match="there is no organization"):
        call_command("demo_users")
