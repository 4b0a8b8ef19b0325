"""Every address of the REST interface refuses what its description does not name, and writes nothing then."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import ResolverMatch
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIClient, APIRequestFactory
from rest_framework.views import APIView

from academics.access import ACCESS, ANYONE, Access
from academics.models import ImportBatch, Organization, Room
from erp.schema import rest_patterns
from erp.strict import NUMBERS, Operation, operation_of
from generation.models import GenerationJob
from tests.factories import JobFactory, TermFactory, member
from tests.test_access import contents
from tests.world import world_make

pytestmark = pytest.mark.django_db
# A page, and what tests/progress/test_strangers.py walks on a real server.
ELSEWHERE = ("docs", "progress-stream")
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


def addresses() -> Iterator[tuple[str, str, Access]]:
    for _, pattern in rest_patterns():
        for method, access in ACCESS[pattern.name or ""].items():
            if pattern.name not in ELSEWHERE:
                yield pattern.name or "", method, access


def unlike(found: Any, status: int, word: str) -> str:
    """What the answer is, where it is not what it should be."""
    text = found.content.decode()
    return "" if found.status_code == status and word in text else f"{found.status_code} {text[:200]}"


def test_every_address_names_what_it_does_not_know() -> None:
    world = world_make()
    admin = Client()
    admin.force_login(member(world.organization, "admin"))
    before, wrong, num = contents(), [], 0
    for name, method, access in addresses():
        address, body, client = world.address(name, method), world.body(name), Client() if ANYONE in access.who else admin
        query = f"{address}{'&' if '?' in address else '?'}organisatoin=x"
        answers = {"query": client.generic(method, query, json.dumps(body) if method != "GET" else "", content_type=JSON)}
        uploads = method == "POST" and name in ("import-list", "archive")  # which read multipart/form-data alone
        answers["json"] = client.generic(method, address, json.dumps(body | {"organisatoin": 5}), content_type=JSON)
        answers["form"] = client.generic(method, address, urlencode({"organisatoin": "x"}), content_type=FORM)
        for part, found in answers.items():
            refused = uploads and part != "query"
            words = "" if refused or (method == "GET" and part != "query") else "organisatoin"
            if fault := unlike(found, 415 if refused else 400, words):
                wrong.append(f"{method} {name} {part}: {fault}")
            num += 1

    assert not wrong, "\n".join(wrong)
    assert num > 150
    assert contents() == before


GENERATE = "/api/generation-jobs/generate/"
JOBS = "/api/generation-jobs/"
IMPORT = "/api/import/"
BANDS = "/api/demand/bands/"
ROOMS = b"Code,Name,Capacity\nR77,Seventy-seven,20\n"


@pytest.fixture
def admin() -> APIClient:
    client = APIClient()
    client.force_authenticate(member(TermFactory().organization, "admin"))
    return client


@pytest.mark.parametrize(
    ("body", "field", "words"),
    [
        ({"timelimit_s": 5}, "timelimit_s", "Did you mean `time_limit_s`?"),
        ({"Keep": "sound"}, "Keep", "Did you mean `keep`?"),
        ({"time-limit-s": 5}, "time-limit-s", "Did you mean `time_limit_s`?"),
        ({"zzz": 1}, "zzz", "There is no field `zzz` here. Known: `academic_year`, `department_id`, "),
        ({"seed": "5"}, "seed", "`seed` takes a whole number, not a text."),
        ({"seed": [5]}, "seed", "`seed` takes a whole number, not a list."),
        ({"run_anyway": "yes"}, "run_anyway", "`run_anyway` takes true or false, not a text."),
        ({"semester": 5}, "semester", "`semester` takes a text, not a whole number."),
        ({"organization": {"code": "x"}}, "organization", "`organization` takes a text, not an object."),
        ({"weights": {"lectures": "5"}}, "weights", "`weights.lectures` takes a whole number, not a text."),
        ({"keep_departments": ["MATH", 5]}, "keep_departments", "`keep_departments[1]` takes a text, not a whole number."),
        ([{"seed": 5}], "non_field_errors", "Send an object with the fields of this address: "),
        ("seed", "non_field_errors", "This is a text."),
        (None, "non_field_errors", "This is null."),
    ],
)
def test_json_is_taken_as_it_is_described(admin: APIClient, body: Any, field: str, words: str) -> None:
    answer = admin.generic("POST", GENERATE, json.dumps(body), content_type=JSON)

    assert (answer.status_code, list(answer.json())) == (400, [field])
    assert words in answer.json()[field][0]
    assert not GenerationJob.objects.exists()


def test_a_field_that_is_there_twice_is_refused(admin: APIClient) -> None:
    twice = admin.generic("POST", GENERATE, '{"seed": 1, "weights": {}, "seed": 2}', content_type=JSON)

    assert (twice.status_code, "`seed` twice" in twice.json()["detail"]) == (400, True)
    assert not GenerationJob.objects.exists()


def test_a_field_inside_another_is_named_by_its_place(admin: APIClient) -> None:
    answer = admin.post("/api/rules/", {"kind": "inside", "timeslots": [{"day": 0, "period": 1}, {"dya": 1}]})

    assert (answer.status_code, list(answer.json())) == (400, ["timeslots"])
    assert "no field `timeslots[1].dya` here. Did you mean `day`? Known: `day` and `period`." in answer.json()["timeslots"][0]


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"dry-run": "true"}, "dry-run", "Did you mean `dry_run`?"),
        ({"dry_run": "ja"}, "dry_run", "`dry_run` takes true or false, not 'ja'."),
        ({"dry_run": ""}, "dry_run", "`dry_run` is empty."),
        ({"dry_run": ["true", "false"]}, "dry_run", "`dry_run` is there 2 times. Send it once."),
        ({"organization": ""}, "organization", "`organization` is empty."),
        ({"mapping": SimpleUploadedFile("m.json", b"{}")}, "mapping", "`mapping` takes a text, not a file."),
        ({"mapping.rooms": "x"}, "mapping.rooms", "There is no field `mapping.rooms` here."),
    ],
)
def test_an_upload_is_taken_as_it_is_described(admin: APIClient, given: dict[str, Any], field: str, words: str) -> None:
    answer = admin.post(IMPORT, {"files": SimpleUploadedFile("rooms.csv", ROOMS), **given}, format="multipart")

    assert (answer.status_code, list(answer.json())) == (400, [field])
    assert words in answer.json()[field][0]
    assert not Room.objects.exists()
    assert not ImportBatch.objects.exists()


@pytest.mark.parametrize(
    ("address", "query", "field", "words"),
    [
        (JOBS, "organisation=x", "organisation", "There is no parameter `organisation` here. Did you mean `organization`?"),
        (JOBS, "Status=failed", "Status", "Did you mean `status`?"),
        (JOBS, "status=", "status", "`status` is empty."),
        (JOBS, "page=1&page=2", "page", "`page` is there 2 times."),
        (JOBS, "page= 2", "page", "`page` takes a whole number, not ' 2'."),
        (JOBS, "page_size=0", "page_size", "'0' is no number of rows."),
        (JOBS, "format=xml", "format", "There is no format 'xml' here. Choose one of: json."),
        (JOBS, "status[0]=failed", "status[0]", "There is no parameter `status[0]` here."),
        (BANDS, "term=", "term", "`term` is empty."),
        ("/api/readiness/", "x=1&y=2", "x", "Known: `format`, `organization` and `term`."),
        ("/api/auth/me/", "user=1", "user", "There is no parameter `user` here."),
        ("/api/timetable/published/", "day=1.0", "day", "`day` takes a whole number, not '1.0'."),
    ],
)
def test_a_query_is_taken_as_it_is_described(admin: APIClient, address: str, query: str, field: str, words: str) -> None:
    answer = admin.get(f"{address}?{query}")

    assert (answer.status_code, next(iter(answer.json()))) == (400, field)
    assert words in answer.json()[field][0]


def test_what_is_in_the_wrong_place_is_told_where_it_goes(admin: APIClient) -> None:
    in_the_query = admin.post("/api/demand/split/?dry_run=true", {"course": "FR1", "size": 10})
    in_the_body = admin.generic("GET", "/api/readiness/", '{"term": "x"}', content_type=JSON)

    assert "It goes into the body." in in_the_query.json()["dry_run"][0]
    assert "It goes into the address, after a question mark." in in_the_body.json()["term"][0]


@pytest.mark.parametrize(
    ("body", "content_type"), [("[1]", JSON), ("x" * 100_000, JSON), ("hello", "text/plain"), (b"\0" * 10, "application/octet-stream")]
)
def test_an_address_without_fields_takes_no_body(admin: APIClient, body: str | bytes, content_type: str) -> None:
    job = JobFactory(organization=Organization.objects.get(), status="pending")
    address = f"{JOBS}{job.pk}/cancel/"

    answer = admin.generic("POST", address, body, content_type=content_type)

    assert (answer.status_code, answer.json()) == (400, {"non_field_errors": ["This address takes no body. Leave it out."]})
    job.refresh_from_db()
    assert job.status == "pending"


def test_correct_calls_stay(admin: APIClient) -> None:
    job = JobFactory(organization=Organization.objects.get(), status="pending")
    right = "?status=failed&status=pending&page=1&page_size=5&format=json&organization=" + job.organization.code
    assert [row["id"] for row in admin.get(JOBS + right).json()["results"]] == [str(job.pk)]
    assert admin.generic("POST", f"{JOBS}{job.pk}/cancel/", "{}", content_type=JSON).status_code == 202
    answer = admin.generic("POST", GENERATE, "keep_departments=MATH&keep_departments=PHYS", content_type=FORM)
    assert list(answer.json()) == ["keep"]  # read, and refused by the service: it is not said what stays
    made = admin.generic("POST", GENERATE, "seed=7&weights.room_stability=3&run_anyway=True&department_id=", content_type=FORM)
    assert (made.status_code, made.json()["seed"], made.json()["weights"]) == (201, 7, {"room_stability": 3})
    file = SimpleUploadedFile("rooms.csv", ROOMS)
    done = admin.post(IMPORT, {"files": file, "dry_run": "True", "remove_missing": "0"}, format="multipart")
    assert (done.status_code, done.json()["status"]) == (200, "checked"), done.json()
    assert Client().get("/api/docs/?utm_source=mail").status_code == 200
    assert Client().get("/api/schema/?format=json").json()["openapi"].startswith("3.")


def test_a_form_sent_with_a_session_may_hold_its_csrf_token() -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(member(TermFactory().organization, "admin"))
    client.get("/")
    token = client.cookies["csrftoken"].value

    answer = client.post(GENERATE, {"seed": "7", "csrfmiddlewaretoken": token})

    assert answer.status_code == 201, answer.content


def test_what_the_description_names_is_what_is_taken() -> None:
    """A parameter that is added to a view's description is taken by that alone; there is no second list."""

    class Probe(APIView):
        @extend_schema(parameters=[OpenApiParameter("colour", str)], responses=None)
        def get(self, request: Request) -> Response:
            return Response(status=204)

    view = Probe.as_view()

    def operation(route: str) -> Operation:
        request = Request(APIRequestFactory().get("/"))
        request._request.resolver_match = ResolverMatch(view, (), {}, url_name="health", route=route)
        return operation_of(request, Probe())

    assert set(operation("api/generation/health/").query) == {"colour", "format"}


@pytest.mark.parametrize(
    "address",
    [
        "/admin/timetables/?status=complete",
        "/admin/rules/?strength=weak",
        "/admin/rules/?state=offf",
        "/admin/rules/?cost=much",
    ],
)
def test_a_page_shows_nothing_as_if_it_were_narrowed(address: str) -> None:
    client = Client()
    client.force_login(member(TermFactory().organization, "admin"))

    assert client.get(address).status_code == 404
    assert client.get(f"{address.partition('?')[0]}?utm_source=mail").status_code == 200


def test_a_number_of_any_length_is_read_in_no_time() -> None:
    began = time.process_time()
    assert not NUMBERS["number"].fullmatch("1" * 50_000 + "x")
    assert all(NUMBERS["number"].fullmatch(text) for text in ("1", "1.", "-1.5e3", ".5"))
    assert time.process_time() - began < 1
