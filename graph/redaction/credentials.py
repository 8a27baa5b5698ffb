"""Recognise credentials in connection strings, SQL, and messages about logins and hosts."""

from __future__ import annotations

import re

import re2

from graph.redaction.command_lines import NEXT
from graph.redaction.named_values import is_value
from graph.redaction.pattern_rule import PatternRule
from graph.redaction.random_values import looks_random
from graph.redaction.text_view import NOT_PLACEHOLDER

PORT = re.compile(r"\d{1,5}/")
DIGITS_OF_KEY = 3


def _is_password_of_url(match: re.Match[str]) -> bool:
    """Whether the text after the colon is a password, not a port and a path."""
    return not PORT.match(match["value"])


def _is_key(match: re.Match[str]) -> bool:
    """Whether the user part of a URL is a key, not a name."""
    value: str = match["value"]
    return sum(character.isdigit() for character in value) >= DIGITS_OF_KEY


def _oracle(before: str, after: str) -> re.Pattern[str]:
    """The password of Oracle's ``user/password`` or ``user/"password"``."""
    return re.compile(
        rf"(?im){before}['\"]?[\w$#.-]{{1,64}}+(?:\[[\w$#.-]{{1,64}}\])?/(?P<quote>\\?\")?{NOT_PLACEHOLDER}"
        rf"(?P<value>(?(quote)[^\"\\\n]{{1,128}}+|[^\s'\"/\\@;,)(<>]{{2,128}}+))(?(quote)\\?\")(?={after})"
    )


LOGIN_CALLS = (
    r"\b(?:mysqli?_(?:p|real_)?connect|(?:pdo|mysqli)(?:->|::)(?:__construct|connect|real_connect)"
    r"|ftp_login|ldap_bind|ssh2_auth_password|imap_open)"
)
"""PHP's functions of which the third argument is a password."""
EXPORT = rf"(?:exp|imp)(?:\.exe)?{NEXT}"
EXPORT_PARAMETERS = (
    "file|owner|full|tables|log|parfile|buffer|rows|fromuser|touser|direct|consistent|ignore|grants|indexes|constraints"
    "|statistics|query|feedback|compress|commit|inctype|show|transport_tablespace"
)
"""Parameters of Oracle's first programs for exports, of which one follows the login."""
ARGUMENT = r"(?:'[^'\n]{0,256}+'|[^,'()\n]{1,64}+(?:\([^,'()\n]{0,64}+\))?)"
SERVICE_OR_END = r"@|['\"]?(?:[\s;,)\]]|$)"

