"""Names that compilers and frameworks generate do not split a bug, and are not blamed."""

import time

import pytest

from graph.fingerprint.compute import Fingerprint, fingerprint
from graph.fingerprint.normalisation.closures import method_behind
from graph.model.report import ParsedReport, StackFrame
from graph.parsing.read import read


def only(text: str) -> ParsedReport:
    [report] = read(text).reports
    return report


def java(*frames: str, error: str = "java.lang.IllegalStateException: no rates") -> str:
    return "\n".join([error, *(f"\tat {frame}" for frame in frames)]) + "\n"


def python(*frames: tuple[str, str], error: str = "ValueError: no rates") -> str:
    lines = "".join(f'  File "{file}", line 3, in {function}\n    x()\n' for file, function in frames)
    return f"Traceback (most recent call last):\n{lines}{error}\n"


def dotnet(*frames: str) -> str:
    return "System.InvalidOperationException: no rates\n" + "".join(f"   at {frame}\n" for frame in frames)


def node(*frames: str) -> str:
    return "TypeError: x is not a function\n" + "".join(f"    at {frame}\n" for frame in frames)


def go(*frames: str) -> str:
    lines = "".join(f"{name}(0x1)\n\t/src/till/{file}:12 +0x1d\n" for name, _, file in (one.partition(" ") for one in frames))
    return f"panic: no rates\n\ngoroutine 1 [running]:\n{lines}"


def php(*calls: str) -> str:
    lines = "".join(f"#{number} /srv/till/src/{number}.php(4): {call}()\n" for number, call in enumerate(calls))
    place = "/srv/till/src/a.php"
    error = f"PHP Fatal error:  Uncaught LogicException: no rates in {place}:6\nStack trace:\n{lines}#9 {{main}}\n"
    return f"{error}  thrown in {place} on line 6\n"


def ruby(*labels: str) -> str:
    first, *rest = labels
    return f"/srv/till/app/a.rb:3:in `{first}': no rates (RuntimeError)\n" + "".join(
        f"\tfrom /srv/till/app/b.rb:4:in `{one}'\n" for one in rest
    )


MAIN = "org.till.Main.main(Main.java:3)"
THREAD = "java.lang.Thread.run(Thread.java:840)"


def proxied(proxy: str) -> str:
    """A call through a proxy of Spring, with its interceptors."""
    return java(
        "org.till.Desk.pay(Desk.java:9)",
        "org.till.Desk$$FastClassBySpringCGLIB$$1a2b3c4d.invoke(<generated>)",
        "org.springframework.cglib.proxy.MethodProxy.invoke(MethodProxy.java:218)",
        "org.springframework.aop.framework.ReflectiveMethodInvocation.proceed(ReflectiveMethodInvocation.java:163)",
        proxy,
        MAIN,
    )


def reflected(*accessors: str) -> str:
    return java("org.till.Desk.pay(Desk.java:9)", *accessors, "java.lang.reflect.Method.invoke(Method.java:580)", MAIN)


DIRECT = java("org.till.Desk.pay(Desk.java:9)", MAIN)

