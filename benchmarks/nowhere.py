"""Whether secrets that are sent to a running service are anywhere afterwards.

Every kind in every carrier (``tools/planted``) is sent by API, Sentry's protocol, GraphQL and the command line, as a report, as
facts, and in requests that are refused. Then they are searched in all answers, pages, metrics, exports, logs, the texts of the
graph, backups (one while reports wait, one when all are stored), and, once the service has stopped, in every file of its home
(store, transaction logs, spool) and of a home into which a backup was restored.

Backups are searched decompressed. Their keys are opened with the passphrase, to see that nothing else is sealed there.

Secrets below ten characters are searched in texts only: they occur in a hundred megabytes of files by chance. A long text is in
blocks of 120 bytes in the store and its logs: to find a secret on their border, the ends of long ones are searched too.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import html
import json
import random
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

import re2
from _bench import report as print_report
from _fire.supervised import ROOT, Supervised
from pydantic import SecretStr

from crashgraph.backups import KEYS, home_part
from crashgraph.settings import Settings
from crashgraph.wiring import open_container
from graph.model.statement import Statement
from graph.redaction.random_values import looks_random
from tools.planted import corpus
from tools.planted.forms import forms

WAYS = ("API", "Sentry", "GraphQL", "command line")
AROUND = (
    "{}",
    "2026-03-01 10:00:00,123 ERROR [main] shop.pay - {}",
    'Traceback (most recent call last):\n  File "/srv/shop/pay.py", line 3, in pay\n    send(it)\nshop.PayError: {}\n',
    "java.lang.IllegalStateException: {}\n\tat shop.Pay.send(Pay.java:12)\n",
    "goroutine 1 [running]:\npanic: {}\n",
)
LEAST_IN_FILES, LEAST_IN_TEXTS, LEAST_HALF = 10, 6, 16
MARK = "planted" + uuid.uuid4().hex[:12]
"""In every report; a search that does not find it proves nothing."""
PASSPHRASE = "correct horse battery"
PAGES = ("/", "/docs", "/metrics", "/readyz", "/view/network", "/view/drift", "/nothing-here")
SUBMIT = (
    "mutation ($input: SubmitCrashInput!) { submitCrash(input: $input) { receipts { status reason } userErrors { message } } }"
)
READ = """query ($after: String) { crashes(first: 50, after: $after) { pageInfo { hasNextPage endCursor } nodes {
  title message report reason fault user site product version session source facts topFrame culprit } } }"""
ANY_PATTERN = "MATCH (p:Pattern) RETURN p.pattern_id AS id ORDER BY p.occurrence_count DESC LIMIT 1"
EVERYTHING = Statement("""
CALL () {
  MATCH (n) RETURN labels(n)[0] AS kind, properties(n) AS properties
  UNION ALL
  MATCH ()-[r]->() RETURN type(r) AS kind, properties(r) AS properties
}
RETURN kind, properties
""")


@dataclass(frozen=True, slots=True)
class Planted:
    """One secret, and how it was sent."""

    kind: str
    carrier: str
    way: str
    value: str
    text: str


class Search:
    """Where which secrets were found."""

    def __init__(self, planted: list[Planted]) -> None:
        """In whatever form a carrier may write them; of long ones also the first and the last characters."""
        self.planted = planted
        self.found: dict[str, set[Planted]] = defaultdict(set)
        self.searched: Counter[str] = Counter()
        self.marked: set[str] = set()
        self._owners: dict[bytes, set[Planted]] = defaultdict(set)
        for one in planted:
            for form in corpus.written(one.value):
                halves = [half for half in (form[:LEAST_HALF], form[-LEAST_HALF:]) if looks_random(half)]
                for part in [form, *halves] if len(form) >= 2 * LEAST_HALF else [form]:
                    if len(part) >= LEAST_IN_TEXTS:
                        self._owners[part.encode()].add(one)
        options = re2.Options()
        options.max_mem, options.log_errors, options.longest_match = 1 << 30, False, True
        self._expression = re2.compile(b"|".join(map(re2.escape, sorted(self._owners))), options)

    def in_text(self, where: str, text: str) -> None:
        """Search a text for all of them."""
        self._search(where, text.encode("utf-8", "replace"), LEAST_IN_TEXTS)

    def in_file(self, where: str, path: Path) -> None:
        """Search a file, also for UTF-16."""
        content = path.read_bytes()
        self._search(where, content, LEAST_IN_FILES)
        self._search(where, content.replace(b"\0", b""), LEAST_IN_FILES)

    def _search(self, where: str, content: bytes, least: int) -> None:
        self.searched[where] += len(content)
        if MARK.encode() in content:
            self.marked.add(where)
        known = self._owners
        for match in self._expression.finditer(content):
            value = match.group()
            if len(value) >= least:
                self.found[where] |= known[value]


def planted(rounds: int, kinds: int | None) -> Iterator[Planted]:
    """All secrets; each round goes through the ways in another order. ``kinds`` limits the number of kinds."""
    rng = random.Random(77)
    wanted = [kind for kind, _, _, _ in corpus.planted(1)]
    some = set(rng.sample(sorted(set(wanted)), kinds)) if kinds else set(wanted)
    for number, (kind, carrier, value, text) in enumerate(corpus.planted(rounds)):
        if kind in some:
            around = rng.choice(AROUND).format(text)
            yield Planted(
                kind,
                carrier,
                WAYS[(number + number // (len(corpus.CARRIED) * rounds)) % len(WAYS)],
                value,
                f"{around}\n{MARK}\n",
            )
    for number, form in enumerate(forms()):
        for _ in range(rounds if kinds is None else number % 4 == 0):
            value = form.value(rng)
            text = f"ValueError: refused\n{form.text(value)}\n{MARK}\n"
            yield Planted(f"form: {form.name}", "its own", WAYS[number % len(WAYS)], value, text)


def post(address: str, body: bytes, headers: dict[str, str]) -> tuple[int, str]:
    """Status and text of the answer."""
    request = urllib.request.Request(address, body, headers)
    try:
        with urllib.request.urlopen(request, timeout=120) as response:
            return response.status, response.read().decode("utf-8", "replace")
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode("utf-8", "replace")


def get(address: str) -> str:
    """The text of an answer, whatever its status."""
    request = urllib.request.Request(address, headers={"Accept": "text/html,*/*"})
    try:
        with urllib.request.urlopen(request, timeout=120) as response:
            return str(response.read().decode("utf-8", "replace"))
    except urllib.error.HTTPError as error:
        return error.read().decode("utf-8", "replace")


class Sender:
    """Sends reports in every way; keeps what was answered."""

    def __init__(self, service: Supervised, search: Search) -> None:
        """``search`` looks into every answer."""
        self._base = service.base
        self._service = service
        self._search = search
        parts = urlsplit(service.dsn)
        self._project, self._key = parts.path.strip("/"), parts.username or ""
        self.statuses: Counter[str] = Counter()

    def send(self, one: Planted) -> None:
        """Send a report in its way."""
        ways: dict[str, Callable[[str], tuple[int, str]]] = {"API": self._api, "Sentry": self._sentry, "GraphQL": self._graphql}
        status, text = ways[one.way](one.text)
        self.statuses[f"{one.way} {status}"] += 1
        self._search.in_text(f"answers of {one.way}", text)

    def send_files(self, given: list[Planted], folder: Path) -> None:
        """Send reports by the command line: half as files, half as JSON lines."""
        for number, one in enumerate(given[::2]):
            (folder / f"{number}.txt").write_text(one.text, encoding="utf-8")
        lines = [json.dumps({"report": one.text, "environment": {"note": one.text[:250]}}) for one in given[1::2]]
        (folder / "lines.jsonl").write_text("\n".join([*lines, '{"report": "' + given[0].text[:200].replace("\n", " ")]))
        for command in (("ingest", str(folder)), ("match", str(folder / "0.txt"))):
            done = self._service.run(*command)
            self.statuses[f"{command[0]} {done.returncode}"] += 1
            self._search.in_text("output of commands", done.stdout + done.stderr)

    def send_refused(self, one: Planted) -> None:
        """The text in requests that are refused: no JSON, wrong types, unknown fields, addresses."""
        words, text = json.dumps(one.text), one.text
        wrong = [
            ("/api/reports", f'{{"report": {words[:-1]}'),
            ("/api/reports", f'{{"report": 7, "user": {words}}}'),
            ("/api/reports", f'{{"report": "x", "timestamp": {words}}}'),
            ("/api/reports", f'{{"report": "x", "severity": {words}, "nothing": {words}}}'),
            ("/graphql", f'{{"query": {words}}}'),
            ("/graphql", f'{{"query": {words}'),
            ("/graphql", json.dumps({"query": SUBMIT, "variables": {"input": {"report": "x", "timestamp": text}}})),
            ("/graphql", json.dumps({"query": f"{{ crash(id: {words}) {{ title }} }}"})),
            (f"/api/{self._project}/envelope/?sentry_key={self._key}", f'{{"event_id": {words}\n{{"type": {words}}}\n{words}'),
            (f"/api/{self._project}/store/?sentry_key={self._key}", f'{{"message": {words}, "timestamp": {words}, "level": '),
        ]
        for path, body in wrong:
            status, answer = post(self._base + path, body.encode(), {"Content-Type": "application/json"})
            self.statuses[f"refused {status}"] += 1
            self._search.in_text("error answers", answer)
        for path in (
            f"/view/{quote(text[:500], safe='')}",
            f"/?focus={quote(text[:500])}",
            f"/api/{quote(text[:300], safe='')}",
        ):
            self._search.in_text("error answers", get(self._base + path))

    def _api(self, text: str) -> tuple[int, str]:
        if hash(text) % 2:
            return post(f"{self._base}/api/reports", text.encode(), {"Content-Type": "text/plain"})
        body = {"report": text, "environment": {"note": text[:250]}}
        return post(f"{self._base}/api/reports", json.dumps(body).encode(), {"Content-Type": "application/json"})

    def _sentry(self, text: str) -> tuple[int, str]:
        frames = [{"filename": "pay.py", "function": "pay", "module": "shop.pay", "lineno": 3, "vars": {"it": text[:400]}}]
        event = {
            "event_id": uuid.uuid4().hex,
            "platform": "python",
            "exception": {"values": [{"type": "PayError", "value": text, "stacktrace": {"frames": frames}}]},
            "extra": {"note": text[:400]},
            "breadcrumbs": {"values": [{"message": text[:400]}]},
        }
        lines = [{"event_id": event["event_id"]}, {"type": "event"}, event]
        address = f"{self._base}/api/{self._project}/envelope/?sentry_key={self._key}"
        return post(address, "\n".join(map(json.dumps, lines)).encode(), {"Content-Type": "application/x-sentry-envelope"})

    def _graphql(self, text: str) -> tuple[int, str]:
        body = json.dumps({"query": SUBMIT, "variables": {"input": {"report": text}}})
        return post(f"{self._base}/graphql", body.encode(), {"Content-Type": "application/json"})


def search_service(service: Supervised, search: Search, folder: Path) -> None:
    """Search pages, metrics, GraphQL's answers, exports and the output of commands that show crashes."""
    for path in PAGES:
        search.in_text("metrics" if path == "/metrics" else "pages", get(service.base + path))
    after: str | None = None
    while True:
        body = json.dumps({"query": READ, "variables": {"after": after}}).encode()
        _, text = post(f"{service.base}/graphql", body, {"Content-Type": "application/json"})
        search.in_text("GraphQL's answers", text)
        answer = json.loads(text)
        if answer.get("errors"):
            raise RuntimeError(text[:1_000])
        page = answer["data"]["crashes"]["pageInfo"]
        if not page["hasNextPage"]:
            break
        after = page["endCursor"]
    for name in ("export.graphml", "export.json"):
        run(service, search, "export", "-o", str(folder / name))
        search.in_text("exports", html.unescape((folder / name).read_text(encoding="utf-8")))
    run(service, search, "view", "network", "-o", str(folder / "network.html"))
    search.in_text("exports", html.unescape((folder / "network.html").read_text(encoding="utf-8")))
    [row] = map(json.loads, run(service, search, "db", "cypher", ANY_PATTERN, "--output", "jsonl").splitlines())
    for command in ("pattern show", "history", "solution list --pattern"):
        run(service, search, *command.split(), row["id"])
    run(service, search, "job", "history")
    done = service.run("doctor")
    search.in_text("output of commands", done.stdout + done.stderr)


