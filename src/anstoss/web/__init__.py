"""The back office: what staff see in a browser, and the few pages that customers are led to.

Words: *staff* are the people who log in; a *page* reads through the doors of the rooms below and shows; a *public page*
(way out, imprint) needs no login.

This room never decides anything about a customer: it shows what was decided, and why.
"""
