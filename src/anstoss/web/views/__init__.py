"""One module per page: read through the doors, say it, show it."""
