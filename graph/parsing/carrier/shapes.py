"""Shapes by which a carrier is recognised: times and other starts of a prefix, and lines of a stack behind it."""

from __future__ import annotations

import re
from functools import cache

import re2

MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
DAY = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
CLOCK = r"\d\d?:\d\d:\d\d(?:[.,:]\d{1,9})?(?: ?[AP]M\b)?"
ZONE = r"(?: ?(?:Z\b|UTC\b|GMT\b|[+-]\d\d:?\d\d\b))"
TIME = (
    rf"(?:\d{{4}}[-/.]\d\d?[-/.]\d\d?[T ,_:]{{1,2}}{CLOCK}{ZONE}?"
    rf"|\d\d?[-/ .](?:{MONTH}|\d\d?)[-/ .]\d{{2,4}}[ ,:T]{{1,2}}{CLOCK}{ZONE}?"
    rf"|(?:{DAY},? )?{MONTH} {{1,2}}\d\d?,? (?:\d{{4}},? )?{CLOCK}(?: [A-Z]{{3,4}}\b)?(?: \d{{4}}\b)?"
    rf"|\d\d-\d\d {CLOCK}"
    rf"|\d\d:\d\d:\d\d(?:[.,]\d{{1,9}})?{ZONE}?"
    r"|\b1\d{9}(?:\.\d{1,9}|\d{3})?\b|\bsequenceId=\"\d{1,10}\")"
)
"""A time as loggers, containers and syslog write it."""

START = (
    rf"(?:[\[(<\"']{{0,2}}(?:{DAY} )?{TIME}"
    r"|(?:\d{1,6} )?<\d{1,3}>"
    r"|\[ {0,4}(?:[^\[\] \d\n:]|\d[\w-]*[^\[\]\d\w.\s-]|\d*[A-Za-z-])"
    r"|[\w.@/-]{1,80}(?:\|[\w.@/-]{1,80})? *[|│]"
    r"|[>|│:]|##\[|\([\w ./=:,-]{1,100}\) "
    r"|\[ {0,8}\d{1,9}\.\d{3,6}\] (?:[\w.-]{1,80} )?[\w./@+-]{1,80}\[\d{1,10}\]: "
    r"|[VDIWEFA]/[^(\n]{1,100}\( *\d+\):"
    r"|[\w./@+-]{1,80}\[\d{1,10}\]:"
    r"|(?:ERROR|WARN|WARNING|CRITICAL|FATAL|SEVERE|INFO|DEBUG|NOTICE|(?:npm|gyp|lerna) (?:ERR!|error))[:\] |]"
    r"|(?:stdout|stderr|STDOUT|STDERR|out|err)\b"
    r"|#\d{1,4} \d{1,6}\.\d{1,3} "
    r"|[IWEF]\d{4} "
    r"|[DIWEFA], \["
    r"|[^\t\n]{1,80}\t[^\t\n]{1,80}\t\d{4}-"
    r"|[a-z0-9][a-z0-9.-]*-[a-z0-9]{4,10} [a-z])"
)
"""Start of a line that carries another one. A kernel time stamp is none: that prefix belongs to the kernel's own format."""

