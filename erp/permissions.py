"""The table of who may do what, enforced: an address that it does not list is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from academics.access import ACCESS, ANYONE, UnlistedError, access_to

if TYPE_CHECKING:  # the framework reads this module while it loads its views
    from rest_framework.views import APIView


class ByTable(BasePermission):
    """Of every REST address: open ones for anybody, the others for those who signed in. Roles are checked where the object is read."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        match = request.resolver_match
        method = request.method or ""
        if match is None or match.url_name is None:
            return False
        if method == "OPTIONS":
            return bool(request.user.is_authenticated)
        try:
            access = access_to(match.url_name, method)
        except UnlistedError as error:
            self.message = str(error)
            # A method that the view does not know gets its 405, once the caller is known.
            return bool(request.user.is_authenticated) and match.url_name in ACCESS and not hasattr(view, method.lower())
        return ANYONE in access.who or bool(request.user.is_authenticated)
