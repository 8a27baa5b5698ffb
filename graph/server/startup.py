"""Java's ahead-of-time cache: parsed and linked classes, and compiler profiles (JEP 483, 514, 515).

It halves Neo4j's start-up time and speeds up the first queries. It is valid for one Java and one set of jars, so it is
built once per user (see ``graph.server.training``). It is optional, and Java rejects one that does not match.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from graph.server.java import Java, major

MINIMUM_JAVA = 25


class StartupCache:
    """The cache for one Java and one class path, in ``cache_dir``."""

    def __init__(self, cache_dir: Path, java: Java, class_path: tuple[Path, ...]) -> None:
        """The jars must exist: their sizes and times are part of the file name, since Java checks them."""
        self.supported = major(java.version) >= MINIMUM_JAVA
        self._folder = cache_dir
        digest = hashlib.sha256(f"{java.executable} {java.version}".encode())
        for jar in class_path if self.supported else ():
            status = jar.stat()
            digest.update(f"{jar} {status.st_size} {status.st_mtime_ns}\n".encode())
        self.path = cache_dir / f"startup-{digest.hexdigest()[:16]}.aot"

    @property
    def exists(self) -> bool:
        """Whether a matching cache exists."""
        return self.path.is_file()

    def flags(self) -> tuple[str, ...]:
        """Java flags that enable it; empty if it does not exist."""
        return (f"-XX:AOTCache={self.path}", "-Xlog:aot*=off,cds*=off") if self.exists else ()

    def accept(self, built: Path) -> None:
        """Install a new cache and delete those of other jars or Javas."""
        built.replace(self.path)
        for other in self._folder.glob("startup-*.aot"):
            if other != self.path:
                other.unlink(missing_ok=True)
