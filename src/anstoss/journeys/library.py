"""The journeys that come with this room; a file in ``playbook`` is a journey."""

from functools import cache
from importlib.resources import files

from anstoss.store.public import read_document


def playbook() -> dict[str, dict[str, object]]:
    """Journey definitions by key."""
    folder = files("anstoss.journeys").joinpath("playbook")
    bodies = [
        read_document(file.read_text(encoding="utf-8")) for file in folder.iterdir() if file.name.endswith(".yaml")
    ]
    return {str(body["journey"]): body for body in bodies}


@cache
def reason_words() -> dict[str, dict[str, str]]:
    """The words of every reason code, by code and language, with ``{names}`` for the facts of the case."""
    text = files("anstoss.journeys").joinpath("reasons.yaml").read_text(encoding="utf-8")
    return dict(read_document(text))
