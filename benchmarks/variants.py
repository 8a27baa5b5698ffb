"""Do crashes of one bug join, and crashes of similar bugs stay apart? Per language, with generated texts.

``python benchmarks/variants.py --bugs N`` stores the first crash of N made-up bugs per language in one graph on a real Neo4j,
then matches variants of each (other addresses, user data, threads, releases, carriers, wrappers) and near-misses (same type,
message, wrapper or outer frames, another bug) without storing them. ``--show`` lists the kinds that were matched wrongly.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

from _bench import own_graph
from _bench import report as print_report

sys.path.insert(0, str(Path(__file__).parents[1]))

from tools.variants.judge import judge, store_bugs
from tools.variants.table import LANGUAGES, bugs_of


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bugs", type=int, default=10, help="bugs per language")
    parser.add_argument("--seed", default="", help="makes other bugs")
    parser.add_argument("--show", action="store_true", help="list the kinds that were matched wrongly")
    args = parser.parse_args()
    rows = []
    async with own_graph() as container:
        bugs = {language.name: bugs_of(language, args.bugs, args.seed) for language in LANGUAGES}
        patterns = {
            language.name: await store_bugs(container.receiver, language, bugs[language.name]) for language in LANGUAGES
        }
        for language in LANGUAGES:
            score = await judge(container.matcher, language, bugs[language.name], patterns[language.name])
            rows.append(
                {
                    "language": language.name,
                    "trials": score.tried.total(),
                    "variants joined": score.share(same=True),
                    "near-misses apart": score.share(same=False),
                }
            )
            if args.show:
                print(f"{language.name}: {dict(score.misses())}")
    print_report("variants and near-misses", rows)


if __name__ == "__main__":
    asyncio.run(main())
