"""Make Java stack traces with known causes: ``python tools/faults/java.py --work FOLDER --out FOLDER``.

Takes sources and test sources of open-source libraries from the package registry with Maven, puts one fault at a time
into a method that their own tests enter (java/Crasher.java), and writes what the tests then throw to
``OUT/java.jsonl.gz``; the group is the fault. Failed assertions are in it and marked in the truth.
Needs a JDK of version 17 and Maven on PATH. WORK keeps downloads, classes and the raw reports of each library; a
library with existing raw reports is skipped.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from corpus import Labelled, counts, write

HERE = Path(__file__).resolve().parent
PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1"
LAUNCHER = "org/junit/platform/launcher/Launcher.class"
OPENED = ("java.base/java.lang", "java.base/java.util", "java.base/java.io", "java.base/java.text", "java.base/java.net")
FAST = ("-Xmx1g", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")  # classes live too short to be worth the second compiler
LONGEST_REPORT = 40_000
RUNNER = re.compile(r"\tat (java\.base/)?(org\.junit|junit|org\.opentest4j|org\.assertj|org\.hamcrest)\.")


@dataclass(frozen=True, slots=True)
class JavaLibrary:
    """A pinned library with published sources and test sources.

    ``whole`` keeps the test runner's frames in its reports; ``old`` makes them look like those of Java 8, which names
    no module and does not say what was null.
    """

    coordinates: str
    whole: bool = False
    old: bool = False

    @property
    def name(self) -> str:
        """The artifact's name."""
        return self.coordinates.split(":")[1]


LIBRARIES = (
    JavaLibrary("org.apache.commons:commons-text:1.15.0", whole=True),
    JavaLibrary("commons-validator:commons-validator:1.10.1", old=True),
    JavaLibrary("org.apache.commons:commons-configuration2:2.13.0", whole=True, old=True),
    JavaLibrary("org.apache.commons:commons-jexl3:3.6.2"),
    JavaLibrary("commons-io:commons-io:2.21.0", whole=True, old=True),
    JavaLibrary("org.apache.commons:commons-geometry-euclidean:1.0"),
    JavaLibrary("org.apache.commons:commons-numbers-fraction:1.2", old=True),
    JavaLibrary("commons-beanutils:commons-beanutils:1.11.0", whole=True, old=True),
    JavaLibrary("org.apache.commons:commons-statistics-distribution:1.1"),
    JavaLibrary("org.apache.commons:commons-imaging:1.0.0-alpha6", whole=True, old=True),
    JavaLibrary("org.apache.commons:commons-pool2:2.12.1", old=True),
    JavaLibrary("org.apache.commons:commons-dbutils:1.8.1"),
)


def main() -> None:
    """Crash the libraries and gather their reports."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True, help="folder for downloads, classes and raw reports")
    parser.add_argument("--out", type=Path, required=True, help="folder for java.jsonl.gz")
    parser.add_argument("--seconds", type=int, default=150, help="time for the faults of one library")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="*", default=[library.name for library in LIBRARIES])
    chosen = parser.parse_args()
    for library in (library for library in LIBRARIES if library.name in chosen.only):
        raw = chosen.work.resolve() / "raw-java" / f"{library.name}.jsonl"
        if not raw.exists():
            _crash(library, chosen.work.resolve(), raw, chosen.seconds, chosen.seed)
        write(chosen.out / "java.jsonl.gz", _gathered(raw.parent, chosen.work.resolve()))
    sys.stdout.write(counts(chosen.out / "java.jsonl.gz") + "\n")


def _crash(library: JavaLibrary, work: Path, raw: Path, seconds: int, seed: int) -> None:
    root = work / "java" / library.name
    dependencies = _fetched(library, root)
    tool = _compiled(HERE / "java", root / "tool", dependencies)
    path = os.pathsep.join([str(tool), dependencies])
    classes = _compiled(root / "src", root / "classes", path)
    if not (root / "probed").exists():
        _run("java", "-cp", path, "faults.Crasher", "instrument", str(root / "src"), str(root / "probed"))
    probed = _compiled(root / "probed", root / "probed-classes", path)
    tests = _compiled(root / "tests", root / "test-classes", os.pathsep.join([str(classes), path]))
    raw.parent.mkdir(parents=True, exist_ok=True)
    begun = raw.with_suffix(".part")
    until = time.monotonic() + seconds
    ended = False
    # A fault may end the whole process: then go on with other faults.
    while not ended and (left := int(until - time.monotonic())) > 5:
        arguments = [library.name, *(str(p) for p in (root / "src", classes, probed, tests, begun)), str(left), str(seed)]
        command = ["java", *FAST, *_manner(library), "-cp", path, "faults.Crasher", "crash", *arguments]
        ended = _run(*command, cwd=root, check=False, timeout=left + 60)
        seed += 1000
    if begun.exists():
        begun.rename(raw)


def _manner(library: JavaLibrary) -> list[str]:
    """Options of the Java process that say how stack traces look and what the tests may open."""
    pruned = f"-Dfaults.pruned={str(not library.whole).lower()}"
    opened = (f"--add-opens={package}=ALL-UNNAMED" for package in OPENED)
    return [pruned, *opened, *(["-XX:-ShowCodeDetailsInExceptionMessages"] if library.old else [])]


def _fetched(library: JavaLibrary, root: Path) -> str:
    """The class path that the library's tests need; its sources lie in ``src`` and ``tests`` then."""
    answer = root / "classpath"
    if answer.exists():
        return answer.read_text(encoding="utf-8")
    for artifact in (
        f"{library.coordinates}:pom",
        f"{library.coordinates}:jar:sources",
        f"{library.coordinates}:jar:test-sources",
    ):
        _run("mvn", "-q", "-B", f"{PLUGIN}:copy", f"-Dartifact={artifact}", f"-DoutputDirectory={root}")
    for folder, kind in (("src", "sources"), ("tests", "test-sources")):
        with zipfile.ZipFile(
            next(root.glob(f"*-{kind}.jar") if kind != "sources" else root.glob("*[0-9]-sources.jar"))
        ) as archive:
            archive.extractall(root / folder)
    pom = next(root.glob("*.pom"))
    _run(
        "mvn",
        "-q",
        "-B",
        "-f",
        str(pom),
        f"{PLUGIN}:build-classpath",
        "-DincludeScope=test",
        f"-Dmdep.outputFile={root / 'found'}",
    )
    found = (root / "found").read_text(encoding="utf-8").strip()
    answer.write_text(os.pathsep.join([found, *_launcher(found, root)]), encoding="utf-8")
    (root / "src/test").mkdir(parents=True, exist_ok=True)
    for name in ("resources", "java"):  # some tests read files from where the repository has them
        (root / "src/test" / name).symlink_to(root / "tests")
    return answer.read_text(encoding="utf-8")


