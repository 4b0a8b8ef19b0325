"""Signing in over REST, and who am I."""

from __future__ import annotations

from typing import Any, cast

from django.contrib.auth.models import User
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import ScopedRateThrottle
from rest_framework.views import APIView
from rest_framework_simplejwt.views import TokenObtainPairView, TokenRefreshView

from academics.models import Membership
from academics.selectors import organizations_visible


class TokenView(TokenObtainPairView):
    """A user name and a password for an access token (an hour) and a refresh token (a week)."""

    throttle_classes = (ScopedRateThrottle,)
    throttle_scope = "sign_in"


class TokenRenewView(TokenRefreshView):
    """A refresh token for a new access token."""

    throttle_classes = (ScopedRateThrottle,)
    throttle_scope = "sign_in"


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
