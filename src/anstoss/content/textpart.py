"""The text part of a mail, made from its compiled HTML once, with Liquid still hidden in it."""

import re

from lxml import etree
from lxml import html as lxml_html

from anstoss.content.masking import Mask

_SKIP = frozenset({"head", "style", "script", "title"})
_PARAGRAPH = frozenset({"p", "h1", "h2", "h3", "ul", "ol", "table"})
_LINE = frozenset({"div", "tr", "td", "th"})
RULE = "-" * 40


def to_text(html: str, mask: Mask) -> str:
    """Plain text of ``html``: links keep their address, lists their dashes, pictures their alt text."""
    body = lxml_html.document_fromstring(html).find("body")
    parts: list[str] = []
    if body is not None:
        _walk(body, mask, parts)
    return tidy("".join(parts))


def tidy(text: str) -> str:
    """``text`` without trailing blanks and without more than one empty line in a row. Ends in one line break."""
    text = re.sub(r"[ \t]*\n[ \t]*", "\n", re.sub(r"[ \t]{2,}", " ", text))
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n ") + "\n"


def _walk(node: "etree._Element", mask: Mask, parts: list[str]) -> None:
    """Write the text of ``node`` and all below it; what follows it (its tail) belongs to the caller."""
    if node.tag is etree.Comment:
        if mask.tag(node.text or ""):
            parts.append(f"<!--{(node.text or '').strip()}-->")
        return
    if not isinstance(node.tag, str) or node.tag in _SKIP or "display:none" in node.get("style", "").replace(" ", ""):
        return
    before, after = _edges(node)
    parts.append(before)
    start = len(parts)
    _write(node.text, parts)
    for child in node:
        _walk(child, mask, parts)
        _write(child.tail, parts)
    if node.tag == "a":
        parts.append(_address(node.get("href", ""), "".join(parts[start:])))
    parts.append(after)


def _edges(node: "etree._Element") -> tuple[str, str]:
    if node.tag == "br":
        return "\n", ""
    if node.tag == "img":
        return (f"\n{node.get('alt')}\n" if node.get("alt") else ""), ""
    if "foot" in node.get("class", "").split():
        return f"\n\n{RULE}\n", "\n"
    if node.tag in _PARAGRAPH:
        return "\n\n", "\n\n"
    if node.tag == "li":
        return "\n- ", ""
    if node.tag in _LINE:
        return "\n", "\n"
    return "", ""


def _write(text: str | None, parts: list[str]) -> None:
    if text:
        parts.append(re.sub(r"[ \t\r\n\u200a]+", " ", text))


def _address(href: str, label: str) -> str:
    address = href.removeprefix("mailto:").removeprefix("tel:")
    return "" if not address or address == label.strip() else f" <{address}>"
