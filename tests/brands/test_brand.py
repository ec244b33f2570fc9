"""What a brand may be, and the imprint that the law wants of it."""

from dataclasses import fields, replace

import pytest

from anstoss.brands.public import Brand, IncompleteImprint, LegalEntity, WrongBrand, imprint

ENTITY = LegalEntity("Fernwald", "GmbH", "Waldweg 1", "04109", "Leipzig", email="hallo@fernwald.example")
BRAND = Brand("shop", "Fernwald", ENTITY)
REQUIRED = ["name", "street", "postal_code", "city", "email"]


def test_the_imprint_has_who_and_where() -> None:
    assert imprint(BRAND) == [
        "Fernwald GmbH",
        "Waldweg 1, 04109 Leipzig, DE",
        "E-Mail: hallo@fernwald.example",
    ]


def test_everything_known_of_the_entity_stands_in_the_imprint_in_both_languages() -> None:
    full = LegalEntity(**{field.name: f"<{field.name}>" for field in fields(LegalEntity)})
    for lang, word in (("de", "Vertreten durch"), ("en", "Represented by"), ("de-AT", "USt-IdNr."), ("fr", "VAT ID")):
        text = "\n".join(imprint(replace(BRAND, entity=full), lang))
        assert word in text
        assert [field.name for field in fields(LegalEntity) if f"<{field.name}>" not in text] == []


@pytest.mark.parametrize("missing", REQUIRED)
@pytest.mark.parametrize("empty", ["", "  "])
def test_an_imprint_that_lacks_something_is_none_and_says_what(missing: str, empty: str) -> None:
    with pytest.raises(IncompleteImprint, match=f"'shop': the imprint lacks {missing}$") as error:
        imprint(replace(BRAND, entity=replace(ENTITY, **{missing: empty})))
    assert error.value.missing == [missing]


def test_all_that_is_missing_is_named_at_once() -> None:
    with pytest.raises(IncompleteImprint) as error:
        imprint(replace(BRAND, entity=LegalEntity("")))
    assert error.value.missing == REQUIRED


@pytest.mark.parametrize("zone", ["Europe/Berln", "", "../etc/passwd", "/etc/localtime", "Europe", "\x00"])
def test_a_brand_lives_in_a_time_zone_that_exists(zone: str) -> None:
    with pytest.raises(WrongBrand, match=r"'shop': no time zone .*Europe/Vienna"):
        replace(BRAND, zone=zone)


@pytest.mark.parametrize("currency", ["", "EURO", "€", "12A", "ÄÖÜ"])
def test_a_brand_has_a_currency_by_its_code(currency: str) -> None:
    with pytest.raises(WrongBrand, match="ISO 4217"):
        replace(BRAND, currency=currency)


@pytest.mark.parametrize("key", ["", "Shop", "my shop", "a/b", "-a", "ä", "a\n", "a" * 64])
def test_keys_are_simple_words_because_identities_are_made_of_them(key: str) -> None:
    with pytest.raises(WrongBrand, match="lower-case letters"):
        replace(BRAND, key=key)
    if key:
        with pytest.raises(WrongBrand, match="lower-case letters"):
            replace(BRAND, user_id_namespace=key)


def test_user_ids_are_the_brands_own_unless_shared() -> None:
    assert BRAND.namespace == "shop"
    assert replace(BRAND, user_id_namespace="group").namespace == "group"
