"""Saved rules that keep themselves current.

Words: a *segment* is a saved rule with a name; a *member* is a person for whom it holds now; members enter and leave by
what they do and by time alone, to the second.

This room never stores members: the pulse does, in the transaction in which they change.
"""
