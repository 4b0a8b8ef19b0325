"""Who calls, for views outside the REST framework: a session's cookie or an access token."""

from __future__ import annotations

import ipaddress
import secrets
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from rest_framework.exceptions import AuthenticationFailed
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.settings import api_settings as jwt_settings

from progress.source import Watcher


@dataclass(frozen=True, slots=True)
class Credential:
    """How a request signs in, as far as it can be read without a query: a valid token's claims, or a session's key."""

    user_id: int | None = None
    password_digest: str = ""
    session_key: str = ""


def authenticate(request: HttpRequest) -> Watcher:
    """The caller, or nobody. Queries the session and the user; a wrong token is nobody, whatever the cookie says."""
    if "Authorization" in request.headers:
        try:
            found = JWTAuthentication().authenticate(request)  # type: ignore[arg-type]  # reads META alone
        except AuthenticationFailed:
            return AnonymousUser()
        if found is not None:
            return found[0]  # type: ignore[return-value]
    return get_user(request)


def credential_of(request: HttpRequest) -> Credential | None:
    """No query. A wrong token is nobody's, whatever the cookie says; another kind of header leaves the cookie."""
    if "Authorization" in request.headers:
        try:
            credential = _credential_of_token(request)
        except (AuthenticationFailed, KeyError, ValueError):
            return None
        if credential is not None:
            return credential
    key = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
    return Credential(session_key=key) if key and "\0" not in key else None


def _credential_of_token(request: HttpRequest) -> Credential | None:
    reader = JWTAuthentication()
    header = reader.get_header(request)  # type: ignore[arg-type]  # reads META alone
    raw = reader.get_raw_token(header) if header is not None else None
    if raw is None:
        return None
    token = reader.get_validated_token(raw)
    return Credential(int(token[jwt_settings.USER_ID_CLAIM]), str(token[jwt_settings.REVOKE_TOKEN_CLAIM]))


def may_read_metrics(request: HttpRequest) -> bool:
    """By the token or an address of the settings; no query."""
    return _has_metrics_token(request) or _is_metrics_address(request.META.get("REMOTE_ADDR", ""))


def _has_metrics_token(request: HttpRequest) -> bool:
    expected = f"Bearer {settings.METRICS_TOKEN}".encode()
    return bool(settings.METRICS_TOKEN) and secrets.compare_digest(request.headers.get("Authorization", "").encode(), expected)


def _is_metrics_address(address: str) -> bool:
    try:
        caller = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(caller in ipaddress.ip_network(listed, strict=False) for listed in settings.METRICS_ADDRESSES)
