"""The sample application's faults as its author knows them.

Which versions have which fault is not said here: it is read from the marks in the sources (``samples/marks.py``).
"""

from __future__ import annotations

from typing import NamedTuple

from samples.truth import Kind


class Known(NamedTuple):
    """What one fault is, and how bad: ``critical``, ``high``, ``medium`` or ``low``."""

    severity: str
    description: str


FAULTS: dict[str, Known] = {
    "asrun-current": Known("critical", "The as-run log takes for granted that something is on air"),
    "booking-customer": Known("medium", "A confirmation for an unknown customer ends in a chained error"),
    "booking-date": Known("high", "A date that does not exist stops a booking list half-way"),
    "booking-foreign": Known("high", "A booking for a customer who is not stored violates the foreign key"),
    "booking-price": Known("high", "Bookings read prices with thousands separators as decimals"),
    "booking-twice": Known("high", "A list that was stored half-way cannot be sent again: its spots are there already"),
    "break-position": Known("medium", "No position is set when no spot leaves room"),
    "break-price": Known("high", "Breaks read prices with thousands separators as decimals"),
    "break-rating": Known("medium", "The mean rating of a break without spots"),
    "catalogue-locked": Known("medium", "A lock file that nobody removed keeps everybody out"),
    "database-locked": Known("high", "An import that failed keeps its transaction open, so nobody else can write"),
    "exchange-age": Known("high", "Publishing stops at an age rating it does not know, leaving half a list"),
    "exchange-name": Known("medium", "A partner's show without a name"),
    "exchange-partial": Known("high", "Half a list of a partner station is not well-formed"),
    "feed-charset": Known("medium", "The name of a feed's character set is taken as it comes"),
    "feed-duration": Known("high", "Durations other than whole minutes are not understood"),
    "feed-duration-clock": Known("high", "Durations with seconds have one part too many"),
    "feed-duration-iso": Known("high", "ISO durations under an hour have no hours to read"),
    "feed-duration-words": Known("high", "Durations in words are not understood"),
    "feed-encoding": Known("high", "Latin-1 feeds are read as UTF-8"),
    "feed-field": Known("medium", "Synopses longer than the CSV field limit"),
    "feed-genre": Known("medium", "A genre code that is not in the table, found in a worker thread"),
    "feed-malformed": Known("medium", "A feed that is not well-formed XML"),
    "gateway-refused": Known("critical", "A file the gateway does not take; the message shows the password of the link"),
    "gateway-timeout": Known("critical", "The gateway never acknowledges an empty file"),
    "gateway-upload": Known("critical", "A file that is gone when its turn to be sent comes"),
    "graphics-header": Known("low", "An empty label file has no header"),
    "graphics-label": Known("medium", "Labels with letters outside ASCII"),
    "graphics-size": Known("medium", "Labels wider than 65,535 pixels do not fit the header"),
    "grid-last-slot": Known("medium", "The gap after the last slot of a day"),
    "grid-midnight": Known("high", "A slot that ends after midnight"),
    "grid-overlap": Known("high", "Two slots at one time are only caught by an assertion"),
    "guide-name": Known("low", "Guide pages named after titles longer than a file name may be"),
    "guide-null": Known("low", "Guide pages named after titles with a null character"),
    "guide-picture": Known("low", "Signs of pictures that have no character of that name"),
    "guide-sound": Known("low", "Signs of sounds that have no character of that name"),
    "guide-symbol": Known("low", "Symbols that have no character of that name"),
    "import-open": Known("high", "An import begins while the transaction of one that failed is still open"),
    "invoice-counter": Known("high", "An empty counter file"),
    "invoice-prefix": Known("high", "Letters in an invoice prefix, noticed after the counter was emptied"),
    "invoice-total": Known("high", "Totals over seven digits do not fit the precision; the connection is never given back"),
    "licence-date": Known("high", "Days in ISO form are not understood"),
    "licence-runs": Known("low", "Cost per run of a licence without runs"),
    "licence-window": Known("medium", "A day that no licence covers"),
    "licence-zone": Known("medium", "Days with and without a time zone are compared"),
    "playlist-decimal": Known("high", "Sponsors' decimal fees cannot be written as JSON"),
    "playlist-resume": Known("critical", "A playlist that was cut off is loaded all the same"),
    "playlist-timecode": Known("high", "Items without a frame rate stop the export half-way"),
    "pool-exhausted": Known("high", "Reports wait in vain for a connection"),
    "price-format": Known("high", "Prices with thousands separators are read as decimals"),
    "promo-pick": Known("low", "A choice among no trailers"),
    "promo-table": Known("high", "The table of promotions is missing in databases of older versions"),
    "ratings-archive": Known("medium", "Compressed panel files that were cut off in transfer"),
    "ratings-workbook": Known("low", "Workbooks need an extra that is not installed"),
    "report-cleanup": Known("low", "What is done when the older report is missing fails itself"),
    "report-closed": Known("medium", "The sum is written after the file was closed"),
    "report-disk": Known("medium", "The archive of reports has reached its size"),
    "rule-name": Known("high", "A house rule uses a name that does not exist"),
    "rule-signature": Known("high", "House rules written for two arguments are called with three"),
    "rule-syntax": Known("high", "A house rule that does not compile stops all planning"),
    "series-cycle": Known("high", "A series that is its own ancestor"),
    "settings-channel": Known("high", "A channel's settings are not JSON"),
    "settings-gateway": Known("critical", "Stations without a gateway in their settings"),
    "settings-vat": Known("high", "Stations without a tax rate in their settings"),
    "title-language": Known("medium", "Titles without a language are refused with an error that nobody catches"),
    "title-missing": Known("high", "The runtime of a title that is not in the catalogue"),
    "title-twice": Known("medium", "A title that is in the catalogue already"),
}

