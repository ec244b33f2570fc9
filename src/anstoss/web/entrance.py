"""Logging in and out. A stop-gap until accounts come: names and passwords, and a pause after wrong ones."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator

from anstoss.web.safety import Attempts

attempts = Attempts()


@method_decorator(login_not_required, name="dispatch")
class Login(LoginView):
    """The login page."""

    template_name = "web/login.html"
    redirect_authenticated_user = True

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Check name and password, unless there is a pause for this name."""
        if not attempts.left(self._who()):
            context = self.get_context_data(form=AuthenticationForm(request), pause=True)
            return self.render_to_response(context, status=429)
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Let in."""
        attempts.succeeded(self._who())
        with transaction.atomic():  # notes the time of the login
            return super().form_valid(form)

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        """Count, and say how many attempts are left."""
        attempts.failed(self._who())
        left = attempts.left(self._who())
        return self.render_to_response(self.get_context_data(form=form, left=left, pause=not left))

    def _who(self) -> str:
        # Per visitor as well as per name: otherwise anybody could lock anybody out.
        visitor = self.request.headers.get("X-Forwarded-For", "").split(",")[0].strip()
        return f"{visitor} {self.request.POST.get('username', '').casefold()}"
