"""Documents that people write: YAML read the way its authors expect.

PyYAML follows YAML 1.1, in which ``on`` and ``no`` are booleans, ``09:30`` is the number 570 and an unquoted date is a
date object. Here the core schema of YAML 1.2 applies: only true and false are booleans, times and dates stay text, so a
document is the same as its JSON. A key that stands twice in one mapping is refused: the first would be lost silently.
"""

import math
import re
from typing import Any

import yaml


class DocumentError(ValueError):
    """The text is not a document; ``line`` counts from 1."""

    def __init__(self, line: int, what: str) -> None:
        super().__init__(f"line {line}: {what}")
        self.line, self.what = line, what


class _Loader(yaml.SafeLoader):
    """The safe loader with the resolvers of YAML 1.2."""


_Loader.yaml_implicit_resolvers = {
    first: [
        (tag, pattern) for tag, pattern in resolvers if tag in ("tag:yaml.org,2002:null", "tag:yaml.org,2002:merge")
    ]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^[-+]?[0-9]+$"), list("-+0123456789"))
_FLOAT = re.compile(r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$")
_Loader.add_implicit_resolver("tag:yaml.org,2002:float", _FLOAT, list("-+.0123456789"))


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[str, Any]:
    own: set[str] = set()
    for key_node, _ in node.value:
        if isinstance(key_node, yaml.ScalarNode):
            if key_node.value in own:
                raise _refused(key_node, f"the key {key_node.value!r} stands here twice")
            own.add(key_node.value)
    loader.flatten_mapping(node)  # what "<<" takes over comes first, so that own keys count
    found: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if not isinstance(key, str):
            raise _refused(key_node, "a key must be text; numbers, true, false and null need quotes")
        found[key] = loader.construct_object(value_node, deep=True)
    return found


def _number(loader: _Loader, node: yaml.ScalarNode) -> int | float:
    text = loader.construct_scalar(node)
    try:
        number = int(text) if node.tag.endswith(":int") else float(text)
    except ValueError:  # Python reads no more than 4,300 digits
        number = math.inf
    if abs(number) == math.inf or (isinstance(number, int) and abs(number) >= 2**63):
        raise _refused(node, "this is no number that can be kept")
    return number


def _refused(node: yaml.Node, what: str) -> DocumentError:
    return DocumentError(node.start_mark.line + 1, what)


_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)
_Loader.add_constructor("tag:yaml.org,2002:int", _number)
_Loader.add_constructor("tag:yaml.org,2002:float", _number)


def read_documents(text: str) -> list[Any]:
    """All documents in a text (``---`` between them), without empty ones; ``DocumentError`` names line and reason."""
    try:
        return [document for document in yaml.load_all(text, _Loader) if document is not None]
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise DocumentError(line, error.problem or "not YAML") from None
    except yaml.YAMLError as error:
        raise DocumentError(1, str(error)) from None
    except RecursionError:
        raise DocumentError(1, "nested too deeply") from None


def read_document(text: str) -> Any:
    """The one document in a text."""
    documents = read_documents(text)
    if len(documents) != 1:
        raise DocumentError(1, f"expected one document, found {len(documents)}")
    return documents[0]
