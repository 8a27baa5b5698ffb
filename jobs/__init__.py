"""Jobs, which read the graph and write what they find into it, and consumers, which run all the time.

A job is a :class:`jobs.spec.JobSpec` and a consumer a :class:`jobs.consumer.ConsumerSpec`; :mod:`jobs.registry` lists both.
:func:`jobs.runner.run_now` runs one job at once; :class:`jobs.worker.Worker` runs due and requested jobs, and the consumers.
"""