def run(service: Supervised, search: Search, *command: str) -> str:
    """Run a command and search its output; what it printed."""
    done = service.run(*command)
    search.in_text("output of commands", done.stdout + done.stderr)
    if done.returncode:
        raise RuntimeError(f"{command}: {done.stderr}")
    return done.stdout


def back_up(service: Supervised, search: Search, path: Path) -> None:
    """Write a backup beside the running service, and search it: all lines, and whatever is sealed beside the keys."""
    run(service, search, "db", "backup", str(path))
    search.in_file("backups", path)
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        search.in_text("backups", "".join(lines))
    part = home_part(Settings(home=service.home, backup_passphrase=SecretStr(PASSPHRASE)), path)
    if sorted(part.keys) != sorted(name for name in KEYS if (service.home / name).exists()):
        raise RuntimeError(f"{path}: sealed are {sorted(part.keys)}")


def restore(service: Supervised, search: Search, path: Path, home: Path) -> None:
    """Restore a backup into a new home, and search that as the first."""
    environment = {**service.environment, "CRASHGRAPH_HOME": str(home)}
    command = [sys.executable, "-m", "crashgraph", "db", "restore", "--yes", str(path)]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=True)
    search.in_text("output of commands", done.stdout + done.stderr)
    asyncio.run(search_graph(home, search, "restored: "))
    search_files(home, search, "restored: ")