CAUSES: tuple[tuple[str, str], ...] = (
    ("booking-date", "booking-twice"),
    ("booking-foreign", "booking-twice"),
    ("booking-price", "booking-twice"),
    ("price-format", "booking-twice"),
    ("database-locked", "catalogue-locked"),
    ("exchange-age", "exchange-partial"),
    ("feed-charset", "database-locked"),
    ("feed-charset", "import-open"),
    ("feed-duration", "database-locked"),
    ("feed-duration", "import-open"),
    ("feed-duration-clock", "database-locked"),
    ("feed-duration-clock", "import-open"),
    ("feed-duration-iso", "database-locked"),
    ("feed-duration-iso", "import-open"),
    ("feed-duration-words", "database-locked"),
    ("feed-duration-words", "import-open"),
    ("feed-encoding", "database-locked"),
    ("feed-encoding", "import-open"),
    ("feed-field", "database-locked"),
    ("feed-field", "import-open"),
    ("graphics-label", "graphics-header"),
    ("graphics-size", "graphics-header"),
    ("invoice-prefix", "invoice-counter"),
    ("invoice-total", "pool-exhausted"),
    ("playlist-decimal", "playlist-resume"),
    ("playlist-resume", "asrun-current"),
    ("playlist-timecode", "playlist-resume"),
    ("series-cycle", "catalogue-locked"),
)
"""Pairs that can happen: crashes of the first leave something behind that makes the second crash."""

ACROSS_LINKS = frozenset({("exchange-age", "exchange-partial")})
"""Pairs with their effect at a linked site."""

LINEAGES: tuple[tuple[str, str, Kind], ...] = (
    ("booking-customer", "booking-customer/2", "moved"),
    ("booking-date", "booking-date/2", "moved"),
    ("booking-price", "price-format", "merged"),
    ("break-price", "price-format", "merged"),
    ("break-rating", "break-rating/2", "changed"),
    ("exchange-name", "exchange-name/2", "renamed"),
    ("feed-duration", "feed-duration-clock", "split"),
    ("feed-duration", "feed-duration-iso", "split"),
    ("feed-duration", "feed-duration-words", "split"),
    ("feed-genre", "feed-genre/2", "renamed"),
    ("gateway-refused", "gateway-refused/2", "changed"),
    ("gateway-upload", "gateway-upload/2", "changed"),
    ("graphics-header", "graphics-header/2", "moved"),
    ("graphics-label", "graphics-label/2", "moved"),
    ("graphics-size", "graphics-size/2", "re-introduced"),
    ("grid-last-slot", "grid-last-slot/2", "moved"),
    ("grid-midnight", "grid-midnight/2", "re-introduced"),
    ("guide-name", "guide-name/2", "moved"),
    ("guide-null", "guide-null/2", "moved"),
    ("guide-symbol", "guide-picture", "split"),
    ("guide-symbol", "guide-sound", "split"),
    ("invoice-counter", "invoice-counter/2", "moved"),
    ("invoice-prefix", "invoice-prefix/2", "moved"),
    ("invoice-total", "invoice-total/2", "renamed"),
    ("licence-date", "licence-date/2", "re-introduced"),
    ("licence-window", "licence-window/2", "changed"),
    ("playlist-decimal", "playlist-decimal/2", "renamed"),
    ("playlist-timecode", "playlist-timecode/2", "renamed"),
    ("ratings-archive", "ratings-archive/2", "moved"),
    ("ratings-workbook", "ratings-workbook/2", "moved"),
    ("report-cleanup", "report-cleanup/2", "renamed"),
    ("report-disk", "report-disk/2", "moved"),
    ("rule-name", "rule-name/2", "changed"),
    ("series-cycle", "series-cycle/2", "renamed"),
    ("title-missing", "title-missing/2", "moved"),
)
"""From form to form; the version at which it happened is the first that has the later form."""
