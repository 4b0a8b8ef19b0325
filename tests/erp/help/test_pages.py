"""Reading the help: who sees what, the search, pictures."""

from __future__ import annotations

import pytest
from django.test import Client

from erp.help.search import help_search
from tests.factories import OrganizationFactory, member

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader() -> Client:
    client = Client()
    client.force_login(member(OrganizationFactory(), "viewer"))
    return client


def test_a_page_has_its_contents_and_its_pictures(reader: Client) -> None:
    page = reader.get("/help/registrar/").content.decode()

    assert '<a href="#import-tables">Import tables</a>' in page
    assert '<img src="/help/pictures/home.png"' in page
    assert b"".join(reader.get("/help/pictures/home.png")).startswith(b"\x89PNG")  # type: ignore[arg-type]


def test_the_search_finds_sections_with_every_word_and_shows_where(reader: Client) -> None:
    page = reader.get("/help/?q=undone+imp").content.decode()

    assert 'href="/help/registrar/#import-tables"' in page
    assert "<mark>undone</mark>" in page


def test_the_search_escapes_what_was_typed(reader: Client) -> None:
    page = reader.get("/help/", {"q": "<script>"}).content.decode()

    assert "<script>" not in page
    assert "Nothing with" in page


def test_headings_come_first() -> None:
    assert help_search("waivers", is_staff=False)[0].section.heading == "Waivers"


def test_pages_for_staff_are_neither_listed_nor_found_by_others(reader: Client) -> None:
    page = reader.get("/help/?q=systemctl").content.decode()

    assert "/help/server/" not in page
    assert help_search("systemctl", is_staff=True)


@pytest.mark.parametrize("address", ["nothing/", "operators/", "pictures/nothing.png", "pictures/..%2Fregistrar.md"])
def test_what_is_no_page_does_not_exist(reader: Client, address: str) -> None:
    assert reader.get(f"/help/{address}").status_code == 404