PAIRS = {
    "spring, another run": (
        proxied("org.till.Desk$$EnhancerBySpringCGLIB$$89a44f61.pay(<generated>)"),
        proxied("org.till.Desk$$EnhancerBySpringCGLIB$$1ac3.pay(<generated>)"),
    ),
    "spring, another version": (proxied("org.till.Desk$$SpringCGLIB$$0.pay(<generated>)"), DIRECT),
    "an interface's proxy": (proxied("jdk.proxy2.$Proxy14.pay(Unknown Source)"), DIRECT),
    "an old interface's proxy": (proxied("com.sun.proxy.$Proxy3.pay(Unknown Source)"), DIRECT),
    "weld": (proxied("org.till.Desk$Proxy$_$$_WeldSubclass.pay(Unknown Source)"), DIRECT),
    "javassist": (proxied("org.till.Desk_$$_jvst5f2_0.pay(Desk_$$_jvst5f2_0.java)"), DIRECT),
    "byte buddy": (proxied("org.till.Desk$ByteBuddy$x1Yz.pay(Unknown Source)"), DIRECT),
    "quarkus": (proxied("org.till.Desk_Subclass.pay(Unknown Source)"), DIRECT),
    "micronaut": (proxied("org.till.$Desk$Definition$Intercepted.pay(Unknown Source)"), DIRECT),
    "weblogic": (proxied("org.till.Desk_k7x2a_EOImpl.pay(Unknown Source)"), DIRECT),
    "reflection, inflated": (
        reflected(
            "jdk.internal.reflect.NativeMethodAccessorImpl.invoke0(Native Method)",
            "jdk.internal.reflect.DelegatingMethodAccessorImpl.invoke(DelegatingMethodAccessorImpl.java:43)",
        ),
        reflected("jdk.internal.reflect.GeneratedMethodAccessor52.invoke(Unknown Source)"),
    ),
    "reflection, another java": (
        reflected("sun.reflect.GeneratedMethodAccessor7.invoke(Unknown Source)"),
        reflected("jdk.internal.reflect.DirectMethodHandleAccessor.invoke(DirectMethodHandleAccessor.java:103)"),
    ),
    "java lambdas": (
        java("org.till.Desk.lambda$pay$0(Desk.java:9)", "org.till.Desk$$Lambda$14/0x00000008000c1.run(Unknown Source)", MAIN),
        java("org.till.Desk.lambda$pay$12(Desk.java:9)", MAIN),
    ),
    "lambdas on android": (
        java(
            "org.till.Desk.lambda$pay$0$org-till-Desk(Desk.java:9)",
            "org.till.Desk$$ExternalSyntheticLambda3.run(D8$$SyntheticClass:0)",
            MAIN,
        ),
        java(
            "org.till.Desk.lambda$pay$2$org-till-Desk(Desk.java:9)",
            "org.till.Desk$$ExternalSyntheticLambda11.run(Unknown Source:4)",
            MAIN,
        ),
    ),
    "private members": (java("org.till.Desk.pay(Desk.java:9)", "org.till.Desk.access$000(Desk.java:1)", MAIN), DIRECT),
    "anonymous classes": (
        java("org.till.Desk$1.run(Desk.java:9)", MAIN),
        java("org.till.Desk$3.run(Desk.java:9)", MAIN),
    ),
    "mocks": (
        java("org.till.Desk$MockitoMock$345029849.pay(Unknown Source)", MAIN),
        java("org.till.Desk$MockitoMock$1187372779.pay(Unknown Source)", MAIN),
    ),
    "scala, another build": (
        java("org.till.Desk$.$anonfun$pay$1(Desk.scala:9)", "org.till.Desk$.$anonfun$pay$1$adapted(Desk.scala:8)", MAIN),
        java("org.till.Desk$.$anonfun$pay$4(Desk.scala:9)", MAIN),
    ),
    "scala, another version": (
        java("org.till.Desk$$anonfun$pay$1.apply$mcVI$sp(Desk.scala:9)", MAIN),
        java("org.till.Desk$.$anonfun$pay$1(Desk.scala:9)", MAIN),
    ),
    "kotlin": (
        java("org.till.DeskKt$pay$1.invokeSuspend(Desk.kt:9)", MAIN),
        java("org.till.DeskKt$pay$3$job$1.invokeSuspend(Desk.kt:9)", MAIN),
    ),
    "kotlin, another version": (
        java("org.till.Desk$pay$1.invoke(Desk.kt:9)", MAIN),
        java("org.till.Desk.pay$lambda$0(Desk.kt:9)", MAIN),
    ),
    "kotlin, resumed": (
        java("org.till.Desk.pay(Desk.kt:9)", "org.till.Desk$pay$1.invokeSuspend(Desk.kt)", MAIN),
        java("org.till.Desk.pay(Desk.kt:9)", MAIN),
    ),
    "kotlin's defaults": (java("org.till.Desk.pay(Desk.kt:9)", "org.till.Desk.pay$default(Desk.kt:8)", MAIN), DIRECT),
    "groovy": (
        java("org.till.Desk$_pay_closure1.doCall(Desk.groovy:9)", "org.till.Desk$pay.call(Unknown Source)", MAIN),
        java("org.till.Desk$_pay_closure4$_closure2.doCall(Desk.groovy:9)", MAIN),
    ),
    "clojure": (
        java(
            "till.desk$pay$fn__1234.invoke(desk.clj:9)",
            "till.desk$pay.invokeStatic(desk.clj:8)",
            "till.desk$pay.invoke(desk.clj:8)",
            MAIN,
        ),
        java("till.desk$pay$fn__98.invoke(desk.clj:9)", "till.desk$pay.invoke(desk.clj:8)", MAIN),
    ),
    "spark's code": (
        java(
            "org.apache.spark.sql.GeneratedClass$GeneratedIteratorForCodegenStage1.next(Unknown Source)",
            "org.till.Desk.pay(Desk.java:9)",
        ),
        java(
            "org.apache.spark.sql.GeneratedClass$GeneratedIteratorForCodegenStage12.next(Unknown Source)",
            "org.till.Desk.pay(Desk.java:9)",
        ),
    ),
    "c# lambdas": (
        dotnet("Till.Desk.<>c__DisplayClass3_0.<Pay>b__1(Order order) in /src/Desk.cs:line 9", "Till.Program.Main()"),
        dotnet("Till.Desk.<>c.<Pay>b__12_0(Order order) in /src/Desk.cs:line 9", "Till.Program.Main()"),
    ),
    "c# state machines": (
        dotnet("Till.Desk.<PayAsync>d__12.MoveNext() in /src/Desk.cs:line 9", "Till.Program.Main()"),
        dotnet("Till.Desk.PayAsync(Order order) in /src/Desk.cs:line 9", "Till.Program.Main()"),
    ),
    "c# asynchronous lambdas": (
        dotnet("Till.Desk.<>c__DisplayClass3_0.<<Pay>b__0>d.MoveNext() in /src/Desk.cs:line 9", "Till.Program.Main()"),
        dotnet("Till.Desk.<>c.<<Pay>b__7_1>d.MoveNext() in /src/Desk.cs:line 9", "Till.Program.Main()"),
    ),
    "c# local functions": (
        dotnet("Till.Desk.<Pay>g__Sum|3_0(Int32 a) in /src/Desk.cs:line 9", "Till.Program.Main()"),
        dotnet("Till.Desk.<Pay>g__Sum|8_1(Int32 a) in /src/Desk.cs:line 9", "Till.Program.Main()"),
    ),
    "top-level statements": (
        dotnet(
            "Program.<>c.<<Main>$>b__0_0() in /src/Program.cs:line 9",
            "Program.<Main>$(String[] args) in /src/Program.cs:line 2",
        ),
        dotnet(
            "Program.<>c.<<Main>$>b__0_3() in /src/Program.cs:line 9",
            "Program.<Main>$(String[] args) in /src/Program.cs:line 2",
        ),
    ),
    "visual basic": (
        dotnet("Till.Desk._Closure$__3-0._Lambda$__1() in /src/Desk.vb:line 9", "Till.Program.Main()"),
        dotnet("Till.Desk._Closure$__8-1._Lambda$__2() in /src/Desk.vb:line 9", "Till.Program.Main()"),
    ),
    "f#": (
        dotnet("Till.Desk.pay@12-3.Invoke(Unit unitVar) in /src/Desk.fs:line 12", "Till.Program.Main()"),
        dotnet("Till.Desk.pay@40.Invoke(Unit unitVar) in /src/Desk.fs:line 40", "Till.Program.Main()"),
    ),
    "castle": (
        dotnet(
            "Till.Desk.Pay() in /src/Desk.cs:line 9",
            "Castle.Proxies.Invocations.IDesk_Pay.InvokeMethodOnTarget()",
            "Castle.DynamicProxy.AbstractInvocation.Proceed()",
            "Castle.Proxies.DeskProxy_3.Pay()",
            "Till.Program.Main()",
        ),
        dotnet("Till.Desk.Pay() in /src/Desk.cs:line 9", "Till.Program.Main()"),
    ),
    "entity framework": (
        dotnet(
            "System.Data.Entity.DynamicProxies.Order_7F3B0A1C2D3E4F5061728394A5B6C7D8E9F00112233445566778899AABBCCDDE.get_Total()",
            "Till.Program.Main()",
        ),
        dotnet(
            "System.Data.Entity.DynamicProxies.Order_00112233445566778899AABBCCDDEE7F3B0A1C2D3E4F5061728394A5B6C7D8E9.get_Total()",
            "Till.Program.Main()",
        ),
    ),
    "go closures": (go("main.pay.func1.2 desk.go", "main.main main.go"), go("main.pay.func3 desk.go", "main.main main.go")),
    "go's deferred calls": (
        go("main.(*Desk).Pay desk.go", "main.run.gowrap1 desk.go", "main.main main.go"),
        go("main.(*Desk).Pay desk.go", "main.main main.go"),
    ),
    "go's method values": (
        go("main.(*Desk).Pay desk.go", "main.(*Desk).Pay-fm desk.go", "main.main main.go"),
        go("main.(*Desk).Pay desk.go", "main.main main.go"),
    ),
    "php closures": (
        php("Till\\Desk->Till\\{closure}", "Till\\Desk->run"),
        php("Till\\Desk->Till\\{closure}", "Till\\Desk->run"),
    ),
    "php's anonymous classes": (
        php("Till\\Base@anonymous\0/srv/a/desk.php:3$0->pay", "Till\\Desk->run"),
        php("Till\\Base@anonymous\0/srv/b/desk.php:9$1->pay", "Till\\Desk->run"),
    ),
    "php's test doubles": (
        php("Mock_Desk_1a2b3c4d->pay", "Till\\Desk->run"),
        php("Mock_Desk_99aa00ff->pay", "Till\\Desk->run"),
    ),
    "php's containers": (
        php("ContainerA7x2bQz\\Kernel->getDesk", "Till\\Desk->run"),
        php("ContainerZ9y1kLm\\Kernel->getDesk", "Till\\Desk->run"),
    ),
    "twig": (
        php("__TwigTemplate_3f2a1b4c5d6e7f80->doDisplay", "Till\\Desk->run"),
        php("__TwigTemplate_0011223344556677->doDisplay", "Till\\Desk->run"),
    ),
    "rails templates": (
        ruby("_app_views_desks_show_html_erb___178535810315209517_47380039014320", "show"),
        ruby("_app_views_desks_show_html_erb__3785358103152095173_12340", "show"),
    ),
    "ruby blocks": (ruby("block (2 levels) in pay", "show"), ruby("block in pay", "show")),
    "javascript bundles": (
        node("pay (https://till.example/assets/desk-BvX9q2kL.js:1:200)", "run (https://till.example/main.3f2a1b9c.js:1:9)"),
        node("pay (https://till.example/assets/desk-Zz8Yq1mN.js:1:240)", "run (https://till.example/main.77aa00bb.js:1:9)"),
    ),
    "webpack": (
        node("pay (webpack:///./src/desk.js?1a2b:9:3)", "run (webpack:///./src/main.js?99ff:1:9)"),
        node("pay (webpack:///./src/desk.js?77cd:9:3)", "run (webpack:///./src/main.js?00aa:1:9)"),
    ),
    "webpack's address": (
        node("pay (webpack-internal:///./src/desk.js:9:3)", "run (webpack-internal:///./src/main.js:1:9)"),
        node("pay (webpack://till/./src/desk.js?77cd:9:3)", "run (webpack://till/./src/main.js?00aa:1:9)"),
    ),
    "notebooks": (
        python(("/tmp/ipykernel_1234/987654321.py", "<module>"), ("/tmp/ipykernel_1234/11223344.py", "pay")),
        python(("/tmp/ipykernel_77/13579.py", "<module>"), ("/tmp/ipykernel_77/2468101.py", "pay")),
    ),
}


