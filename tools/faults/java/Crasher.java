package faults;

import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.Trees;
import java.io.*;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.*;
import java.util.*;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.*;

/**
 * Crashes one Java library. {@code instrument SOURCES OUT} writes the sources with a probe in each method;
 * {@code crash LIBRARY SOURCES CLASSES INSTRUMENTED TESTS OUTPUT SECONDS SEED} runs the tests once, puts one fault at a time into a method
 * that some of them enter, compiles that one file, and appends what those tests throw to OUTPUT as JSON lines.
 */
public final class Crasher {
    private static final int FAULTS_A_METHOD = 4;
    private static final int TEST_CLASSES_A_RUN = 4;
    private static final int[] TESTS_A_FAULT = {1, 1, 2, 3, 5, 8};
    private static final long FAULT_MILLISECONDS = 4_000;
    private static final JavaCompiler COMPILER = ToolProvider.getSystemJavaCompiler();
    private static final StandardJavaFileManager FILES = COMPILER.getStandardFileManager(none -> {}, null, StandardCharsets.UTF_8);

    /** A method, by its file and number in the library. */
    record Target(Source source, Edits.Method method, int number) {}

    /** A source file, its text and what can be changed in it. */
    record Source(Path path, String name, String text, Edits edits) {}

    private final String library;
    private final Path classes;
    private final Path tests;
    private final Writer output;
    private final Random draw;
    private int tried;
    private int valid;

    private Crasher(String library, Path classes, Path tests, Writer output, Random draw) {
        this.library = library;
        this.classes = classes;
        this.tests = tests;
        this.output = output;
        this.draw = draw;
    }

