"""Messages on their way: the outbox, the one gate, the hand-over that happens once, and what stops a message.

Words: a *message* is planned, leased, handed, sent; its *ledger key* is journey/step/entry and exists once. The *gate*
decides at the moment of sending. A *stop* forbids an address at once, before the log is folded. A *channel* carries
messages out. What is not sent is recorded with a *reason*. *Uncertain* is a message whose hand-over was cut off: it
is counted and never repeated.

This room never decides who should get what (journeys do) and never writes what a message says (content does).
"""
