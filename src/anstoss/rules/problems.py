"""What is wrong with a rule, where, and what to do about it, in German and English."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: ``place`` is a path such as ``rule.all[2].did.where.price.abvoe``."""

    place: str
    value: object
    message_de: str
    message_en: str

    def message(self, lang: str) -> str:
        """The message in ``de`` or ``en``."""
        return self.message_de if lang == "de" else self.message_en

    def __str__(self) -> str:
        return f"{self.place}: {self.message_en}"


class RuleError(ValueError):
    """A definition that cannot be used, with everything that is wrong with it."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = list(problems)
        super().__init__("; ".join(str(problem) for problem in self.problems))


def unknown(place: str, what: tuple[str, str], name: object, known: Iterable[str]) -> Problem:
    """``name`` is not one of ``known``; ``what`` says what it should be (de, en)."""
    names = sorted(known)
    near = get_close_matches(str(name), names, n=1, cutoff=0.6)
    if near:
        hint_de, hint_en = f" Gemeint: {near[0]}?", f" Did you mean {near[0]}?"
    elif names and len(names) <= 30:
        hint_de, hint_en = f" Möglich: {', '.join(names)}.", f" Possible: {', '.join(names)}."
    else:
        hint_de = hint_en = ""
    return Problem(
        place, name, f"{what[0]} „{name}“ ist unbekannt.{hint_de}", f"{what[1]} “{name}” is unknown.{hint_en}"
    )
