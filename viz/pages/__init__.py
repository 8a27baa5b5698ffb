"""The pages: each folder here is a package that declares one as ``PAGE`` (see :mod:`viz.pages.registry`)."""
