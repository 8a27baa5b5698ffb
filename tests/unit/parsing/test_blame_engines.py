"""The culprit in stacks of engines and frameworks, by the names that their crash machinery has in their sources."""

from __future__ import annotations

import pytest

from graph.model.report import ParsedReport
from graph.parsing.read import read


def asan(header: str, *functions: str) -> str:
    """A sanitizer report with the functions, innermost first; ``name @ file`` places one."""
    lines = []
    for number, function in enumerate(functions):
        name, _, place = function.partition(" @ ")
        symbol = name if name.startswith("(") else f"in {name} {place or '/src/wren/part.cc:31:12'}"
        lines.append(f"    #{number} 0x55d1{number:02x}f {symbol}")
    return f"==71==ERROR: AddressSanitizer: {header}\n" + "\n".join(lines) + "\n"


ABRT = "ABRT on unknown address 0x03e80000004f (pc 0x7f00 bp 0x1 sp 0x2 T0)"
SEGV = "SEGV on unknown address 0x0000bbadbeef (pc 0x7f00 bp 0x1 sp 0x2 T0)\nThe signal is caused by a WRITE memory access."
TRAP = "TRAP on unknown address 0x000000000000 (pc 0x7f00 bp 0x1 sp 0x2 T0)"
UAF = "heap-use-after-free on address 0x602000000014 at pc 0x1 bp 0x2 sp 0x3\nREAD of size 8 at 0x602000000014 thread T0"
END = ("LLVMFuzzerTestOneInput @ /src/wren/fuzz.cc:9:3", "fuzzer::Fuzzer::ExecuteCallback(unsigned char const*, unsigned long)")

