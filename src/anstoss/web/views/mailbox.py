"""The built-in mailbox: every mail as it would have gone over the wire."""

from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from anstoss.delivery.public import Letter, Mail
from anstoss.pulse.public import Reader
from anstoss.web.frame import voice_of
from anstoss.web.home import readers
from anstoss.web.reading import name_of, person_of
from anstoss.web.sentences import Teller

SHOWN = 50
VIEWS = ("html", "text", "source")
LETTER = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'self';"
    " sandbox allow-popups allow-popups-to-escape-sandbox"
)
"""A mail may look as it likes but runs nothing and fetches nothing from elsewhere."""


@dataclass(frozen=True)
class Line:
    """A mail in the list: to whom, and from which journey and step."""

    mail: Mail
    person: int | None
    who: str
    journey: str
    step: str


def mails(request: HttpRequest) -> HttpResponse:
    """The newest mails, or those before an id; of one recipient, if named."""
    before = request.GET.get("before", "")
    recipient = request.GET.get("to", "").strip()
    with readers().mailbox() as mailbox, readers().reader() as reader:
        found = mailbox.list(SHOWN, int(before) if before.isdecimal() and len(before) < 18 else None, recipient)
        context = {
            "here": "mailbox",
            "lines": [_line(reader, mail) for mail in found],
            "count": mailbox.count(),
            "recipient": recipient,
            "older": found[-1].id if len(found) == SHOWN else None,
        }
        return render(request, "web/mailbox.html", context)


def mail(request: HttpRequest, mail_id: int) -> HttpResponse:
    """One mail: as HTML, as text, or as its source."""
    shown = request.GET.get("view", VIEWS[0])
    letter = _letter(mail_id)
    with readers().reader() as reader:
        context = {
            "here": "mailbox",
            "line": _line(reader, letter.mail),
            "letter": letter,
            "view": shown if shown in VIEWS else VIEWS[0],
            "narrow": request.GET.get("width") == "narrow",
            "source": letter.raw.decode("utf-8", "replace"),
        }
        return render(request, "web/mail.html", context)


def mail_html(request: HttpRequest, mail_id: int) -> HttpResponse:
    """The HTML part alone, for the frame. Links open in a new tab, which the mail itself does not say."""
    html = _letter(mail_id).html
    head, found, rest = html.partition("<head>")
    shown = f'{head}<head><base target="_blank">{rest}' if found else f'<base target="_blank">{html}'
    return HttpResponse(shown, headers={"Content-Security-Policy": LETTER})


def mail_of_message(request: HttpRequest, ledger: str) -> HttpResponse:
    """The mail of a message, by its ledger key."""
    with readers().mailbox() as mailbox:
        letter = mailbox.find(ledger)
    if letter is None:
        raise Http404
    return redirect("mail", letter.mail.id)


def _letter(mail_id: int) -> Letter:
    with readers().mailbox() as mailbox:
        letter = mailbox.get(mail_id)
    if letter is None:
        raise Http404
    return letter


def _line(reader: Reader, mail: Mail) -> Line:
    person = person_of(reader, [f"email:{mail.recipient}"])
    who = name_of(dict(reader.person(person).profile.readable())) if person is not None else ""
    journey, _, rest = mail.ledger.partition("/")
    teller = Teller(reader, voice_of(reader))
    return Line(mail, person, who, teller.named("journey", journey), rest.partition("/")[0])
