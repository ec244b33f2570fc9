"""One line of the table."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """A figure, what it should reach, and what it stands beside: a reference measured in the same run, same unit.

    ``at_most``: less is better. ``note`` says how it was measured, if that is not plain.
    """

    what: str
    figure: float
    unit: str
    target: float | None = None
    reference: float | None = None
    beside: str = ""
    at_most: bool = False
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """The figure as a multiple of the reference."""
        return None if not self.reference else self.figure / self.reference

    @property
    def reached(self) -> bool | None:
        """Whether the target was reached; none without one."""
        if self.target is None:
            return None
        return self.figure <= self.target if self.at_most else self.figure >= self.target
