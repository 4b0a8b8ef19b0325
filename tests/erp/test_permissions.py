"""An address or a method that the table does not list."""

import pytest
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIClient
from rest_framework.views import APIView

from academics.access import ACCESS
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def get(self: APIView, request: Request) -> Response:
    return Response({"secret": True})


def client() -> APIClient:
    found = APIClient()
    found.force_authenticate(UserFactory(is_superuser=True))
    return found


def test_an_address_outside_the_table_is_refused_even_to_a_superuser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(ACCESS, "me")  # type: ignore[misc]
    answer = client().get("/api/auth/me/")
    assert answer.status_code == 403
    assert "GET me is not in the table" in answer.json()["detail"]


def test_a_method_outside_the_table_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from erp.api import MeView

    monkeypatch.setattr(MeView, "put", get, raising=False)
    assert client().put("/api/auth/me/").status_code == 403


def test_a_method_that_no_view_knows_is_not_allowed() -> None:
    assert client().put("/api/auth/me/").status_code == 405
