"""The warehouse: everybody's facts in columns, for questions about everyone.

Words: the *outflow* is the list of changes that the pulse leaves in ``state.db``; *projecting* copies what it names
into the DuckDB file; the *watermark* is the last change copied, kept in that file; a *model* is a view or macro in
``models/*.sql``; a *relation* is a named question with parameters in ``relations/*.sql``.

This room never decides anything about a customer, holds no direct identifier, and nothing urgent reads it: whatever is
in it can be made again from ``state.db``.
"""
