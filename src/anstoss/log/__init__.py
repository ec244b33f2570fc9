"""The log: everything that happens, in one order, kept for good. All else can be derived from it again.

Words: an *event* is one row; its *seq* is its place in the order; its *origin* says whether it came from outside, is a
reaction (what sending did, what the customer did with it) or was made by the engine; *live* events may trigger
something, others only build history; a *reject* is what could not become an event, with the reason; the *horizon* is
the instant before which nothing more can arrive.

This room never knows who a customer is, never interprets a payload, and never answers before an event is on disk.
"""
