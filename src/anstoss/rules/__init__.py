"""What can be asked of a customer: the rule language, its meaning, its SQL, and its words.

Words: a *rule* is a question with a yes or no for each person and instant; a *condition* is one line of it; a *test* is
what is asked of a value (``above: 100``); a *selection* picks facts (names, ``where``, time); a *measure* turns the
selected facts into one value; a *metric* is a measure with a name; *next flip* is the earliest instant at which an
answer can change by time alone; *evidence* is what an answer rests on.

The Python reading over one history is the meaning; the SQL reading over everyone is its speed, tested against it.

This room never reads a clock, a file of a customer, or a database: ``now`` and the history are given to it, and SQL is
handed out as text.
"""
