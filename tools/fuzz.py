"""Try all parsers on made-up texts for a while: ``python tools/fuzz.py --minutes 10 [--format java]``.

With atheris installed (``pip install atheris``), branches that a text newly reaches guide what is tried next; without it,
texts are mutated at random from the examples that the formats carry and from those that gave new results. A text that
raises, or takes far longer than its length allows, is written to ``--keep`` and named; the exit status is then 1.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "unit" / "parsing")]

from test_fuzz_parsers import FAR, MARKERS, ODD, check, check_all  # noqa: E402  # only found on the path set above

from graph.parsing.protocol import Parser  # noqa: E402
from graph.parsing.read import PARSERS, read  # noqa: E402

PIECES = [*MARKERS, *ODD, *FAR]
LONGEST = 200_000
SLOW = 2e-5
"""Seconds of processor time a character may take; the examples take less than a hundredth of it."""
SLOW_LEAST = 1.0
CORPUS = 2_000


class Hunt:
    """What was tried and found."""

    def __init__(self, parsers: Sequence[Parser], keep: Path) -> None:
        """``keep`` is the folder for texts that failed."""
        self.parsers = parsers
        self.keep = keep
        self.tried = 0
        self.failures: dict[str, str] = {}

    def attempt(self, text: str) -> tuple[object, ...]:
        """Try one text; what came out of it, for telling new results from old ones."""
        self.tried += 1
        begin = time.process_time()
        try:
            for parser in self.parsers:
                check(parser, text)
            check_all(text)
            seen = tuple((one.format, len(one.frames), len(one.causes), one.truncated) for one in read(text).reports)
        except Exception as error:  # noqa: BLE001  # any exception is what is looked for
            self._keep(text, "".join(traceback.format_exception(error)[-3:]), _place(error))
            return ()
        took = time.process_time() - begin
        if took > max(SLOW_LEAST, SLOW * len(text) * (len(self.parsers) + 2)):
            self._keep(text, f"took {took:.1f} s for {len(text):,} characters", f"slow {len(text) // 1000}")
        return seen

    def _keep(self, text: str, said: str, kind: str) -> None:
        if kind in self.failures:
            return
        self.failures[kind] = said
        self.keep.mkdir(parents=True, exist_ok=True)
        data = text.encode("utf-8", "surrogatepass")
        file = self.keep / f"{hashlib.sha256(data).hexdigest()[:16]}.txt"
        file.write_bytes(data)
        print(f"FOUND {kind}\n{said}\n  kept as {file}", flush=True)  # a command of its own


def _place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return f"{type(error).__name__} {frames[-1].filename}:{frames[-1].lineno}" if frames else type(error).__name__


def mutated(text: str, corpus: Sequence[str], chance: random.Random) -> str:
    """A text with a few places changed: taken out, put in, doubled, over and over, spliced with another."""
    for _ in range(chance.randint(1, 8)):
        start = chance.randint(0, len(text))
        end = min(len(text), start + chance.choice((0, 1, 4, 40, 400)))
        other = chance.choice(corpus)
        cut = chance.randint(0, len(other))
        changes: tuple[Callable[[], str], ...] = (
            lambda: "",
            lambda: chance.choice(PIECES),  # called at once
            lambda: chance.choice(PIECES) * chance.choice((2, 50, 2_000)),
            lambda: text[start:end] * chance.choice((2, 20, 400)),  # noqa: B023
            lambda: other[cut : cut + chance.choice((10, 100, 1_000))],  # noqa: B023
            lambda: chr(
                chance.choice((0, 9, 10, 13, 27, 34, 39, 92, 0x85, 0x2028, 0xD800, 0x1F600, chance.randint(1, 0x10FFFF)))
            ),
        )
        text = (text[:start] + chance.choice(changes)() + text[end:])[:LONGEST]
    return text


def at_random(hunt: Hunt, until: float, seed: int) -> Iterator[int]:
    """Mutate what gave new results; yields the size of the corpus now and then."""
    chance = random.Random(seed)  # nothing secret
    corpus = [parser.example for parser in PARSERS]
    seen: set[tuple[object, ...]] = set()
    while time.monotonic() < until:
        text = mutated(chance.choice(corpus), corpus, chance)
        result = hunt.attempt(text)
        if result and result not in seen:
            seen.add(result)
            if len(text) < 20_000:
                corpus.append(text)
            if len(corpus) > CORPUS:
                corpus.pop(chance.randrange(len(PARSERS), CORPUS))
        if hunt.tried % 200 == 0:
            yield len(corpus)


def by_branches(hunt: Hunt, minutes: float, seed: int) -> None:
    """Let atheris look for texts that reach new branches. It ends the process itself when the time is over."""
    import atheris  # noqa: PLC0415  # not on every machine

    corpus = hunt.keep / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for parser in PARSERS:
        (corpus / f"{parser.name}.txt").write_text(parser.example, encoding="utf-8")

    def one(data: bytes) -> None:
        before = len(hunt.failures)
        hunt.attempt(data.decode("utf-8", "surrogateescape"))
        if len(hunt.failures) > before and hunt.tried % 1_000 == 0:
            print(f"{hunt.tried:,} texts", flush=True)

    atheris.instrument_all()
    options = [f"-max_total_time={int(minutes * 60)}", f"-seed={seed}", "-max_len=20000", "-timeout=60", "-print_final_stats=1"]
    atheris.Setup([sys.argv[0], *options, str(corpus)], one)
    atheris.Fuzz()


def main() -> int:
    """Fuzz, and say how long and what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--format", choices=[one.name for one in PARSERS], help="only this parser, beside all together")
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    parser.add_argument("--keep", type=Path, default=Path("fuzz-found"), help="folder for texts that failed")
    parser.add_argument("--engine", choices=("random", "atheris"), default="random")
    args = parser.parse_args()
    hunt = Hunt([one for one in PARSERS if args.format in {None, one.name}], args.keep)
    print(f"seed {args.seed}, {len(hunt.parsers)} parsers, {args.minutes:g} minutes", flush=True)
    if args.engine == "atheris":
        by_branches(hunt, args.minutes, args.seed)
    begin = time.monotonic()
    told = begin
    for size in at_random(hunt, begin + args.minutes * 60, args.seed):
        if time.monotonic() - told > 60:
            told = time.monotonic()
            print(
                f"{(told - begin) / 60:.0f} min: {hunt.tried:,} texts, {size:,} kept, {len(hunt.failures)} failures", flush=True
            )
    print(f"{hunt.tried:,} texts in {args.minutes:g} minutes, {len(hunt.failures)} different failures")
    return 1 if hunt.failures else 0


if __name__ == "__main__":
    sys.exit(main())
