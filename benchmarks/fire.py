"""Whether the service stays up and loses nothing under attack.

Without further options: ``crashgraph up`` gets reports by a Sentry SDK, ``POST /api/reports``, GraphQL and the CLI, while the
service, the worker, the parent and Neo4j are killed, alone and together, at random points, and restarted in order. The
harness does what systemd does: it owns the listening socket and starts a parent that ended again. At the end everything that
was answered 2xx must be in the graph exactly once.

    PYTHONPATH=. python benchmarks/fire.py --minutes 20
    PYTHONPATH=. python benchmarks/fire.py --soak 60 --clients 32
    PYTHONPATH=. python benchmarks/fire.py --mixed 10 --clients 32
    PYTHONPATH=. python benchmarks/fire.py --big --heap 256
    PYTHONPATH=. python benchmarks/fire.py --disk
    PYTHONPATH=. python benchmarks/fire.py --fuzz 30 --reports FOLDER
    PYTHONPATH=. python benchmarks/fire.py --held 2000
    PYTHONPATH=. python benchmarks/fire.py --load --baseline 1628340

Ends with status 1 and the faults, if there are any. The figures depend on the machine; ``--code`` runs another tree.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from _fire.big import big
from _fire.disk import disk
from _fire.fuzz import fuzz
from _fire.held import held
from _fire.kills import kills
from _fire.load import load
from _fire.mixed import mixed
from _fire.soak import soak
from _fire.supervised import ROOT


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--brief", action="store_true", help="a kill of all, one of Neo4j and a restart in order, as a test")
    what.add_argument("--soak", type=float, metavar="MINUTES", help="many clients, half-open and slow connections")
    what.add_argument("--mixed", type=float, metavar="MINUTES", help="clients of every kind, followers, ingest and jobs")
    what.add_argument("--disk", type=int, metavar="MIB", nargs="?", const=2_048, help="a disk of this size is filled and freed")
    what.add_argument("--held", type=int, metavar="CONNECTIONS", help="so many connections that send next to nothing")
    what.add_argument("--big", action="store_true", help="one big request beside the clients")
    what.add_argument("--fuzz", type=float, metavar="MINUTES", help="hostile reports beside good neighbours")
    what.add_argument("--load", action="store_true", help="throughput and latency beside an earlier commit")
    parser.add_argument("--reports", type=Path, metavar="FOLDER", help="real reports that --fuzz makes hostile ones of")
    parser.add_argument("--minutes", type=float, default=20, help="of kills")
    parser.add_argument("--kills", type=int, help="end after this many")
    parser.add_argument("--gap", type=float, nargs=2, default=(3.0, 25.0), help="seconds between a recovery and the next kill")
    parser.add_argument("--pause", type=float, default=0.1, help="seconds between two reports of one client")
    parser.add_argument("--limit", type=float, default=30, help="seconds after which the service must answer again")
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=20, help="of each measurement of --disk, --held, --big and --load")
    parser.add_argument("--megabytes", type=int, default=28, help="of the request of --big")
    parser.add_argument("--baseline", default="1628340", help="commit to compare with in --load")
    parser.add_argument("--rounds", type=int, default=2, help="of --load")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--heap", type=int, default=512, help="heap of Neo4j in MiB")
    parser.add_argument("--code", type=Path, default=ROOT, help="tree that runs")
    parser.add_argument("--keep", type=Path, help="folder to copy the log to")
    args = parser.parse_args()
    if args.keep:
        args.keep.mkdir(parents=True, exist_ok=True)
    args.variables = {"CRASHGRAPH_HEAP_MB": str(args.heap), "CRASHGRAPH_PAGE_CACHE_MB": "128"}
    if args.brief:
        args.gap, args.pause = (0.5, 2.0), 0.1
    return args


def chosen(args: argparse.Namespace) -> Callable[[argparse.Namespace, Path], list[str]]:
    """What the options ask for."""
    if args.soak:
        return soak
    if args.mixed:
        return mixed
    if args.disk:
        return disk
    if args.fuzz:
        return fuzz
    if args.held:
        return held
    if args.big:
        return big
    return load if args.load else kills


def main(args: argparse.Namespace) -> int:
    with tempfile.TemporaryDirectory(prefix="crashgraph-fire-", ignore_cleanup_errors=True) as folder:
        home = Path(folder) / "home"
        home.mkdir()
        try:
            faults = chosen(args)(args, home)
        finally:
            if args.keep and (home / "up.log").exists():
                shutil.copy(home / "up.log", args.keep)
    for fault in faults:
        print(f"fault: {fault}", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(arguments()))
