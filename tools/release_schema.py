"""Makes the schema of this checkout that of the last release: run it when a release is tagged.

Later changes are compared with it (``crashgraph schema changes``); the list of accepted changes becomes empty.
"""

from __future__ import annotations

import re
import sys

from schema.build import sdl
from schema.changes import ACCEPTED, RELEASED, accepted_changes, changes_since_release


def main() -> None:
    """Write both files, unless a change was not accepted."""
    if faults := changes_since_release(sdl()).faults(accepted_changes()):
        sys.exit("\n".join(faults))
    RELEASED.write_text(sdl() + "\n", encoding="utf-8")
    ACCEPTED.write_text(without_entries(ACCEPTED.read_text(encoding="utf-8")), encoding="utf-8")


def without_entries(text: str) -> str:
    """The comment at the head of the list."""
    return re.sub(r"^\[\[accepted\]\].*", "", text, flags=re.MULTILINE | re.DOTALL).rstrip() + "\n"


if __name__ == "__main__":
    main()