STACKS = {
    "V8": (
        TRAP,
        "v8::base::OS::Abort()",
        "V8_Fatal(char const*, int, char const*, ...)",
        "v8::base::(anonymous namespace)::DefaultDcheckHandler(char const*, int, char const*)",
        "V8_Dcheck(char const*, int, char const*)",
        "wren::Nest::Fold(int)",
        *END,
    ),
    "V8 API": (
        TRAP,
        "v8::base::OS::Abort()",
        "v8::Utils::ReportApiFailure(char const*, char const*)",
        "v8::api_internal::FromJustIsNothing()",
        "wren::Nest::Fold(int)",
    ),
    "JavaScriptCore": (
        SEGV,
        "WTFCrashWithInfo(int, char const*, char const*, int) @ WTF/wtf/Assertions.h:778:35",
        "WTF::CrashOnOverflow::overflowed()",
        "WTF::Vector<JSC::Wren, 0ul, WTF::CrashOnOverflow, 16ul, WTF::FastMalloc>::at(unsigned long)",
        "JSC::WrenPhase::fold(JSC::Graph&)",
    ),
    "WebKit's allocator": (
        SEGV,
        "pas_crash_with_info_impl_impl(unsigned long long, unsigned int, char const*, char const*)",
        "pas_reallocation_did_fail(char const*, void*)",
        "bmalloc::api::realloc(void*, unsigned long)",
        "WTF::fastRealloc(void*, unsigned long)",
        "WebCore::WrenBuffer::grow(unsigned long)",
    ),
    "SpiderMonkey": (
        SEGV,
        "MOZ_CrashSequence(void*, long) @ /src/obj/dist/include/mozilla/Assertions.h:248:3",
        "js::AutoEnterOOMUnsafeRegion::crash(char const*)",
        "js::AutoEnterOOMUnsafeRegion::crash_impl(unsigned long, char const*)",
        "js::wren::NestTable::rehash()",
    ),
    "Gecko": (
        SEGV,
        "mozalloc_abort(char const*)",
        "mozalloc_handle_oom(unsigned long)",
        "moz_xmalloc",
        "mozilla::wren::NestPool::Grow(unsigned int)",
    ),
    "PHP": (
        ABRT,
        "raise",
        "abort",
        "zend_mm_panic @ /src/php/Zend/zend_alloc.c:379:2",
        "zend_mm_free_heap @ /src/php/Zend/zend_alloc.c:1401:3",
        "_efree",
        "wren_nest_dtor @ /src/php/ext/wren/nest.c:31:2",
    ),
    "Skia": (ABRT, "sk_abort_no_print()", "sk_malloc_flags(unsigned long, unsigned int)", "SkWrenMask::fold(SkRect const&)"),
    "LLVM": (
        ABRT,
        "raise",
        "abort",
        "llvm::report_fatal_error(llvm::Twine const&, bool)",
        "llvm::llvm_unreachable_internal(char const*, char const*, unsigned int)",
        "llvm::WrenSelector::fold(llvm::SDNode*)",
    ),
    "LLVM's handler": (
        ABRT,
        "llvm::sys::PrintStackTrace(llvm::raw_ostream&, int)",
        "llvm::sys::RunSignalHandlers()",
        "SignalHandler(int, siginfo_t*, void*)",
        "(/lib/x86_64-linux-gnu/libc.so.6+0x3c04f)",
        "clang::WrenBuilder::fold()",
    ),
    "gRPC": (
        ABRT,
        "raise",
        "abort",
        "gpr_log_message",
        "grpc_core::Crash(std::basic_string_view<char>, grpc_core::SourceLocation)",
        "gpr_assertion_failed",
        "grpc_core::WrenBalancer::Pick(grpc_core::PickArgs)",
    ),
    "Abseil": (
        ABRT,
        "raise",
        "abort",
        "absl::lts_20240722::log_internal::LogMessage::Die()",
        "absl::lts_20240722::log_internal::LogMessage::Flush()",
        "absl::lts_20240722::log_internal::LogMessageFatal::~LogMessageFatal()",
        "wren::Nest::Add(wren::Egg)",
    ),
    "glog": (
        ABRT,
        "raise",
        "abort",
        "google::DumpStackTraceAndExit()",
        "google::LogMessage::Fail()",
        "google::LogMessage::SendToLog()",
        "google::LogMessageFatal::~LogMessageFatal()",
        "wren::Nest::Add(wren::Egg)",
    ),
    "Chromium": (
        TRAP,
        "base::ImmediateCrash()",
        "logging::LogMessage::HandleFatal(unsigned long, std::string const&)",
        "logging::LogMessageFatal::~LogMessageFatal()",
        "logging::NotReachedNoreturnError::~NotReachedNoreturnError()",
        "content::WrenHost::DidFold(int)",
    ),
    "Chromium's allocator": (
        TRAP,
        "base::internal::OnNoMemoryInternal(unsigned long)",
        "partition_alloc::internal::OnNoMemory(unsigned long)",
        "partition_alloc::PartitionRoot::OutOfMemory(unsigned long)",
        "allocator_shim::internal::PartitionMalloc(unsigned long, void*)",
        "operator new(unsigned long)",
        "content::WrenHost::Reserve(unsigned long)",
    ),
    "Qt": (
        ABRT,
        "raise",
        "abort",
        "qAbort()",
        "QMessageLogger::fatal(char const*, ...) const",
        "qt_assert_x(char const*, char const*, char const*, int)",
        "QList<Egg>::operator[](long long)",
        "NestView::paint(QPainter*)",
    ),
    "GLib": (
        TRAP,
        "g_logv",
        "g_log",
        "g_assertion_message",
        "g_assertion_message_expr",
        "wren_nest_fold @ ../src/wren-nest.c:88:3",
    ),
    "Rust under ASan": (
        ABRT,
        "raise",
        "abort",
        "std::sys::pal::unix::abort_internal",
        "std::process::abort",
        "rust_panic",
        "std::panicking::rust_panic_with_hook",
        "rust_begin_unwind",
        "core::panicking::panic_bounds_check",
        "<alloc::vec::Vec<T,A> as core::ops::index::Index<I>>::index",
        "wren::nest::Nest::fold",
    ),
    "Swift": (
        TRAP,
        "_swift_runtime_on_report",
        "Swift._assertionFailure(_: Swift.StaticString, _: Swift.String, file: Swift.StaticString, line: Swift.UInt)",
        "Swift.Array.subscript.getter : (Swift.Int) -> A",
        "Wren.Nest.fold(index: Swift.Int) -> Wren.Egg",
    ),
    "Go with C": (
        UAF,
        "wren_nest_count @ /src/wren/nest.c:31:12",
        "_cgo_5a1b2c3d4e5f_Cfunc_wren_nest_count @ cgo-gcc-prolog:57:11",
        "runtime.asmcgocall.abi0 @ /usr/local/go/src/runtime/asm_amd64.s:918",
    ),
    "PostgreSQL": (ABRT, "raise", "abort", "ExceptionalCondition", "wren_fold_tuple @ /src/pg/contrib/wren/fold.c:88:3"),
    "MongoDB": (
        ABRT,
        "raise",
        "abort",
        "mongo::invariantFailed(char const*, char const*, unsigned int)",
        "mongo::WrenCatalog::fold(mongo::OperationContext*)",
    ),
    "InnoDB": (
        ABRT,
        "raise",
        "abort",
        "my_server_abort()",
        "my_abort()",
        "ut_dbg_assertion_failed(char const*, char const*, unsigned long)",
        "wren_page_fold(buf_block_t*)",
    ),
    "Unreal": (
        SEGV,
        "FDebug::AssertFailed(char const*, char const*, int, wchar_t const*, ...)",
        "FDebug::CheckVerifyFailedImpl(char const*, char const*, int, wchar_t const*, ...)",
        "TArray<AEgg*, TSizedDefaultAllocator<32> >::operator[](int)",
        "ANest::Fold(float)",
    ),
    "Ruby": (ABRT, "raise", "abort", "die", "rb_bug", "rb_assert_failure", "wren_nest_mark @ /src/ext/wren/nest.c:31:2"),
    "Python": (
        ABRT,
        "raise",
        "abort",
        "fatal_error_exit",
        "fatal_error",
        "_Py_FatalErrorFunc",
        "_PyObject_AssertFailed",
        "wren_fold @ /src/ext/_wren.c:88:3",
    ),
    "DuckDB": (
        ABRT,
        "raise",
        "abort",
        "__cxxabiv1::__terminate(void (*)())",
        "std::terminate()",
        "__cxa_throw",
        "duckdb::InternalException::InternalException(std::string const&)",
        "duckdb::WrenOperator::Fold(duckdb::DataChunk&)",
    ),
    "Boost": (
        ABRT,
        "raise",
        "abort",
        "boost::assertion_failed_msg(char const*, char const*, char const*, char const*, long)",
        "boost::scoped_ptr<wren::Egg>::operator->() const",
        "wren::Nest::fold()",
    ),
    "OpenCV": (
        ABRT,
        "raise",
        "abort",
        "std::terminate()",
        "__cxa_throw",
        "cv::error(cv::Exception const&)",
        "cv::error(int, std::string const&, char const*, char const*, int)",
        "wren::NestDetector::fold(cv::Mat const&)",
    ),
    "ART": (
        ABRT,
        "abort",
        "art::Runtime::Abort(char const*)",
        "android::base::SetAborter(std::function<void (char const*)>&&)::$_0::__invoke(char const*)",
        "android::base::LogMessage::~LogMessage()",
        "art::(anonymous namespace)::ScopedCheck::AbortF(char const*, ...)",
        "wren::JniNest::fold(_JNIEnv*)",
    ),
    "WebAssembly": (TRAP, "wasm_rt_trap", "w2c_wren_fold", "main"),
    "an allocator with a prefix": (
        "allocator is out of memory trying to allocate 0x100000000 bytes",
        "malloc",
        "gf_malloc",
        "png_malloc_warn",
        "wren_read_chunk",
    ),
    "interceptors": (
        UAF,
        "memmove",
        "__asan_memmove",
        "base::span<unsigned char>::copy_from(base::span<unsigned char>)",
        "wren::Nest::Copy()",
    ),
    "smart pointers": (
        UAF,
        "std::unique_ptr<wren::Egg>::operator->() const",
        "wren::Handle<wren::Egg>::operator->() const",
        "wren::Nest::Fold()",
    ),
    "a driver without an engine": (
        UAF,
        "wren_fold",
        "LLVMFuzzerTestOneInput",
        "ExecuteFilesOnyByOne @ /src/aflplusplus/aflpp_driver.c:255:7",
    ),
}
CULPRITS = {
    "V8": "wren::Nest::Fold",
    "V8 API": "wren::Nest::Fold",
    "JavaScriptCore": "JSC::WrenPhase::fold",
    "WebKit's allocator": "WebCore::WrenBuffer::grow",
    "SpiderMonkey": "js::wren::NestTable::rehash",
    "Gecko": "mozilla::wren::NestPool::Grow",
    "PHP": "wren_nest_dtor",
    "Skia": "SkWrenMask::fold",
    "LLVM": "llvm::WrenSelector::fold",
    "LLVM's handler": "clang::WrenBuilder::fold",
    "gRPC": "grpc_core::WrenBalancer::Pick",
    "Abseil": "wren::Nest::Add",
    "glog": "wren::Nest::Add",
    "Chromium": "content::WrenHost::DidFold",
    "Chromium's allocator": "content::WrenHost::Reserve",
    "Qt": "NestView::paint",
    "GLib": "wren_nest_fold",
    "Rust under ASan": "wren::nest::Nest::fold",
    "Swift": "Wren.Nest.fold",
    "Go with C": "wren_nest_count",
    "PostgreSQL": "wren_fold_tuple",
    "MongoDB": "mongo::WrenCatalog::fold",
    "InnoDB": "wren_page_fold",
    "Unreal": "ANest::Fold",
    "Ruby": "wren_nest_mark",
    "Python": "wren_fold",
    "DuckDB": "duckdb::WrenOperator::Fold",
    "Boost": "wren::Nest::fold",
    "OpenCV": "wren::NestDetector::fold",
    "ART": "wren::JniNest::fold",
    "WebAssembly": "w2c_wren_fold",
    "an allocator with a prefix": "wren_read_chunk",
    "interceptors": "wren::Nest::Copy",
    "smart pointers": "wren::Nest::Fold",
    "a driver without an engine": "wren_fold",
}
MISUSED = {
    "an own function that aborts a transaction": "wren::Transaction::Abort()",
    "an own error handler": "wren::OnError(int)",
    "an own logger": "wren_log_message",
    "an own free": "wren_nest_free",
    "an own crash function": "crash()",
    "an own operator": "wren::Point::operator+=(wren::Point const&)",
    "an own check": "wren::AssertNestIsFull(int)",
    "an own container's growth": "wren::Table<wren::Egg>::grow(unsigned long)",
    "an own lookup": "wren::Table::find_last_error_code(int)",
}


