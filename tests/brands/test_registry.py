"""Brands and sources as several processes see them."""

from dataclasses import replace
from pathlib import Path

import pytest

from anstoss.brands.public import Brand, LegalEntity, Source, UnknownBrand, open_brands
from anstoss.store.public import Home, sqlite3

BRAND = Brand("shop", "Fernwald", LegalEntity("Fernwald", city="Leipzig"), zone="Europe/Vienna", shop_url="https://x")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.create()
    return home


def test_a_brand_comes_back_as_it_was_given_also_elsewhere(home: Home) -> None:
    here, there = open_brands(home), open_brands(home)
    assert there.all() == []
    here.add_brand(BRAND)
    assert here.brand("shop") == there.brand("shop") == BRAND
    there.add_brand(replace(BRAND, name="Nahwald"))
    there.add_brand(replace(BRAND, key="alps"))
    assert [(brand.key, brand.name) for brand in here.all()] == [("alps", "Fernwald"), ("shop", "Nahwald")]


def test_changes_are_seen_while_others_write_to_the_file(home: Home) -> None:
    here, there = open_brands(home), open_brands(home)
    here.add_brand(BRAND)
    assert there.all() == [BRAND]
    noise = open_brands(home)._con
    for step in range(3):
        noise.execute(f"CREATE TABLE noise{step}(a)")
        assert there.all() == [BRAND]
        key = here.add_source(Source(f"s{step}", "shop"))
        noise.execute(f"INSERT INTO noise{step} VALUES (1)")
        assert there.source_for_key(key) == Source(f"s{step}", "shop")
    assert [source.key for source in there.sources()] == ["s0", "s1", "s2"]


def test_a_new_write_key_ends_the_old_one_at_once(home: Home) -> None:
    here, there = open_brands(home), open_brands(home)
    here.add_brand(BRAND)
    old = here.add_source(Source("web", "shop", "browser", "Website"))
    assert there.source_for_key(old) == Source("web", "shop", "browser", "Website")
    new = here.add_source(Source("web", "shop", "server"))
    assert there.source_for_key(old) is None
    assert there.source_for_key(new) == Source("web", "shop", "server")
    assert len(new) >= 21, "128 random bits"
    assert new != old


def test_two_sources_never_share_a_write_key(home: Home) -> None:
    brands = open_brands(home)
    brands.add_brand(BRAND)
    brands.add_source(Source("web", "shop"), "key")
    with pytest.raises(sqlite3.IntegrityError):
        brands.add_source(Source("pos", "shop"), "key")
    assert brands.source_for_key("key") == Source("web", "shop")


def test_write_keys_are_not_kept(home: Home) -> None:
    brands = open_brands(home)
    brands.add_brand(BRAND)
    key = brands.add_source(Source("web", "shop"))
    brands._con.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert b"web" in home.state_db.read_bytes()
    assert key.encode() not in home.state_db.read_bytes()


def test_an_unknown_brand_is_named_with_those_there_are(home: Home) -> None:
    brands = open_brands(home)
    with pytest.raises(UnknownBrand, match="none yet"):
        brands.brand("x")
    brands.add_brand(BRAND)
    with pytest.raises(UnknownBrand, match="'x'; there are: shop"):
        brands.add_source(Source("web", "x"))
