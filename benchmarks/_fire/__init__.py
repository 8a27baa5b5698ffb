"""What ``fire.py`` is made of: a supervised service, what is sent to it, and one module for each way to strain it."""