HELD_OUT = {
    # written after the rules, of engines that the rules did not consider
    "_serverAssert": (ABRT, "raise", "abort", "_serverAssert", "wrenFold"),
    "erl_assert_error": (ABRT, "raise", "abort", "erts_exit", "erl_assert_error", "wrenFold"),
    "ceph_assert_fail": (ABRT, "raise", "abort", "ceph::__ceph_assert_fail(ceph::assert_data const&)", "wrenFold"),
    "smb_panic": (ABRT, "raise", "abort", "dump_core", "smb_panic_default", "smb_panic", "wrenFold"),
    "isc_assertion_failed": (ABRT, "raise", "abort", "assertion_failed", "isc_assertion_failed", "wrenFold"),
    "BUG_fl": (ABRT, "raise", "abort", "BUG_vfl", "BUG_fl", "wrenFold"),
    "msg_panic": (ABRT, "raise", "abort", "vmsg_panic", "msg_panic", "wrenFold"),
    "torchCheckFail": (ABRT, "std::terminate()", "__cxa_throw", "c10::detail::torchCheckFail(char const*, int)", "wrenFold"),
    "LogFinisher": (ABRT, "abort", "pb::LogMessage::Finish()", "pb::LogFinisher::operator=(pb::LogMessage&)", "wrenFold"),
    "_Xout_of_range": (ABRT, "abort", "_CxxThrowException", "std::_Xout_of_range(char const*)", "wrenFold"),
    "jl_critical_error": (ABRT, "abort", "sigdie_handler", "jl_critical_error", "ijl_throw", "wrenFold"),
    "Rf_error": (ABRT, "abort", "verrorcall_dflt", "Rf_errorcall", "Rf_error", "wrenFold"),
    "SDL_ReportAssertion": (TRAP, "SDL_AbortAssertion", "SDL_ReportAssertion_REAL", "wrenFold"),
    "AfxThrow": (ABRT, "AfxThrowInvalidArgException()", "CArray<CEgg,CEgg&>::GetAt(__int64)", "wrenFold"),
    "__fortify_fail": (
        ABRT,
        "__GI_raise",
        "__GI_abort",
        "__libc_message_impl",
        "__GI___fortify_fail",
        "__memcpy_chk",
        "wrenFold",
    ),
    "trapOnAddress": (SEGV, "gwp_asan::GuardedPoolAllocator::trapOnAddress(unsigned long)", "wrenFold"),
    "nsTArray": (SEGV, "InvalidArrayIndex_CRASH(unsigned long)", "nsTArray_Impl<Egg, A>::ElementAt(unsigned long)", "wrenFold"),
    "VectorImpl": (
        UAF,
        "android::VectorImpl::itemLocation(unsigned long) const",
        "android::Vector<Egg>::operator[](int)",
        "wrenFold",
    ),
    "_TIFFmalloc": ("out of memory", "malloc", "_TIFFmalloc", "_TIFFCheckRealloc", "wrenFold"),
    "AcquireMagickMemory": ("out of memory", "malloc", "AcquireMagickMemory", "AcquireQuantumMemory", "wrenFold"),
    "g_hash_table": (UAF, "g_str_hash", "g_hash_table_lookup", "wrenFold"),
    "objectAtIndex": (ABRT, "abort", "objc_exception_throw", "-[__NSArrayM objectAtIndex:]", "wrenFold"),
}


