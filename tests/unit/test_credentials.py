"""Credentials in connection strings, command lines, cookies, SQL and messages are redacted; similar text is kept."""

from __future__ import annotations

import pytest

from graph.parsing.read import read
from graph.redaction.parsed_report import scrub_report
from graph.redaction.redactor import Redactor

REDACTOR = Redactor(b"0123456789abcdef" * 2)

SECRETS = [
    # Oracle
    ("jdbc:oracle:thin:app/copperfield@//db.example:1521/SHOP", "copperfield"),
    ("jdbc:oracle:thin:app/copperfield@db.example:1521:SHOP", "copperfield"),
    ("jdbc:oracle:oci:app/C0pper#9@shop", "C0pper#9"),
    ("sqlplus -S app/copperfield@SHOP @run.sql", "copperfield"),
    ("sqlplus -L -R 3 app/copperfield", "copperfield"),
    ('sqlplus app/"copper field"@SHOP', "copper field"),
    ("$ sqlplus.exe app/copperfield@//db.example/SHOP as sysdba", "copperfield"),
    ("sqlplus /nolog\nSQL> connect app/copperfield@db1", "copperfield"),
    ("connect app/copperfield", "copperfield"),
    ("CONN proxy[app]/copperfield@//db/s", "copperfield"),
    ("sqlldr userid=app/copperfield@shop control=a.ctl", "copperfield"),
    ("expdp system/copperfield@db full=y", "copperfield"),
    ("exp app/copperfield@db file=a.dmp", "copperfield"),
    ("rman target sys/copperfield@prod", "copperfield"),
    ("logon denied for app/copperfield@(DESCRIPTION=(ADDRESS=(HOST=h)))", "copperfield"),
    ("['sqlplus', '-L', 'app/copperfield@shop']", "copperfield"),
    # arguments in the stacks of PHP
    ("#0 /srv/a.php(3): PDO->__construct('mysql:host=db', 'app', 'C0pper9', Array)", "C0pper9"),
    ("#0 /srv/a.php(3): mysqli->__construct('db', 'app', 'C0pper9', 'shop')", "C0pper9"),
    ("#1 /srv/a.php(9): mysqli_connect('db', 'app', 'C0pper9')", "C0pper9"),
    ("#1 /srv/a.php(9): ldap_bind(Resource id #3, 'cn=app', 'C0pper9')", "C0pper9"),
    ("#1 /srv/a.php(9): oci_connect('app', 'C0pper9', '//db/SHOP')", "C0pper9"),
    ("#1 /srv/a.php(9): Redis->auth('C0pper9')", "C0pper9"),
    ("#1 /srv/a.php(9): password_verify('C0pper9', '$2y$10$abc')", "C0pper9"),
    # further SQL, settings and programs
    ("SET PASSWORD FOR 'app'@'%' = PASSWORD('C0pper9')", "C0pper9"),
    ("CREATE LOGIN app WITH PASSWORD = N'C0pper9'", "C0pper9"),
    ("(SQL: update `users` set `password` = C0pper9 where `id` = 3)", "C0pper9"),
    ("SECRET_KEY_BASE=C0pper9andmore", "C0pper9andmore"),
    ("ConvertTo-SecureString 'C0pper9' -AsPlainText -Force", "C0pper9"),
    ("cypher-shell -u app -p C0pper9", "C0pper9"),
    ("cmdkey /add:box /user:app /pass:C0pper9", "C0pper9"),
    ("schtasks /create /ru app /rp C0pper9", "C0pper9"),
    ("rabbitmqctl add_user app C0pper9", "C0pper9"),
    ("lftp -u app,C0pper9 box", "C0pper9"),
    # options of known programs
    ("mysql -u root -pC0pper9 shop", "C0pper9"),
    ("mysql -u root -p C0pper9 shop", "C0pper9"),
    ("Command '['mysqldump', '-uroot', '-pC0pper9', 'shop']' returned non-zero exit status 2.", "C0pper9"),
    ('exec: ["mariadb-dump", "-pC0pper9", "shop"]', "C0pper9"),
    ("mongodump --host h -u a -p C0pper9", "C0pper9"),
    ("sshpass -p C0pper9 ssh root@h", "C0pper9"),
    ("plink -ssh -pw C0pper9 h", "C0pper9"),
    ("sqlcmd -S db -U sa -P C0pper9 -Q x", "C0pper9"),
    ("curl -u app:C0pper9 https://api.example", "C0pper9"),
    ("curl -uapp:C0pper9 https://api.example", "C0pper9"),
    ("curl --user app:C0pper9 https://api.example", "C0pper9"),
    ("curl --proxy-user app:C0pper9 https://api.example", "C0pper9"),
    ("smbclient //h/s -U app%C0pper9", "C0pper9"),
    ("redis-cli -h cache -a C0pper9 ping", "C0pper9"),
    ("ldapsearch -x -D cn=a -w C0pper9 -b dc=x", "C0pper9"),
    ("openssl rsa -passin pass:C0pper9 -in key.pem", "C0pper9"),
    ("docker login -u app -p C0pper9 registry.example", "C0pper9"),
    ("7z x -pC0pper9 a.7z", "C0pper9"),
    ("rar a -hpC0pper9 x.rar", "C0pper9"),
    ("unzip -P C0pper9 a.zip", "C0pper9"),
    ("xfreerdp /u:app /p:C0pper9 /v:h", "C0pper9"),
    ("htpasswd -cb users app C0pper9", "C0pper9"),
    # options that name a secret
    ("['--db-password', 'x9']", "x9"),
    ('["/usr/bin/tool", "--token", "abc", "-v"]', "abc"),
    ("('tool', '-storepass', 'C0pper9')", "C0pper9"),
    ("keytool -list -storepass C0pper9 -keystore a.jks", "C0pper9"),
    ("Connect-Shop -Password C0pper9 -Verbose", "C0pper9"),
    ("--admin-token C0pper9 --verbose", "C0pper9"),
    # cookies
    ("Set-Cookie: sid=s%3AC0pper9; Path=/; Expires=Wed, 21 Oct 2026 07:28:00 GMT; HttpOnly", "s%3AC0pper9"),
    ("Cookie: theme=dark; sid=C0pper9; _ga=GA1.2.3", "C0pper9"),
    ("cookie: sid=C0pper9", "C0pper9"),
    ("{'Cookie': 'sid=C0pper9; a=b'}", "C0pper9"),
    ('{"set-cookie":["sid=C0pper9; Path=/"]}', "C0pper9"),
    ("'HTTP_COOKIE' => 'sid=C0pper9'", "C0pper9"),
    ('[Cookie: "remember=C0pper9"]', "C0pper9"),
    # SQL and configuration
    ("CREATE USER app IDENTIFIED BY 'C0pper9'", "C0pper9"),
    ("ALTER USER app IDENTIFIED BY C0pper9 ACCOUNT UNLOCK", "C0pper9"),
    ("CREATE USER a IDENTIFIED WITH mysql_native_password BY 'C0pper9'", "C0pper9"),
    ("ALTER ROLE app WITH PASSWORD 'C0pper9'", "C0pper9"),
    ("machine h login app password C0pper9", "C0pper9"),
    ("requirepass C0pper9", "C0pper9"),
    # refused values
    ("argument --password: invalid choice: 'C0pper9' (choose from 'a')", "C0pper9"),
    ("invalid password 'C0pper9' for app", "C0pper9"),
    ('the password is "C0pper9"', "C0pper9"),
    # addresses
    ("postgresql://app:p@C0pper9@db:5432/x", "C0pper9"),
    ("redis://:pa/C0pper9@cache:6379/0", "C0pper9"),
    ('could not translate host name "C0pper9@db" to address: Name or service not known', "C0pper9"),
    ("getaddrinfo ENOTFOUND C0pper9@db", "C0pper9"),
    ("java.net.UnknownHostException: C0pper9@db", "C0pper9"),
    ("https://4f3d2a1b0c9d8e7f6a5b4c3d2e1f0a9b@o1.ingest.example/3", "4f3d2a1b0c9d8e7f6a5b4c3d2e1f0a9b"),
]

