"""A brand, a person and a context for templates."""

from typing import Any

import pytest

from anstoss.brands.public import Brand, LegalEntity


@pytest.fixture(scope="session")
def brand() -> Brand:
    entity = LegalEntity(
        name="Waldkauz Outdoor",
        legal_form="GmbH",
        street="Schwarzwaldstr. 12",
        postal_code="79102",
        city="Freiburg",
        email="hallo@waldkauz.example",
        phone="+49 761 1234",
        register="HRB 700000, AG Freiburg",
        vat_id="DE123456789",
        represented_by="M. Kauz",
    )
    return Brand(
        key="waldkauz",
        name="Waldkauz & Söhne",
        entity=entity,
        locale="de_DE",
        base_url="https://mail.waldkauz.example",
        shop_url="https://www.waldkauz.example",
    )


@pytest.fixture
def context() -> dict[str, Any]:
    return {
        "customer": {"first_name": "Jonas", "traits": {"plan": "gold"}},
        "event": {"order_id": "A-1", "total": 204.8},
        "products": [
            {
                "name": "Wanderschuh „Tobel Mid“",
                "price": 18990,
                "currency": "EUR",
                "quantity": 1,
                "url": "https://www.waldkauz.example/p/1",
                "image": "https://img.waldkauz.example/1.jpg",
            },
            {"name": "Imprägnierung 300 ml", "price": 1490, "quantity": 2},
        ],
        "coupon": {"code": "COMEBACK10", "percent": 10, "valid_until": "2026-12-06", "minimum": 5000},
        "links": {
            "unsubscribe": "https://mail.waldkauz.example/u/abc",
            "preferences": "https://mail.waldkauz.example/p/abc",
            "basket": "https://www.waldkauz.example/basket",
        },
        "now": 1_795_257_600_000_000,
    }
