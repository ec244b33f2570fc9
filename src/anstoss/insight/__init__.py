"""What the facts say about a customer: metrics and where she stands in each lifecycle.

Words: a *metric* is a number or an instant made of one person's facts; a *lifecycle* is an ordered list of *stages*,
each with a rule; a person stands in the first stage whose rule holds. Lifecycles and metrics are data, in the rule
language; nothing here knows a trade.

This room never sends anything and never writes: it decides, the pulse records.
"""
