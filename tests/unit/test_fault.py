"""The fault of a chain of exceptions: the culprit and the fingerprint are its, whatever wraps it."""

import pytest

from graph.diagnosis.diagnose import diagnose
from graph.fingerprint.compute import Fingerprint, fingerprint
from graph.model.report import ParsedReport
from graph.parsing.read import read


def only(text: str) -> ParsedReport:
    [report] = read(text).reports
    return report


def culprit(text: str) -> str:
    report = only(text)
    assert report.culprit is not None
    return report.culprit.qualified


def prints(text: str) -> Fingerprint:
    return fingerprint(only(text))


def apart(one: str, other: str) -> bool:
    """Whether neither hash is the same."""
    a, b = prints(one), prints(other)
    return a.exact != b.exact and a.structural != b.structural


def same(one: str, other: str) -> bool:
    return prints(one).exact == prints(other).exact


def java(*exceptions: str) -> str:
    return "\n".join(exceptions) + "\n"


def thrown(kind: str, *frames: str, mark: str = "", more: int = 0) -> str:
    lines = [f"{mark}{kind}", *(f"\tat {frame}" for frame in frames)]
    return "\n".join([*lines, f"\t... {more} more"] if more else lines)


THREAD = (
    "java.util.concurrent.ThreadPoolExecutor.runWorker(ThreadPoolExecutor.java:1144)",
    "java.lang.Thread.run(Thread.java:840)",
)
PAY = ("org.till.pay.Card.charge(Card.java:41)", "org.till.pay.Desk.pay(Desk.java:12)")
SHIP = ("org.till.ship.Parcel.weigh(Parcel.java:7)", "org.till.ship.Desk.send(Desk.java:30)")
NULL = 'java.lang.NullPointerException: Cannot invoke "String.length()" because "<local1>" is null'

JAVA_WRAPPERS = {
    "executor": (
        "java.util.concurrent.ExecutionException: java.lang.NullPointerException",
        ("java.util.concurrent.FutureTask.report(FutureTask.java:122)", "org.till.Main.main(Main.java:9)"),
        0,
    ),
    "completion": ("java.util.concurrent.CompletionException: java.lang.NullPointerException", THREAD, 1),
    "reflection": (
        "java.lang.reflect.InvocationTargetException: null",
        ("java.lang.reflect.Method.invoke(Method.java:580)", "java.lang.Thread.run(Thread.java:840)"),
        1,
    ),
    "servlet": (
        "org.springframework.web.util.NestedServletException: Request processing failed; nested exception is x",
        (
            "org.springframework.web.servlet.FrameworkServlet.doGet(FrameworkServlet.java:898)",
            "java.lang.Thread.run(Thread.java:840)",
        ),
        1,
    ),
    "undeclared": ("java.lang.reflect.UndeclaredThrowableException", ("jdk.proxy2.$Proxy14.run(Unknown Source)", THREAD[1]), 1),
    "android": (
        "java.lang.RuntimeException: Unable to start receiver org.till.Boot: java.lang.NullPointerException",
        ("android.app.ActivityThread.handleReceiver(ActivityThread.java:4122)", "android.os.Looper.loop(Looper.java:288)"),
        2,
    ),
    "own": (
        "org.till.TillException: cannot pay",
        ("org.till.Shell.run(Shell.java:4)", "java.lang.Thread.run(Thread.java:840)"),
        1,
    ),
}


def wrapped_java(wrapper: str, frames: tuple[str, ...]) -> str:
    kind, around, more = JAVA_WRAPPERS[wrapper]
    return java(thrown(kind, *around), thrown(NULL, *frames, mark="Caused by: ", more=more))


@pytest.mark.parametrize("wrapper", JAVA_WRAPPERS)
def test_a_java_wrapper_hides_no_bug(wrapper: str) -> None:
    text = wrapped_java(wrapper, PAY)
    report = only(text)
    assert report.error_type == JAVA_WRAPPERS[wrapper][0].partition(":")[0]
    assert report.frame_count == len(JAVA_WRAPPERS[wrapper][1])
    assert culprit(text) == "org.till.pay.Card.charge"
    assert prints(text).title == "java.lang.NullPointerException in org.till.pay.Card.charge"
    assert apart(text, wrapped_java(wrapper, SHIP))


