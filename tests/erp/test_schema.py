"""The description of the REST interface names every answer that an address can give."""

from __future__ import annotations

from typing import Any

import pytest
from drf_spectacular.generators import SchemaGenerator

from academics.access import ACCESS, ANYONE
from erp.schema import rest_patterns


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    schema: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return schema


def answers(described: dict[str, Any], path: str, method: str) -> set[str]:
    return set(described["paths"][path][method]["responses"])


def test_a_change_names_every_refusal(described: dict[str, Any]) -> None:
    found = answers(described, "/api/timetable/variants/{variant_id}/edits/", "post")

    assert found >= {"201", "400", "401", "403", "404", "409", "413", "415", "503"}


def test_signing_in_is_counted_and_can_fail(described: dict[str, Any]) -> None:
    assert {"401", "429"} <= answers(described, "/api/auth/token/", "post")


def test_a_renewed_token_is_an_access_token_alone(described: dict[str, Any]) -> None:
    answer = described["paths"]["/api/auth/token/refresh/"]["post"]["responses"]["200"]["content"]["application/json"]["schema"]

    assert list(described["components"]["schemas"][answer["$ref"].rpartition("/")[2]]["properties"]) == ["access"]


def test_every_described_address_refuses_strangers_as_its_row_says(described: dict[str, Any]) -> None:
    for path, pattern in rest_patterns():
        for method, access in ACCESS[pattern.name or ""].items():
            if method.lower() in described["paths"].get(path, {}):
                found = answers(described, path, method.lower())
                assert ANYONE in access.who or {"401", "403"} <= found, path
                assert not access.of or "404" in found, path


def test_every_refusal_has_a_body(described: dict[str, Any]) -> None:
    bare = [
        (path, method, code)
        for path, operations in described["paths"].items()
        for method, operation in operations.items()
        for code, answer in operation["responses"].items()
        if int(code) >= 400 and not answer.get("content")
    ]
    assert bare == []
