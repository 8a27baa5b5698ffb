"""Recognise secrets among the arguments of commands, as typed or as a list of strings.

A secret follows an option that names it (``--db-password x``, ``'-storepass', 'x'``), or an option of a known program, such as
``mysql -pSECRET`` and ``curl -u user:SECRET``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from graph.redaction.credential_names import names_credential
from graph.redaction.named_values import CREDENTIALS, is_filler
from graph.redaction.text_view import NOT_PLACEHOLDER, TextView, disjoint

COMMAND_LENGTH = 4_096
"""Characters after the name of a program in which its options are searched."""
LONGEST_OPTION = 600

VALUE = rf"{NOT_PLACEHOLDER}([^\s'\",;|&<>`]{{1,256}}+)"
NEXT = r"(?:['\"]?,[ \t]{0,4}+[bru]?['\"]|[ \t]{1,4}+['\"]?)"
"""Between two arguments: blanks, or the quotes and comma of a list."""

OPTION = re.compile(
    r"(?<![\w-])--?(?P<name>[A-Za-z0-9_-]{1,48}+)"
    rf"(?:['\"],[ \t]{{0,4}}+(?=[bru]?['\"])|[ \t]{{1,4}}+)[bru]?(?:\"{NOT_PLACEHOLDER}((?:[^\"\n\\]|\\.){{1,256}}+)\""
    rf"|'{NOT_PLACEHOLDER}((?:[^'\n\\]|\\.){{1,256}}+)'|['\"]?(?!-){VALUE})"
)
"""An option, and the argument after it."""


@dataclass(frozen=True, slots=True)
class Program:
    """Programs that share options with secrets; each alternative of ``options`` has one group, the secret."""

    names: re.Pattern[str]
    options: re.Pattern[str]


def _program(names: str, *options: str) -> Program:
    return Program(
        re.compile(rf"(?:(?<![\w.-])|(?<=#012))(?:{names})(?:\.exe)?(?=['\"]?,?[ \t])"),
        re.compile(rf"(?<=[\s'\",])(?:{'|'.join(options)})(?=[\s'\",;|&)\]`]|$)"),
    )


def _attached(option: str) -> str:
    return f"-{option}{VALUE}"


def _separate(option: str) -> str:
    return f"-{option}{NEXT}(?!-){VALUE}"


def _of_pair(option: str, joint: str = ":") -> str:
    """The secret of ``user:secret``, in the option's argument or the next one."""
    return rf"-{option}(?:{NEXT}|=)?[^\s'\"{joint},;<>]{{1,128}}+{joint}{VALUE}"


PROGRAMS = (
    _program(
        r"(?:mysql|mariadb|mongo)[\w-]{0,24}|clickhouse-client|cqlsh|cypher-shell|sshpass|plink|pscp",
        _separate("pw?"),
        _attached("p(?!w[ '\"])"),
    ),
    _program(r"7z[ar]?|rar|unrar", _attached("h?p")),
    _program(r"sqlcmd|bcp|isql|osql|tsql|ipmitool|mosquitto_\w{3}|zip|unzip", _separate("P"), _attached("P")),
    _program(r"snmp\w{3,12}", _separate("[AXc]")),
    _program(r"curl|https?|xh|lftp", _of_pair("u"), _of_pair("U"), _of_pair("a"), _of_pair("-user"), _of_pair("-proxy-user")),
    _program(r"lftp", _of_pair("u", ",")),
    _program(r"smbclient|rpcclient|winexe|wmic", _of_pair("U", "%")),
    _program(r"psexec(?:64)?", _separate("p")),
    _program(r"(?:redis|keydb|valkey)-\w{3,10}", _separate("a")),
    _program(r"ldap\w{3,12}", _separate("w"), _attached("w")),
    _program(rf"net1?(?:\.exe)?{NEXT}use", rf"\\{{2,8}}[^\s'\",;]{{1,256}}+{NEXT}(?![/*-]){VALUE}"),
    _program(r"openssl", rf"-\w{{1,8}}{NEXT}pass:{VALUE}"),
    _program(r"(?:docker|podman|helm|az|oc|buildah|skopeo|cf)(?: registry| acr)? login", _separate("p"), _attached("p")),
    _program(r"xfreerdp\w?|wfreerdp|cmdkey", rf"/p(?:ass)?:{VALUE}"),
    _program(r"schtasks", rf"(?i:/rp){NEXT}{VALUE}", rf"(?i:/p){NEXT}{VALUE}"),
    _program(r"rabbitmqctl", rf"(?:add_user|change_password){NEXT}[^\s'\",]{{1,128}}+{NEXT}{VALUE}"),
    _program(
        rf"(?:mc|mcli){NEXT}(?:alias|config{NEXT}host)",
        rf"(?:set|add|s){NEXT}\S{{1,64}}+{NEXT}\S{{1,256}}+{NEXT}\S{{1,128}}+{NEXT}{VALUE}",
    ),
    _program(r"htpasswd", rf"-\w{{0,8}}b\w{{0,8}} \S{{1,256}}+ \S{{1,128}}+ {VALUE}"),
)
LITERALS = (
    "mysql", "mariadb", "mongo", "clickhouse-client", "cqlsh", "cypher-shell", "sshpass", "plink", "pscp", "7z", "rar",
    "sqlcmd", "bcp", "isql", "osql", "tsql", "ipmitool", "mosquitto_", "zip", "snmp", "curl", "http", "xh", "lftp",
    "smbclient", "rpcclient", "winexe", "wmic", "psexec", "redis-", "keydb-", "valkey-", "ldap", "openssl", " login",
    "freerdp", "htpasswd", "cmdkey", "schtasks", "rabbitmqctl", "net use", "net.exe", "'use'", '"use"',
    "mc alias", "mc config", "mcli",
)  # fmt: skip


class CommandRule:
    """The secrets among the options of known programs."""

    kind = "secret"
    literals = LITERALS

    def values(self, view: TextView) -> Iterator[tuple[int, int]]:
        """Spans of the values, in order."""
        yield from disjoint({span for program in PROGRAMS for span in _option_values(view.text, program)})

    def same(self, value: str) -> str:
        """The value itself."""
        return value


class OptionRule:
    """The arguments of options that name a secret."""

    kind = "secret"
    literals = CREDENTIALS.parts

    def values(self, view: TextView) -> Iterator[tuple[int, int]]:
        """Spans of the values, in order."""
        for match in OPTION.finditer(view.text) if "-" in view.text else ():
            if names_credential(match["name"]) and not is_filler(match[match.lastindex or 0]):
                yield match.span(match.lastindex or 0)

    def same(self, value: str) -> str:
        """The value itself."""
        return value


def _option_values(text: str, program: Program) -> Iterator[tuple[int, int]]:
    position = 0
    while name := program.names.search(text, position):
        window = name.end() + COMMAND_LENGTH
        end = text.find("\n", name.end(), window)
        # Options of another command in the window are found with those of this one, so nothing is searched twice.
        position = end if end >= 0 else window
        for option in program.options.finditer(text, name.end(), end if end >= 0 else window + LONGEST_OPTION):
            if option.start() >= position:
                break
            yield option.span(option.lastindex or 0)