def test_a_java_bug_joins_with_any_wrapper_and_without() -> None:
    deep = (*PAY, "org.till.Main.run(Main.java:3)")
    bare = java(thrown(NULL, *deep, "java.lang.Thread.run(Thread.java:840)"))
    for wrapper in JAVA_WRAPPERS:
        assert same(wrapped_java(wrapper, deep), bare), wrapper
    twice = java(
        thrown("org.till.OuterException: no", "org.till.A.a(A.java:1)"),
        thrown("org.till.InnerException: no", "org.till.B.b(B.java:1)", mark="Caused by: ", more=1),
        thrown(NULL, *deep, mark="Caused by: ", more=2),
    )
    assert same(twice, bare)


def test_frames_that_java_omits_are_those_of_the_wrapper() -> None:
    text = java(
        thrown("org.till.OuterException", "org.till.Shop.open(Shop.java:8)", "org.till.Main.main(Main.java:2)"),
        thrown("org.till.MiddleException", "org.till.Door.unlock(Door.java:5)", mark="Caused by: ", more=2),
        thrown("java.io.IOException: stuck", "java.io.Lock.turn(Lock.java:9)", mark="Caused by: ", more=3),
    )
    report = only(text)
    assert [frame.qualified for frame in report.fault.frames] == [
        "java.io.Lock.turn",
        "org.till.Door.unlock",
        "org.till.Shop.open",
        "org.till.Main.main",
    ]
    assert culprit(text) == "org.till.Door.unlock"


def test_a_cause_in_a_library_is_blamed_on_the_product_that_called_it() -> None:
    text = java(
        thrown("org.till.RatesException: no rates", "org.till.Rates.load(Rates.java:20)", "org.till.Main.main(Main.java:2)"),
        thrown(
            "java.net.ConnectException: Connection refused",
            "java.net.Socket.connect(Socket.java:1)",
            mark="Caused by: ",
            more=2,
        ),
    )
    assert culprit(text) == "org.till.Rates.load"
    assert prints(text).error_type == "java.net.ConnectException"


def test_suppressed_exceptions_are_not_causes() -> None:
    text = java(
        thrown("java.lang.IllegalStateException: no till", "org.till.Desk.open(Desk.java:5)"),
        thrown("\tSuppressed: java.io.IOException: close", "org.till.Log.close(Log.java:3)").replace("\tat", "\t\tat"),
        thrown("\tCaused by: java.io.IOException: disk", "org.till.Log.flush(Log.java:4)").replace("\tat", "\t\tat"),
    )
    assert culprit(text) == "org.till.Desk.open"
    caused = text + thrown("Caused by: java.lang.ArithmeticException: / by zero", "org.till.Desk.share(Desk.java:9)") + "\n"
    assert culprit(caused) == "org.till.Desk.share"


def test_the_members_of_a_java_group() -> None:
    def composite(*members: str) -> str:
        head = thrown("io.reactivex.exceptions.CompositeException: 2 exceptions occurred. ", *THREAD)
        parts = (f"  ComposedException {number} :\n{member}" for number, member in enumerate(members, 1))
        return "\n".join([head, *parts]) + "\n"

    one = thrown("\tjava.lang.IllegalStateException: no rate", "org.till.Rates.find(Rates.java:3)")
    other = thrown("\tjava.lang.NullPointerException", "org.till.Desk.pay(Desk.java:9)")
    assert only(composite(one, other)).error_type == "io.reactivex.exceptions.CompositeException"
    assert culprit(composite(one)) == "org.till.Rates.find"
    assert same(composite(one, other), composite(other, one))
    caused = one + "\n" + thrown("java.io.IOException: gone", "org.till.Feed.read(Feed.java:3)", mark="\tCaused by: ")
    assert culprit(composite(caused)) == "org.till.Feed.read"


def test_the_failures_that_a_java_group_suppresses() -> None:
    text = java(
        thrown(
            "org.opentest4j.MultipleFailuresError: totals (1 failure)",
            "org.junit.jupiter.api.AssertAll.assertAll(AssertAll.java:80)",
        ),
        thrown("\tSuppressed: java.lang.ArithmeticException: / by zero", "org.till.Rates.share(Rates.java:5)"),
    )
    assert culprit(text) == "org.till.Rates.share"


