"""Crashes as the runtimes of Python, Java, .NET, JavaScript, Ruby, PHP, Dart and Elixir print them."""

from __future__ import annotations

from tools.variants.bug import Bug, Occurrence


def python(bug: Bug, now: Occurrence) -> str:
    error = ("ValueError", "KeyError", "shop.errors.StateError")[bug.kind]
    frames = "".join(
        f'  File "/srv/shop/{step.noun}.py", line {now.line(step)}, in {step.verb}\n    {step.noun}_{step.verb}(item)\n'
        for step in reversed(bug.steps)
    )
    return f"Traceback (most recent call last):\n{frames}{error}: {now.message(bug)}\n"


def python_wrapped(bug: Bug, now: Occurrence) -> str:
    outer = f'  File "/srv/shop/jobs.py", line {40 + now.shift}, in run\n    raise RuntimeError("job failed") from error\n'
    return (
        f"{python(bug, now)}\nThe above exception was the direct cause of the following exception:\n\n"
        f"Traceback (most recent call last):\n{outer}RuntimeError: job failed\n"
    )


def java(bug: Bug, now: Occurrence) -> str:
    error = ("java.lang.IllegalStateException", "java.lang.IllegalArgumentException", "org.shop.OrderException")[bug.kind]
    return f'Exception in thread "{now.thread}" {error}: {now.message(bug)}\n{_java_frames(bug, now)}'


def _java_frames(bug: Bug, now: Occurrence) -> str:
    return "".join(
        f"\tat org.shop.{step.noun}.{step.noun.title()}.{step.verb}({step.noun.title()}.java:{now.line(step)})\n"
        for step in bug.steps
    )


def java_wrapped(bug: Bug, now: Occurrence) -> str:
    error = ("java.lang.IllegalStateException", "java.lang.IllegalArgumentException", "org.shop.OrderException")[bug.kind]
    return (
        f"{14 + now.shift % 3}:02:11.123 ERROR [{now.thread}] o.s.Web - request failed\n"
        "org.springframework.web.util.NestedServletException: Request processing failed\n"
        "\tat org.springframework.web.servlet.FrameworkServlet.processRequest(FrameworkServlet.java:1014)\n"
        "\tat javax.servlet.http.HttpServlet.service(HttpServlet.java:655)\n"
        "\tat java.base/java.lang.Thread.run(Thread.java:833)\n"
        f"Caused by: {error}: {now.message(bug)}\n{_java_frames(bug, now)}\t... 24 more\n"
    )


def android_wrapped(bug: Bug, now: Occurrence) -> str:
    error = ("java.lang.NullPointerException", "java.lang.IllegalStateException", "org.shop.OrderException")[bug.kind]
    component = "ComponentInfo{org.shop/org.shop.ui.MainActivity}"
    return (
        f"FATAL EXCEPTION: main\nProcess: org.shop, PID: {now.number}\n"
        f"java.lang.RuntimeException: Unable to start activity {component}: {error}: {now.message(bug)}\n"
        "\tat android.app.ActivityThread.performLaunchActivity(ActivityThread.java:2767)\n"
        "\tat android.os.Looper.loop(Looper.java:154)\n"
        "\tat android.app.ActivityThread.main(ActivityThread.java:6369)\n"
        f"Caused by: {error}: {now.message(bug)}\n{_java_frames(bug, now)}\t... 9 more\n"
    )


def dotnet(bug: Bug, now: Occurrence) -> str:
    error = ("System.InvalidOperationException", "System.ArgumentException", "Shop.OrderException")[bug.kind]
    return f"Unhandled exception. {error}: {now.message(bug)}\n{_dotnet_frames(bug, now)}"


def _dotnet_frames(bug: Bug, now: Occurrence) -> str:
    return "".join(
        f"   at Shop.{step.noun.title()}.{step.verb.title()}(Int32 id) in /src/Shop/{step.noun.title()}.cs:line {now.line(step)}\n"
        for step in bug.steps
    )


