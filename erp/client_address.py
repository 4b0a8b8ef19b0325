"""The one true address of who calls, whatever a request says of itself.

`NUM_PROXIES` proxies of our own stand in front, and each adds to X-Forwarded-For the address that it was called from: so the
caller is that many places from the right. What stands further left was sent by the caller, and may be made up. Without
proxies the header is not read at all, from whatever address it comes; uvicorn would believe it from this machine's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

from django.conf import settings

from erp.request_ids import Application, Receive, Send


class TrueClient:
    """Around everything: throttles, the address list of the metrics and the access log then go by the same."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket") and settings.NUM_PROXIES:
            _believe_proxies(scope, settings.NUM_PROXIES)
        await self._application(scope, receive, send)


def _believe_proxies(scope: dict[str, Any], num_proxies: int) -> None:
    """Changes the scope itself: the server's access log reads it."""
    if found := _forwarded(scope["headers"], num_proxies):
        scope["client"] = (found, 0)
    scheme = dict(scope["headers"]).get(b"x-forwarded-proto", b"").decode("latin-1").strip()
    if scheme in ("http", "https"):
        scope["scheme"] = scheme.replace("http", "ws") if scope["type"] == "websocket" else scheme


def _forwarded(headers: list[tuple[bytes, bytes]], num_proxies: int) -> str:
    """The address that the outermost of our proxies was called from; empty where it said none."""
    said = ",".join(value.decode("latin-1") for name, value in headers if name == b"x-forwarded-for")
    places = [place.strip() for place in said.split(",") if place.strip()]
    return _address_plain(places[-min(num_proxies, len(places))]) if places else ""


def _address_plain(text: str) -> str:
    """Without the port that some proxies add; empty for what is no address."""
    host = text[1:].partition("]")[0] if text.startswith("[") else text.partition(":")[0] if text.count(":") == 1 else text
    try:
        return str(ip_address(host))
    except ValueError:
        return ""


def address_counted(meta: Mapping[str, Any]) -> str:
    """Who counts as one caller: an address, or in IPv6 the network of a line, which has more addresses than can be counted."""
    text = str(meta.get("REMOTE_ADDR") or "")
    try:
        address = ip_address(text)
    except ValueError:
        return text
    if not isinstance(address, IPv6Address):
        return text
    return str(address.ipv4_mapped or ip_network((address, 64), strict=False))
