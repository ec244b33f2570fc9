"""Live traffic: the shop's people go on living by the instance's clock and are told of over HTTP, like any shop's."""

import httpx
import orjson

from anstoss.brands.public import FileClock
from anstoss.demo.mailings import mailings
from anstoss.demo.people import iso
from anstoss.demo.shop import Shop
from anstoss.log.public import Log, NewEvent
from anstoss.store.public import Home

NEWCOMERS_A_DAY = 240
"""So many people find the shop on an average day of the live part, however small it is: ten an hour, twice as many in
the evening. Whoever looks for ten seconds at sixty times the pace shall see somebody come."""
BATCH = 100
_TRY_AGAIN = (429, 503)


class Live:
    """The shop while the instance runs. It sends what its people do; it never touches the instance's files."""

    def __init__(self, home: Home, shop: Shop, write_key: str, url: str) -> None:
        self.shop = shop
        self.sent, self.messages = 0, 0
        """Events that the instance has acknowledged, and messages that have reached people."""
        self._clock = FileClock(home.clock_file)
        self._log = Log(home, self._clock)
        self._read_to = self._log.head()
        self._http = httpx.Client(base_url=url, auth=(write_key, ""), timeout=10)
        self._waiting: list[dict[str, object]] = []
        now = self._clock.now()
        shop.events(shop.played, now)
        shop.hurry(max(NEWCOMERS_A_DAY, shop.newcomers_a_day))

    def step(self) -> None:
        """Let people meet the messages that reached them since the last step, and send what they did until now.

        What the instance does not take (not up yet, overloaded) waits for the next step.
        """
        rows = self._log.read(self._read_to, 10_000)
        for mailing in mailings(rows):
            self.shop.react(mailing)
            self.messages += 1
        self._read_to = rows[-1].seq if rows else self._read_to
        self._waiting += [call_of(event) for event in self.shop.events(self.shop.played, self._clock.now())]
        while self._waiting and self._post(self._waiting[:BATCH]):
            self.sent += len(self._waiting[:BATCH])
            del self._waiting[:BATCH]

    @property
    def events(self) -> int:
        """Events in the log by now, whoever caused them."""
        return self._log.head()

    def close(self) -> None:
        """Hang up. While nobody looks, people come as ever."""
        self.shop.hurry(self.shop.newcomers_a_day)
        self._http.close()
        self._log.close()

    def _post(self, calls: list[dict[str, object]]) -> bool:
        body = {"batch": calls, "sentAt": iso(self._clock.now())}
        try:
            answer = self._http.post("/v1/batch", content=orjson.dumps(body))
        except httpx.TransportError:
            return False
        if answer.status_code in _TRY_AGAIN:
            return False
        answer.raise_for_status()
        return True


def call_of(event: NewEvent) -> dict[str, object]:
    """An event as a call of the public API."""
    body = orjson.loads(event.payload)
    call: dict[str, object] = {
        "type": event.type,
        "messageId": event.message_id,
        "timestamp": iso(event.occurred_at),
        **body,
    }
    for identity in event.identity:
        kind, _, name = identity.partition(":")
        if kind == "user":
            call["userId"] = name.partition("/")[2]
        elif kind == "anon":
            call["anonymousId"] = name
    if event.type != "identify":
        call["event" if event.type == "track" else "name"] = event.name
    return call
