"""Signing in over REST, the schema and its page."""

import re
from collections.abc import Iterator
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client
from rest_framework.test import APIClient

from erp.throttles import counts
from tests.factories import MembershipFactory, UserFactory, member, review_job
from tests.factories.academics import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _calls_of_this_test_alone_count() -> Iterator[None]:
    counts.local.clear()
    yield
    counts.local.clear()


def token_of(username: str, password: str = PASSWORD) -> APIClient:
    found = APIClient().post("/api/auth/token/", {"username": username, "password": password}).json()
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {found['access']}")
    return client


def test_token_opens_me_and_says_each_role() -> None:
    user = UserFactory(username="anna", password=PASSWORD)
    membership = MembershipFactory(user=user, role="reviewer")
    found = token_of("anna").get("/api/auth/me/").json()
    assert found["username"] == "anna"
    assert [(row["code"], row["role"]) for row in found["organizations"]] == [(membership.organization.code, "reviewer")]


def test_superuser_is_admin_everywhere() -> None:
    MembershipFactory()
    client = APIClient()
    client.force_authenticate(UserFactory(is_superuser=True))
    assert [row["role"] for row in client.get("/api/auth/me/").json()["organizations"]] == ["admin"]


def test_refresh_gives_a_new_access_token() -> None:
    UserFactory(username="anna", password=PASSWORD)
    tokens = APIClient().post("/api/auth/token/", {"username": "anna", "password": PASSWORD}).json()
    assert set(tokens) == {"access", "refresh"}
    assert "access" in APIClient().post("/api/auth/token/refresh/", {"refresh": tokens["refresh"]}).json()


@pytest.mark.parametrize(("is_active", "password"), [(True, "wrong-password"), (False, PASSWORD)])
def test_wrong_password_and_closed_account_are_a_401(is_active: bool, password: str) -> None:
    UserFactory(username="anna", password=PASSWORD, is_active=is_active)
    assert APIClient().post("/api/auth/token/", {"username": "anna", "password": password}).status_code == 401


@pytest.mark.parametrize("header", ["Bearer nonsense", "Bearer ", "Basic YTpi"])
def test_bad_token_is_a_401(header: str) -> None:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=header)
    assert client.get("/api/auth/me/").status_code == 401


def test_sign_in_is_throttled_whatever_the_caller_says_of_its_address() -> None:
    statuses = [
        APIClient().post("/api/auth/token/refresh/", {"refresh": "x"}, HTTP_X_FORWARDED_FOR=f"10.0.0.{number}").status_code
        for number in range(22)
    ]
    assert statuses[0] == 401
    assert statuses[-1] == 429


def test_session_user_needs_the_csrf_token() -> None:
    job = review_job(workflow="in_review")
    client = Client(enforce_csrf_checks=True)
    client.force_login(member(job.organization, "reviewer"))
    address = f"/api/timetable/workflows/{job.pk}/approve/"
    assert client.get(f"/api/timetable/workflows/{job.pk}/").status_code == 200
    assert client.post(address, "{}", content_type="application/json").status_code == 403
    client.cookies["csrftoken"] = "a" * 32
    assert client.post(address, "{}", content_type="application/json", HTTP_X_CSRFTOKEN="a" * 32).status_code == 200


def test_other_origins_get_no_cors_header_unless_allowed(settings) -> None:  # type: ignore[no-untyped-def]
    settings.CORS_ALLOWED_ORIGINS = ["https://campus.example"]
    for origin, allowed in (("https://campus.example", True), ("https://evil.example", False)):
        response = APIClient().get("/api/schema/", HTTP_ORIGIN=origin)
        assert ("Access-Control-Allow-Origin" in response.headers) is allowed


def test_schema_is_made_without_a_warning() -> None:
    call_command("spectacular", validate=True, fail_on_warn=True, stdout=StringIO())


def test_schema_and_docs_are_open_and_load_nothing_from_another_host() -> None:
    client = Client()
    assert client.get("/api/schema/").status_code == 200
    page = client.get("/api/docs/").content.decode()
    sources = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert sources
    assert not [source for source in sources if re.match(r"(https?:)?//", source)]


def test_schema_names_every_address_of_the_contract() -> None:
    paths = APIClient().get("/api/schema/", headers={"accept": "application/vnd.oai.openapi+json"}).json()["paths"]
    assert {
        "/api/auth/token/",
        "/api/auth/me/",
        "/api/generation/stream/{job_id}/",
        "/api/progress/",
        "/api/timetable/variants/{variant_id}/export/",
        "/api/timetable/workflows/{job_id}/publish/",
    } <= set(paths)


def test_the_sign_in_page_is_throttled_by_failures_only() -> None:
    UserFactory(username="anna", password=PASSWORD)
    right, wrong = ({"username": "anna", "password": password} for password in (PASSWORD, "guess"))
    assert {Client().post("/accounts/login/", right).status_code for _ in range(3)} == {302}
    statuses = [Client().post("/accounts/login/", wrong).status_code for _ in range(21)]
    answer = Client().post("/accounts/login/", right)
    assert (statuses[19], statuses[20], answer.status_code) == (200, 429, 429)
    assert 0 < int(answer["Retry-After"]) <= 61
    assert "Too many attempts" in answer.content.decode()
