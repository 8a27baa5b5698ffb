"""From a raw text to reports: one folder per format, over ``text`` and ``native``.

``read.read(text)`` is the only entry. Its steps:

1. ``text/terminal.clean`` removes terminal codes and normalises line ends; it remembers the original positions.
   ``carrier.choose.read_carried`` undoes what carried the text (container runtimes, syslog, JSON records, quoting) and runs the
   next steps on each part of it.
2. Every parser of ``read.PARSERS`` estimates with ``sniff`` whether the text contains its format. If it may, ``parse``
   yields a ``ParsedReport`` (``graph/model/report.py``) per crash: error type, message, frames with the innermost first,
   causes, environment, and the span of the text it was read from. A text may contain reports of several formats; where
   two claim the same part, the parser that comes first in ``PARSERS`` wins.
3. ``read._fold_echoes`` folds a report that only shows how a process ended into the error before it, and
   ``read._attach_records`` adds the log record above a report.
4. Log lines without a stack are read last, where nothing else was found or the text is clearly a log.
5. ``graph/rules/fault.with_fault`` chooses the exception of a chain that says what went wrong.

The culprit, the frame to blame, is chosen by ``graph/rules/culprit.culprit(frames, platform)``, which every parser calls
on its frames (a Python traceback in ``python/report.report_of``): the innermost one that the platform's rules
(``graph/rules/*.toml``) do not skip as runtime, wrapper or assertion, application code before library code nearby.

``protocol`` defines ``Parser``. The usual files of a format: ``parser`` (the parser object, from anchors in the text to
reports), ``header`` (the line that names the error), ``trace`` (one exception with its frames), ``frames`` (one frame
line). ``text`` has what formats share: the ``Lines`` cursor, log prefixes and records, escapes, times, JSON values;
``native`` has symbols and signals of native code. Formats do not import each other; one that embeds reports of another
format is given a function to read them (``read._read_stack``).
"""
