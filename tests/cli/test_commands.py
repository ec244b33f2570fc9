"""Every command as engineers and scripts call it: answers, words, exit codes."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import orjson
import pytest

from .conftest import Answer, Command

RULE = "all: [{did: {event: Product Viewed}}, {did_not: {event: Order Completed}}]\n"
ORDERS = """Nr;Kunde;Zeit;Artikel;Name;Menge;Preis
A1;7;05.01.2025 10:00;S1;Jacke;1;79,90
A1;7;05.01.2025 10:00;S2;Hose;2;20,00
A2;7;05.02.2025 10:00;S1;Jacke;1;79,90
A3;8;irgendwann;S1;Jacke;1;79,90
A4;8;05.02.2025 11:00;S1;Jacke;viele;79,90
"""
MAP = "order=Nr,customer=Kunde,time=Zeit,sku=Artikel,name=Name,quantity=Menge,price=Preis"


@pytest.fixture
def file(tmp_path: Path) -> Callable[[str], Path]:
    def written(text: str, name: str = "x.yaml") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return written


# -- looking ----------------------------------------------------------------------------------------------------------


def test_a_customer_as_a_whole(anstoss: Command) -> None:
    found = anstoss("customers", "show", "1", "--json").json
    assert found["profile"] == {"email": "anna@example.org", "first_name": "Anna"}
    assert found["identities"] == ["user:shop/1", "email:anna@example.org"]
    assert [(each["channel"], each["status"]) for each in found["consents"]] == [("email", "granted")]
    assert found["stages"]["shop"]["stage"] == "growth"
    assert found["stages"]["shop"]["since"].startswith("2025-10-09T09:00:00")
    assert (found["metrics"]["net_revenue"], found["metrics"]["orders"], found["currency"]) == (19.99, 1, "EUR")
    assert found["metrics"]["last_order_at"] == "2025-10-09T08:59:59.999999+00:00"
    assert {"Checkout Started", "Journey Started", "Stage Entered"} <= {line["name"] for line in found["timeline"]}
    assert all(line["at"].endswith("+00:00") for line in found["timeline"])


@pytest.mark.parametrize("reference", ["user:shop/1", "email:anna@example.org", "Anna@Example.org"])
def test_a_customer_is_found_under_every_name(anstoss: Command, reference: str) -> None:
    number = anstoss("customers", "show", "1", "--json").json["person"]
    assert anstoss("customers", "show", reference, "--json").json["person"] == number
    assert anstoss("customers", "show", str(number), "--json").json["person"] == number


def test_a_customer_in_words(anstoss: Command) -> None:
    said = anstoss("customers", "show", "1")
    assert said.code == 0
    for words in (
        "Anna ",
        "growth since 2025-10-09 11:00",
        "consent       email granted",
        "19.99 EUR",
        "Checkout Started",
    ):
        assert words in said.out


def test_why_somebody_is_in_a_journey_and_somebody_else_is_not(anstoss: Command) -> None:
    mine = anstoss("why", "1", "--journey", "basket", "--json").json
    assert [(each["arm"], each["ended_at"], each["messages"]) for each in mine["passages"]] == [("treated", None, [])]
    assert mine["passages"][0]["due"].startswith("2025-10-09T10:00:00")
    theirs = anstoss("why", "2", "--journey", "basket", "--json").json
    assert (theirs["reason"]["code"], theirs["passages"]) == ("never_triggered", [])
    assert "Checkout Started" in theirs["reason"]["words"]["de"]
    assert "Auslöser kam bei ihr nicht vor" in anstoss("why", "2", "--journey", "basket", "--lang", "de").out
    assert anstoss("why", "1", "--journey", "nix", "--json").json["reason"]["code"] == "not_published"
    assert "started (treated): at step wait" in anstoss("why", "1", "--journey", "basket").out


def test_counting_a_rule_or_a_saved_segment(anstoss: Command, file: Callable[..., Path]) -> None:
    found = anstoss("segment", "count", file(RULE), "--json").json
    assert found["count"] == 1
    assert set(found["words"]) == {"de", "en"}
    assert anstoss("segment", "count", file("segment: x\nrule:\n  " + RULE), "--json").json["count"] == 1
    assert anstoss("segment", "count", file("{did: {event: Nothing}}")).out.startswith("0 people: ")


def test_the_segments_and_who_is_in_them_and_why(anstoss: Command) -> None:
    assert anstoss("segment", "list", "--json").json == [
        {"segment": "lookers", "name": {"de": "Gucker", "en": "Lookers"}, "members": 1}
    ]
    assert "lookers" in anstoss("segment", "list").out
    inside = anstoss("segment", "explain", "lookers", "2", "--json").json
    assert (inside["holds"], inside["member_since"][:16], inside["next_flip"][:16]) == (
        *(True, "2025-10-09T09:00", "2025-10-10T09:00"),
    )
    outside = anstoss("segment", "explain", "lookers", "1", "--json").json
    assert (outside["holds"], outside["member_since"], outside["next_flip"]) == (False, None, None)
    assert anstoss("segment", "explain", "lookers", "2").out.startswith("in lookers\n")
    assert anstoss("segment", "explain", "lookers", "1", "--lang", "de").out.startswith("not in lookers\n")


def test_what_is_in_force(anstoss: Command) -> None:
    found = anstoss("definitions", "list", "--json").json
    assert {"kind": "journey", "key": "basket", "version": 1} in found
    assert {each["kind"] for each in found} == {"metric", "lifecycle", "segment", "template", "journey"}
    assert "journey    basket" in anstoss("definitions", "list").out


def test_rebuilding_the_warehouse_gives_the_same_content(anstoss: Command) -> None:
    once, again = (anstoss("warehouse", "rebuild", "--json").json for _ in range(2))
    assert once == again
    assert once["people"] == 2
    assert once["fingerprint"] in anstoss("warehouse", "rebuild").out


# -- changing ---------------------------------------------------------------------------------------------------------


def test_what_brands_show_prints_brands_set_reads(make: Callable[[], Command], file: Callable[..., Path]) -> None:
    anstoss = make()
    before = anstoss("brands", "show", "--json").json
    assert anstoss("brands", "set", file(anstoss("brands", "show").out)).code == 0
    assert anstoss("brands", "show", "--json").json == before
    changed = anstoss("brands", "set", file("key: shop\nname: Nahwald\nentity: {city: Halle}\n"))
    assert "brand shop: Fernwald GmbH; Waldweg 1, 04109 Halle" in changed.out
    [after] = anstoss("brands", "show", "--json").json
    assert after == {**before[0], "name": "Nahwald", "entity": {**before[0]["entity"], "city": "Halle"}}
    new = anstoss("brands", "set", file("key: alps\nname: Alps\nentity: {name: Alps}\n"))
    assert "the imprint lacks street, postal_code, city, email" in new.out


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("key: shop\nzone: Europe/Berln\n", "'shop': no time zone 'Europe/Berln'"),
        ("key: shop\ncurrency: Euro\n", "currency 'Euro' is no ISO 4217 code"),
        ("key: Shop 2\nname: x\nentity: {name: x}\n", "lower-case letters"),
        ("key: shop\nnmae: x\n", "nmae: unknown; there are: base_url"),
        ("key: shop\nentity: {zip: x}\n", "entity.zip: unknown"),
        ("key: shop\nentity: {postal_code: 04109}\n", "entity.postal_code: 4109 is not text; put it in quotes"),
        ("key: shop\nentity: x\n", "entity: expected a mapping"),
        ("key: new\n", "brand 'new': name is missing"),
        ("key: new\nname: x\n", "brand 'new': entity.name is missing"),
        ("- x\n", "a brand is a mapping with at least a key"),
        ("a: 1\na: 2\n", "x.yaml, line 2: the key 'a' stands here twice"),
    ],
)
def test_a_brand_that_is_wrong_changes_nothing(
    anstoss: Command, file: Callable[..., Path], text: str, says: str
) -> None:
    before = anstoss("brands", "show", "--json").json
    refused = anstoss("brands", "set", file(f"key: shop\nname: Changed\n---\n{text}"))
    assert refused_with(anstoss("brands", "set", file(text)), says)
    assert refused.code == 1
    assert anstoss("brands", "show", "--json").json == before


def refused_with(answer: Answer, says: str) -> bool:
    assert answer.code == 1, answer
    assert answer.out == ""
    assert answer.err.startswith("anstoss: ")
    assert answer.err.count("\n") == 1, "a sentence, not a traceback"
    assert says in answer.err
    return True


def test_a_source_gets_a_key_of_its_own(make: Callable[[], Command]) -> None:
    anstoss = make()
    found = anstoss("sources", "add", "pos", "--brand", "shop", "--json").json
    assert (found["source"], found["brand"], len(found["write_key"]) > 20) == ("pos", "shop", True)
    again = anstoss("sources", "add", "pos", "--brand", "shop", "--kind", "browser")
    assert again.code == 0
    assert found["write_key"] not in again.out
    assert refused_with(anstoss("sources", "add", "x", "--brand", "nix"), "no brand 'nix'; there are: shop")
    assert refused_with(
        anstoss("sources", "add", "x", "--brand", "shop", "--kind", "carrier"), "one of server, browser"
    )


def test_publishing_files_and_folders_of_them(make: Callable[[], Command], tmp_path: Path) -> None:
    anstoss, folder = make(), tmp_path / "definitions"
    folder.mkdir()
    (folder / "a.yaml").write_text("segment: one\nrule: {segment: two}\n")
    (folder / "b.yml").write_text("segment: two\nrule: {did: {event: Product Viewed}}\n")
    done = anstoss("definitions", "publish", folder, "--json").json
    assert done == [{"kind": "segment", "key": "one"}, {"kind": "segment", "key": "two"}]
    sizes = {each["segment"]: each["members"] for each in anstoss("segment", "list", "--json").json}
    assert sizes == {"lookers": 1, "one": 1, "two": 1}
    assert anstoss("definitions", "publish", folder / "a.yaml").out == "published segment one\n"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("segment: x\nrule: {did: {event: Go, witihn: 3d}}", "segment 'x': rule.did.witihn: "),
        ("journey: x\nstart: {on: Go}\nsteps: [{send: nix}]", "journey 'x': steps[0].send: there is no such template"),
        ("lifecycle: x\nstages: []", "lifecycle 'x': stages: a list of stages is needed"),
        ("what: x", "a document begins with lifecycle, segment or journey"),
        ("- 1", "a document begins with lifecycle, segment or journey"),
        ("segment: x\nrule: [", "x.yaml, line 2: "),
        ("segment: x\nrule: {segment: y}\n---\nsegment: y\nrule: {segment: x}", "x"),
        (
            "segment: x\nrule: {did: {event: A}}\n---\nsegment: x\nrule: {did: {event: B}}",
            "segment 'x': segment: stands there twice",
        ),
        ("", "there is no definition in "),
    ],
)
def test_what_is_wrong_is_not_published_nor_anything_beside_it(
    anstoss: Command, file: Callable[..., Path], text: str, says: str
) -> None:
    before = anstoss("definitions", "list", "--json").json
    good = file("segment: good\nrule: {did: {event: Go}}\n", "good.yaml")
    wrong = file(text)
    assert refused_with(anstoss("definitions", "publish", *([good] if text else []), wrong), says)
    assert anstoss("definitions", "list", "--json").json == before


def test_orders_are_brought_in_once_and_lines_that_are_wrong_are_listed(
    make: Callable[[], Command], file: Callable[..., Path]
) -> None:
    anstoss, orders = make(), file(ORDERS, "orders.csv")
    first = anstoss("import", "orders", orders, "--map", MAP, "--json").json
    assert (first["rows"], first["orders"], first["customers"], first["gross"]) == (5, 2, 1, 199.8)
    assert sum(first["rejected"].values()) == 2
    rejects = Path(first["rejects"]).read_text(encoding="utf-8").splitlines()
    assert [line.split(",")[0] for line in rejects] == ["line", "5", "6"]
    seven = anstoss("customers", "show", "7", "--json").json
    assert (seven["metrics"]["orders"], seven["metrics"]["net_revenue"]) == (2, 199.8)
    assert seven["first_at"].startswith("2025-01-05T09:00")
    assert [each["stage"] for each in seven["stages"]["shop"]["history"]] == ["growth", "churn_risk"], "dated, settled"

    again = anstoss("import", "orders", orders, "--map", MAP)
    assert "stored 0 events, " in again.out
    assert "left out 1 lines" in again.out
    after = anstoss("customers", "show", "7", "--json").json
    assert {**after, "metrics": 0} == {**seven, "metrics": 0}, "but for the days since"


# -- wrong use --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["customers", "show", "nobody"], "no customer is known by 'nobody'"),
        (["why", "nobody", "--journey", "basket"], "no customer is known by 'nobody'"),
        (["segment", "explain", "nix", "1"], "no segment 'nix'; there are: lookers"),
        (["segment", "explain", "lookers", "nobody"], "no customer is known by"),
        (["segment", "count", "{}/missing.yaml"], "missing.yaml"),
        (["segment", "count", "{}"], "Is a directory"),
        (["segment", "count", "{}/bad.yaml"], "bad.yaml, line 2: "),
        (["segment", "count", "{}/two.yaml"], "expected one document, found 2"),
        (["segment", "count", "{}/wrong.yaml"], "rule.did.witihn"),
        (["segment", "count", "{}/latin.yaml"], "latin.yaml: this is no text in UTF-8"),
        (["definitions", "publish", "{}/missing.yaml"], "missing.yaml"),
        (["import", "orders", "{}/missing.csv", "--map", MAP], "missing.csv"),
        (["import", "orders", "{}/orders.csv", "--map", "order"], "--map 'order': expected field=column"),
        (["import", "orders", "{}/orders.csv", "--map", "order=Nr,foo=X"], "no such field: foo"),
        (["import", "orders", "{}/orders.csv", "--map", "order=Nr"], "no column was given for: "),
        (["import", "orders", "{}/orders.csv", "--map", MAP.replace("=Nr", "=Nummer")], "has no column Nummer"),
        (["import", "orders", "{}/orders.csv", "--map", MAP, "--brand", "nix"], "no brand 'nix'"),
        (["init"], "there is an instance in"),
        (["brands", "set", "{}/missing.yaml"], "missing.yaml"),
    ],
)
def test_input_that_is_refused(anstoss: Command, tmp_path: Path, words: list[str], says: str) -> None:
    (tmp_path / "bad.yaml").write_text("did:\n  - {event: [}\n")
    (tmp_path / "two.yaml").write_text("did: {event: A}\n---\ndid: {event: B}\n")
    (tmp_path / "wrong.yaml").write_text("did: {event: A, witihn: 1d}\n")
    (tmp_path / "latin.yaml").write_bytes("did: {event: Größe}".encode("latin-1"))
    (tmp_path / "orders.csv").write_text(ORDERS, encoding="utf-8")
    assert refused_with(anstoss(*(word.replace("{}", str(tmp_path)) for word in words)), says)


@pytest.mark.parametrize(
    "words",
    [
        ["nix"],
        ["customers", "nix"],
        ["customers", "show"],
        ["why", "1"],
        ["segment", "count"],
        ["brands", "show", "--nix"],
    ],
)
def test_wrong_use(anstoss: Command, words: list[str]) -> None:
    answer = anstoss(*words)
    assert (answer.code, answer.out) == (2, "")
    assert "Usage:" in answer.err


@pytest.mark.parametrize("words", [["brands", "show"], ["customers", "show", "1"], ["definitions", "list"], ["run"]])
def test_a_directory_without_an_instance(tmp_path: Path, words: list[str]) -> None:
    place = tmp_path / "nowhere"
    assert refused_with(Command(place)(*words), f"there is no instance in {place}")
    assert not place.exists()


def test_a_misspelt_setting_refuses(anstoss: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANSTOSS_PROT", "80")
    assert refused_with(anstoss("brands", "show"), "unknown setting ANSTOSS_PROT; did you mean ANSTOSS_PORT?")


# -- as processes -----------------------------------------------------------------------------------------------------


def shell(*words: str) -> subprocess.CompletedProcess[str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("ANSTOSS_")}
    call = [sys.executable, "-c", "from anstoss.cli.main import main; main()", *words]
    return subprocess.run(call, capture_output=True, text=True, timeout=120, check=False, env=own)


@pytest.mark.slow
def test_a_new_instance(tmp_path: Path) -> None:
    home = str(tmp_path / "home")
    wrong = shell("init", "--home", home, "--zone", "Europe/Berln")
    assert (wrong.returncode, Path(home).exists()) == (1, False)
    made = orjson.loads(shell("init", "--home", home, "--name", "Fernwald", "--currency", "CHF", "--json").stdout)
    assert (made["home"], made["user"]) == (home, "admin")
    assert len(made["write_key"]) > 20
    twice = shell("init", "--home", home)
    assert (twice.returncode, twice.stdout) == (1, "")
    assert "nothing was changed" in twice.stderr
    [brand] = Command(Path(home))("brands", "show", "--json").json
    assert (brand["key"], brand["name"], brand["zone"], brand["currency"]) == (
        "shop",
        "Fernwald",
        "Europe/Berlin",
        "CHF",
    )
    kinds = {each["kind"] for each in Command(Path(home))("definitions", "list", "--json").json}
    assert kinds == {"metric", "lifecycle"}


@pytest.fixture
def served(make: Callable[[], Command]) -> Iterator[Command]:
    """A home on which an engine runs."""
    anstoss = make()
    engine = subprocess.Popen(
        [sys.executable, "-m", "anstoss.pulse"],
        env={**os.environ, "ANSTOSS_HOME": str(anstoss.home), "ANSTOSS_LOG_LEVEL": "error"},
    )
    until = time.monotonic() + 60
    while not (anstoss.home / "engine.sock").exists():
        assert engine.poll() is None
        assert time.monotonic() < until
        time.sleep(0.02)
    yield anstoss
    engine.send_signal(signal.SIGTERM)
    assert engine.wait(30) == 0


@pytest.mark.slow
def test_the_same_commands_while_an_engine_runs(served: Command, anstoss: Command, file: Callable[..., Path]) -> None:
    def ask(of: Command, *words: str | Path) -> object:
        return of(*words, "--json").json

    for words in (["segment", "list"], ["definitions", "list"], ["brands", "show"]):
        assert ask(served, *words) == ask(anstoss, *words)
    show = ["customers", "show", "1"]
    assert served(*show, "--json").json["identities"] == anstoss(*show, "--json").json["identities"]
    assert served("import", "orders", file(ORDERS, "orders.csv"), "--map", MAP, "--json").json["orders"] == 2
    assert served("customers", "show", "7", "--json").json["metrics"]["orders"] == 2
    assert served("segment", "count", file("did: {event: Order Completed}"), "--json").json["count"] == 2
    assert served("definitions", "publish", file("segment: buyers\nrule: {did: {event: Order Completed}}")).code == 0
    until = time.monotonic() + 30
    while {"segment": "buyers", "name": {}, "members": 2} not in served("segment", "list", "--json").json:
        assert time.monotonic() < until
        time.sleep(0.05)
    rebuilt = served("warehouse", "rebuild", "--json").json
    assert rebuilt["people"] == 3
    assert rebuilt == served("warehouse", "rebuild", "--json").json
    assert refused_with(served("segment", "count", file("did: {event: A, witihn: 1d}")), "rule.did.witihn")
