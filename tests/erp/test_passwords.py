"""A new password: who may set it, and what it ends."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client
from rest_framework.test import APIClient

from academics.models import Membership
from erp.throttles import counts
from tests.erp.test_api import token_of
from tests.factories import MembershipFactory, UserFactory
from tests.factories.academics import PASSWORD

pytestmark = pytest.mark.django_db
NEW = "a-new-password-1"


@pytest.fixture(autouse=True)
def _calls_of_this_test_alone_count() -> Iterator[None]:
    counts.local.clear()
    yield
    counts.local.clear()


@pytest.fixture
def viewer() -> Membership:
    return MembershipFactory(user=UserFactory(username="anna", password=PASSWORD), role="viewer")


def tokens_of(username: str) -> dict[str, str]:
    found: dict[str, str] = APIClient().post("/api/auth/token/", {"username": username, "password": PASSWORD}).json()
    return found


def renewed(tokens: dict[str, str]) -> int:
    return APIClient().post("/api/auth/token/refresh/", {"refresh": tokens["refresh"]}).status_code


def test_a_viewer_changes_the_password_over_rest_and_every_token_of_before_is_refused(viewer: Membership) -> None:
    before, client, session = tokens_of("anna"), token_of("anna"), Client()
    session.force_login(viewer.user)
    assert renewed(before) == 200

    answer = client.post("/api/auth/password/", {"old_password": PASSWORD, "new_password": NEW})

    assert answer.status_code == 200
    assert client.get("/api/auth/me/").status_code == 401
    assert renewed(before) == 401
    assert session.get("/api/auth/me/").status_code == 401
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {answer.json()['access']}")
    assert client.get("/api/auth/me/").json()["username"] == "anna"
    assert renewed(answer.json()) == 200


def test_a_viewer_changes_the_password_on_a_page_and_stays_signed_in_there_alone(viewer: Membership) -> None:
    here, elsewhere, tokens = Client(), Client(), tokens_of("anna")
    for client in (here, elsewhere):
        client.force_login(viewer.user)
    form = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
    assert "Change password" in here.get("/accounts/notices/").content.decode()

    answer = here.post("/accounts/password/", form, follow=True)

    assert "Your password is changed" in answer.content.decode()
    assert here.get("/api/auth/me/").status_code == 200
    assert elsewhere.get("/api/auth/me/").status_code == 401
    assert renewed(tokens) == 401


@pytest.mark.parametrize("given", [{"old_password": "guess"}, {"new_password": "short"}, {"new_password": ""}])
def test_what_is_wrong_is_named_and_nothing_changes(viewer: Membership, given: dict[str, str]) -> None:
    client = token_of("anna")
    answer = client.post("/api/auth/password/", {"old_password": PASSWORD, "new_password": NEW} | given)

    assert (answer.status_code, set(answer.json())) == (400, set(given))
    assert client.get("/api/auth/me/").status_code == 200


def test_guesses_at_the_old_password_are_throttled(viewer: Membership) -> None:
    client, form = Client(), {"old_password": "guess", "new_password1": NEW, "new_password2": NEW}
    client.force_login(viewer.user)
    statuses = [client.post("/accounts/password/", form).status_code for _ in range(21)]

    assert statuses[::20] == [200, 429]


def test_guesses_at_the_old_password_count_with_those_at_the_sign_in(viewer: Membership) -> None:
    client, guess = APIClient(), {"old_password": "guess", "new_password": NEW}
    client.force_authenticate(viewer.user)
    guessed = [client.post("/api/auth/password/", guess).status_code for _ in range(10)]
    tried = [APIClient().post("/api/auth/token/", {"username": "Anna", "password": "guess"}).status_code for _ in range(11)]

    assert {*guessed} == {400}
    assert tried == [401] * 10 + [429]
    assert client.post("/api/auth/password/", guess | {"old_password": PASSWORD}).status_code == 429


def test_the_data_entrys_own_page_leads_to_this_one(viewer: Membership) -> None:
    Membership.objects.update(role="admin")
    client = Client()
    client.force_login(viewer.user)
    assert client.get("/admin/password_change/").headers["Location"] == "/accounts/password/"


def test_the_tokens_of_an_account_that_is_gone_are_refused(viewer: Membership) -> None:
    tokens = tokens_of("anna")
    viewer.user.is_active = False
    viewer.user.save()
    assert renewed(tokens) == 401
    viewer.user.delete()
    assert renewed(tokens) == 401