HARMLESS = [
    "npm i @scope/core@12.0.0 from http://localhost:4873/@scope/name",
    "github.com/pkg/errors@v0.9.1, actions/checkout@v3, http://host:8080/path@v1",
    "docker run -p 8080:80 nginx; psql -p 5432 -U app; unzip -p a.zip x",
    "git@github.com:org/repo.git ssh://git@host/x",
    "dial tcp/ip: connect tcp/10: refused; could not connect a/b: gone",
    "Cookie: required; the cookie jar is empty; Cookie.parse(cookie); cookies=True",
    "webpack://app/./src/x.js?abcd and http://a.b/c@d",
    "target src/main.c failed; make target foo/bar",
    "--no-password --pass-through -[NSString passwordField:]",
    "error: option '--token' requires an argument",
    "https://a.b:8443/c/d@2x.png",
    "curl: (6) Could not resolve host: db.example",
    "password reset: token refresh; the secret of user: not found",
    "    at org.a.B.connect(B.java:3)",
]


@pytest.mark.parametrize(("text", "secret"), SECRETS)
def test_a_credential_is_redacted(text: str, secret: str) -> None:
    redacted = REDACTOR.redact(text)
    assert secret not in redacted
    assert REDACTOR.redact(redacted) == redacted
    assert secret not in REDACTOR.redact(f"ValueError: {text}\nnext line")


@pytest.mark.parametrize("text", HARMLESS)
def test_similar_text_is_kept(text: str) -> None:
    assert REDACTOR.redact(text) == text


def test_attributes_of_a_cookie_are_kept() -> None:
    redacted = REDACTOR.redact("Set-Cookie: sid=C0pper9; Path=/shop; Max-Age=3600; SameSite=Lax")
    assert redacted.endswith("; Path=/shop; Max-Age=3600; SameSite=Lax")


def test_a_credential_is_gone_from_the_parsed_report_too() -> None:
    text = (
        "java.sql.SQLException: ORA-01017: invalid username/password (jdbc:oracle:thin:app/copper9x@//db:1521/S)\n"
        "\tat org.shop.Db.open(Db.java:4)\n"
        "Caused by: java.io.IOException: copper9x was refused\n"
        "\tat org.shop.Db.log(Db.java:9)\n"
    )
    report = read(text).reports[0]
    assert "copper9x" not in repr(scrub_report(report, REDACTOR, REDACTOR.scrub(text)))
