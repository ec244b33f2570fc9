"""This room as a process: ``python -m anstoss.delivery``, with its settings in the environment."""

from anstoss.brands.public import settings
from anstoss.delivery.public import serve
from anstoss.store.public import Home

if __name__ == "__main__":
    found = settings()
    serve(Home(found.home_path), found)