    public static void main(String[] arguments) throws Exception {
        if (arguments[0].equals("instrument")) {
            instrument(Path.of(arguments[1]), Path.of(arguments[2]));
            System.exit(0);
        }
        PrintStream said = System.err;
        System.setOut(new PrintStream(OutputStream.nullOutputStream()));
        System.setErr(new PrintStream(OutputStream.nullOutputStream()));
        long until = System.nanoTime() + Long.parseLong(arguments[7]) * 1_000_000_000L;
        Random draw = new Random(Long.parseLong(arguments[8]));
        List<Source> sources = sources(Path.of(arguments[2]), draw);
        try (Writer output = Files.newBufferedWriter(Path.of(arguments[6]), StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            Crasher crasher = new Crasher(arguments[1], Path.of(arguments[3]), Path.of(arguments[5]), output, draw);
            Map<Integer, List<String>> covering = crasher.covering(Path.of(arguments[4]), (System.nanoTime() + until) / 2);
            said.println(arguments[1] + ": the tests enter " + covering.size() + " methods");
            crasher.crash(sources, covering, until);
            said.println(arguments[1] + ": " + crasher.tried + " faults tried, " + crasher.valid + " compiled");
        }
        Runtime.getRuntime().halt(0);
    }

    private static void instrument(Path folder, Path out) throws IOException {
        int number = 0;
        for (Source source : sources(folder, new Random(0))) {
            StringBuilder text = new StringBuilder(source.text());
            Map<Integer, Integer> insertions = new TreeMap<>(Comparator.reverseOrder());
            for (Edits.Method method : source.edits().methods) {
                insertions.put(method.body(), number++);
            }
            insertions.forEach((at, method) -> text.insert(at, "faults.Probe.hit(" + method + ");"));
            Path path = out.resolve(source.name());
            Files.createDirectories(path.getParent());
            Files.writeString(path, text);
        }
    }

    private static List<Source> sources(Path folder, Random draw) throws IOException {
        List<Path> paths;
        try (Stream<Path> found = Files.walk(folder)) {
            paths = found.filter(path -> path.toString().endsWith(".java") && !path.toString().endsWith("-info.java")).sorted().toList();
        }
        JavacTask task = (JavacTask) COMPILER.getTask(null, FILES, none -> {}, List.of("-proc:none"), null, FILES.getJavaFileObjectsFromPaths(paths));
        List<Source> sources = new ArrayList<>();
        for (CompilationUnitTree unit : task.parse()) {
            Path path = Path.of(unit.getSourceFile().toUri());
            String text = Files.readString(path);
            Edits edits = new Edits(text, unit, Trees.instance(task).getSourcePositions(), draw);
            sources.add(new Source(path, folder.relativize(path).toString(), text, edits));
        }
        sources.sort(Comparator.comparing(Source::name));
        return sources;
    }

    /** The passing tests that enter each method. */
    private Map<Integer, List<String>> covering(Path instrumented, long until) throws Exception {
        Map<Integer, List<String>> covering = new HashMap<>();
        List<String> names = testClasses();
        for (int from = 0; from < names.size() && System.nanoTime() < until; from += TEST_CLASSES_A_RUN) {
            List<String> some = names.subList(from, Math.min(names.size(), from + TEST_CLASSES_A_RUN));
            Runs.run(List.of(instrumented, tests), some, 2 * FAULT_MILLISECONDS, (id, thrown) -> {
                if (thrown == null) {
                    Probe.take().stream().forEach(method -> covering.computeIfAbsent(method, key -> new ArrayList<>()).add(id));
                }
            });
        }
        return covering;
    }

    private List<String> testClasses() throws IOException {
        try (Stream<Path> found = Files.walk(tests)) {
            List<String> names = found.map(path -> tests.relativize(path).toString())
                .filter(name -> name.matches("(.*/)?(Test[^/$]*|[^/$]*Test|[^/$]*TestCase)\\.class"))
                .map(name -> name.substring(0, name.length() - ".class".length()).replace(File.separatorChar, '.'))
                .collect(Collectors.toCollection(ArrayList::new));
            Collections.shuffle(names, draw);
            return names;
        }
    }

    private void crash(List<Source> sources, Map<Integer, List<String>> covering, long until) throws Exception {
        List<Target> targets = new ArrayList<>();
        int number = 0;
        for (Source source : sources) {
            for (Edits.Method method : source.edits().methods) {
                targets.add(new Target(source, method, number++));
            }
        }
        targets.removeIf(target -> !covering.containsKey(target.number()));
        Collections.shuffle(targets, draw);
        for (Target target : targets) {
            for (Edits.Edit edit : chosen(target)) {
                if (System.nanoTime() > until) {
                    return;
                }
                fault(target.source(), edit, some(covering.get(target.number())));
            }
        }
    }

    /** Some faults of a method, at most one of an operator on a line, two of them on one line where there are two. */
    private List<Edits.Edit> chosen(Target target) {
        List<Edits.Edit> edits = new ArrayList<>(target.source().edits().edits);
        edits.removeIf(edit -> edit.method() != target.method().start());
        Collections.shuffle(edits, draw);
        Map<String, Edits.Edit> unique = new LinkedHashMap<>();
        edits.stream().limit(1).forEach(edit -> unique.put(edit.operator(), edit));
        edits.stream().filter(edit -> edit.line() == edits.get(0).line()).limit(3).forEach(edit -> unique.putIfAbsent(edit.operator(), edit));
        edits.forEach(edit -> unique.putIfAbsent(edit.operator(), edit));
        return unique.values().stream().limit(FAULTS_A_METHOD).toList();
    }

    private List<String> some(List<String> tests) {
        List<String> shuffled = new ArrayList<>(tests);
        Collections.shuffle(shuffled, draw);
        return shuffled.subList(0, Math.min(shuffled.size(), TESTS_A_FAULT[draw.nextInt(TESTS_A_FAULT.length)]));
    }

    private void fault(Source source, Edits.Edit edit, List<String> chosen) throws Exception {
        Path folder = Files.createTempDirectory("fault");
        try {
            String text = source.text().substring(0, edit.start()) + edit.text() + source.text().substring(edit.end());
            tried++;
            if (compiled(source, text, folder)) {
                valid++;
                String function = source.name() + ":" + edit.line() + ":" + edit.function();
                Set<String> seen = Collections.synchronizedSet(new HashSet<>());
                Runs.run(List.of(folder, classes, tests), chosen, FAULT_MILLISECONDS, (id, thrown) -> {
                    if (thrown != null && !(thrown instanceof ThreadDeath)) {
                        write(library + ":" + function + ":" + edit.operator(), thrown, seen);
                    }
                });
                output.flush();
            }
        } finally {
            try (Stream<Path> made = Files.walk(folder)) {
                made.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
            }
        }
    }

    private boolean compiled(Source source, String text, Path folder) {
        JavaFileObject file = new SimpleJavaFileObject(URI.create("string:///" + source.name()), JavaFileObject.Kind.SOURCE) {
            @Override
            public CharSequence getCharContent(boolean ignored) {
                return text;
            }
        };
        String path = classes + File.pathSeparator + System.getProperty("java.class.path");
        List<String> options = List.of("-g", "-proc:none", "-nowarn", "-d", folder.toString(), "-classpath", path);
        return COMPILER.getTask(Writer.nullWriter(), null, none -> {}, options, null, List.of(file)).call();
    }

    private void write(String group, Throwable thrown, Set<String> seen) {
        StringWriter text = new StringWriter();
        thrown.printStackTrace(new PrintWriter(text));
        StackTraceElement[] frames = thrown.getStackTrace();
        if (frames.length == 0 || !seen.add(text.toString())) {
            return;
        }
        String top = frames[0].getClassName() + "." + frames[0].getMethodName();
        String row = "{\"group\": " + quoted(group) + ", \"type\": " + quoted(thrown.getClass().getName()) + ", \"top\": " + quoted(top)
            + ", \"frames\": " + frames.length + ", \"assertion\": " + (thrown instanceof AssertionError)
            + ", \"report\": " + quoted(text.toString().strip()) + "}\n";
        try {
            output.write(row);
        } catch (IOException full) {
            throw new UncheckedIOException(full);
        }
    }

    private static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            boolean plain = c >= ' ' && c < 127 && c != '"' && c != '\\';
            quoted.append(plain ? String.valueOf(c) : String.format("\\u%04x", (int) c));
        }
        return quoted.append('"').toString();
    }
}
