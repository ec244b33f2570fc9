"""What can be wrong with a template, and with one rendering of it."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One thing to mend. ``place`` reads ``variants.de.mjml:12``: the field, then the line in it where there is one."""

    place: str
    message_de: str
    message_en: str


class TemplateError(ValueError):
    """The template cannot be published; ``problems`` names every reason found, with its place."""

    def __init__(self, key: str, problems: Sequence[Problem]) -> None:
        super().__init__(f"template {key!r}: " + "; ".join(f"{p.place}: {p.message_en}" for p in problems))
        self.key = key
        self.problems = list(problems)


class RenderError(ValueError):
    """This message cannot be made for this person, for example because a variable it needs is missing.

    The message must then not be sent; ``detail`` says why and belongs into the reason of the non-message.
    """

    def __init__(self, key: str, detail: str) -> None:
        super().__init__(f"template {key!r}: {detail}")
        self.key = key
        self.detail = detail
