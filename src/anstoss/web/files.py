"""Static files, from the package itself; nothing is collected."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from whitenoise.middleware import WhiteNoiseMiddleware  # type: ignore[import-untyped]  # ships no types


class StaticFiles(WhiteNoiseMiddleware):  # type: ignore[misc]  # as above
    """WhiteNoise, answering whole files: its streamed answers are synchronous, and ours are small."""

    @staticmethod
    def serve(static_file: Any, request: HttpRequest) -> HttpResponse:
        """The answer for a known file."""
        found = static_file.get_response(request.method, request.META)
        content = b""
        if found.file is not None:
            with found.file as file:
                content = file.read()
        response = HttpResponse(content, status=int(found.status))
        for name, value in found.headers:
            response.headers[name] = value
        return response
