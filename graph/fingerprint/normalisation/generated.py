"""Names that compilers, virtual machines and frameworks make up, which differ from run to run or build to build."""

from __future__ import annotations

from graph.fingerprint.normalisation.steps import ANY_DIGIT, NormalisationStep, step

LAMBDA = "generated lambda name"
ANONYMOUS = "number of an anonymous class or function replaced"
PROXY = "generated class name"

JAVA = (
    step(LAMBDA, "$$Lambda", r"\$\$Lambda(?:\$[0-9]+)?(?:/(?:0x)?[0-9a-fA-F]{1,20})?(?:@[0-9a-f]{1,16})?", "$$Lambda"),
    step(LAMBDA, "Form$", r"(LambdaForm\$[A-Za-z]{1,40})(?:/0x[0-9a-f]{1,20}|[0-9]+)?", r"\1"),
    step(LAMBDA, "SyntheticLambda", r"SyntheticLambda[0-9]+", "SyntheticLambda"),
    step(PROXY, "$$", r"\$\$([A-Za-z][A-Za-z]{0,60})\$\$[0-9a-fA-F]{1,16}(?![0-9a-zA-Z])", r"$$\1"),
    step(PROXY, ("Proxy$", "Mock$", "Buddy$"), r"\$(HibernateProxy|MockitoMock|ByteBuddy|Proxy)\$[0-9A-Za-z_$]{1,64}", r"$\1"),
    step(PROXY, "_$$_", r"_\$\$_(?:jvst|javassist_?)[0-9a-f_]{1,24}", "_$$_javassist"),
    step(PROXY, "Proxy", r"\$Proxy[0-9]+", "$Proxy"),
    step(PROXY, "jdk.proxy", r"\bjdk\.proxy[0-9]+", "jdk.proxy"),
    step(PROXY, "Accessor", r"(Generated[A-Za-z]{0,40}Accessor)[0-9]+", r"\1"),
    step(ANONYMOUS, "$", r"\$(_?)[0-9]+", r"$\1<n>"),
)
"""Java, Kotlin, Scala, Groovy; ``$_0`` is clang's."""

NATIVE = (
    step(LAMBDA, "<lambda_", r"<lambda_[0-9a-f]{1,40}>", "<lambda>"),
    step(LAMBDA, "#", r"\{([a-z][a-z ]{1,20})(?:_env)?(?:\([^{}]{0,300}\))?#[0-9]+\}", r"{\1}"),
    step(LAMBDA, "'lambda", r"'lambda[0-9]*'", "'lambda'"),
    step(LAMBDA, "{{", r"\{\{([a-z_]{1,20}+)(?:\}\}|#[0-9]+\}\})", r"{\1}"),
    step(
        "unnamed namespace written one way",
        ("anonymous", "unnamed"),
        r"`anonymous[ -]namespace'|\{anonymous\}|<unnamed>|`anonymous'",
        "(anonymous namespace)",
    ),
    step(LAMBDA, "_block_invoke", r"_block_invoke(?:[_.]?[0-9]+)*+", "_block_invoke"),
)
"""C++, Rust, Objective-C."""

SCRIPT = (
    step("closure's line cut", "{closure:", r"(\{closure:[^{}]{1,300}?):[0-9]+\}", r"\1}"),
    step("depth of the block dropped", " levels) in ", r"\bblock \([0-9]+ levels\) in ", "block in "),
    step("depth of the block dropped", "[] in [] in ", r"(?:\[\] in ){2,}+", "[] in "),
    step("asynchronous call read as a call", "async ", r"^async (?=\S)", ""),
    step("nesting of anonymous functions dropped", "/<", r"(?:/<){2,}+", "/<"),
    step("alias cut", " [as ", r" \[as [^\]]{0,300}\]$", ""),
)
"""PHP, Ruby, Smalltalk, JavaScript."""

MANAGED = (
    step(LAMBDA, ">b__", r">b__[0-9]+(?:_[0-9]+)?", ">b__<n>"),
    step(LAMBDA, "DisplayClass", r"DisplayClass[0-9]+(?:_[0-9]+)?", "DisplayClass"),
    step("generated state machine", ">d__", r">d__[0-9]+", ">d__<n>"),
    step("number of a local function replaced", ">g__", r"(>g__\w{1,200}+)\|[0-9]+_[0-9]+", r"\1"),
    step(LAMBDA, "func", r"\.func[0-9]+(?:\.[0-9]+)*+(?![0-9A-Za-z_])", ".func"),
    step("generated wrapper", "wrap", r"\.(gowrap|deferwrap)[0-9]+(?:\.[0-9]+)*+", r".\1"),
    step("number of an initialiser replaced", "init.", r"(?<=\binit)\.[0-9]+$", ""),
)
"""The .NET languages and Go."""

NUMBERED = step(
    "number of a temporary name replaced",
    ANY_DIGIT,
    r"(?i)(?<![a-z])(tmp|temp|gen|generated|anon|anonymous|lambda|closure|block)[_$-]?[0-9]+",
    r"\1<n>",
)

GENERATED: tuple[NormalisationStep, ...] = (*JAVA, *NATIVE, *SCRIPT, *MANAGED, NUMBERED)
