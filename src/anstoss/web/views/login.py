"""Logging in and out."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator

from anstoss.web.safety import Attempts

attempts = Attempts()
"""Wrong passwords of this process, by user name and address."""

_FOR_THIS_VISIT = 0


@method_decorator(login_not_required, name="dispatch")
class Login(LoginView):
    """The login page. After five wrong passwords there is a pause."""

    template_name = "web/login.html"
    redirect_authenticated_user = True

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Try to log in, unless there were too many tries."""
        if attempts.left(self._who) == 0:
            return self.render_to_response(self._wrong(left=0), status=429)
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Let them in; for this visit only, unless they want to stay."""
        attempts.succeeded(self._who)
        with transaction.atomic():  # Django notes the time of the login; only a transaction takes its turn at state.db
            response = super().form_valid(form)
        if not self.request.POST.get("stay"):
            self.request.session.set_expiry(_FOR_THIS_VISIT)
        return response

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        """Say what is wrong and how many tries are left."""
        attempts.failed(self._who)
        return self.render_to_response(self._wrong(left=attempts.left(self._who)), status=401)

    def _wrong(self, left: int) -> dict[str, Any]:
        return self.get_context_data(form=AuthenticationForm(), wrong=True, left=left, username=self._username)

    @property
    def _username(self) -> str:
        return self.request.POST.get("username", "")[:150]

    @property
    def _who(self) -> str:
        visitor = self.request.META.get("HTTP_X_FORWARDED_FOR", "")
        return f"{self._username.casefold()} {visitor}"


class Logout(LogoutView):
    """Logging out, by POST."""
