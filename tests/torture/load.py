"""A shop that goes on sending whatever happens: what is not acknowledged is sent again, with the same message ids."""

import base64
import http.client
import json
import random
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

AUTHORISATION = {"Authorization": "Basic " + base64.b64encode(b"test-key:").decode()}


@dataclass
class Load:
    """Posts batches from one thread until it is stopped; then everything it began is acknowledged."""

    ports: Sequence[int]
    seed: int
    acknowledged: list[str] = field(default_factory=list)
    repeated: int = 0
    """How many batches had to be sent more than once."""
    answers: Counter[int] = field(default_factory=Counter)
    """How often each status was answered."""

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)  # noqa: S311  # a load, no secret
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._connections: dict[int, http.client.HTTPConnection] = {}
        self._visits = 0

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Let the batch in hand be acknowledged, then end."""
        self._stopped.set()
        self._thread.join(60)
        assert not self._thread.is_alive(), "a batch was never acknowledged"

    def _run(self) -> None:
        while not self._stopped.wait(0.01):
            batch = [call for _ in range(self._chance.randint(1, 4)) for call in self._visit()]
            self._chance.shuffle(batch)
            self._post_until_acknowledged(batch)
            self.acknowledged += [call["messageId"] for call in batch]
        for connection in self._connections.values():
            connection.close()

    def _visit(self) -> list[dict[str, Any]]:
        self._visits += 1
        name, chance = f"{self.seed}-{self._visits}", self._chance.random()
        # Some come back, some share a device: persons are joined while everything around them dies.
        person = f"{self.seed}-{self._chance.randint(1, self._visits)}" if chance < 0.3 else name
        device = f"d{self.seed}-{self._chance.randint(1, 20)}" if chance > 0.9 else f"d{name}"
        calls: list[dict[str, Any]] = [
            {"type": "track", "event": "Product Viewed", "anonymousId": device, "properties": {"product_id": "p"}}
            for _ in range(self._chance.randint(1, 3))
        ]
        traits = {"email": f"p{person}@example.org", "firstName": "Ada"}
        calls.append({"type": "identify", "userId": person, "anonymousId": device, "traits": traits})
        agreed = {"channel": "email", "email": traits["email"]}
        calls.append({"type": "track", "event": "Consent Granted", "userId": person, "properties": agreed})
        order = {"order_id": f"o{name}", "value": 20, "products": [{"product_id": "p", "price": 10, "quantity": 2}]}
        calls.append({"type": "track", "event": "Checkout Started", "userId": person, "properties": order})
        if chance > 0.5:
            bought = {**order, "revenue": 20}
            calls.append({"type": "track", "event": "Order Completed", "userId": person, "properties": bought})
        for number, call in enumerate(calls):
            call["messageId"] = f"{name}-{number}"
        return calls

    def _post_until_acknowledged(self, batch: list[dict[str, Any]]) -> None:
        body, tries = json.dumps({"batch": batch}), 0
        while not self._post(self._chance.choice(self.ports), body):
            tries += 1
            threading.Event().wait(0.02)
        self.repeated += bool(tries)

    def _post(self, port: int, body: str) -> bool:
        try:
            connection = self._connections.setdefault(port, http.client.HTTPConnection("127.0.0.1", port, timeout=5))
            connection.request("POST", "/v1/batch", body, AUTHORISATION)
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            self._connections.pop(port).close()
            return False
        self.answers[answer.status] += 1
        return answer.status == 200
