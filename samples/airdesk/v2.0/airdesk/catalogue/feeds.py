"""Feeds: lists of titles as distributors send them."""

from __future__ import annotations

import csv
import xml.etree.ElementTree as ET
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from airdesk.catalogue.runtimes import read_minutes
from airdesk.catalogue.titles import Catalogue

GENRES = {"DOC": "documentary", "DRA": "drama", "KID": "children", "NEW": "news", "SPO": "sport"}
FIELD_LIMIT = 4096


def import_xml(catalogue: Catalogue, path: Path) -> int:
    """Take in a distributor's XML list; the answer is how many titles it had."""
    # defect: feed-malformed
    root = ET.parse(path).getroot()
    count = 0
    for count, item in enumerate(root.iter("title"), 1):
        runtime = read_minutes(item.get("duration", ""))
        catalogue.add(item.get("id", ""), item.text or "", runtime, item.get("lang", ""))
    return count


def import_csv(catalogue: Catalogue, path: Path, charset: str = "utf-8") -> int:
    """Take in a distributor's CSV list in one transaction."""
    csv.field_size_limit(FIELD_LIMIT)
    connection = catalogue.database.begin_import()
    # defect: feed-charset
    with path.open(encoding=charset, newline="") as file:
        count = 0
        # defect: feed-encoding when UnicodeDecodeError
        # defect: feed-field when field limit
        for count, row in enumerate(csv.DictReader(file), 1):
            runtime = read_minutes(row["duration"])
            connection.execute(
                "INSERT OR REPLACE INTO titles VALUES (?, ?, ?, ?)", (row["id"], row["name"], runtime, row["lang"])
            )
    catalogue.database.end_import()
    return count


def genre_of(code: str) -> str:
    """The name of a genre code, such as ``DOC.NAT``."""
    # defect: feed-genre
    return GENRES[code.partition(".")[0]]


def classify(codes: list[str]) -> list[str]:
    """Genres of many titles at once."""
    with ThreadPoolExecutor(max_workers=2) as workers:
        genres = workers.map(genre_of, codes)
    return list(genres)
