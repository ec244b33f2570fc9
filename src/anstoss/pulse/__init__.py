"""The loop that turns the log into everything else.

Words: an *era* is the set of definitions in force from one publication to the next; a *standing* is where a person is:
stages, memberships, enrolments, and when time alone changes something next; to *advance* is to take a person from one
instant to another.

Guarantees: a person's outcome depends on her own rows, the eras and the clock alone, never on batches, shards, crashes
or other people. What is planned is committed together with the position in the log.

This room never talks to customers and never shows anything: it decides with the rooms below and records.
"""
