"""Content: templates for messages, compiled once per version and rendered for one person.

Words: a *template* has a key, a purpose (marketing or transactional) and a *variant* per language; a variant is
subject, preheader and a body of MJML sections with Liquid in it. The *frame* around the body (header, imprint, way
out) is ours.
A *part* is a ready-made piece of body (``<mj-include path="products"/>``). A *playbook* template ships with Anstoss.

This room never decides whether a message may be sent, and never sends one. It reads no store, clock or network: the
render context carries everything.
"""
