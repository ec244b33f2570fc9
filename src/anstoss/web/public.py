"""The door of the web room."""

from anstoss.web.serve import serve
from anstoss.web.setup import create_staff

__all__ = ["create_staff", "serve"]