def test_a_cause_without_a_stack_has_that_of_its_wrapper() -> None:
    text = java(
        thrown("org.till.RatesException: no rates", "org.till.Rates.load(Rates.java:20)", "org.till.Main.main(Main.java:2)"),
        "Caused by: java.text.ParseException: bad number",
        "\t... 2 more",
    )
    assert prints(text).title == "java.text.ParseException in org.till.Rates.load"


def frame(file: str, line: int, function: str) -> str:
    return f'  File "{file}", line {line}, in {function}\n    x()\n'


def traceback(error: str, *frames: tuple[str, int, str]) -> str:
    return "Traceback (most recent call last):\n" + "".join(frame(*one) for one in frames) + f"{error}\n"


CAUSED = "\nThe above exception was the direct cause of the following exception:\n\n"
HANDLED = "\nDuring handling of the above exception, another exception occurred:\n\n"
MAIN = ("/srv/till/main.py", 5, "main")
LIBRARY = "/srv/till/.venv/lib/python3.12/site-packages/"


def test_the_stack_of_a_python_cause_continues_in_its_wrapper() -> None:
    load, parse = ("/srv/till/rates.py", 9, "load"), ("/srv/till/rates.py", 30, "parse")
    bare = traceback("ValueError: bad rate", MAIN, load, parse)
    wrapped = (
        traceback("ValueError: bad rate", load, parse)
        + CAUSED
        + traceback("till.RateError: no", MAIN, ("/srv/till/rates.py", 11, "load"))
    )
    assert only(wrapped).error_type == "till.RateError"
    assert culprit(wrapped) == "rates.parse"
    assert same(wrapped, bare)
    other = wrapped.replace("in parse", "in cut")
    assert apart(wrapped, other)


def test_an_exception_raised_to_replace_another_wraps_it() -> None:
    inner = traceback("KeyError: 'NZ'", ("/srv/till/rates.py", 9, "rate"), ("/srv/till/table.py", 3, "get"))
    outer = traceback("till.UnknownCountry: NZ", MAIN, ("/srv/till/rates.py", 11, "rate"))
    assert culprit(inner + HANDLED + outer) == "table.get"


def test_a_fault_of_the_handler_is_the_fault() -> None:
    inner = traceback("KeyError: 'NZ'", ("/srv/till/rates.py", 9, "rate"))
    outer = traceback("AttributeError: 'Cart' object has no attribute 'NZ'", MAIN, ("/srv/till/rates.py", 11, "rate"))
    report = only(inner + HANDLED + outer)
    assert report.inner_fault is None
    called = traceback("till.LogError: disk", MAIN, ("/srv/till/rates.py", 11, "rate"), ("/srv/till/log.py", 2, "write"))
    assert culprit(inner + HANDLED + called) == "log.write"


def test_a_retry_that_fails_is_the_fault() -> None:
    one = ("/srv/till/feed.py", 9, "poll"), ("/srv/till/feed.py", 20, "fetch")
    two = MAIN, ("/srv/till/feed.py", 12, "poll"), ("/srv/till/mirror.py", 4, "fetch")
    assert (
        culprit(traceback("TimeoutError: late", *one) + HANDLED + traceback("OSError: mirror is gone", *two)) == "mirror.fetch"
    )


def test_an_error_while_cleaning_up_hides_the_fault() -> None:
    body = traceback("ValueError: bad order", ("/srv/till/desk.py", 9, "save"), ("/srv/till/order.py", 20, "check"))
    exit = (f"{LIBRARY}sqlstore/session.py", 40, "__exit__"), (f"{LIBRARY}sqlstore/link.py", 3, "rollback")
    after = traceback("sqlstore.LinkError: closed", MAIN, ("/srv/till/desk.py", 8, "save"), *exit)
    assert culprit(body + HANDLED + after) == "order.check"


