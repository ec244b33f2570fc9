"""Anstoss: customer-lifecycle messaging. The rooms and their floors are described in docs/architecture.md."""

__version__ = "0.1.0.dev0"