NUMBERED = r"\[ {0,4}\d{1,6}\]"
"""A number in brackets: of a process, but frames of Smalltalk are numbered likewise."""
LABEL = r"[\w@./:-]{1,80}:"
"""A name or number of a task right before a line of a stack."""
TEXT_FIELDS = ("log", "MESSAGE", "textPayload", "message", "msg", "line", "@message")
"""Fields in which collectors of logs keep the line of the program."""
_FIELD = "|".join(TEXT_FIELDS)
_CALL = r"[^\s(]{1,500}(?: \[as [^\]\n]{1,100}\])? ?\([^\n]*\)"
_KERNEL = r"\[ {0,8}\d{1,9}\.\d{6}\](?:\[ {0,6}[TC]\d{1,9}\])? "
HEADING = (
    rf"(?:{_KERNEL})?(?:Traceback \(most recent call last\):|(?:Caused by|Wrapped by|Suppressed): \S"
    r"|goroutine \d{1,9} \[|panic: "
    r"|thread '[^'\n]{0,200}' (?:\(\d{1,10}\) )?panicked at|# A fatal error has been detected|==[\d/:=]{8,40}==BEGIN RUNTIME"
    r"|Call Trace:|(?:PHP )?Stack trace:|stack backtrace:|PHP (?:Fatal error|Warning): |==\d{1,9}==(?:ERROR|WARNING| )"
    r"| ?---> \S|ORA-\d{4,5}: |Errors in file /|Execution halted|Calls: \S|CallStack \(from |signal \(\d{1,2}(?:\.\d)?\): [A-Z]"
    r"|-----BEGIN [A-Z ]{3,40}-----)"
)
"""A line that introduces a stack or an error in it."""
LANGUAGES = (
    rf"at (?:async |new )?{_CALL}|at (?:async |new )?[^\s()]{{1,500}}:\d{{1,7}}\b|at \S{{1,300}} line \d"
    r"|(?:\| {1,3}){0,20}File \"[^\"\n]{1,500}\", line \d|\.\.\. \d{1,5} (?:more|common frames omitted|elided)"
    r"|#\d{1,4}:? +\S|frame #\d{1,4}: "
    r"|(?:from )?[^\s:\"'\[\]<>]{1,300}:\d{1,7}:in [`'\"]"
    r"|\S{1,300}\.go:\d{1,7}(?: \+0x|$)|\d{1,4}: +(?:0x[0-9a-f]{2,} - )?[\w<{_].{0,300}::"
    r"|\[\d{1,4}\][ \t]{1,8}\w[\w.!#]{0,200}\("
    r"|\([\w ]{1,80} \d[\w.+-]{0,40}\) \S{1,300}:\d{1,7}: |in \S{1,200} \((?:at|created by) "
    r"|[^\s\"\[\]<>]{1,300}\.py:\d{1,7}: \w{0,60}Warning: "
    r"|\[?\{'?\w{1,200}'?,'?[\w/<>-]{1,200}'?,\d|at \d{1,4} {1,4}\S{1,200} {1,80}0x[0-9a-f]|at: \S{1,200} \("
    r"|\S{1,300}:\d{1,7}: in (?:function|main chunk|field|method|local|upvalue)|\[C\]: in "
    r"|\S{1,200} called at \S{1,300} line \d|in (?:function|call from) +\S{1,300}/\d"
    r"|\S{1,300} ?\([^()\n]{0,300}\) \(at [^()\n]{1,300}:\d{1,7}\)|UnityEngine\.\w{1,60}:\w{1,60} ?\("
    r"|[\w.$<>/*]{0,200}@(?:[^\s@]{1,300}:)?\d{1,7}:\d{1,7}$|(?:package:|packages/)\S{1,300} \d{1,7}:\d{1,7} {2}|❯ \S"
    r"|\S{1,300}, called at \S{1,300}:\d|\{\"[^\n]*\"(?:stack|exception|frames)"
    rf"|(?:\{{[^\n]*)?\"(?:{_FIELD})\" ?: ?\"(?:\\t| )*(?:at |File |from |#\d|\.\.\. \d|\d{{1,4}}: |in |Traceback|Caused by"
    r"|[/\w][^\n\"]*:\d)"
    r"|\{\"log\" ?: ?\"[^\n]*\"stream\" ?: ?\"std"
    r"|\"(?:stack_?trace|frames|exception|threads)\" ?: ?[\[{]"
    r"|(?:\x00|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[,.\d]*) ?(?:Z|[+-]\d\d:?\d\d)? *[\[(<|-]? ?"
    r"(?:DEBUG|INFO|WARN(?:ING)?|ERROR|CRITICAL|FATAL)\b"
)
NATIVE = (
    r"|[\w./+-]{0,300}\([^\n]{0,500}\) ?\[0x[0-9a-f]|\d{1,4}: \([^\n]{1,500}\) \[0x[0-9a-f]"
    r"|\d{1,4}# (?:0x[0-9A-Fa-f]{6,16} in |[A-Za-z_(<~])|@ {1,20}0x[0-9a-f]{6,16}[ \t]"
    r"|\[\d{1,4}\] [^\n]{1,500} \([^()\n]{1,300}:\d{1,7}\)|\d{1,4}\. [^\n]{1,500} @ 0x[0-9a-f]{6,16}"
    r"|[0-9a-f`]{8,17} [0-9a-f`]{8,17} |\d{1,4} {1,4}\S{1,200}(?:!\S| \+ 0x)"
    r"|\d{1,4} {2,4}[\w.+ -]{1,80}[ \t]{1,40}0x[0-9a-f]{6,16} "
    r"|\d{1,4} {1,4}(?:\[\w{1,10}\] ){0,3}0x[0-9a-f]{6,16} "
    r"|[JjCVv] {1,4}\[?[\w.$/<>-]{1,300}(?:\+0x|\()"
    r"|[0-9a-f]{2} [0-9a-f`]{8,17} [0-9a-f`]{8,17} "
    r"|[\w.!#]{1,200} at [^\s:]{1,400}\.(?:so[.\d]*|jl|c|cpp)(?::\d| \(unknown line\))"
    r"|\d{1,4}: [\w.]{1,200}\([^\n]{0,500}\) at \S{1,300}\.[Rr]#\d"
    r"|\?? ?\w[\w.]{0,200}\+0x[0-9a-f]{1,8}/0x[0-9a-f]"
)
SMALLTALK = (
    r"|\[?\]? ?(?:in )?[A-Z]\w{0,200}(?: class)?(?:\([A-Z]\w{0,200}(?: class)?\))?>>\w"
    r"|\[\d{1,4}\][ \t]{1,8}[^\n]{0,300}>>"
    r"|(?:==> )?\d{1,4} [A-Z]\w{0,200}(?: class)?(?: \([A-Z]\w{0,200}(?: class)?\))? >> \w"
)
_INDENT = rf"[ \t]*(?:{_KERNEL}[ \t]*)?"
_OF_LANGUAGES = rf"{_INDENT}(?:{LANGUAGES})"
_WITHOUT_SMALLTALK = rf"{_INDENT}(?:{LANGUAGES}{NATIVE})"
FRAME = rf"{_INDENT}(?:{LANGUAGES}{NATIVE}{SMALLTALK})"
"""A line that occurs only in a stack."""

