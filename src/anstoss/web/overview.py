"""The start page."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def overview(request: HttpRequest) -> HttpResponse:
    """Where everybody stands, and what happened today."""
    return render(request, "web/overview.html", {})


@login_not_required
def healthz(request: HttpRequest) -> HttpResponse:
    """Says that this process answers."""
    return HttpResponse("ok\n", content_type="text/plain")
