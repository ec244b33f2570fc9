"""Templates in as few words as a test needs."""

import pytest

from anstoss.brands.public import Brand
from anstoss.content.public import Compiled, TemplateError, TemplateSource, Variant, compile_template


def body(inner: str) -> str:
    """``inner`` in a text block, on line 1."""
    return f"<mj-section><mj-column><mj-text>{inner}</mj-text></mj-column></mj-section>"


def template(mjml: str, *, subject: str = "Betreff", purpose: str = "marketing") -> TemplateSource:
    return TemplateSource("probe", {"de": Variant(subject, "Vorschau", mjml)}, purpose)


def compiled(brand: Brand, inner: str, *, subject: str = "Betreff", purpose: str = "marketing") -> Compiled:
    return compile_template(template(body(inner), subject=subject, purpose=purpose), brand)


def problems_of(brand: Brand, mjml: str, subject: str = "Betreff") -> list[tuple[str, str]]:
    """Place and English message of every problem in ``mjml``."""
    with pytest.raises(TemplateError) as caught:
        compile_template(template(mjml, subject=subject), brand)
    return [(problem.place, problem.message_en) for problem in caught.value.problems]
