"""Bad days happen to the same shops that the pulse's own tests tell of; this makes them importable from here."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))
