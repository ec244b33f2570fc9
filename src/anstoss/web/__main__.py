"""This room as a process: ``python -m anstoss.web``, with its settings in the environment."""

from anstoss.brands.public import settings
from anstoss.store.public import Home
from anstoss.web.public import serve

if __name__ == "__main__":
    found = settings()
    serve(Home(found.home_path), found)
