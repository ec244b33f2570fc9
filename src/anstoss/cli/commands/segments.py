"""``anstoss segment``: counting rules and explaining memberships."""

from pathlib import Path
from typing import Annotated, Any

import typer

from anstoss.cli.answers import as_json, documents_in, iso, local_time, refuse, say
from anstoss.cli.instance import HomeOption, JsonOption, home_of

group = typer.Typer(help="Segments: saved rules that keep themselves current.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(group, name="segment")


@group.command("count")
def count(
    rule: Annotated[Path, typer.Argument(help="A YAML file with a rule, or a segment with its rule.")],
    home: HomeOption = "",
    json: JsonOption = False,
) -> None:
    """Count for how many people a rule holds now, and say it in words."""
    from anstoss.cli.reading import everyone, reader
    from anstoss.rules.public import compile_rule, words
    from anstoss.segments.public import rule_body

    place = home_of(home)
    documents = documents_in(rule)
    if len(documents) != 1:
        refuse(f"{rule}: expected one document, found {len(documents)}")
    body = rule_body(documents[0])
    with reader(place) as read:
        compiled = compile_rule(body, read.definitions.vocabulary)
        now = read.clock.now()
    with everyone(place) as ask:
        number = ask("rule_count", rule=body, now=now).column("people")[0].as_py()
    said = {lang: words(compiled, lang) for lang in ("de", "en")}
    if json:
        as_json({"count": number, "words": said})
    else:
        say(f"{number:,} people: {said['en']}")


@group.command("list")
def segments(home: HomeOption = "", json: JsonOption = False) -> None:
    """List the segments in force with their members now."""
    from anstoss.cli.reading import reader
    from anstoss.pulse.public import segment_sizes

    with reader(home_of(home)) as read:
        sizes = segment_sizes(read.con)
        found = {key: dict(segment.name) for key, segment in sorted(read.definitions.segments.items())}
    rows = [{"segment": key, "name": name, "members": sizes.get(key, 0)} for key, name in found.items()]
    if json:
        as_json(rows)
    else:
        for row in rows:
            say(f"{row['members']:>9,}  {row['segment']:28} {found[str(row['segment'])].get('en', '')}")


@group.command("explain")
def explain(
    segment: Annotated[str, typer.Argument(help="The segment's key.")],
    customer: Annotated[str, typer.Argument(help="A user id, an e-mail address, an identity, or a person number.")],
    home: HomeOption = "",
    json: JsonOption = False,
    lang: Annotated[str, typer.Option(help="de or en.")] = "en",
) -> None:
    """Say why somebody is in a segment or not, on what evidence, and when that can change by time alone."""
    from anstoss.cli.reading import reader
    from anstoss.rules.public import explain as sentences
    from anstoss.rules.public import holds

    with reader(home_of(home)) as read:
        found = read.definitions.segments.get(segment)
        if found is None:
            known = ", ".join(sorted(read.definitions.segments)) or "none"
            refuse(f"no segment {segment!r}; there are: {known}")
        person = read.person(read.find(customer))
        verdict = holds(found.rule, person.history, read.clock.now())
        zone = read.definitions.vocabulary.zone
    said = {each: sentences(verdict.evidence, each) for each in ("de", "en")}
    if json:
        since = person.standing.segments.get(segment)
        body: dict[str, Any] = {"segment": segment, "person": person.number, "holds": verdict.holds}
        body |= {"member_since": iso(since), "next_flip": iso(verdict.next_flip)}
        as_json({**body, "evidence": verdict.evidence.data(), "words": said})
        return
    say(f"{'in' if verdict.holds else 'not in'} {segment}")
    for line in said["de" if lang == "de" else "en"].lines(1):
        say(line)
    if verdict.next_flip is not None:
        say(f"can change by time alone at {local_time(verdict.next_flip, zone)}")
