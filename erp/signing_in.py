"""The page where people sign in. Failed attempts are counted together with those over REST: `erp.throttles`."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse

from erp.throttles import attempt_begin


class SignInView(LoginView):
    """Django's own, but not for somebody who guesses passwords."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.attempt = attempt_begin(account=request.POST.get("username", ""), request=request)
        if self.attempt.wait_s:
            context = self.get_context_data(form=AuthenticationForm(request), wait_s=self.attempt.wait_s)
            return self.render_to_response(context, status=429, headers={"Retry-After": str(self.attempt.wait_s)})
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        self.attempt.give_back()
        return super().form_valid(form)