@pytest.mark.parametrize("name", PAIRS)
def test_two_builds_or_runs_join(name: str) -> None:
    one, other = (fingerprint(only(text)) for text in PAIRS[name])
    assert keys(one)[:3] == keys(other)[:3]
    assert (one.exact, one.structural) == (other.exact, other.structural)


def keys(made: Fingerprint) -> list[str]:
    return [frame.key for frame in made.frames[made.blamed :]]


CULPRITS = {
    "a proxy": (java("jdk.proxy2.$Proxy14.pay(Unknown Source)", "org.till.Main.main(Main.java:3)"), "org.till.Main.main"),
    "a mock": (java("org.till.Desk$MockitoMock$345.pay(Unknown Source)", MAIN), "org.till.Main.main"),
    "a lazy entity": (java("org.till.Order$HibernateProxy$aB3x.total(Unknown Source)", MAIN), "org.till.Main.main"),
    "a lambda's object": (java("org.till.Desk$$Lambda$14/0x0000a1.run(Unknown Source)", MAIN), "org.till.Main.main"),
    "a lambda": (java("org.till.Desk.lambda$pay$0(Desk.java:9)", MAIN), "org.till.Desk.lambda$pay$0"),
    "an accessor": (java("org.till.Desk.access$100(Desk.java:1)", MAIN), "org.till.Main.main"),
    "a call site": (java("org.till.Desk$pay.call(Unknown Source)", MAIN), "org.till.Main.main"),
    "castle": (dotnet("Castle.Proxies.IDeskProxy_2.Pay()", "Till.Program.Main()"), "Till.Program.Main"),
    "an expression tree": (
        dotnet("lambda_method12(Closure , Object ) in x:line 0", "Till.Program.Main()"),
        "Till.Program.Main",
    ),
    "a c# lambda": (dotnet("Till.Desk.<>c.<Pay>b__1_0()", "Till.Program.Main()"), "Till.Desk.<>c.<Pay>b__1_0"),
    "a doctrine proxy": (php("Proxies\\__CG__\\Till\\Order->getTotal", "Till\\Desk->run"), "Till\\Desk->run"),
    "a go method value": (go("main.(*Desk).Pay-fm desk.go", "main.main main.go"), "main.main"),
}


