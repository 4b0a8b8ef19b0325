"""Changing one's own password, on a page and over REST. It ends everything that was signed in under the old one."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.forms import PasswordChangeForm
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.views import PasswordChangeView
from django.core.exceptions import ValidationError as DjangoValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse_lazy
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework_simplejwt.tokens import RefreshToken

from erp.throttles import attempt_begin, attempt_counted

CHANGED = "Your password is changed. Whoever was signed in with the old one, on other machines or by tokens, is signed out."
WRONG = "That is not your present password. Check it, capital letters included."


class PasswordView(PasswordChangeView):
    """Django's own, in any role; who guesses the old password is stopped as on the sign-in page."""

    template_name = "registration/password.html"
    success_url = reverse_lazy("home")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        user = cast(User, request.user)
        self.attempt = attempt_begin(account=user.get_username(), request=request)
        if self.attempt.wait_s:
            context = self.get_context_data(form=PasswordChangeForm(user), wait_s=self.attempt.wait_s)
            return self.render_to_response(context, status=429, headers={"Retry-After": str(self.attempt.wait_s)})
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: PasswordChangeForm) -> HttpResponse:
        self.attempt.give_back()
        messages.success(self.request, CHANGED)
        return super().form_valid(form)

    def form_invalid(self, form: PasswordChangeForm) -> HttpResponse:
        if not form.has_error("old_password"):
            self.attempt.give_back()
        return super().form_invalid(form)


class PasswordSerializer(serializers.Serializer[Any]):
    old_password = serializers.CharField(trim_whitespace=False, max_length=1000, write_only=True)
    new_password = serializers.CharField(trim_whitespace=False, max_length=1000, write_only=True)

    def validate_old_password(self, value: str) -> str:
        if not self.context["user"].check_password(value):
            raise serializers.ValidationError(WRONG)
        return value

    def validate_new_password(self, value: str) -> str:
        try:
            validate_password(value, self.context["user"])
        except DjangoValidationError as error:
            raise serializers.ValidationError(list(error.messages)) from None
        return value


class PasswordChangeRestView(APIView):
    """The caller's own password. All tokens and sessions of before are refused from now on; new tokens are in the answer."""

    throttle_scope = "sign_in"

    @extend_schema(
        request=PasswordSerializer,
        responses={200: inline_serializer("NewTokens", {"access": serializers.CharField(), "refresh": serializers.CharField()})},
        operation_id="auth_password_change",
    )
    def post(self, request: Request) -> Response:
        user = cast(User, request.user)
        given = PasswordSerializer(data=request.data, context={"user": user})
        with attempt_counted(account=user.get_username(), request=request):
            if not given.is_valid() and "old_password" in given.errors:
                raise serializers.ValidationError(given.errors)
        given.is_valid(raise_exception=True)
        user.set_password(given.validated_data["new_password"])
        user.save(update_fields=["password"])
        if isinstance(request.successful_authenticator, SessionAuthentication):
            update_session_auth_hash(request._request, user)  # who changes it stays signed in
        refresh = RefreshToken.for_user(user)
        return Response({"access": str(refresh.access_token), "refresh": str(refresh)}, headers={"Cache-Control": "no-store"})
