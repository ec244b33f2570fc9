"""One view of each customer: who she is, what she is known to be, and everything that happened to her.

Words: an *identity* is a key that a source uses for somebody (``user:shop/17``, ``anon:…``, ``email:…``); a *person* is
what identities are folded into; a *trait* is something known about a person; a *fact* is one typed, narrow thing that
happened; the *history* of a person is all her facts, in the order of events.

This room never decides what follows from a fact: that is for the rooms above.
"""