def read_one(text: str) -> ParsedReport:
    [report] = read(text).reports
    return report


@pytest.mark.parametrize("engine", STACKS)
def test_machinery_is_not_to_blame(engine: str) -> None:
    header, *functions = STACKS[engine]
    report = read_one(asan(header, *functions))
    assert report.culprit is not None
    assert report.culprit.function == CULPRITS[engine]


@pytest.mark.parametrize("name", HELD_OUT)
def test_machinery_of_other_engines_is_not_to_blame(name: str) -> None:
    header, *functions = HELD_OUT[name]
    report = read_one(asan(header, *functions))
    assert report.culprit is not None
    assert report.culprit.function == "wrenFold"


@pytest.mark.parametrize("kind", MISUSED)
def test_own_functions_that_misuse_memory_are(kind: str) -> None:
    report = read_one(asan(UAF, "free", MISUSED[kind], "main @ /src/wren/main.cc:9:3"))
    assert report.culprit == report.frames[1]


def test_a_frame_without_symbol_among_the_machinery_is_not_to_blame() -> None:
    functions = ("base::debug::StackTrace::StackTrace()", "(/opt/wren/bin/wren+0x1a2b3c)", "wren::FatalError(char const*, ...)")
    report = read_one(asan(ABRT, *functions, "wrenFold", "main"))
    assert report.culprit is not None
    assert report.culprit.function == "wrenFold"


def test_a_frame_without_symbol_is_to_blame_if_no_machinery_called_it() -> None:
    report = read_one(asan(ABRT, "abort", "(/opt/wren/bin/wren+0x1a2b3c)", "wrenFold", "main"))
    assert report.culprit == report.frames[1]
