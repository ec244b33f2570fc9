"""The ground: where an instance keeps its files, and how SQLite is opened and written to.

Words: *home* is the data directory of one instance; a *gate* is the lock file that every writer of one SQLite file
passes before it begins.

This room never knows what is stored: tables belong to the rooms that own their meaning.
"""