def dotnet_wrapped(bug: Bug, now: Occurrence) -> str:
    error = ("System.InvalidOperationException", "System.ArgumentException", "Shop.OrderException")[bug.kind]
    return (
        f"Unhandled exception. System.AggregateException: One or more errors occurred. ({now.message(bug)})\n"
        f" ---> {error}: {now.message(bug)}\n{_dotnet_frames(bug, now)}"
        "   --- End of inner exception stack trace ---\n"
        "   at System.Threading.Tasks.Task.Wait(Int32 millisecondsTimeout, CancellationToken cancellationToken)\n"
        f"   at Shop.Program.Main(String[] args) in /src/Shop/Program.cs:line {9 + now.shift}\n"
    )


def javascript(bug: Bug, now: Occurrence) -> str:
    error = ("TypeError", "RangeError", "OrderError")[bug.kind]
    return f"{error}: {now.message(bug)}\n{_node_frames(bug, now)}"


def _node_frames(bug: Bug, now: Occurrence) -> str:
    return "".join(
        f"    at {step.noun.title()}.{step.verb} (/srv/shop/src/{step.noun}.js:{now.line(step)}:{7 + now.shift % 5})\n"
        for step in bug.steps
    )


def javascript_wrapped(bug: Bug, now: Occurrence) -> str:
    error = ("TypeError", "RangeError", "OrderError")[bug.kind]
    cause = "".join(f"  {line}\n" for line in _node_frames(bug, now).splitlines())
    return (
        f"Error: request failed\n    at Server.answer (/srv/shop/src/server.js:{50 + now.shift}:11)\n"
        "    at process.processTicksAndRejections (node:internal/process/task_queues:95:5) {\n"
        f"  [cause]: {error}: {now.message(bug)}\n{cause}}}\n"
    )


def ruby(bug: Bug, now: Occurrence) -> str:
    error = ("ArgumentError", "KeyError", "Shop::OrderError")[bug.kind]
    first, *others = [f"/srv/shop/lib/{step.noun}.rb:{now.line(step)}:in `{step.verb}'" for step in bug.steps]
    return f"{first}: {now.message(bug)} ({error})\n" + "".join(f"\tfrom {frame}\n" for frame in others)


def php(bug: Bug, now: Occurrence) -> str:
    error = ("LogicException", "InvalidArgumentException", "Shop\\OrderException")[bug.kind]
    first, *others = bug.steps
    calls = [f"{step.noun.title()}->{step.verb}({now.number})" for step in bug.steps]
    frames = "".join(
        f"#{number} /srv/shop/src/{step.noun.title()}.php({now.line(step)}): {call}\n"
        for number, (step, call) in enumerate(zip(others, calls, strict=False))
    )
    place = f"/srv/shop/src/{first.noun.title()}.php"
    return (
        f"PHP Fatal error:  Uncaught {error}: {now.message(bug)} in {place}:{now.line(first)}\nStack trace:\n{frames}"
        f"#{len(others)} {{main}}\n  thrown in {place} on line {now.line(first)}\n"
    )


def dart(bug: Bug, now: Occurrence) -> str:
    error = ("Invalid argument(s)", "Bad state", "OrderException")[bug.kind]
    frames = "".join(
        f"#{number}      {step.noun.title()}.{step.verb} (package:shop/{step.noun}.dart:{now.line(step)}:{9 + now.shift % 4})\n"
        for number, step in enumerate(bug.steps)
    )
    return f"Unhandled exception:\n{error}: {now.message(bug)}\n{frames}"


def elixir(bug: Bug, now: Occurrence) -> str:
    error = ("ArgumentError", "RuntimeError", "Shop.OrderError")[bug.kind]
    frames = "".join(
        f"    (shop 0.{1 + now.shift}.0) lib/shop/{step.noun}.ex:{now.line(step)}: Shop.{step.noun.title()}.{step.verb}/2\n"
        for step in bug.steps
    )
    return f"** ({error}) {now.message(bug)}\n{frames}    (stdlib 5.2) proc_lib.erl:241: :proc_lib.init_p_do_apply/3\n"