def test_a_library_that_raises_again_without_from_wraps() -> None:
    low, pool, api = (f"{LIBRARY}{name}.py" for name in ("urlnet/link", "urlnet/pool", "httpkit/api"))
    text = (
        traceback("OSError: [Errno 111] Connection refused", (pool, 4, "open"), (low, 9, "connect"))
        + HANDLED
        + traceback("urlnet.PoolError: retries", (api, 8, "send"), (pool, 20, "open"), (pool, 90, "give_up"))
        + HANDLED
        + traceback("httpkit.ConnectionFailed: no", MAIN, ("/srv/till/feed.py", 3, "poll"), (api, 12, "send"))
    )
    report = only(text)
    assert report.fault.error_type == "OSError"
    assert culprit(text) == "feed.poll"


def group(*members: str, error: str = "ExceptionGroup: unhandled errors in a TaskGroup") -> str:
    head = "".join(f"  | {line}\n" for line in frame(*MAIN).rstrip().split("\n"))
    text = f"  + Exception Group Traceback (most recent call last):\n{head}  | {error} ({len(members)} sub-exceptions)\n"
    for number, member in enumerate(members, 1):
        joint = "  +-+" if number == 1 else "    +"
        text += f"{joint}---------------- {number} ----------------\n"
        text += "".join(f"    | {line}\n" for line in member.rstrip().split("\n"))
    return text + "    +------------------------------------\n"


POLL = traceback("KeyError: 'title'", ("/srv/till/feed.py", 12, "poll"))
STORE = traceback("ValueError: no row", ("/srv/till/store.py", 4, "put"))
CANCELLED = traceback("asyncio.exceptions.CancelledError", ("/srv/till/app.py", 4, "wait"))


def test_the_members_of_a_group_are_the_crash() -> None:
    assert only(group(POLL)).error_type == "ExceptionGroup"
    assert prints(group(POLL)).title == "KeyError in feed.poll"
    assert same(group(POLL), POLL)
    assert apart(group(POLL), group(STORE))


def test_the_order_of_members_and_cancellations_do_not_matter() -> None:
    assert same(group(POLL, STORE), group(STORE, POLL))
    assert same(group(POLL, CANCELLED), group(POLL))
    assert same(group(CANCELLED, POLL), group(POLL))
    assert culprit(group(CANCELLED)) == "app.wait"


def test_a_group_within_an_error() -> None:
    outer = traceback("RuntimeError: job failed", MAIN)
    assert culprit(group(POLL) + CAUSED + outer) == "feed.poll"


def test_a_cancellation_lends_its_stack() -> None:
    wait = ("/srv/till/feed.py", 9, "fetch"), (f"{LIBRARY}netkit/stream.py", 5, "read")
    text = traceback("asyncio.exceptions.CancelledError", *wait) + CAUSED + traceback("TimeoutError", MAIN, wait[0])
    assert prints(text).title == "TimeoutError in feed.fetch"


DOTNET = {
    "task": "   at System.Threading.Tasks.Task.Wait()\n   at Till.Program.Main(String[] args) in /src/Program.cs:line 14\n",
    "initializer": "   at Till.Program.Main(String[] args) in /src/Program.cs:line 14\n",
}


def dotnet(wrapper: str, error: str, method: str, stack: str = "task") -> str:
    return (
        f"Unhandled exception. {wrapper}\n ---> {error}\n   at Till.Rates.{method}(String code) in /src/Rates.cs:line 33\n"
        f"   at Till.Desk.Pay() in /src/Desk.cs:line 3\n   at Till.Desk.Run() in /src/Desk.cs:line 4\n"
        f"   --- End of inner exception stack trace ---\n{DOTNET[stack]}"
    )


@pytest.mark.parametrize(
    ("wrapper", "stack"),
    [
        ("System.AggregateException: One or more errors occurred. (no)", "task"),
        ("System.TypeInitializationException: The type initializer for 'Till.Rates' threw an exception.", "initializer"),
        (
            "System.Reflection.TargetInvocationException: Exception has been thrown by the target of an invocation.",
            "initializer",
        ),
    ],
)
def test_a_dotnet_wrapper_hides_no_bug(wrapper: str, stack: str) -> None:
    text = dotnet(wrapper, "System.FormatException: no", "Parse", stack)
    assert culprit(text) == "Till.Rates.Parse"
    assert apart(text, dotnet(wrapper, "System.FormatException: no", "Load", stack))
    assert same(text, dotnet("Till.TillException: failed", "System.FormatException: no", "Parse", stack))
    assert prints(text).title == "System.FormatException in Till.Rates.Parse"


