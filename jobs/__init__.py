"""Jobs that read the graph and write derived relationships into it.

A job is a :class:`jobs.spec.JobSpec`; :mod:`jobs.registry` lists them all. :func:`jobs.runner.run_now` does
one at once, :class:`jobs.worker.Worker` does what is due or was asked for.
"""
