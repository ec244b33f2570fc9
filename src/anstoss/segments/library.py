"""The segments that come with this room; a file in ``presets`` is a segment."""

from importlib.resources import files

from anstoss.store.public import read_document


def segment_presets() -> dict[str, dict[str, object]]:
    """Segment definitions by key."""
    folder = files("anstoss.segments").joinpath("presets")
    bodies = [
        read_document(file.read_text(encoding="utf-8")) for file in folder.iterdir() if file.name.endswith(".yaml")
    ]
    return {str(body["segment"]): body for body in bodies}
