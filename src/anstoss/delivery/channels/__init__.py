"""One module per channel: it says what it carries (``CARRIES``) and opens itself (``open_channel``)."""
