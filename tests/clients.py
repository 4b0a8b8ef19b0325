"""Callers of pages and of the REST interface, in a role at a term's institution."""

from __future__ import annotations

from typing import Any

from django.test import Client
from rest_framework.test import APIClient

from academics.models import Term
from tests.factories import member


def client_of(term: Term, role: str) -> Client:
    client = Client()
    client.force_login(member(term.organization, role))
    return client


def rest_of(term: Term, role: str) -> APIClient:
    client = APIClient()
    client.force_authenticate(member(term.organization, role))
    return client


def text_of(response: Any) -> str:
    return str(response.content.decode())
