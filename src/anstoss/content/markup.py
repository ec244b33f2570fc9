"""The author's MJML: what is allowed in it, read into a tree with the place of every problem."""

import html
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from lxml import etree

from anstoss.content.masking import Mask
from anstoss.content.problems import Problem

_PARTS = Path(__file__).parent / "parts"
_INCLUDE = re.compile(r'<mj-include\s+path="([\w-]*)"\s*/>')
_VOID = re.compile(r"<(br|hr|img)\b([^<>]*?)/?>")
_ENTITY = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)(\w+);")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_TEXT = _words("a b br div em h1 h2 h3 i img li ol p small span strong sub sup table tbody td th tr u ul")
_CHILDREN = {
    "mj-body": _words("mj-section"),
    "mj-section": _words("mj-column"),
    "mj-column": _words("mj-text mj-button mj-image mj-divider mj-spacer mj-table"),
    "mj-text": _TEXT,
    "mj-button": _words("b br em i span strong"),
    "mj-table": _words("tr tbody"),
    "mj-image": _words(""),
    "mj-divider": _words(""),
    "mj-spacer": _words(""),
}
_HTML_ATTRIBUTES = _words(
    "align alt bgcolor border cellpadding cellspacing class colspan height href lang role rowspan src style title "
    "valign width"
)
_MJML_ATTRIBUTES = _HTML_ATTRIBUTES | _words(
    "background-color border-bottom border-color border-left border-radius border-right border-style border-top "
    "border-width color container-background-color css-class direction font-size font-style font-weight "
    "full-width inner-background-color inner-padding letter-spacing line-height padding padding-bottom padding-left "
    "padding-right padding-top text-align text-decoration text-transform vertical-align"
)
_ADDRESSES = {"href": "_link", "src": "_image"}
_SCHEMES = ("https", "http", "mailto", "tel")
_NO_TEXT_IN = _words("mj-body mj-section mj-column mj-table table tbody tr ul ol")
_OPENS = _words("if unless case for")


def with_parts(source: str) -> str:
    """``source`` with each ``<mj-include path="name"/>`` replaced by the part of that name, on the same line."""

    def part(match: re.Match[str]) -> str:
        path = _PARTS / f"{match[1]}.mjml"
        return " ".join(path.read_text("utf-8").split()) if path.is_file() else match[0]

    return _INCLUDE.sub(part, source)


def parse_body(hidden: str, place: str) -> tuple["etree._Element | None", list[Problem]]:
    """The masked body as a tree under ``mj-body``, or None and why it is not well-formed."""
    closed = _VOID.sub(r"<\1\2/>", hidden)
    plain = _ENTITY.sub(lambda match: html.unescape(match[0]), closed)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    try:
        return etree.fromstring(f"<mj-body>{plain}</mj-body>", parser), []
    except etree.XMLSyntaxError as error:
        line = error.lineno or 1
        de = f"MJML ist nicht wohlgeformt (auch {{% %}} innerhalb eines Tags geht nicht): {error.msg}"
        en = f"MJML is not well-formed ({{% %}} inside a tag does not work either): {error.msg}"
        return None, [Problem(f"{place}:{line}", de, en)]


class BodyCheck:
    """Walks an author's body, collects problems, and gives Liquid in addresses the filter that keeps it harmless."""

    def __init__(self, mask: Mask, hosts: tuple[str, ...], place: str) -> None:
        self._mask, self._hosts, self._place = mask, hosts, place

    def problems(self, body: "etree._Element") -> Iterator[Problem]:
        """Every problem in ``body``, in the order of the text."""
        open_in: list[etree._Element | None] = []
        for node in body.iter():
            if node.tag is etree.Comment:
                yield from self._liquid_tag(node, open_in)
            elif not isinstance(node.tag, str):
                yield self._problem(node, "Das gehört nicht in eine Vorlage.", "this does not belong in a template")
            elif node is not body:
                yield from self._element(node)
            if isinstance(node.tag, str):
                yield from self._stray_text(node)

    def _element(self, node: "etree._Element") -> Iterator[Problem]:
        parent = node.getparent()
        allowed = _CHILDREN.get(str(parent.tag) if parent is not None else "", _TEXT)
        tag = str(node.tag)
        if tag not in allowed:
            above = parent.tag if parent is not None else ""
            yield self._problem(
                node, f"<{tag}> ist in <{above}> nicht erlaubt.", f"<{tag}> is not allowed inside <{above}>"
            )
        if tag in ("mj-image", "img") and "alt" not in node.attrib:
            yield self._problem(node, "Das Bild braucht einen Ersatztext (alt).", "the image needs an alt text")
        known = _MJML_ATTRIBUTES if tag.startswith("mj-") else _HTML_ATTRIBUTES
        for name, value in node.attrib.items():
            if name not in known:
                yield self._problem(node, f"Unbekanntes Attribut „{name}“.", f"unknown attribute {name!r}")
            else:
                yield from self._attribute(node, str(name), str(value))

    def _attribute(self, node: "etree._Element", name: str, value: str) -> Iterator[Problem]:
        outputs = self._mask.outputs(value)
        if name in _ADDRESSES:
            for match in outputs:
                self._mask.add_filter(match, _ADDRESSES[name] if match.start() == 0 else "_urlpart")
            if not (outputs and outputs[0].start() == 0):
                yield from self._address(node, name, value)
        elif outputs and name not in ("alt", "title"):
            yield self._problem(
                node,
                f"Liquid ist in „{name}“ nicht erlaubt, nur in href, src, alt und title.",
                f"Liquid is not allowed in {name!r}, only in href, src, alt and title",
            )
        elif re.search(r"url\s*\(|expression|@import|\\", value, re.IGNORECASE) and name not in ("alt", "title"):
            yield self._problem(node, f"„{name}“ darf nichts nachladen.", f"{name!r} must not load anything")

    def _address(self, node: "etree._Element", name: str, value: str) -> Iterator[Problem]:
        try:
            parts = urlsplit(value.strip())
            host, scheme = parts.hostname or "", parts.scheme
        except ValueError:
            host, scheme = "", ""
        if scheme not in (_SCHEMES if name == "href" else _SCHEMES[:2]):
            yield self._problem(node, f"Keine gültige Adresse: „{value}“.", f"not a valid address: {value!r}")
        elif name == "src" and not any(host == own or host.endswith("." + own) for own in self._hosts):
            yield self._problem(
                node,
                f"Bilder von fremden Rechnern sind nicht erlaubt: {host}.",
                f"pictures from foreign hosts are not allowed: {host}",
            )

    def _liquid_tag(self, node: "etree._Element", open_in: list["etree._Element | None"]) -> Iterator[Problem]:
        tag = self._mask.tag(node.text or "")
        if tag in _OPENS:
            open_in.append(node.getparent())
        elif tag.startswith("end") and open_in and open_in.pop() is not node.getparent():
            yield self._problem(
                node,
                f"{{% {tag} %}} muss im selben Element stehen wie sein Anfang.",
                f"{{% {tag} %}} must stand in the same element as its beginning",
            )

    def _stray_text(self, node: "etree._Element") -> Iterator[Problem]:
        if node.tag in _NO_TEXT_IN and any(text.strip() for text in (node.text or "", *(c.tail or "" for c in node))):
            yield self._problem(node, f"Text direkt in <{node.tag}>.", f"text directly inside <{node.tag}>")

    def _problem(self, node: "etree._Element", de: str, en: str) -> Problem:
        return Problem(f"{self._place}:{node.sourceline or 1}", de, en)
