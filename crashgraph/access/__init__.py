"""Who may come in: the principal behind a request, what each route asks for, and the pages and endpoints to sign in."""
