"""``anstoss customers show`` and ``anstoss why``."""

from dataclasses import asdict
from typing import Annotated, Any

import typer

from anstoss.cli.answers import as_json, iso, iso_times, local_time, say
from anstoss.cli.instance import HomeOption, JsonOption, home_of

group = typer.Typer(help="Customers: who they are and what happened to them.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.add_typer(group, name="customers")
    app.command("why")(why)


@group.command("show")
def show(
    customer: Annotated[str, typer.Argument(help="A user id, an e-mail address, an identity, or a person number.")],
    home: HomeOption = "",
    json: JsonOption = False,
) -> None:
    """Show one customer: profile, identities, consents, stages, metrics, timeline."""
    from anstoss.cli.reading import reader

    with reader(home_of(home)) as read:
        view = read.view(customer)
        zone = read.definitions.vocabulary.zone
    if json:
        as_json(_plain(view))
        return
    name = " ".join(str(view.profile.get(key, "")) for key in ("first_name", "last_name")).strip()
    say(f"{name or 'person'} {view.person}")
    say(f"  known since   {local_time(view.first_at, zone)}")
    say(f"  identities    {', '.join(view.identities)}")
    for lifecycle, stage in view.stages.items():
        say(f"  {lifecycle:13} {stage['stage']} since {local_time(stage['since'], zone)}")
    for consent in view.consents:
        say(f"  consent       {consent['channel']} {consent['status']} for {consent['brand']} ({consent['address']})")
    say(f"  segments      {', '.join(view.segments) or '-'}")
    for key, metric in view.metrics.items():
        say(f"  {key:24} {_value(metric, view.currency) if metric['value'] is not None else '-'}")
    say("  timeline, newest first")
    for line in view.timeline[:40]:
        detail = ", ".join(
            f"{key}={value}" for key, value in line.properties.items() if not isinstance(value, dict | list)
        )
        say(f"    {local_time(line.at, zone)}  {line.name:22} {detail[:110]}")


def why(
    customer: Annotated[str, typer.Argument(help="A user id, an e-mail address, an identity, or a person number.")],
    journey: Annotated[str, typer.Option("--journey", help="The journey's key.")],
    home: HomeOption = "",
    json: JsonOption = False,
    lang: Annotated[str, typer.Option(help="de or en.")] = "en",
) -> None:
    """Say why somebody got, or did not get, the messages of a journey."""
    from anstoss.cli.reading import reader
    from anstoss.pulse.public import why as reasons

    with reader(home_of(home)) as read:
        answer = reasons(read, customer, journey)
        zone = read.definitions.vocabulary.zone
    if json:
        as_json(_deep(asdict(answer)))
        return
    lang = "de" if lang == "de" else "en"
    if answer.reason:
        say(answer.reason.words[lang])
    for refusal in answer.refusals:
        say(f"{local_time(refusal.at, zone)}  not started: {refusal.reason.words[lang]}")
    for passage in answer.passages:
        end = passage.reason.words[lang] if passage.reason else f"at step {passage.at_step}"
        say(f"{local_time(passage.started_at, zone)}  started ({passage.arm}): {end}")
        for message in passage.messages:
            reason = f": {message.reason.words[lang]}" if message.reason else ""
            at = message.sent_at or message.handed_at or message.planned_at
            say(f"  {local_time(at, zone)}  {message.template} {message.state}{reason}")


def _plain(view: Any) -> dict[str, Any]:
    return {
        "person": view.person,
        "first_at": iso(view.first_at),
        "profile": view.profile,
        "identities": view.identities,
        "consents": [iso_times(each) for each in view.consents],
        "stages": {
            key: {**iso_times(stage), "history": [iso_times(each) for each in stage["history"]]}
            for key, stage in view.stages.items()
        },
        "segments": {key: iso(since) for key, since in view.segments.items()},
        "metrics": {key: _number(metric, view.currency) for key, metric in view.metrics.items()},
        "currency": view.currency,
        "enrolments": [iso_times(each) for each in view.enrolments],
        "timeline": [iso_times(asdict(line)) for line in view.timeline],
    }


def _number(metric: dict[str, Any], currency: str) -> Any:
    from anstoss.customers.public import minor_units

    value, unit = metric["value"], metric["unit"]
    if value is None:
        return None
    if unit == "money":
        return round(value / minor_units(currency), 2)
    if unit == "time":
        return iso(int(value))
    return round(value, 4) if isinstance(value, float) else value


def _value(metric: dict[str, Any], currency: str) -> str:
    number = _number(metric, currency)
    return f"{number:,.2f} {currency}" if metric["unit"] == "money" else str(number)


def _deep(body: Any) -> Any:
    if isinstance(body, dict):
        return {key: _deep(value) for key, value in iso_times(body).items()}
    return [_deep(each) for each in body] if isinstance(body, list) else body
