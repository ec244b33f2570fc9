"""Brands and the ground rules of an instance: who speaks, for which legal entity, from which sources, by which clock.

Words: a *brand* is what customers see; a *legal entity* owns brands and stands in the imprint; a *source* is a system
that sends events, known by its write key; *settings* come from the environment; the *clock* is one file for all
processes.

This room never looks at customers or events.
"""
