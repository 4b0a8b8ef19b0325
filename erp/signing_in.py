"""The page where people sign in. Failed attempts are counted together with those over REST."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from rest_framework.throttling import ScopedRateThrottle


class FailedAttempts(ScopedRateThrottle):
    """Counts what it is told of: a campus behind one address may sign in as often as it likes."""

    def throttle_success(self) -> bool:
        return True

    def count(self) -> None:
        super().throttle_success()


class SignInView(LoginView):
    """Django's own, but not for somebody who guesses passwords."""

    throttle_scope: ClassVar[str] = "sign_in"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.attempts = FailedAttempts()
        if not self.attempts.allow_request(request, self):  # type: ignore[arg-type]  # asks for no more than Django's request has
            seconds = int(self.attempts.wait() or 1) + 1
            context = self.get_context_data(form=AuthenticationForm(request), wait_s=seconds)
            return self.render_to_response(context, status=429, headers={"Retry-After": str(seconds)})
        return super().post(request, *args, **kwargs)

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        self.attempts.count()
        return super().form_invalid(form)
