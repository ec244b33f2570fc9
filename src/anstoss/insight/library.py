"""The definitions that come with this room: metrics and lifecycle presets, found in its folder."""

from importlib.resources import files

from anstoss.store.public import read_document


def built_in_metrics() -> list[dict[str, object]]:
    """Definitions of the metrics that every instance starts with."""
    return list(read_document(files("anstoss.insight").joinpath("metrics.yaml").read_text(encoding="utf-8")))


def lifecycle_presets() -> dict[str, dict[str, object]]:
    """Lifecycle definitions by key; a file in ``presets`` is a preset."""
    folder = files("anstoss.insight").joinpath("presets")
    bodies = [
        read_document(file.read_text(encoding="utf-8")) for file in folder.iterdir() if file.name.endswith(".yaml")
    ]
    return {str(body["lifecycle"]): body for body in bodies}
