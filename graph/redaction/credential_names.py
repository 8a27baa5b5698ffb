"""Which names are names of credentials: ``dbPassword``, ``SMTP_PW``, ``X-Amz-Signature``, ``new_password2``, ``api key``.

A name is a row of words, joined by case, ``_``, ``-``, ``.`` or a blank. Its last noun decides: ``password_hash`` holds a
secret, ``password_field`` and ``token_type`` do not.
"""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache


class Strength(Enum):
    """What a name says about its value."""

    NONE = 0
    """Nothing."""
    ADDRESS = 1
    """A credential among the parameters of an address: ``?sig=…``."""
    WEAK = 2
    """A credential if the value is not a word or a number: ``session=…``, which may also be a state."""
    RANDOM = 3
    """A credential if the value looks drawn at random: ``auth``, which may also be a method."""
    RANDOM_IN_ADDRESS = 4
    """The same among the parameters of an address: ``?code=…``, which is a status elsewhere."""
    SURE = 5
    """A credential, whatever the value looks like."""


KEY_OWNERS = (
    "api|access|secret|private|account|auth|shared|encryption|decryption|signing|master|subscription"
    "|(?:^|_)(?:app|application|client|consumer|crypto|cipher|admin|deploy|functions?|hmac|aes|jwt|licen[cs]e|service|session"
    "|server|security|storage|ssh|tls|ssl|rsa|gpg|pgp|webhook|write|ingest|registration|activation|recovery|wallet)"
)
CODE_OWNERS = "otp|totp|mfa|2?fa|verification|security|recovery|backup|auth|authori[sz]ation|activation|pin|reset|invite"
ACCOUNTS = (
    "admin|app|auth|bind|cert|client|db|database|email|ftp|git|http|imap|jdbc|key|keystore|ldap|login|mail|mongo|mqtt|my|mysql"
    "|oracle|owner|pg|pop3?|postgres|proxy|rabbit(?:mq)?|redis|require|root|sa|server|sftp|smtp|sql|ssh|ssl|store|sudo|sys"
    "|system|user|usr|vpn|web|wifi|zip"
)
AFTER = (
    r"(?:_?(?:again|base|b64|base64|bcrypt|clear|confirm(?:ation|ed)?|crypt|current|digest|enc|encoded|encrypted|hash|hashed"
    r"|hex|md5|new|old|plain|plaintext|raw|repeat|repeated|retype|sha\d*|verify|\d{1,4}))*+"
)
"""Words after the noun that keep the value a secret."""
SURE = re.compile(
    r"(?:pass_?(?:words?|wds?|phrases?|codes?)|passw|secrets?(?:_key)?|tokens?|credentials?|(?:^|_)(?:creds?|pwds?|pws?|psk|pin|cvv2?|cvc2?)"
    rf"|(?:{KEY_OWNERS})_?keys?(?:_?(?:data|material|value))?"
    rf"|(?:secret|pass_?word|credentials?)_?(?:value|text|string|data)|(?:^|_)(?:{CODE_OWNERS})_?codes?"
    rf"|(?:^|_)(?:{ACCOUNTS})_?(?:pass|pwd?)|sess(?:ion)?_?id|(?:^|_)connect_sid"
    rf"|(?:^|_)(?:x|hub|amz|goog|webhook|request|access)_?signature(?:_256)?|(?:^|_)shared_access_signature){AFTER}$"
)
WEAK = re.compile(rf"(?:^|_)(?:session|sess|sid|pass|otp|totp|passkey){AFTER}$")
ADDRESS = re.compile(r"(?:^|_)(?:sig|signature|sign|hmac)$")
RANDOM = re.compile(
    r"(?:^|_)(?:auth(?:_ident)?|(?:code|token)_verifier|(?:device|user)_code|saml_?(?:response|request|art)|assertion|salt)$"
)
RANDOM_IN_ADDRESS = re.compile(r"^(?:code|ticket|nonce|wresult)$")
JOINTS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[-. $_]+")
PERSON = re.compile(
    r"(?:^|_)(?:(?:user|login|screen|first|last|full|display|given|maiden|log)_?name|surname|user_?id|uid|user|sudo_user)$"
)
"""Names of fields that hold the name of a person."""
PERSON_OR_ID = re.compile(r"(?:^|_)(?:user_?id|uid|user)$")
"""Those that often precede a number, or in code a type."""


STRENGTHS = (
    (SURE, Strength.SURE),
    (WEAK, Strength.WEAK),
    (ADDRESS, Strength.ADDRESS),
    (RANDOM, Strength.RANDOM),
    (RANDOM_IN_ADDRESS, Strength.RANDOM_IN_ADDRESS),
)


@lru_cache(maxsize=4096)
def joined(name: str) -> str:
    """The words of a name in lower case, joined by ``_``; digits before it are an escaped line end, as in ``#012pin=``."""
    return JOINTS.sub("_", name.lstrip("0123456789")).strip("_").lower()


@lru_cache(maxsize=4096)
def strength(name: str) -> Strength:
    """What a name says about its value."""
    words = joined(name)
    return next((found for expression, found in STRENGTHS if expression.search(words)), Strength.NONE)


def names_credential(name: str) -> bool:
    """Whether a name is the name of a credential in any text."""
    return strength(name) in {Strength.SURE, Strength.WEAK}
