"""``/api/v1``: the routes of ``schema/rest/documents`` over HTTP, reports, and the state of the service."""