def test_the_members_of_an_aggregate_in_any_order() -> None:
    def aggregate(*names: str) -> str:
        members = [f"System.FormatException: {one}\n   at Till.{one}.Go() in /src/{one}.cs:line 3" for one in names]
        text = f"System.AggregateException: One or more errors occurred.\n ---> {members[0]}\n"
        text += f"   --- End of inner exception stack trace ---\n{DOTNET['task']}"
        return text + "".join(f" ---> (Inner Exception #{i}) {one}<---\n\n" for i, one in enumerate(members[1:], 1))

    assert same(aggregate("Ant", "Bee"), aggregate("Bee", "Ant"))


JS_CAUSE = (
    "Error: cannot pay\n    at pay (/srv/till/desk.js:9:11)\n    at main (/srv/till/main.js:3:1) {\n"
    "  [cause]: TypeError: x is not a function\n"
    "      at {place} (/srv/till/rates.js:4:7)\n      at pay (/srv/till/desk.js:7:5)\n}\n"
)


def test_a_javascript_cause() -> None:
    one, other = JS_CAUSE.replace("{place}", "rate"), JS_CAUSE.replace("{place}", "cut")
    assert culprit(one) == "rates.rate"
    assert apart(one, other)


def test_a_javascript_cause_in_the_runtime_is_blamed_on_its_caller() -> None:
    text = (
        "TypeError: fetch failed\n    at node:internal/deps/undici/undici:12618:11\n"
        "    at async poll (/srv/till/feed.js:20:17) {\n"
        "  [cause]: Error: connect ECONNREFUSED 127.0.0.1:5432\n"
        "      at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1595:16)\n}\n"
    )
    assert culprit(text) == "feed.poll"
    assert "ECONNREFUSED" in prints(text).cause


def test_the_innermost_exception_of_php() -> None:
    text = (
        "PHP Fatal error:  Uncaught DivisionByZeroError: Division by zero in /srv/till/Rates.php:6\nStack trace:\n"
        "#0 /srv/till/Desk.php(10): Till\\Rates->share()\n#1 {main}\n\n"
        "Next Till\\PayException: cannot pay in /srv/till/Desk.php:12\nStack trace:\n"
        "#0 /srv/till/main.php(14): Till\\Desk->pay()\n#1 {main}\n  thrown in /srv/till/Desk.php on line 12\n"
    )
    assert culprit(text) == "Till\\Rates->share"
    assert prints(text).error_type == "DivisionByZeroError"


def test_ruby_records_what_is_being_handled() -> None:
    wraps = (
        "/srv/till/lib/desk.rb:9:in `rescue in pay': cannot pay (Till::PayError)\n\tfrom /srv/till/lib/desk.rb:4:in `pay'\n"
        "\tfrom /srv/till/bin/till:3:in `<main>'\n"
        "/srv/till/lib/rates.rb:6:in `share': divided by 0 (ZeroDivisionError)\n\tfrom /srv/till/lib/desk.rb:5:in `pay'\n"
        "\tfrom /srv/till/bin/till:3:in `<main>'\n"
    )
    assert culprit(wraps) == "rates.share"
    broken = wraps.replace("cannot pay (Till::PayError)", "undefined method `name' for nil:NilClass (NoMethodError)")
    assert only(broken).inner_fault is None


def test_messages_of_untyped_causes_are_part_of_the_message() -> None:
    def error(first: str) -> str:
        return f"Error: {first}\n\nCaused by:\n    0: cannot open the file\n    1: No such file or directory (os error 2)\n"

    assert prints(error("cannot load rates")).cause != prints(error("cannot load users")).cause
    assert "No such file" in prints(error("cannot load rates")).cause


def test_a_wrapped_error_has_the_severity_and_diagnosis_of_its_fault() -> None:
    text = java(
        thrown("java.util.concurrent.ExecutionException: x", *THREAD),
        thrown("java.lang.OutOfMemoryError: Java heap space", *PAY, mark="Caused by: ", more=1),
    )
    report = only(text)
    assert report.severity == "critical"
    diagnosis = diagnose(report)
    assert diagnosis is not None
    assert diagnosis == diagnose(only(java(thrown("java.lang.OutOfMemoryError: Java heap space", *PAY))))
