"""The door of the customers' room."""

from anstoss.customers.consent import (
    CONSENT_EVENTS,
    ConsentChange,
    consent_change,
    consents_of,
    normal_address,
    record_consents,
)
from anstoss.customers.facts import (
    DIRECT_IDENTIFIERS,
    ITEM_KEYS,
    ITEM_TEXTS,
    MONEY_KEYS,
    Fact,
    History,
    Scalar,
    category_path,
    fold_text,
    order_of_facts,
)
from anstoss.customers.folding import (
    BrandZone,
    fact_of,
    is_identifying_trait,
    make_fact,
    minor_units,
    payload_of,
    section,
    shown_products,
    snake,
)
from anstoss.customers.identity import Register, Resolution, kind_of, namespace_of, person_number, resolve
from anstoss.customers.names import SPEC_EVENTS, canonical_event_name
from anstoss.customers.orders import settle_order
from anstoss.customers.profile import Profile, Trait
from anstoss.customers.tables import DERIVED, create_tables

__all__ = [
    "CONSENT_EVENTS",
    "DERIVED",
    "DIRECT_IDENTIFIERS",
    "ITEM_KEYS",
    "ITEM_TEXTS",
    "MONEY_KEYS",
    "SPEC_EVENTS",
    "BrandZone",
    "ConsentChange",
    "Fact",
    "History",
    "Profile",
    "Register",
    "Resolution",
    "Scalar",
    "Trait",
    "canonical_event_name",
    "category_path",
    "consent_change",
    "consents_of",
    "create_tables",
    "fact_of",
    "fold_text",
    "is_identifying_trait",
    "kind_of",
    "make_fact",
    "minor_units",
    "namespace_of",
    "normal_address",
    "order_of_facts",
    "payload_of",
    "person_number",
    "record_consents",
    "resolve",
    "section",
    "settle_order",
    "shown_products",
    "snake",
]
