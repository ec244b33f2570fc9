"""Pages for everybody: the way out of messages, the imprint, and a sign of life."""

import structlog
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from anstoss.brands.public import Brand, IncompleteImprint, imprint
from anstoss.delivery.public import BadToken, read_way_out, withdraw
from anstoss.log.public import LogUnavailable
from anstoss.web.frame import language
from anstoss.web.home import readers

_log = structlog.get_logger("anstoss.web")


@login_not_required
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """This process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


# Whoever holds the link may use it, from a mailbox provider's server too (RFC 8058): there is no session to protect.
@csrf_exempt
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def way_out(request: HttpRequest, token: str) -> HttpResponse:
    """Unsubscribe: GET asks once and changes nothing (link checkers follow links), POST does it."""
    shown = readers()
    try:
        if request.method == "POST":
            with shown.reader() as reader:
                done = withdraw(shown.home, reader.log, token, shown.clock)
        else:
            done = read_way_out(shown.home, token)
    except BadToken:
        return render(request, "web/way_out.html", {"bad": True}, status=404)
    except LogUnavailable:
        # The stop is in force already; the mailbox provider's or the reader's next try completes the record.
        _log.error("a withdrawal is in force but could not be logged")
        return render(request, "web/way_out.html", {"waits": True}, status=503)
    if request.POST.get("List-Unsubscribe") == "One-Click":
        return HttpResponse("ok\n", content_type="text/plain")
    context = {"way_out": done, "done": request.method == "POST", "brand": _brand(done.brand)}
    return render(request, "web/way_out.html", context)


@login_not_required
@require_safe
def brand_imprint(request: HttpRequest, brand: str) -> HttpResponse:
    """Who is responsible for a brand."""
    found = _brand(brand)
    if found is None:
        raise Http404
    try:
        lines = imprint(found, language())
    except IncompleteImprint as error:
        _log.warning("imprint incomplete", brand=brand, missing=error.missing)
        lines = []
    return render(request, "web/imprint.html", {"brand": found, "lines": lines})


def _brand(key: str) -> Brand | None:
    with readers().reader() as reader:
        return reader.brands.get(key)
