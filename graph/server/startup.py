"""Java's startup cache: classes already parsed and linked, and profiles for its compiler (JEP 483, 514, 515).

With it Neo4j starts in about half the time, and the first queries are quicker too. It belongs to one Java and
to exactly these jars, so it is made here once per user: see ``graph.server.training``. Without it everything
works, only slower; Java itself refuses one that does not fit.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from graph.server.java import Java, major

MINIMUM_JAVA = 25


class StartupCache:
    """The cache for one Java and one class path, below ``cache_dir``."""

    def __init__(self, cache_dir: Path, java: Java, class_path: tuple[Path, ...]) -> None:
        """The jars must be there: their sizes and times are part of the name, as Java checks them too."""
        self.supported = major(java.version) >= MINIMUM_JAVA
        self._folder = cache_dir
        digest = hashlib.sha256(f"{java.executable} {java.version}".encode())
        for jar in class_path if self.supported else ():
            found = jar.stat()
            digest.update(f"{jar} {found.st_size} {found.st_mtime_ns}\n".encode())
        self.path = cache_dir / f"startup-{digest.hexdigest()[:16]}.aot"

    @property
    def exists(self) -> bool:
        """Whether there is one that fits."""
        return self.path.is_file()

    def flags(self) -> tuple[str, ...]:
        """What Java has to be told to use it; nothing when there is none."""
        return (f"-XX:AOTCache={self.path}", "-Xlog:aot*=off,cds*=off") if self.exists else ()

    def accept(self, made: Path) -> None:
        """Take a new one into use and drop those of other jars or Javas."""
        made.replace(self.path)
        for other in self._folder.glob("startup-*.aot"):
            if other != self.path:
                other.unlink(missing_ok=True)
