"""Liquid hidden while MJML, XML and HTML tools work on the text around it.

HTML5 parsers move text out of tables, escape ``<`` inside ``{% if %}`` and drop what they do not know. So an output
statement becomes a plain word and a tag becomes a comment; both come back unchanged, outputs with the filter that
their place calls for.
"""

import re

_LIQUID = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


class Mask:
    """Hides pieces of Liquid and shows them again. One mask serves one document."""

    def __init__(self, source: str) -> None:
        word = "zq"
        while word in source:
            word += "q"
        self._pieces: list[str] = []
        self._word = word
        self._shown = re.compile(rf"<!--{word}(\d+)z\s*-->|{word}(\d+)z")

    def hide(self, source: str) -> str:
        """``source`` without Liquid and without the author's own comments; the number of lines stays the same."""
        bare = _COMMENT.sub(lambda match: "\n" * match[0].count("\n"), source)
        return _LIQUID.sub(self._hidden, bare)

    def _hidden(self, match: re.Match[str]) -> str:
        self._pieces.append(match[0])
        name = f"{self._word}{len(self._pieces) - 1}z"
        lines = "\n" * match[0].count("\n")
        return f"<!--{name}{lines}-->" if match[0].startswith("{%") else name + lines

    def show(self, text: str) -> str:
        """``text`` with all Liquid back in its place."""
        return self._shown.sub(lambda match: self._pieces[int(match[1] or match[2])], text)

    def outputs(self, text: str) -> list[re.Match[str]]:
        """The hidden pieces in ``text``, for example in an attribute."""
        return list(self._shown.finditer(text))

    def tag(self, comment: str) -> str:
        """The name of the Liquid tag behind a comment's text (``if``, ``endif``), or the empty string."""
        match = self._shown.fullmatch(comment.strip())
        piece = self._pieces[int(match[2])] if match else ""
        return piece.strip("{%- \n\t}").split(maxsplit=1)[0] if piece.startswith("{%") else ""

    def add_filter(self, match: re.Match[str], name: str) -> None:
        """Send the output behind ``match`` through one more filter, last."""
        number = int(match[1] or match[2])
        piece = self._pieces[number]
        end = "-}}" if piece.endswith("-}}") else "}}"
        self._pieces[number] = f"{piece.removesuffix(end).rstrip()} | {name} {end}"
