"""The door of content."""

from anstoss.content.compiling import compile_template
from anstoss.content.mime import HeaderError, MailHeaders, compose
from anstoss.content.problems import Problem, RenderError, TemplateError
from anstoss.content.rendering import Compiled, Rendered, render
from anstoss.content.source import TemplateSource, Variant, playbook, read_source

__all__ = [
    "Compiled",
    "HeaderError",
    "MailHeaders",
    "Problem",
    "RenderError",
    "Rendered",
    "TemplateError",
    "TemplateSource",
    "Variant",
    "compile_template",
    "compose",
    "playbook",
    "read_source",
    "render",
]
