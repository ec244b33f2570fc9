"""The brand whose shop is simulated. Everything in it is invented; its domains are reserved for examples (RFC 2606)."""

from anstoss.brands.public import Brand, LegalEntity, Source

FERNWALD = Brand(
    key="fernwald",
    name="Fernwald & Stube",
    entity=LegalEntity(
        name="Fernwald & Stube Handelsgesellschaft",
        legal_form="mbH",
        street="Musterweg 7",
        postal_code="12345",
        city="Musterstadt",
        email="hallo@fernwald.example.org",
        phone="+49 30 23125 000",
        register="Amtsgericht Musterstadt, HRB 00000",
        vat_id="DE000000000",
        represented_by="Frieda Beispiel",
    ),
    sender_name="Fernwald & Stube",
    sender_address="hallo@fernwald.example.org",
    shop_url="https://fernwald.example.org",
)
WEBSITE = Source(key="fernwald-shop", brand="fernwald", kind="server", name="Shop Fernwald & Stube")