FRAMED = re.compile(FRAME)
HEADED = re.compile(HEADING)
STARTED = re.compile(f"{START}|{NUMBERED}|{LABEL}")
TIMES = re.compile(
    rf"(?<=^\[) {{0,8}}\d{{1,9}}\.\d{{3,6}}(?=\] )|(?=[0-9A-Zs])(?:{TIME}"
    r"|(?:(?<=^#\d )|(?<=^#\d\d )|(?<=^#\d\d\d ))\d{1,6}\.\d{1,3}(?= |$))"
)
"""What differs between the lines of one source: times, and the seconds since the start of a build step."""
LEADING = re.compile(
    rf"(?:\d{{1,6}} )?(?:<\d{{1,3}}>)?(?:1 (?P<stamp5>\S{{1,40}}) \S{{1,255}} \S{{1,100}} \S{{1,128}} \S{{1,32}} "
    rf"(?:-|(?:\[[^\]\n]{{0,500}}\])+) |(?P<stamp>{TIME}) (?:(?!ERROR|WARN|INFO|DEBUG|FATAL|CRIT|SEVERE)[\w.:-]{{1,255}} )?"
    r"[\w/@+-]{1,80}(?<!Error)(?<!Exception)(?:\[\d{1,10}\])?: ?"
    rf"|(?P<stamp2>{TIME}) std(?:out|err) [FP] |[\w.-]{{1,80}} *\| |\[pod/[^\]\n]{{1,200}}\] )"
)
"""Prefix of a single line that certainly is a carrier's: syslog, the journal, container runtimes."""


def is_of_a_stack(line: str) -> bool:
    """Whether a line belongs to a stack."""
    return bool(FRAMED.match(line) or HEADED.match(line.lstrip()))


def is_prefixed(line: str) -> bool:
    """Whether a line may have a prefix before a line of a stack."""
    return _prefixed().search(line.encode("utf-8", "replace")) is not None