async def search_graph(home: Path, search: Search, where: str = "") -> None:
    """Search the texts of all nodes and relationships."""
    async with open_container(Settings(home=home)) as container:
        for row in await container.graph.read(EVERYTHING):
            texts = [str(value) for name, value in row["properties"].items() if name != "embedding"]
            search.in_text(f"{where}texts of the graph", "\n".join(texts))


def search_files(home: Path, search: Search, where: str = "") -> None:
    """Search every file of a home whose service has stopped."""
    for path in sorted(home.rglob("*")):
        if path.is_file() and path.suffix != ".jar":
            search.in_file(f"{where}{place_of(path.relative_to(home).as_posix())}", path)


def place_of(path: str) -> str:
    """What a file of a home is."""
    places = {"/transactions/": "transaction logs", "/databases/": "store files", "spool": "spool"}
    return next((place for part, place in places.items() if part in path), "logs and other files")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=1, help="secrets per kind and carrier")
    parser.add_argument("--brief", action="store_true", help="a few kinds, in all carriers and ways")
    parser.add_argument("--show", action="store_true", help="print each secret that was found, with its text")
    args = parser.parse_args()
    began = time.monotonic()
    given = list(planted(args.rounds, 12 if args.brief else None))
    search = Search(given)
    with tempfile.TemporaryDirectory(prefix="crashgraph-nowhere-") as name:
        home, folder = Path(name) / "home", Path(name) / "reports"
        home.mkdir()
        folder.mkdir()
        with Supervised(home, CRASHGRAPH_BACKUP_PASSPHRASE=PASSPHRASE) as service:
            service.wait_ready()
            sender = Sender(service, search)
            for one in given:
                if one.way != WAYS[-1]:
                    sender.send(one)
            sender.send_files([one for one in given if one.way == WAYS[-1]], folder)
            back_up(service, search, Path(name) / "early.backup")
            for one in {one.kind: one for one in given}.values():
                sender.send_refused(one)
            service.wait_drained(len(given))
            search_service(service, search, Path(name))
            back_up(service, search, Path(name) / "late.backup")
            service.stop()
            asyncio.run(search_graph(home, search))
            search_files(home, search)
            restore(service, search, Path(name) / "late.backup", Path(name) / "restored")
    return outcome(search, sender.statuses, time.monotonic() - began, show=args.show)


