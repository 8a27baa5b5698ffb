"""Java command lines of the server and of Neo4j's administration tool."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from graph.model.errors import ServerError
from graph.server.files import write_atomic
from graph.server.java import VECTOR_MODULE, Java, major
from graph.server.layout import Layout
from graph.server.state import MAIN_CLASS, home_argument

ADMIN_CLASS = "org.neo4j.cli.AdminTool"
ADMIN_TIMEOUT_S = 3600.0
LINE = 400
"""Characters of a line of a log that a message shows."""

OPENED = ("java.nio", "java.io", "java.util.concurrent", "sun.nio.ch")


@dataclass(frozen=True, slots=True)
class Toolbox:
    """Java and the class path of the embedded server, for one home."""

    java: Java
    class_path: tuple[Path, ...]
    layout: Layout
    startup_flags: tuple[str, ...] = ()

    def server_command(self, heap_mb: int) -> list[str]:
        """The command that starts the server. Flags go into a file: the class path alone has 30,000 characters."""
        flags = [
            *self._common_flags(),
            f"-Xms{min(heap_mb, 256)}m",
            f"-Xmx{heap_mb}m",
            "-XX:+UseParallelGC",
            "-XX:+ExitOnOutOfMemoryError",
            "-XX:-OmitStackTraceInFastThrow",
            "-XX:-UsePerfData",
            "-Dio.netty.tryReflectionSetAccessible=true",
        ]
        flags += self.startup_flags
        if self.java.has_vector:
            flags.append(f"--add-modules={VECTOR_MODULE}")
        arguments = self._argument_file("server.args", flags)
        conf = f"--config-dir={self.layout.conf}"
        return [str(self.java.executable), arguments, MAIN_CLASS, home_argument(self.layout), conf, "--console-mode"]

    def run_admin(self, arguments: Sequence[str], stdin: IO[bytes] | None = None) -> str:
        """Run Neo4j's administration tool and return its output.

        ``@file`` reads arguments from a file, to keep secrets out of the process list. Raises ServerError with the
        tool's message if it fails.
        """
        # For a short-lived process the quick compiler and the serial collector halve the start-up time.
        flags = [*self._common_flags(), "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"]
        command = [str(self.java.executable), self._argument_file("admin.args", flags), ADMIN_CLASS, *arguments]
        environment = java_environment() | {"NEO4J_HOME": str(self.layout.home), "NEO4J_CONF": str(self.layout.conf)}
        done = subprocess.run(  # noqa: S603 - our own Java and arguments
            command,
            stdin=stdin or subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment,
            timeout=ADMIN_TIMEOUT_S,
            check=False,
            start_new_session=True,
        )
        output = done.stdout.decode("utf-8", "replace")
        if done.returncode != 0:
            raise ServerError(f"Neo4j's administration tool failed:{short_log(_final_message(output), 6)}")
        return output

    def set_password(self, password: str) -> None:
        """Set the password for the first start on empty data."""
        secret = self.layout.run / "password.args"
        write_atomic(secret, f"dbms\nset-initial-password\n{password}\n", mode=0o600)
        try:
            self.run_admin([f"@{secret}"])
        finally:
            secret.unlink(missing_ok=True)

    def _common_flags(self) -> list[str]:
        flags = [f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in OPENED]
        flags += ["--enable-native-access=ALL-UNNAMED", "-Dfile.encoding=UTF-8", "-Djava.awt.headless=true"]
        if major(self.java.version) >= 23:
            flags.append("--sun-misc-unsafe-memory-access=allow")
        return flags

    def _argument_file(self, name: str, flags: Iterable[str]) -> str:
        class_path = os.pathsep.join(map(str, self.class_path))
        path = self.layout.run / name
        write_atomic(path, "".join(f"{_quoted(flag)}\n" for flag in [*flags, "-cp", class_path]))
        return f"@{path}"


def java_environment() -> dict[str, str]:
    """The environment for Java: any file name is valid, and no inherited flags or secrets are passed on."""
    environment = {
        name: value for name, value in os.environ.items() if name not in {"CLASSPATH", "JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS"}
    }
    environment = {name: value for name, value in environment.items() if not name.startswith(("NEO4J_", "CRASHGRAPH_"))}
    if sys.platform.startswith("linux"):
        # In the C locale Java cannot open paths with letters outside ASCII.
        environment["LC_ALL"] = "C.UTF-8"
    return environment


def short_log(lines: Iterable[str], count: int) -> str:
    """The last ``count`` lines, shortened, without stack frames and blank lines, each indented on a line of its own."""
    informative = [line.rstrip()[:LINE] for line in lines if line.strip() and not line.lstrip().startswith(("at ", "... "))]
    return "".join(f"\n  {line}" for line in informative[-count:])


def _final_message(output: str) -> list[str]:
    """The message that the tool prints last, in a frame of dashes."""
    lines = output.rpartition("Command Failed")[2].splitlines()
    return [line for line in lines if line.strip("- ")]


def _quoted(argument: str) -> str:
    """Quoted for a Java argument file, where backslashes escape within quotes."""
    escaped = argument.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
