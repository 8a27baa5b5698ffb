package faults;

import com.sun.source.tree.*;
import com.sun.source.util.*;
import java.util.*;
import javax.lang.model.type.TypeKind;

/** Small faults that people make in Java, as edits of one source file's text. The compiler judges which of them are valid. */
final class Edits extends TreeScanner<Void, Edits.Place> {
    /** Characters start..end become text, in the method that begins at {@code method}. */
    record Edit(int start, int end, String text, long line, String function, String operator, int method) {}

    /** Where the body of a method begins, after a constructor's call of another. */
    record Method(int start, int body, String name) {}

    /** The innermost method and its variables' names by their declared types. */
    record Place(int start, String name, Tree result, Map<String, List<String>> variables) {}

    private static final Map<String, String> OPPOSITE = Map.of(
        "==", "!=", "!=", "==", "<", "<=", ">", ">=", "<=", "<", ">=", ">", "+", "-", "-", "+", "&&", "||", "||", "&&");
    private static final Set<String> INDEXED = Set.of("charAt", "get", "substring", "remove", "set", "subList", "codePointAt", "deleteCharAt");

    final List<Edit> edits = new ArrayList<>();
    final List<Method> methods = new ArrayList<>();
    private final String source;
    private final CompilationUnitTree unit;
    private final SourcePositions positions;
    private final Random draw;

    Edits(String source, CompilationUnitTree unit, SourcePositions positions, Random draw) {
        this.source = source;
        this.unit = unit;
        this.positions = positions;
        this.draw = draw;
        scan(unit, null);
    }

    @Override
    public Void visitMethod(MethodTree method, Place outer) {
        if (method.getBody() == null) {
            return null;
        }
        int body = start(method.getBody()) + 1;
        List<? extends StatementTree> statements = method.getBody().getStatements();
        if (method.getReturnType() == null && !statements.isEmpty()) {
            String first = text(statements.get(0));
            boolean calls = first.matches("(?s)([\\w.]+\\.)?(super|this)\\s*\\(.*");
            body = calls ? end(statements.get(0)) : body;
        }
        if (start(method) < 0 || end(method) < 0) {
            return null;
        }
        String name = method.getName().toString();
        methods.add(new Method(start(method), body, name));
        Map<String, List<String>> variables = new HashMap<>();
        method.accept(new TreeScanner<Void, Void>() {
            @Override
            public Void visitVariable(VariableTree variable, Void unused) {
                String type = variable.getType() == null ? "" : variable.getType().toString();
                variables.computeIfAbsent(type, key -> new ArrayList<>()).add(variable.getName().toString());
                return super.visitVariable(variable, unused);
            }
        }, null);
        scan(method.getBody(), new Place(start(method), name, method.getReturnType(), variables));
        return null;
    }

    @Override
    public Void visitReturn(ReturnTree node, Place place) {
        if (place != null && node.getExpression() != null && place.result() != null) {
            add(node, "return " + empty(place.result()) + ";", "ret_null", place);
        }
        return super.visitReturn(node, place);
    }

    @Override
    public Void visitIf(IfTree node, Place place) {
        negate(node.getCondition(), place);
        boolean leaves = text(node.getThenStatement()).matches("(?s)\\{?\\s*(return|throw|continue|break)\\b.*");
        if (leaves && node.getElseStatement() == null) {
            add(node, ";", "drop_check", place);
        }
        return super.visitIf(node, place);
    }

    @Override
    public Void visitWhileLoop(WhileLoopTree node, Place place) {
        negate(node.getCondition(), place);
        return super.visitWhileLoop(node, place);
    }

    @Override
    public Void visitConditionalExpression(ConditionalExpressionTree node, Place place) {
        add(node, text(draw.nextBoolean() ? node.getTrueExpression() : node.getFalseExpression()), "drop_choice", place);
        return super.visitConditionalExpression(node, place);
    }

    @Override
    public Void visitArrayAccess(ArrayAccessTree node, Place place) {
        add(node.getIndex(), text(node.getIndex()) + (draw.nextBoolean() ? " + 1" : " - 1"), "idx_off", place);
        return super.visitArrayAccess(node, place);
    }

    @Override
    public Void visitMethodInvocation(MethodInvocationTree node, Place place) {
        List<? extends ExpressionTree> arguments = node.getArguments();
        String name = text(node.getMethodSelect()).replaceAll("(?s).*\\.\\s*", "");
        if (!arguments.isEmpty() && INDEXED.contains(name)) {
            ExpressionTree last = arguments.get(arguments.size() - 1);
            add(last, text(last) + " + 1", "idx_off", place);
        }
        arguments(arguments, place);
        return super.visitMethodInvocation(node, place);
    }

