"""The mailbox: every message as it was sent."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from anstoss.delivery.public import Letter
from anstoss.web.home import first_brand, readers

PER_PAGE = 50
# A mail's own style is inline by nature; nothing of it may run, and no picture is fetched unasked: the senders of
# pictures would learn that the back office has opened this mail.
_LETTER = "default-src 'none'; style-src 'unsafe-inline'; img-src {}; sandbox allow-popups; frame-ancestors 'self'"


def mailbox(request: HttpRequest) -> HttpResponse:
    """What was sent, newest first."""
    before, recipient = _position(request.GET.get("before", "")), request.GET.get("to", "").strip()
    with readers().mailbox() as box:
        mails = box.list(PER_PAGE + 1, before, recipient)
        count = box.count()
    more = mails[PER_PAGE - 1].id if len(mails) > PER_PAGE else None
    context = {"mails": mails[:PER_PAGE], "count": count, "more": more, "to": recipient, "zone": _zone()}
    return render(request, "web/mailbox.html", context)


def mail(request: HttpRequest, mail_id: int) -> HttpResponse:
    """One mail: its headers, and what the customer sees of it, in three views."""
    tabs = {"html": _("HTML"), "text": _("Text"), "source": _("Source")}
    view = request.GET.get("view", "html")
    width = "phone" if request.GET.get("width") == "phone" else "wide"
    letter = _letter(mail_id)
    context = {
        "mail": letter.mail,
        "letter": letter,
        "tabs": tabs,
        "view": view if view in tabs else "html",
        "width": width,
        "images": request.GET.get("images") == "1",
        "source": letter.raw.decode("utf-8", "replace"),
        "zone": _zone(),
    }
    return render(request, "web/mail.html", context)


def letter_html(request: HttpRequest, mail_id: int) -> HttpResponse:
    """The HTML part itself, for the frame: nothing in it may run."""
    response = HttpResponse(_letter(mail_id).html)
    images = "https: data:" if request.GET.get("images") == "1" else "data:"
    response.headers["Content-Security-Policy"] = _LETTER.format(images)
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _letter(mail_id: int) -> Letter:
    with readers().mailbox() as box:
        letter = box.get(mail_id) if mail_id < 1 << 63 else None
    if letter is None:
        raise Http404(_("There is no such mail."))
    return letter


def _zone() -> str:
    with readers().reader() as reader:
        brand = first_brand(reader)
        return brand.zone if brand else "UTC"


def _position(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 19 else None
