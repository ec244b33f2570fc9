"""Intake: takes events from websites, servers and files, checks them and hands them to the log.

Words: a *sender* is a source as seen by one request; a *call* is one track, identify, page, screen, group or alias
message; the *front door* is the process that listens on the network, answers collector paths itself and relays the
others to the web process.

This room never decides who a customer is, never changes what a sender said, and never says "success" before an event
is on disk. What it cannot take it turns away with a reason, and keeps what was good beside it.
"""
