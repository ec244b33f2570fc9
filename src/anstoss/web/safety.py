"""What a browser may do with our pages, and how often somebody may guess a password."""

import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

PAGE = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
    " frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
)
"""Everything from here, nothing from elsewhere, nothing inline."""


class ContentSecurity:
    """Sends the content security policy, unless the view has set its own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer with a policy."""
        response = self._get_response(request)
        response.headers.setdefault("Content-Security-Policy", PAGE)
        return response


class Attempts:
    """Counts wrong passwords: after ``at_most`` of them within ``seconds`` there is a pause until they are past."""

    def __init__(self, at_most: int = 5, seconds: float = 15 * 60, clock: Callable[[], float] = time.monotonic) -> None:
        self._at_most, self._seconds, self._clock = at_most, seconds, clock
        self._wrong: dict[str, list[float]] = {}

    def left(self, who: str) -> int:
        """How many attempts there are before a pause."""
        return max(0, self._at_most - len(self._recent(who)))

    def failed(self, who: str) -> None:
        """One more was wrong."""
        self._wrong[who] = [*self._recent(who), self._clock()]
        if len(self._wrong) > 10_000:  # somebody tries many names: forget those whose pause is over
            self._wrong = {each: recent for each in self._wrong if (recent := self._recent(each))}

    def succeeded(self, who: str) -> None:
        """Start counting anew."""
        self._wrong.pop(who, None)

    def _recent(self, who: str) -> list[float]:
        since = self._clock() - self._seconds
        return [at for at in self._wrong.get(who, ()) if at > since]