@pytest.mark.parametrize("name", CULPRITS)
def test_glue_is_not_blamed(name: str) -> None:
    text, expected = CULPRITS[name]
    report = only(text)
    assert report.culprit is not None
    assert report.culprit.qualified == expected


NATIVE_PAIRS = [
    ("till::Desk::pay()::{lambda(int)#1}::operator()(int) const", "till::Desk::pay()::{lambda(int)#3}::operator()(int) const"),
    ("till::Desk::pay()::$_0::operator()(int) const", "till::Desk::pay()::'lambda'(int)::operator()(int) const"),
    ("till::Desk::pay()::<lambda(int)>::operator()", "till::Desk::pay()::{lambda(int)#2}::operator()"),
    ("till.desk.pay.__lambda1", "till.desk.pay.__lambda7"),
    ("#5", "#12#13"),
    ('(::Main.var"#5#6")', '(::Main.var"#12#13")'),
    ("#pay#12", "#pay#3"),
    ("camlDesk__pay_271", "camlDesk__pay_83"),
    ("<desk.lua:12>", "<desk.lua:90>"),
    ("(eval 12)", "(eval 3)"),
    ("(eval at /srv/till/desk.rb:3)", "(eval at /srv/till/desk.rb:9)"),
    ("till::<lambda_1f2e3d4c5b6a79808f>::operator()", "till::<lambda_00aa11bb22cc33dd44>::operator()"),
    ("till::desk::pay::{{closure}}::h0123456789abcdef", "till::desk::pay::{closure#0}"),
    ("closure #1 (Swift.Int) -> () in Till.Desk.pay() -> ()", "closure #4 (Swift.Int) -> () in Till.Desk.pay() -> ()"),
    ("specialized Desk.pay()", "Desk.pay()"),
    ("@objc Desk.pay()", "Desk.pay()"),
    ("Desk.pay.<fn>", "Desk.pay.<anonymous closure>"),
    ("__18-[TLDesk pay:]_block_invoke_3", "__18-[TLDesk pay:]_block_invoke"),
    ("anonymous fn/1 in Till.Desk.pay/2", "anonymous fn/3 in Till.Desk.pay/2"),
    ("-pay/2-fun-0-", "-pay/2-fun-3-"),
]


