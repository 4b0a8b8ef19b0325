"""Signing in over REST, and who am I."""

from __future__ import annotations

from typing import Any, cast

from django.contrib.auth.models import User
from django.utils.crypto import constant_time_compare
from drf_spectacular.utils import extend_schema, inline_serializer
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework_simplejwt.exceptions import AuthenticationFailed
from rest_framework_simplejwt.serializers import TokenRefreshSerializer
from rest_framework_simplejwt.settings import api_settings as jwt_settings
from rest_framework_simplejwt.utils import get_md5_hash_password
from rest_framework_simplejwt.views import TokenObtainPairView, TokenRefreshView

from academics.models import Membership
from academics.selectors import organizations_visible
from erp.permissions import ByTable
from erp.strict import AsDescribed
from erp.throttles import attempt_counted, field_of


class SchemaView(SpectacularAPIView):
    """The description of the interface, which leaves its own address out."""

    query_names = ("format", "lang")


class DocsView(SpectacularSwaggerSplitView):
    """A page for people: a parameter that it does not know changes nothing of it."""

    permission_classes = (ByTable,)


class TokenView(TokenObtainPairView):
    """A user name and a password for an access token (an hour) and a refresh token (a week)."""

    permission_classes = (ByTable, AsDescribed)  # type: ignore[assignment]  # the framework's names none
    throttle_scope = "sign_in"

    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        with attempt_counted(account=field_of(request, "username"), request=request):
            return super().post(request, *args, **kwargs)


class TokenRenewSerializer(TokenRefreshSerializer):
    """Refuses a token of before a new password, and of somebody who is gone; the library looks only whether the account is active."""

    def validate(self, attrs: dict[str, Any]) -> dict[str, str]:
        claims = self.token_class(attrs["refresh"]).payload
        user = User.objects.filter(pk=int(claims[jwt_settings.USER_ID_CLAIM])).first() if jwt_settings.USER_ID_CLAIM in claims else None
        digest = get_md5_hash_password(user.password) if user is not None else ""
        if not digest or not constant_time_compare(str(claims.get(jwt_settings.REVOKE_TOKEN_CLAIM, "")), digest):
            raise AuthenticationFailed("The token was ended by a new password, or its account is gone. Sign in again.", "revoked")
        return super().validate(attrs)


class TokenRenewView(TokenRefreshView):
    """A refresh token for a new access token."""

    serializer_class = TokenRenewSerializer
    permission_classes = (ByTable, AsDescribed)  # type: ignore[assignment]  # the framework's names none
    throttle_scope = "sign_in"

    @extend_schema(responses=inline_serializer("TokenRenewed", {"access": serializers.CharField()}))
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        with attempt_counted(account=field_of(request, "refresh"), request=request):
            return super().post(request, *args, **kwargs)


class RoleSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = serializers.CharField()
    role = serializers.ChoiceField(choices=Membership.Role.choices)


class MeSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    username = serializers.CharField()
    is_superuser = serializers.BooleanField()
    organizations = RoleSerializer(many=True)


class MeView(APIView):
    """Who is signed in, and with which role in which organization. Two queries."""

    @extend_schema(responses=MeSerializer)
    def get(self, request: Request) -> Response:
        user = cast(User, request.user)
        roles = dict(Membership.objects.filter(user=user).values_list("organization_id", "role"))
        organizations = [
            {"code": found.code, "name": found.name, "role": Membership.Role.ADMIN if user.is_superuser else roles[found.pk]}
            for found in organizations_visible(user=user)
        ]
        facts = {"id": user.pk, "username": user.username, "is_superuser": user.is_superuser, "organizations": organizations}
        return Response(MeSerializer(facts).data)
