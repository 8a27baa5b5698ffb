package faults;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectUniqueId;

import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.*;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.*;
import org.junit.platform.launcher.core.*;

/** Runs of a library's tests on one set of class folders, each in a class loader and a thread of its own. */
final class Runs {
    private final BiConsumer<String, Throwable> ended;
    private volatile boolean over;

    private Runs(BiConsumer<String, Throwable> ended) {
        this.ended = ended;
    }

    /** Runs tests by unique id or, without any '[', by class name; gives each test's id and what it threw (null when it passed). */
    static void run(List<Path> folders, Collection<String> tests, long milliseconds, BiConsumer<String, Throwable> ended) throws Exception {
        URL[] urls = new URL[folders.size()];
        for (int i = 0; i < urls.length; i++) {
            urls[i] = folders.get(i).toUri().toURL();
        }
        URLClassLoader loader = new URLClassLoader(urls, Runs.class.getClassLoader());
        Runs run = new Runs(ended);
        Thread thread = new Thread(() -> run.execute(loader, tests), "main");
        thread.setContextClassLoader(loader);
        thread.setDaemon(true);
        thread.start();
        thread.join(milliseconds);
        run.over = true;
        stop(thread);
    }

    /** A fault may loop for ever, and nothing gentler ends such a loop. */
    @SuppressWarnings({"removal", "deprecation"})
    private static void stop(Thread thread) throws InterruptedException {
        for (int i = 0; i < 20 && thread.isAlive(); i++) {
            thread.stop();
            thread.join(200);
        }
    }

    private void execute(ClassLoader loader, Collection<String> tests) {
        Function<String, DiscoverySelector> select = test -> test.startsWith("[") ? selectUniqueId(test) : selectClass(load(loader, test));
        List<DiscoverySelector> selectors = tests.stream().map(select).filter(Objects::nonNull).toList();
        LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request().selectors(selectors)
            .configurationParameter("junit.platform.stacktrace.pruning.enabled", System.getProperty("faults.pruned", "true")).build();
        LauncherFactory.create().execute(request, new TestExecutionListener() {
            @Override
            public void executionStarted(TestIdentifier test) {
                if (over) {
                    throw new OutOfMemoryError("the time is over"); // the one error that ends JUnit's run at once
                }
                if (test.isTest()) {
                    Probe.take();
                }
            }

            @Override
            public void executionFinished(TestIdentifier test, TestExecutionResult result) {
                if (test.isTest() && !over && result.getStatus() != TestExecutionResult.Status.ABORTED) {
                    ended.accept(test.getUniqueId(), result.getThrowable().orElse(null));
                }
            }
        });
    }

    private static Class<?> load(ClassLoader loader, String name) {
        try {
            return Class.forName(name, false, loader);
        } catch (ClassNotFoundException | LinkageError absent) {
            throw new IllegalStateException(absent);
        }
    }
}
