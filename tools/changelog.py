"""Asks for a line in CHANGELOG.md when a commit changes what a user may see.

``python tools/changelog.py MESSAGE_FILE`` is the commit-msg hook: it looks at the staged files. A commit that users do not
notice says so with the trailer ``Changelog: none``.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

CHANGELOG = "CHANGELOG.md"
SEEN_BY_USERS = re.compile(
    r"(crashgraph|graph|jobs|resolvers|schema|viz)/.+\.(py|cypher|toml|yaml|html|css|js)$|docker-compose\.yml$"
)
TRAILER = re.compile(r"^Changelog: none$", re.MULTILINE)


def missing(files: list[str], message: str) -> list[str]:
    """The files a user may notice, when neither CHANGELOG.md is among ``files`` nor the trailer in ``message``; else none."""
    if CHANGELOG in files or TRAILER.search(message) or message.startswith("Merge "):
        return []
    return [name for name in files if SEEN_BY_USERS.match(name)]


def main() -> None:
    """Exit with 1 and a sentence when the line is missing."""
    staged = subprocess.run(["git", "diff", "--cached", "--name-only"], capture_output=True, text=True, check=True)  # noqa: S607
    unrecorded = missing(staged.stdout.splitlines(), Path(sys.argv[1]).read_text(encoding="utf-8"))
    if unrecorded:
        shown = ", ".join(unrecorded[:3]) + (f" and {len(unrecorded) - 3} more" if len(unrecorded) > 3 else "")
        sys.exit(
            f"{shown} changed and {CHANGELOG} did not. Add a line to it, "
            'or end the message with "Changelog: none" if no user would notice.'
        )


if __name__ == "__main__":
    main()
