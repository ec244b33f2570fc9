"""The command line: for the engineers who run an instance, and for their scripts.

Every command that answers something takes ``--json``. Exit codes: 0 done, 1 refused input, 2 wrong use.

This room never decides anything: it reads arguments, calls the rooms below, and prints.
"""
