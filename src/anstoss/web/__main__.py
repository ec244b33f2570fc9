"""This room as a process: ``python -m anstoss.web``, with its settings in the environment."""

from anstoss.brands.public import set_up_logs, settings
from anstoss.store.public import Home
from anstoss.web.public import serve

if __name__ == "__main__":
    found = settings()
    set_up_logs(found.log_level)
    serve(Home(found.home_path), found)
