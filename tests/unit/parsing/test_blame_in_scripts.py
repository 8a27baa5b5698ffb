"""Which code is blamed in Python and Ruby: the product before libraries, and never bridges, runtimes and wrapping agents."""

from __future__ import annotations

import pytest

from graph.parsing.read import read
from graph.parsing.text.lines import is_library
from graph.parsing.text.python_modules import module_and_in_app


@pytest.mark.parametrize(
    "file",
    [
        "/mnt/yarn/usercache/kim/appcache/application_1_1/container_1_1_01_1/pyspark.zip/pyspark/rdd.py",
        "/opt/spark/python/lib/py4j-0.10.9.7-src.zip/py4j/protocol.py",
        "/opt/spark-3.5.0-bin-hadoop3/python/pyspark/worker.py",
        "/usr/lib/python3/dist-packages/x.py",
        "/home/kim/.cache/eggs/tills-1.0-py3.8.egg/tills/core.py",
        "/databricks/spark/python/pyspark/sql/utils.py",
        "/databricks/python/lib/python3.10/site-packages/pandas/core/frame.py",
        "/opt/python/requests/sessions.py",
        "/var/runtime/bootstrap.py",
        "/var/lang/lib/python3.12/importlib/__init__.py",
        "/home/kim/miniconda3/envs/shop/lib/python3.9/site-packages/numpy/core.py",
        "C:\\shop\\venv\\Lib\\site-packages\\flask\\app.py",
        "/build/till.runfiles/pip_deps_requests/site-packages/requests/api.py",
        "/build/till.runfiles/rules_python~0.31/python/runfiles/x.py",
        "/opt/jython2.7/Lib/json/decoder.py",
        "C:\\Program Files\\IronPython 3.4\\Lib\\os.py",
        "C:\\Program Files\\Blender Foundation\\Blender 4.1\\4.1\\scripts\\startup\\bl_ui.py",
        "C:\\Program Files\\Autodesk\\Maya2024\\Python\\Lib\\x.py",
        "/opt/hfs20.0/houdini/python3.10libs/hou.py",
        "PyInstaller\\loader\\pyimod02_importers.py",
    ],
)
def test_library_files_of_python(file: str) -> None:
    assert module_and_in_app(file)[1] is False


@pytest.mark.parametrize(
    "file",
    [
        "/mnt/yarn/usercache/kim/appcache/application_1_1/container_1_1_01_1/job.py",
        "/var/task/till.py",
        "/opt/shop/till.py",
        "/srv/python/till.py",
        "/home/kim/zip/till.py",
        "/home/kim/external/till.py",
        "C:\\shop\\scripts\\till.py",
        "/tmp/ipykernel_12/3.py",
        "main.py",
    ],
)
def test_application_files_of_python(file: str) -> None:
    assert module_and_in_app(file)[1] is not False


@pytest.mark.parametrize(
    "above",
    [
        [
            "/opt/spark/python/lib/pyspark.zip/pyspark/sql/dataframe.py",
            "/opt/spark/python/lib/py4j-src.zip/py4j/java_gateway.py",
        ]
        * 3,
        ["/databricks/spark/python/pyspark/errors/exceptions/captured.py"] * 5,
        ["/opt/venv/lib/python3.9/site-packages/tenacity/__init__.py"] * 5,
        ["/opt/venv/lib/python3.9/site-packages/sentry_sdk/integrations/stdlib.py"] * 5,
        ["/var/runtime/awslambdaric/bootstrap.py"] * 5,
    ],
)
def test_bridges_and_agents_are_not_blamed(above: list[str]) -> None:
    frames = "".join(f'  File "{file}", line {number}, in call_{number}\n' for number, file in enumerate(above, 1))
    text = f'Traceback (most recent call last):\n  File "/srv/shop/till.py", line 3, in open_till\n{frames}ValueError: x\n'
    [report] = read(text).reports
    assert report.culprit is not None
    assert report.culprit.function == "open_till" or "dataframe" in (report.culprit.file or "")


@pytest.mark.parametrize(
    "file",
    [
        "/app/vendor/bundle/ruby/3.2.0/gems/zeitwerk-2.6.1/lib/zeitwerk/kernel.rb",
        "/usr/local/bundle/gems/bootsnap-1.16.0/lib/b.rb",
    ],
)
def test_what_loads_ruby_code_is_a_library(file: str) -> None:
    assert is_library("ruby", "kernel.require", file)
