"""Lines below a message that another writer printed: log records, shells, supervisors, and the site it was pasted to."""

from __future__ import annotations

import re

from graph.parsing.text.log.record import starts_record

LINE_LIMIT = 1_000
FENCES = ("```", "~~~", "{code", "{noformat}", "[/code]", "</pre>", "</code>", "<details", "</details>", "<summary")
JSON_RECORD = re.compile(r"\{\"[\w@.$-]{1,60}+\"\s{0,3}:")
# A shell prompt with user and host, or with the command that follows it.
PROMPT = re.compile(
    r"(?:\([\w .-]{1,60}+\) )?\[?[\w.-]{1,60}+@[\w.-]{1,100}+[: ][^\n]{0,200}?[$#%]\]?(?: |$)|[$%] \S"
    r"|(?:\([\w .-]{1,60}+\) )?(?:PS )?[A-Z]:\\[^\n>]{0,200}+>"
    r"|>>>(?: |$)|In \[\d{1,6}\]:|\(Pdb\) |ipdb> |[❯➜λ] |(?:ba|z)?sh-[\d.]{1,10}[$#%](?: |$)"
)
ACCESS = re.compile(r"[\w.:-]{2,60}+ (?:- |\S{1,60} ){1,2}\[\d\d/[A-Z][a-z]{2}/\d{4}[: ]")
# What shells and process supervisors print when a process ends.
SIGNALLED = re.compile(
    r"(?:\S{1,100}: line \d{1,6}:\s{1,8}\d{1,9} |\[\d{1,4}\][ +-]{1,8}\d{1,9} )?"
    r"(?:Aborted|Killed|Terminated|[Ss]egmentation fault|Bus error|Illegal instruction|Floating point exception)"
    r"(?: {1,20}\(core dumped\)| {0,20}$|:? {1,4}\d)"
)
EXITED = re.compile(
    r"(?:Process|[Cc]ommand|Program|Task|Job|[Cc]ontainer)\b.{0,80}?\b(?:exited|finished|terminated|failed)\b"
    r".{0,20}?\b(?:with|code|status|signal)\b|exit (?:status|code):? \d|\[Process (?:exited|completed)"
    r"|g?make(?:\[\d{1,3}\])?: |(?:npm|yarn|pnpm) (?:ERR!|error)[ !]"
    r"|error (?:Command failed|command)|(?:START|END|REPORT) RequestId: |XRAY TraceId: "
    r"|[\w.-]{1,100} exited with code \d|[Ee]rror: (?:[\w'\"./-]{1,60} ){1,6}(?:failed|exited) with (?:exit )?(?:code|status) "
    r"|(?:real|user|sys)\t\d{1,6}m\d|Press any key to (?:continue|exit|close)|\[nodemon\] "
    r"|Build step '|Finished: [A-Z]{5,9}\s{0,20}$|\[Pipeline\] |The command \"[^\n\"]{1,200}+\" (?:exited|failed)"
    r"|section_(?:start|end):\d|Cleaning up (?:project directory|file based variables)|Post job cleanup\.|%\s{0,300}$"
    r"|Error: Process completed with|##(?:\[|vso)|::(?:error|warning|notice|endgroup|group)\b|\[Finished in \d"
    r"|(?:srun|slurmstepd|mpi(?:run|exec)|prterun|systemd|supervisord?|ninja|cmake|bazel|tox|nox|wandb|sudo|timeout|docker|kubectl)"
    r"(?:\[\d{1,9}\])?: "
    # the service that a supervisor names, or the script of a runner
    r"|\w[\w.@/-]{0,100}+ (?:has )?exited with (?:code|status):? \d"
    r"|(?i:error): .{0,80}?\b(?:failed|exited)\b.{0,20}? (?:code|status):? \d"
)
# A rule with a time or a restart, as runners print between two runs, and the prompt of a console that waits for a key;
# the one of Windows ends with spaced dots in every language.
RERUN = re.compile(
    r"[-=*#>]{2,8}+ {0,3}\[?(?:\d\d:\d\d\b|\d{4}-\d\d-\d\d[ T]\d\d:\d\d|[Rr]estart(?:ing|ed)\b)"
    r"|\[nodemon\] |Press (?:any key|\[?(?i:enter|return)\]?) .{0,20}?\bto\b|.{4,100}?\. \. \.\s{0,4}$"
)


def ends_message(line: str) -> bool:
    """Whether a line cannot belong to the message above it: another writer printed it."""
    line = line[:LINE_LIMIT]
    return starts_record(line) or JSON_RECORD.match(line) is not None or is_foreign(line)


def is_foreign(line: str) -> bool:
    """Whether a line is neither a program's nor its logger's: a fence, a prompt, an access log, the end of a process."""
    return line.startswith(FENCES) or any(
        form.match(line, 0, LINE_LIMIT) for form in (PROMPT, ACCESS, SIGNALLED, EXITED, RERUN)
    )
