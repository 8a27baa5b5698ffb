"""Regenerates ``jars.lock.toml``: ``python -m graph.server.relock``.

For another release, change a version in ``PINS`` and run it. It resolves both sets with jgo, downloads every jar to a
temporary folder (200 MB), and writes coordinates, checksums and roles, but no addresses.
"""

from __future__ import annotations

import hashlib
import sys
import tempfile
import zipfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from graph.server.fetch import fetch_jar, open_repository
from graph.server.lockfile import LOCK_PATH, Jar, Role

PINS: dict[str, str] = {"neo4j": "2026.08.1", "browser": "5.24.0", "gds": "2.26.0"}

SERVER = ("org.neo4j:neo4j:{neo4j}", "org.neo4j.client:neo4j-browser:{browser}")
# Without opengds-extension the server stops with "Unable to set up injection".
GDS = ("org.neo4j.gds:proc:{gds}", "org.neo4j.gds:opengds-extension:{gds}")

HEADER = """\
# The jars of the embedded Neo4j. Written by `python -m graph.server.relock`; do not edit by hand.
"""


def main() -> None:
    """Resolve, download, hash and write."""
    with tempfile.TemporaryDirectory() as folder:
        repository = open_repository(Path(folder))
        server = _resolve(SERVER)
        known = {(jar.group, jar.artifact, jar.classifier) for jar in server}
        # Jars in both sets go on the class path once, in the server's version.
        gds = [jar for jar in _resolve(GDS) if (jar.group, jar.artifact, jar.classifier) not in known]
        with ThreadPoolExecutor(8) as pool:
            pinned = list(pool.map(lambda jar: _pin(jar, fetch_jar(repository, jar)), [*server, *gds]))
    LOCK_PATH.write_text(render(pinned), encoding="utf-8")
    sys.stdout.write(f"{LOCK_PATH.name}: {len(pinned)} jars, {sum(jar.size for jar in pinned) / 1e6:.0f} MB\n")


def _resolve(coordinates: Iterable[str]) -> list[Jar]:
    import jgo  # noqa: PLC0415 - only for this command

    endpoint = "+".join(each.format(**PINS) for each in coordinates)
    role: Role = "gds" if "gds" in endpoint else "server"
    artifacts = jgo.resolve(endpoint)
    return [
        Jar(a.groupId, a.artifactId, a.version, a.classifier, a.filename, "", 0, role)
        for a in artifacts
        if a.packaging == "jar"
    ]


def _pin(jar: Jar, path: Path) -> Jar:
    role: Role = "plugin" if jar.role == "gds" and offers_procedures(path) else jar.role
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return Jar(jar.group, jar.artifact, jar.version, jar.classifier, jar.file, digest, path.stat().st_size, role)


def offers_procedures(path: Path) -> bool:
    """Whether the jar contains procedures, so that Neo4j must scan it; scanning all of GDS takes 20 s at every start."""
    with zipfile.ZipFile(path) as archive:
        return any(name.startswith("META-INF/services/org.neo4j.procedure.") for name in archive.namelist())


def render(jars: Iterable[Jar]) -> str:
    """The text of the lock file, sorted, one jar per line."""
    versions = ["[versions]", *(f'{name} = "{version}"' for name, version in PINS.items()), ""]
    # With an inline table per jar, a changed jar is a changed line.
    entries = [_entry(jar) for jar in sorted(jars, key=lambda jar: (jar.role, jar.group, jar.artifact, jar.classifier))]
    return "\n".join([HEADER, "jars = [", *entries, "]", "", *versions])


def _entry(jar: Jar) -> str:
    classifier = f', classifier = "{jar.classifier}"' if jar.classifier else ""
    return (
        f'  {{ role = "{jar.role}", group = "{jar.group}", artifact = "{jar.artifact}", version = "{jar.version}"{classifier}, '
        f'file = "{jar.file}", size = {jar.size}, sha256 = "{jar.sha256}" }},'
    )


if __name__ == "__main__":
    main()