CREDENTIAL_RULES: tuple[PatternRule, ...] = (
    # An unescaped @ or / in a password: it reaches to the last @ before the host.
    PatternRule(
        "secret",
        re.compile(
            rf"://[^\s/:@'\"<>]{{0,256}}+:{NOT_PLACEHOLDER}(?P<value>(?:(?!://)[^\s'\"<>]){{1,256}}?)"
            r"@(?=[\[\w<])(?![^\s/'\"<>?#,;]{0,100}@)"
        ),
        hint=re.compile(r"://[^\s/:@'\"<>]{0,256}+:[^\s@'\"<>]{1,512}+@"),
        accepts=_is_password_of_url,
    ),
    PatternRule(
        "key",
        re.compile(rf"://{NOT_PLACEHOLDER}(?P<value>[\w.~+%-]{{20,512}}+)@(?=[\w\[])"),
        long_word=True,
        accepts=_is_key,
    ),
    # The password reaches to the last @ before the host.
    PatternRule(
        "secret",
        re.compile(
            r"(?i)jdbc:oracle:[a-z0-9]{2,10}:['\"]?[\w$#.-]{1,64}+(?:\[[\w$#.-]{1,64}\])?/(?P<quote>\\?\")?"
            rf"{NOT_PLACEHOLDER}(?P<value>(?(quote)[^\"\\\n]{{1,128}}+|[^\s'\"<>]{{1,128}}?))(?(quote)\\?\")@(?![^\s'\"<>]{{0,256}}@)"
        ),
        triggers=("jdbc:oracle:",),
        accepts=is_value,
    ),
    PatternRule(
        "secret",
        _oracle(
            r"(?<![\w.-])(?:sqlplus|sqlcl|sqlldr|expdp|impdp|rman|dgmgrl)(?:\.exe)?['\"]?"
            r"(?:,?[ \t]{1,4}+['\"]?(?:-[A-Za-z0-9]{1,12}(?:[ \t]{1,4}+[\d.]{1,8})?|target|auxiliary|catalog)['\"]?){0,6}"
            r",?[ \t]{1,4}+",
            SERVICE_OR_END,
        ),
        triggers=("sqlplus", "sqlcl", "sqlldr", "expdp", "impdp", "rman", "dgmgrl"),
        accepts=is_value,
    ),
    PatternRule(
        "secret",
        _oracle(r"(?:\buserid[ \t]{0,2}+=[ \t]{0,2}+|(?:^|[:>] )[ \t]{0,8}+conn(?:ect)?[ \t]{1,4}+)", SERVICE_OR_END),
        triggers=("userid", "conn"),
        hint=re2.compile(r"(?i)(?:userid\s*=|conn(?:ect)?\s)[^\n/]{1,150}/"),
        accepts=lambda match: is_value(match) and not match["value"].endswith(":"),
    ),
    PatternRule(
        "secret",
        _oracle(r"(?<![\w.-])(?:connect|conn|exp|imp)[ \t]{1,4}+", "@"),
        triggers=("conn", "exp ", "imp "),
        hint=re2.compile(r"(?i)(?:conn(?:ect)?|exp|imp)\s[^\n/]{1,150}/"),
        accepts=is_value,
    ),
    PatternRule(
        "secret",
        _oracle(rf"(?<![\w.-]){EXPORT}", rf"{NEXT}(?:{EXPORT_PARAMETERS})[ \t]{{0,2}}="),
        triggers=("exp", "imp"),
        hint=re2.compile(r"(?i)(?:exp|imp)[^\n/=]{1,150}/[^\n=]{1,150}="),
        accepts=is_value,
    ),
    PatternRule(
        "secret",
        _oracle(rf"(?:^|[:'\"`$#>+][ \t]?)[ \t]{{0,8}}+{EXPORT}", r"['\"]?[\])]?\s{0,2}$"),
        triggers=("exp", "imp"),
        hint=re2.compile(r"(?i)(?:exp|imp)[^\n/=]{1,150}/"),
        accepts=is_value,
    ),
    PatternRule(
        "secret",
        _oracle(r"(?<![\w./@-])", r"@(?://|\(DESCRIPTION|[\w.-]{1,255}:\d{2,5}[:/])"),
        hint=re.compile(r"/[^\s/@]{1,128}+@(?://|\(|[\w.-]{1,255}+:\d)"),
        accepts=is_value,
    ),
    # SQL
    PatternRule(
        "secret",
        re.compile(
            r"(?i)identified[ \t]{1,4}+(?:with[ \t]{1,4}+['\"`]?\w{1,64}+['\"`]?[ \t]{1,4}+)?(?:by|as)[ \t]{1,4}+"
            r"(?:values[ \t]{1,4}+)?"
            rf"(?P<quote>'\\{{0,7}}\"'\\{{0,7}}\"'|\\?['\"]|&(?:quot|apos|#0?3[49]|#x2[27]);)?{NOT_PLACEHOLDER}"
            r"(?P<value>(?(quote)(?:(?!(?P=quote))[^\n]){1,256}+|[^\s'\"\\;,()<>&]{1,256}+))"
        ),
        triggers=("identified",),
        accepts=is_value,
    ),
    PatternRule(
        "secret",
        re.compile(
            r"(?i)(?:password|passwd|passphrase|passcode|pwd)(?:[ \t]{1,4}+(?:is|was|as|with|to|for[ \t]{1,4}+[^\s'\"]{1,64}))?"
            rf"(?:[ \t]{{1,4}}+(?:=[ \t]{{0,4}}+N?)?|[ \t]{{0,4}}+=[ \t]{{0,4}}+(?:N|password[ \t]{{0,4}}+\())"
            rf"(?P<quote>\\?['\"`]){NOT_PLACEHOLDER}(?P<value>[^'\"`\\\n]{{1,256}}+)(?P=quote)"
        ),
        triggers=("password", "passwd", "passphrase", "passcode", "pwd"),
        hint=re2.compile(r"(?i)(?:pass(?:word|wd|phrase|code)|pwd)[ \t][^'\"`\n]{0,80}['\"`]"),
        accepts=is_value,
    ),
    PatternRule(
        "secret",
        re.compile(
            r"(?i)(?:\bpassword[ \t]{0,2}+\([ \t]{0,2}+|convertto-securestring[ \t]{1,4}+(?:-string[ \t]{1,4}+)?)"
            rf"(?P<quote>\\?['\"]){NOT_PLACEHOLDER}(?P<value>[^'\"\\\n]{{1,256}}+)(?P=quote)"
        ),
        triggers=("password", "securestring"),
        hint=re2.compile(r"(?i)(?:password[ \t]*\(|securestring)"),
        accepts=is_value,
    ),
    # Signatures of requests by scheme: Stripe-Signature: t=1492774577,v1=…
    PatternRule(
        "secret",
        re.compile(
            rf"(?i)signature[^\n]{{1,200}}?[,; ]v\d{{1,2}}="
            rf"{NOT_PLACEHOLDER}(?P<value>[\w+/=-]{{24,512}}+)"
        ),
        triggers=("signature",),
        accepts=lambda match: looks_random(match["value"]),
    ),
    # Tokens by host, as in the auth.json of Composer
    PatternRule(
        "secret",
        re.compile(
            r"(?i)(?:\b[\w-]{1,32}-(?:oauth|token)|\bbearer)\\{0,7}['\"]\s{0,4}:\s{0,4}\{(?:[^{}\n]{0,512},)?\s{0,64}"
            rf"\\{{0,7}}['\"][\w-]{{1,64}}(?:\.[\w-]{{1,64}}){{1,8}}\\{{0,7}}['\"]\s{{0,4}}:\s{{0,4}}\\{{0,7}}['\"]"
            rf"{NOT_PLACEHOLDER}(?P<value>[^\s'\"\\]{{8,512}}+)"
        ),
        triggers=("-oauth", "-token", "bearer"),
        hint=re2.compile(r"(?i)(?:-oauth|-token|bearer)\\*['\"]\s*:\s*\{"),
        accepts=is_value,
    ),
    # Calls in the stacks of PHP, which prints their arguments.
    PatternRule(
        "secret",
        re.compile(
            rf"(?i)(?:{LOGIN_CALLS}\({ARGUMENT}, {ARGUMENT}, |\boci_(?:p|new_)?connect\({ARGUMENT}, "
            r"|->auth\(|\bpassword_(?:hash|verify)\()"
            rf"'{NOT_PLACEHOLDER}(?P<value>[^'\n]{{1,256}}+)'"
        ),
        triggers=(
            "connect(",
            "__construct(",
            "_login(",
            "_bind(",
            "auth_password(",
            "imap_open(",
            "->auth(",
            "word_hash(",
            "word_verify(",
        ),
        accepts=is_value,
    ),
    # A refused value in the message: argument --password: invalid choice: 'x'
    PatternRule(
        "secret",
        re.compile(
            r"(?i)(?:password|passwd|passphrase|secret|token|api[_-]?key)['\"`]?[ \t:,=]{0,8}+(?:is[ \t]{1,4}+)?[(\[]?"
            r"(?:invalid|illegal|bad|wrong|unknown|unsupported|malformed|incorrect|rejected|refused)[ \t]{1,4}+"
            rf"(?:[\w-]{{1,24}}+[ \t:=]{{1,4}}+){{0,4}}"
            rf"(?P<quote>['\"`]){NOT_PLACEHOLDER}(?P<value>[^\s'\"`\n]{{4,256}}+)(?P=quote)"
        ),
        triggers=("password", "passwd", "passphrase", "secret", "token", "api-key", "api_key", "apikey"),
        hint=re2.compile(
            r"(?i)(?:invalid|illegal|bad|wrong|unknown|unsupported|malformed|incorrect|rejected|refused)[ \t]"
            r"[^\n'\"`]{0,120}['\"`]"
        ),
        accepts=is_value,
    ),
    # .netrc and Redis
    PatternRule(
        "secret",
        re.compile(
            r"(?i)(?:\blogin[ \t]{1,4}+\S{1,128}+\s{1,8}+password|\b(?:requirepass|masterauth))[ \t]{1,4}+"
            rf"{NOT_PLACEHOLDER}(?P<value>[^\s'\"<>]{{1,256}}+)"
        ),
        triggers=("login", "requirepass", "masterauth"),
        accepts=is_value,
    ),
    # Files of secrets of IPsec, and Redis' lists of users
    PatternRule(
        "secret",
        re.compile(rf":[ \t]{{1,4}}+(?:PSK|XAUTH|EAP|NTLM|PIN)[ \t]{{1,4}}+\"{NOT_PLACEHOLDER}(?P<value>[^\"\n]{{1,256}}+)\""),
        triggers=("psk", "xauth", "eap", "ntlm", "pin"),
    ),
    PatternRule(
        "secret",
        re.compile(
            r"(?i)\buser[ \t]{1,4}+[^\s>]{1,128}+[ \t]{1,4}+(?:(?:on|off|reset\w{0,16}|nopass)[ \t]{1,4}+){1,4}+"
            rf">{NOT_PLACEHOLDER}(?P<value>[^\s'\"]{{1,256}}+)"
        ),
        triggers=(" >",),
    ),
    # Hashes of passwords as crypt(3), Django and LDAP store them
    PatternRule(
        "secret",
        re.compile(
            rf"{NOT_PLACEHOLDER}(?P<value>\$(?:1|2[abxy]?|5|6|7|y|gy|apr1|md5|sha1|argon2(?:id|i|d)|scrypt|pbkdf2[\w-]{{0,16}})"
            r"\$[A-Za-z0-9./$+=,_-]{20,512}+"
            r"|(?:pbkdf2_sha\d{1,4}|bcrypt(?:_sha256)?|argon2|scrypt)\$[A-Za-z0-9./$+=,_-]{20,512}+"
            r"|\{(?:S?SHA\d{0,3}|S?MD5|CRYPT|PBKDF2[\w-]{0,16})\}[A-Za-z0-9+/=$.]{16,512}+)"
        ),
        triggers=(
            "$1$",
            "$2",
            "$5$",
            "$6$",
            "$7$",
            "y$",
            "$apr1$",
            "$md5$",
            "$sha1$",
            "$argon2",
            "scrypt$",
            "pbkdf2",
            "sha256$",
            "argon2$",
            "sha}",
            "sha1}",
            "sha256}",
            "sha512}",
            "md5}",
            "crypt}",
        ),
    ),
    # Tokens in the path of an address: /hooks/…, /reset-password/…
    PatternRule(
        "secret",
        re.compile(
            r"(?i)(?<=/)(?:web)?(?:hooks?|hookb2|incomingwebhook|tokens?|api-?keys?|secrets?|(?:reset|forgot)[_-]?password|password[_-]?reset|reset"
            r"|invit(?:e|ation)s?|confirm(?:ation)?|verif(?:y|ication)|activat(?:e|ion)|magic[_-]?link|unsubscribe)"
            rf"/(?:\d{{1,24}}+/)?{NOT_PLACEHOLDER}(?P<value>[A-Za-z0-9_%~@-]{{16,512}}+)(?![\w.])"
        ),
        triggers=(
            "hook",
            "token",
            "key",
            "secret",
            "reset",
            "password",
            "invit",
            "confirm",
            "verif",
            "activat",
            "magic",
            "unsubscribe",
        ),
        hint=re.compile(r"/[A-Za-z0-9_%~@-]{16}"),
        accepts=lambda match: looks_random(match["value"].replace("@", "-").replace("_", "-")),
    ),
    # The end of a password with an unescaped @, which a client took for a part of the host.
    PatternRule(
        "secret",
        re.compile(
            rf"(?i)(?:host(?:[ _-]?name)?|enotfound|eai_again|resolve|lookup|unknownhostexception:|getaddrinfo\w{{0,16}})"
            rf"['\"]?[ \t:=(]{{1,4}}+['\"]?{NOT_PLACEHOLDER}(?P<value>[^\s'\"@:/<>()]{{1,128}}+)@(?=[\w\[])"
        ),
        triggers=("host", "enotfound", "eai_again", "resolve", "lookup", "getaddrinfo"),
    ),
)
"""Run before the other rules: the parts of a URL are no e-mail address, whatever they look like."""
