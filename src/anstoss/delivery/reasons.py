"""The words of reasons: why a message was not sent, or waits."""

import functools
from collections.abc import Mapping
from pathlib import Path

import yaml

_WORDS = Path(__file__).with_name("reasons.yaml")


@functools.cache
def reason_codes() -> Mapping[str, Mapping[str, str]]:
    """Every reason code with its German and English sentence."""
    words: dict[str, dict[str, str]] = yaml.safe_load(_WORDS.read_text("utf-8"))
    return words


class _Facts(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "–"


def reason_words(code: str, data: Mapping[str, object], lang: str) -> str:
    """The sentence for a reason and its recorded facts; a code that is not known here is shown as it is."""
    language = "de" if lang.startswith("de") else "en"
    sentence = reason_codes().get(code, {}).get(language)
    if sentence is None:
        return code
    cause = reason_codes().get(f"cause_{data.get('cause', '')}", {}).get(language)
    facts = _Facts(data)
    if cause is not None:
        facts["cause"] = cause
    return sentence.format_map(facts)