def carries_stack(line: str) -> bool:
    """Whether a line belongs to a stack, or has a prefix before such a line."""
    return is_of_a_stack(line) or is_prefixed(line)


@cache
def _prefixed() -> re2._Regexp:
    return re2.compile(PREFIXED)


def _unbounded(pattern: str) -> str:
    """The pattern with every bounded repetition made unbounded: matches at least as much, in a far smaller automaton."""
    return re.sub(r"\{(\d+),\d*\}", lambda bounds: "*" if bounds[1] == "0" else "+", pattern)


STACK_LINE = rf"(?:{FRAME}|{HEADING})"
BREAK = r"(?:#012|\\{1,2}(?:012|n|x0[aA]|u000[aA])|\^J|<br ?/?>)"
"""An escaped line feed."""
_BLANK = r"(?:#011|\\{1,2}(?:011|t|x09|u0009)|&nbsp;|[ \t])"
PREFIXED = _unbounded(
    rf"(?m:^{START}(?:[^\n]*[ \t\]:|>\"])?{STACK_LINE}"
    rf"|^{LABEL}(?:{_OF_LANGUAGES}|[ \t]*{HEADING})|^\d{{1,4}}:{STACK_LINE}"
    rf"|^{NUMBERED}(?:{_WITHOUT_SMALLTALK}|[ \t]*{HEADING}))"
)
"""A line with a prefix and a line of a stack behind it."""
ESCAPED = (
    rf"#012|\\012|{BREAK}{_BLANK}*(?:at |File |from |#\d|\.\.\. \d|\d+: |in |[/\w].*:\d|\[\d|\d+ +\S+(?:!| \+ 0x)"
    rf"|\S*\(.*\) ?\[0x|[JjCVv] +\[|==\d|\[ *\d+\.\d{{6}}\]|[0-9a-f`]+ [0-9a-f`]+ |\d+ +\S+[ \t]+0x|\(\w+ \d|{HEADING})"
    r"|\\\"(?:stack_?trace|frames|exception|threads)\\\"|Warning: [^\n]*\\n|\\n(?:\\t| )*\w[^\n\\]* called at "
)
RECORDED = rf"^[ \t]*(?:[\[{{][^\n]*)?\"(?:{_FIELD})\" ?: ?(?:\"|\[\d)|\"field\" ?: ?\"@message\""
"""A JSON record with a text."""
ODD = (
    r"(?:\^\[|\\u001[bB]|\\x1[bB]|\\033|\\e|#033)\[[\d;]*m|\[(?:0|39|22)m|&(?:lt|gt|quot|amp|nbsp|#39|#x27|#34);|<br ?/?>"
    r"|[\xa0\x{2000}-\x{200b}\x{202f}\x{205f}\x{3000}\x{feff}]"
)
"""Remains of terminal codes, blanks other than ASCII's at the start of a line, and HTML."""
FENCED = r"^[ \t>]*(?:```|~~~)|```[ \t]*$|lines of output\]$"
HEADED_BLOCK = r"DEBG '[^'\n]+' std(?:out|err) output:$|^\[ [\d:. -]+: *\d+ [VDIWEFA]/[^\n]+\]$"
INDENTED = r"\A\s*(?:^|\n)[ \t]+\S"
QUOTED_LINE = r"^[ \t]*\"(?:[^\"\\\n]|\\[^\n])*\",?$\n^[ \t]*\"(?:[^\"\\\n]|\\[^\n])*\",?$"
ENTRY = r"^[ \t]*MESSAGE="
SPACED_OUT = r"(?:^[^\n]*\S[^\n]*\n[ \t\r]*\n){3}"
CELL = r"(?:^|[,;\t])\"[^\"\n]*(?:$|\"[,;\t]\"|\"$)"
STREAMS = r"\[\s*\"\d{16,19}\"\s*,\s*\""
CARRIED = _unbounded(
    rf"(?m:{PREFIXED}|{ESCAPED}|{RECORDED}|{ODD}|{FENCED}|{HEADED_BLOCK}|{INDENTED}|{QUOTED_LINE}|{ENTRY}|{CELL}"
    rf"|{STREAMS}|{SPACED_OUT})"
)
"""What a text with a carrier contains somewhere, for RE2."""
