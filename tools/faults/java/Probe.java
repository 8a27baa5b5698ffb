package faults;

import java.util.BitSet;

/** What the instrumented library calls on entering a method; methods are numbered over the whole library. */
public final class Probe {
    private static BitSet entered = new BitSet();

    private Probe() {}

    public static synchronized void hit(int method) {
        entered.set(method);
    }

    /** The methods entered since the last call. */
    static synchronized BitSet take() {
        BitSet taken = entered;
        entered = new BitSet();
        return taken;
    }
}
