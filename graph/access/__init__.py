"""Who may do what: users, passwords, sessions, API keys, and the record of what was done.

A credential is looked up in the graph at each request, and becomes the actor that use cases check.
"""