@pytest.mark.parametrize(("one", "other"), NATIVE_PAIRS)
def test_function_names_of_two_builds_join(one: str, other: str) -> None:
    made = [fingerprint(ParsedReport("x", "E", "", (StackFrame(name),))).exact for name in (one, other)]
    assert made[0] == made[1]


NEAR_MISSES = [
    (java("org.till.Desk.lambda$pay$0(Desk.java:9)", MAIN), java("org.till.Desk.lambda$refund$0(Desk.java:9)", MAIN)),
    (java("org.till.Desk$.$anonfun$pay$1(Desk.scala:9)", MAIN), java("org.till.Desk$.$anonfun$refund$1(Desk.scala:9)", MAIN)),
    (java("org.till.DeskKt$pay$1.invoke(Desk.kt:9)", MAIN), java("org.till.DeskKt$refund$1.invoke(Desk.kt:9)", MAIN)),
    (
        dotnet("Till.Desk.<>c.<Pay>b__1_0()", "Till.Program.Main()"),
        dotnet("Till.Desk.<>c.<Refund>b__1_0()", "Till.Program.Main()"),
    ),
    (
        dotnet("Till.Desk.<Pay>d__1.MoveNext()", "Till.Program.Main()"),
        dotnet("Till.Desk.<Refund>d__1.MoveNext()", "Till.Program.Main()"),
    ),
    (go("main.pay.func1 desk.go", "main.main main.go"), go("main.refund.func1 desk.go", "main.main main.go")),
    (
        proxied("org.till.Desk$$SpringCGLIB$$0.pay(<generated>)"),
        proxied("org.till.Desk$$SpringCGLIB$$0.pay(<generated>)").replace("Desk.pay(Desk", "Desk.refund(Desk"),
    ),
]


@pytest.mark.parametrize(("one", "other"), NEAR_MISSES)
def test_other_methods_stay_apart(one: str, other: str) -> None:
    a, b = fingerprint(only(one)), fingerprint(only(other))
    assert a.exact != b.exact
    assert a.structural != b.structural


@pytest.mark.parametrize("function", ["call", "invoke", "MoveNext", "Invoke", "doCall", "<a>b__1", "-a-fun", "lambda$"])
@pytest.mark.parametrize(
    "bait", ["$", "$a", "$A", "$a1", "$anonfun", "<", "<a>", "<<a>", "@1", ".a", "a", "_closure", "VB$", "-a", "$_"]
)
def test_hostile_names_take_linear_time(bait: str, function: str) -> None:
    begin = time.perf_counter()
    method_behind(bait * 4_000 + "!", function)
    method_behind("a", function + bait * 4_000 + "!")
    assert time.perf_counter() - begin < 0.2
