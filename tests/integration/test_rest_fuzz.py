"""Schemathesis asks every route of the description for valid and for wrong things: no 500, and answers as declared.

``SCHEMATHESIS_EXAMPLES`` is the number of requests per route; with more than a few, its systematic phases run too.
"""

from __future__ import annotations

import asyncio
import os
import socket
import sys

from reports import submission

from crashgraph.app import AppDependencies
from crashgraph.serving import serving
from crashgraph.wiring import Container, build_access, build_intake

EXAMPLES = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "2"))
MANY = 10
CHECKS = (
    "not_a_server_error", "status_code_conformance", "content_type_conformance", "response_headers_conformance",
    "response_schema_conformance", "negative_data_rejection",
)  # fmt: skip
"""Not ``positive_data_acceptance``: an id or a cursor is a text of the schema, and most texts are none."""


async def test_no_request_is_answered_otherwise_than_described(container: Container) -> None:
    await container.receiver.receive([submission(number) for number in range(3)])
    with socket.create_server(("127.0.0.1", 0)) as listening:
        dependencies = AppDependencies(container, intake := build_intake(container), build_access(container))
        async with intake, serving(dependencies, listening):
            address = f"http://127.0.0.1:{listening.getsockname()[1]}/openapi.json"
            phases = "examples,coverage,fuzzing" if EXAMPLES > MANY else "fuzzing"
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "schemathesis.cli", "run", address, "--no-color", "--seed", "1", "--phases", phases,
                "--max-examples", str(EXAMPLES), "--checks", ",".join(CHECKS), "--continue-on-failure",
                "--request-timeout", "60", "--suppress-health-check", "all", "--warnings", "off", "--no-shrink",
                "--generation-database", "none",
                stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, cwd=container.settings.home,
            )  # fmt: skip
            output, _ = await process.communicate()
    text = output.decode()
    assert process.returncode == 0, text[-20_000:]
    assert "No test cases were generated" not in text
