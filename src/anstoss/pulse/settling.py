"""Stages that are dated by what happened, for histories that are brought in and for people who are joined.

An import of old orders must give a dated stage history and mail nobody; its rows may come in any order. So the stages
of such a person are derived from all her facts at once, as if time had passed over them, and replace what stood there.
"""

from collections.abc import Iterator

from anstoss.customers.public import Fact, History, Scalar
from anstoss.insight.public import Lifecycle, evidence, standing
from anstoss.pulse.record import Record
from anstoss.pulse.standing import StageNow


def dated_stages(lifecycle: Lifecycle, history: History, until: int) -> Iterator[tuple[int, str]]:
    """(since, stage) as time passes over the facts up to ``until``, inclusive."""
    instants = iter(sorted({fact.at for name in lifecycle.depends for fact in history.of(name) if fact.at <= until}))
    now: int | None = min((fact.at for name in history.names() for fact in history.of(name)[:1]), default=None)
    coming = next(instants, None)
    before = ""
    while now is not None and now <= until:
        stage, flip = standing(lifecycle, history, now)
        if stage.key != before:
            yield now, stage.key
            before = stage.key
        while coming is not None and coming <= now:
            coming = next(instants, None)
        now = min((each for each in (coming, flip) if each is not None), default=None)


def settle_stages(record: Record, lifecycle: Lifecycle, now: int) -> None:
    """Give somebody the stages that her facts say; what is recorded differently is taken back, silently."""
    derived = list(dated_stages(lifecycle, record.history, now))
    recorded = [fact for fact in record.history.of("Stage Entered") if fact.props["lifecycle"] == lifecycle.key]
    same = _common(recorded, derived)
    for fact in recorded[same:]:
        record.withdraw(fact)
    if recorded[same:]:
        back = [{"stage": fact.props["stage"], "since": fact.at} for fact in recorded[same:]]
        _correct(record, lifecycle, back, now)
    before = derived[same - 1][1] if same else ""
    for since, stage in derived[same:]:
        what = {"lifecycle": lifecycle.key, "stage": stage, "from": before}
        why = evidence(lifecycle, lifecycle.stage(stage), record.history, since)
        record.do("Stage Entered", what, since, live=False, why=why)
        before = stage
    if derived:
        since, stage = derived[-1]
        record.standing.stages[lifecycle.key] = StageNow(stage, since)
        record.out.stages[record.number, lifecycle.key] = (stage, since)


def _common(recorded: list[Fact], derived: list[tuple[int, str]]) -> int:
    same = 0
    while same < min(len(recorded), len(derived)):
        fact = recorded[same]
        if (fact.at, fact.props["stage"]) != derived[same]:
            break
        same += 1
    return same


def _correct(record: Record, lifecycle: Lifecycle, back: list[dict[str, Scalar]], now: int) -> None:
    # Stages that were logged and no longer hold stay in the log; this says so. It is no fact of hers.
    record.note("Stage Corrected", {"lifecycle": lifecycle.key, "withdrawn": back}, now)
