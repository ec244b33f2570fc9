"""Pages for customers, without login: the way out of a message, and the imprint."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from anstoss.brands.public import Brand, IncompleteImprint, imprint
from anstoss.delivery.public import BadToken, WayOut, read_way_out, withdraw
from anstoss.log.public import LogUnavailable
from anstoss.web.home import readers


@login_not_required
@csrf_exempt  # the token is the proof; a mail program that unsubscribes by RFC 8058 has no cookie of ours
@require_http_methods(["GET", "HEAD", "POST"])
def way_out(request: HttpRequest, token: str) -> HttpResponse:
    """Unsubscribe. GET only asks, because link checkers follow links; POST, of the page's button or of one click by a
    mail program (RFC 8058), does it and answers 200 without redirect or cookie."""
    home = readers().home
    try:
        about = read_way_out(home, token)
    except BadToken:
        return render(request, "web/way_out_bad.html", status=404)
    context = _about(about)
    if request.method != "POST":
        return render(request, "web/way_out.html", context)
    try:
        with readers().reader() as reader:
            withdraw(home, reader.log, token, readers().clock)
    except LogUnavailable:
        # The stop is in force already; an error would make mail programs say that nothing happened, but it lets them
        # try again, which completes it.
        return render(request, "web/way_out.html", {**context, "failed": True}, status=503)
    return render(request, "web/way_out.html", {**context, "done": True})


@login_not_required
def imprint_page(request: HttpRequest, brand: str) -> HttpResponse:
    """Who is responsible for a brand by law (section 5 DDG)."""
    found = _brand(brand)
    if found is None:
        raise Http404(_("There is no such brand."))
    try:
        lines = imprint(found, translation.get_language() or found.locale)
    except IncompleteImprint:
        lines = []
    return render(request, "web/imprint.html", {"brand": found, "lines": lines})


def _about(way_out: WayOut) -> dict[str, object]:
    brand = _brand(way_out.brand)
    return {"address": way_out.address, "brand": brand, "sender": brand.name if brand else way_out.brand}


def _brand(key: str) -> Brand | None:
    with readers().reader() as reader:
        return reader.brands.get(key)