def outcome(search: Search, statuses: Counter[str], seconds: float, *, show: bool) -> int:
    """Print what was found where; 1 if anything was, or if a search proves nothing."""
    leaked = set().union(*search.found.values())
    rows = [
        {
            "where": where,
            "MB": size / 1e6,
            "searched": len(search.planted),
            "found": len(search.found.get(where, ())),
            "has the reports": where in search.marked,
        }
        for where, size in search.searched.items()
    ]
    print_report("places", rows)
    total = len(search.planted)
    print_report(
        "secrets",
        [
            {
                "kinds": len({one.kind for one in search.planted}),
                "carriers": len({one.carrier for one in search.planted}),
                "sent": total,
                "found anywhere": len(leaked),
                "recall": 1 - len(leaked) / total,
                "seconds": seconds,
            }
        ],
    )
    print_report("answers", [{"answer": name, "number": count} for name, count in sorted(statuses.items())])
    for one in leaked if show else ():
        places = [where for where, found in search.found.items() if one in found]
        print(f"{one.kind} in {one.carrier} by {one.way}: {one.value!r} in {places}: {one.text!r}")
    needed = {"texts of the graph", "store files", "transaction logs", "GraphQL's answers", "backups"}
    needed |= {f"restored: {where}" for where in ("texts of the graph", "store files", "transaction logs")}
    for where in needed - search.marked:
        print(f"the search in {where} proves nothing: not even the marks are there")
    return 1 if needed - search.marked or len(leaked) > total / 1_000 else 0


if __name__ == "__main__":
    sys.exit(main())