    @Override
    public Void visitNewClass(NewClassTree node, Place place) {
        arguments(node.getArguments(), place);
        return super.visitNewClass(node, place);
    }

    @Override
    public Void visitNewArray(NewArrayTree node, Place place) {
        for (ExpressionTree size : node.getDimensions()) {
            add(size, text(size) + " - 1", "short_array", place);
        }
        return super.visitNewArray(node, place);
    }

    @Override
    public Void visitVariable(VariableTree node, Place place) {
        if (node.getInitializer() != null && node.getType() != null) {
            add(node.getInitializer(), empty(node.getType()), "null_value", place);
        }
        return super.visitVariable(node, place);
    }

    @Override
    public Void visitExpressionStatement(ExpressionStatementTree node, Place place) {
        ExpressionTree inner = node.getExpression();
        String operator = inner instanceof AssignmentTree || inner instanceof CompoundAssignmentTree ? "drop_assign" : "drop_call";
        add(node, ";", operator, place);
        return super.visitExpressionStatement(node, place);
    }

    @Override
    public Void visitAssignment(AssignmentTree node, Place place) {
        add(node.getExpression(), "null", "null_value", place);
        return super.visitAssignment(node, place);
    }

    @Override
    public Void visitLiteral(LiteralTree node, Place place) {
        Object value = node.getValue();
        if (value instanceof Integer number) {
            add(node, String.valueOf(number + (draw.nextBoolean() ? 1 : -1)), "wrong_const", place);
        } else if (value instanceof Boolean flag) {
            add(node, String.valueOf(!flag), "wrong_const", place);
        } else if (value instanceof String text) {
            add(node, text.isEmpty() ? "\"?\"" : "\"\"", "wrong_const", place);
        }
        return super.visitLiteral(node, place);
    }

    @Override
    public Void visitBinary(BinaryTree node, Place place) {
        int from = end(node.getLeftOperand());
        int to = start(node.getRightOperand());
        String between = from < 0 || to < from ? "" : source.substring(from, to).strip();
        if (OPPOSITE.containsKey(between) && place != null) {
            edits.add(new Edit(from, to, " " + OPPOSITE.get(between) + " ", line(from), place.name(), "wrong_op", place.start()));
        }
        return super.visitBinary(node, place);
    }

    @Override
    public Void visitIdentifier(IdentifierTree node, Place place) {
        if (place != null && draw.nextInt(3) == 0) {
            String name = node.getName().toString();
            place.variables().values().stream().filter(names -> names.contains(name)).findFirst().ifPresent(names ->
                names.stream().filter(other -> !other.equals(name)).findFirst().ifPresent(other -> add(node, other, "wrong_name", place)));
        }
        return super.visitIdentifier(node, place);
    }

    private void negate(ExpressionTree condition, Place place) {
        add(condition, "(!" + text(condition) + ")", "neg_cond", place);
    }

    private void arguments(List<? extends ExpressionTree> arguments, Place place) {
        if (!arguments.isEmpty()) {
            add(arguments.get(draw.nextInt(arguments.size())), "null", "null_arg", place);
        }
        if (arguments.size() >= 2) {
            int first = start(arguments.get(0));
            int last = end(arguments.get(1));
            String swapped = text(arguments.get(1)) + ", " + text(arguments.get(0));
            if (place != null && first >= 0 && last > first) {
                edits.add(new Edit(first, last, swapped, line(first), place.name(), "swap_args", place.start()));
            }
        }
    }

    private static String empty(Tree type) {
        if (!(type instanceof PrimitiveTypeTree primitive)) {
            return "null";
        }
        return primitive.getPrimitiveTypeKind() == TypeKind.BOOLEAN ? "false" : "(" + type + ") 0";
    }

    private void add(Tree node, String text, String operator, Place place) {
        int start = start(node);
        int end = end(node);
        if (place != null && start >= 0 && end > start && !source.substring(start, end).equals(text)) {
            String lines = "\n".repeat((int) source.substring(start, end).chars().filter(c -> c == '\n').count());
            edits.add(new Edit(start, end, text + lines, line(start), place.name(), operator, place.start()));
        }
    }

    private long line(int position) {
        return unit.getLineMap().getLineNumber(position);
    }

    private int start(Tree node) {
        return (int) positions.getStartPosition(unit, node);
    }

    private int end(Tree node) {
        return (int) positions.getEndPosition(unit, node);
    }

    private String text(Tree node) {
        int start = start(node);
        int end = end(node);
        return start < 0 || end < start ? "" : source.substring(start, end);
    }
}
