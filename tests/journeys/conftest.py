"""Some of these stories need a home as the pulse's own tests make it; this makes that importable from here."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))
