"""The simulated shop: people with a hidden truth, who browse, leave baskets, buy, return goods and react to messages.

Words: a *person* has a *nature* (the hidden truth: how often they buy, when they are gone for good, what they like,
what a message does to them); a *visit* is one stay in the shop; a *mailing* is a message of ours as the shop's people
see it. Same seed, same lives, however finely time is cut.

This room never decides who is written to, and nothing outside it ever learns a person's nature except from the truth
file, against which estimates can be checked.
"""
