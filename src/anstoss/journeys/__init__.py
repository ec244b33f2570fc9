"""Trigger chains (Anstoßketten): who gets what, when, and why or why not.

Words: a *journey* is a block-structured program of steps with a trigger; an *enrolment* is one person's passage through
it, with an *entry* id that never changes; a *step* has an id that survives versions; the *holdout* is the control group
whose messages are withheld.

This room decides and never sends: what should happen comes back as values.
"""