def _launcher(path: str, root: Path) -> list[str]:
    """JUnit's launcher, and its engine for old tests, where the library does not bring them."""
    if "junit-platform-launcher" in path:
        return []
    engine = re.search(r"junit-jupiter-engine-5\.([0-9.]+)\.jar", path)
    minor = engine.group(1) if engine else "10.5"
    wanted = [f"org.junit.platform:junit-platform-launcher:1.{minor}"]
    wanted += (
        []
        if engine
        else [f"org.junit.vintage:junit-vintage-engine:5.{minor}", f"org.junit.jupiter:junit-jupiter-engine:5.{minor}"]
    )
    pom = root / "launcher.xml"
    entries = "".join(
        "<dependency><groupId>{}</groupId><artifactId>{}</artifactId><version>{}</version></dependency>".format(
            *item.split(":")
        )
        for item in wanted
    )
    head = "<project><modelVersion>4.0.0</modelVersion>"
    pom.write_text(
        f"{head}<groupId>f</groupId><artifactId>f</artifactId><version>1</version><dependencies>{entries}</dependencies></project>"
    )
    _run("mvn", "-q", "-B", "-f", str(pom), f"{PLUGIN}:build-classpath", f"-Dmdep.outputFile={root / 'launcher'}")
    return [(root / "launcher").read_text(encoding="utf-8").strip()]


def _compiled(sources: Path, classes: Path, path: str) -> Path:
    """Compile a folder, leaving out files that do not compile here; what is no source is copied beside the classes."""
    if classes.exists():
        return classes
    files = [
        file
        for file in sorted(sources.rglob("*.java"))
        if not file.name.endswith("-info.java") and "src" not in file.relative_to(sources).parts[:-1]
    ]
    for _attempt in range(8):
        shutil.rmtree(classes, ignore_errors=True)
        classes.mkdir(parents=True)
        listed = classes.with_suffix(".files")
        listed.write_text("\n".join(f'"{file}"' for file in files), encoding="utf-8")
        command = [
            "javac",
            "-g",
            "-nowarn",
            "-proc:none",
            "-encoding",
            "UTF-8",
            "-Xmaxerrs",
            "10000",
            "-d",
            str(classes),
            "-cp",
            path,
        ]
        done = subprocess.run([*command, f"@{listed}"], capture_output=True, text=True, check=False)
        wrong = set(re.findall(r"^(/[^:\n]+\.java):\d+: error:", done.stderr, re.MULTILINE))
        if done.returncode == 0:
            break
        sys.stderr.write(f"{sources}: {len(wrong)} files left out\n{done.stderr[:600]}\n")
        files = [file for file in files if str(file) not in wrong]
    for file in sources.rglob("*"):
        if file.is_file() and file.suffix != ".java" and "test" not in file.relative_to(sources).parts[:1]:
            target = classes / file.relative_to(sources)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)
    return classes


def _run(*command: str, cwd: Path | None = None, check: bool = True, timeout: float | None = None) -> bool:
    """Whether the command ended well; raises CalledProcessError when it did not and ``check`` asks for that."""
    try:
        done = subprocess.run(command, cwd=cwd, check=check, timeout=timeout, stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def _gathered(raw: Path, work: Path) -> Iterator[Labelled]:
    known = {library.name: library for library in LIBRARIES}
    for path in sorted(raw.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            report = _neutral(row["report"] if known[path.stem].whole else _without_runner(row["report"]), work)
            report = report.replace("\tat java.base/", "\tat ") if known[path.stem].old else report
            if len(report) <= LONGEST_REPORT:
                more = {key: row[key] for key in ("top", "frames", "assertion")}
                yield Labelled(report, _place(report), path.stem, row["group"], "java", row["type"], more)


def _place(report: str) -> str:
    """The innermost three frames that are not the test framework's, with their lines."""
    frames = [line for line in report.split("\n") if line.startswith("\tat ") and not RUNNER.search(line)]
    return " ".join(frames[:3])


def _without_runner(report: str) -> str:
    """The trace without the frames below the test's own method, as build tools trim it."""
    head, *causes = report.split("\nCaused by: ")
    cut = re.search(r"\n\tat (java\.base/)?(jdk\.internal|java\.lang)\.reflect\.", head)
    return "\nCaused by: ".join([head[: cut.start()] if cut else head, *causes])


def _neutral(report: str, work: Path) -> str:
    """No path and no object's number of the machine that made it."""
    report = report.replace(str(work), "/srv/app")
    draw = random.Random(report)  # a report always gets the same numbers
    return re.sub(r"@[0-9a-f]{6,8}\b", lambda _: f"@{draw.getrandbits(28) | 1 << 27:x}", report)


if __name__ == "__main__":
    main()
