"""Runs Python functions for the differential tests: one JSON job a line in, one JSON answer a line out.

A job is {"source", "function", "calls": [[argument, ...], ...]}; its answer is {"results": [...]}, one for each call, or
{"broken": why} where the source defines no such function. Values travel with their kind (see `decode`), so that neither side guesses: an
int is never a float, a tuple never a list.

Before it runs, a source gets three kinds of probes, none of which changes what it computes:
- a step count in each loop and function, so that a run ends after as many steps on every machine;
- a watch over the results of operators and calls, to know whether an int has left 64 bits on the way;
- `sum` that adds from left to right, as CPython 3.11 does (later versions correct the rounding of floats).
"""

import ast
import json
import signal
import sys
import typing

STEPS = 20_000
LARGE = 200_000
SECONDS = 2
INT_MIN, INT_MAX = -(2**63), 2**63 - 1


class Limit(BaseException):
    """A run that takes more than it may: says nothing of the function."""


class Watch:
    steps = 0
    is_wide = False
    is_running = False


def watched(value):
    if type(value) is int:
        if not INT_MIN <= value <= INT_MAX:
            Watch.is_wide = True
    elif type(value) is list:
        for item in value:
            if type(item) is int and not INT_MIN <= item <= INT_MAX:
                Watch.is_wide = True
    return value


def step():
    Watch.steps += 1
    if Watch.steps > STEPS:
        raise Limit


def counted(items):
    for item in items:
        step()
        yield watched(item)


def bounded_range(*args):
    made = range(*args)
    if made and (abs(made[-1] - made[0]) // abs(made.step)) > LARGE:
        raise Limit
    return made


def multiply(left, right):
    for many, count in ((left, right), (right, left)):
        if isinstance(count, int) and isinstance(many, (str, list, tuple)) and len(many) * count > LARGE:
            raise Limit
    if isinstance(left, int) and isinstance(right, int) and left.bit_length() + right.bit_length() > LARGE:
        raise Limit
    return watched(left * right)


def power(base, exponent):
    if isinstance(base, int) and isinstance(exponent, int) and exponent > 0:
        if base.bit_length() * exponent > LARGE:
            raise Limit
    return watched(base**exponent)


def shift_left(value, count):
    if isinstance(count, int) and count > LARGE:
        raise Limit
    return watched(value << count)


def add_up(items, start=0):
    if isinstance(start, str):
        return sum(items, start)
    total = start
    for item in items:
        step()
        total = watched(total + item)
    return total


def magnitude(value):
    return watched(abs(value))


PROBES = {
    "__watched": watched,
    "__step": step,
    "__counted": counted,
    "__range": bounded_range,
    "__multiply": multiply,
    "__power": power,
    "__shift_left": shift_left,
    "__sum": add_up,
    "__abs": magnitude,
}
OPERATORS = {ast.Mult: "__multiply", ast.Pow: "__power", ast.LShift: "__shift_left"}
BUILTINS = {"range": "__range", "sum": "__sum", "abs": "__abs"}


HERE = {"lineno": 1, "col_offset": 0}


def call(name, *args):
    return ast.Call(ast.Name(name, ast.Load(), **HERE), list(args), [], **HERE)


def statement(name, *args):
    return ast.Expr(call(name, *args), **HERE)


class Probe(ast.NodeTransformer):
    """Puts the probes in; a name that the source defines itself is left alone."""

    def __init__(self, tree):
        self.own = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Name):
                if not isinstance(node.ctx, ast.Load):
                    self.own.add(node.id)
            elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                self.own.add(node.name)
            elif isinstance(node, ast.arg):
                self.own.add(node.arg)

    def visit_BinOp(self, node):
        self.generic_visit(node)
        name = OPERATORS.get(type(node.op))
        return call("__watched", node) if name is None else call(name, node.left, node.right)

    def visit_UnaryOp(self, node):
        self.generic_visit(node)
        return call("__watched", node) if isinstance(node.op, (ast.USub, ast.Invert)) else node

    def visit_Call(self, node):
        self.generic_visit(node)
        return call("__watched", node)

    def visit_Name(self, node):
        name = BUILTINS.get(node.id)
        is_ours = name is not None and isinstance(node.ctx, ast.Load) and node.id not in self.own
        return ast.Name(name, node.ctx, **HERE) if is_ours else node

    def visit_AugAssign(self, node):
        """`x += e` stays what it is, for lists it is no `x = x + e`; a plain name or item is looked at afterwards."""
        self.generic_visit(node)
        before, after = [], []
        target = node.target
        is_plain = not isinstance(target, ast.Subscript) or isinstance(target.slice, (ast.Name, ast.Constant, ast.Slice))
        if not is_plain and isinstance(target.value, ast.Name):
            # The place is looked for once, so that the item can be looked at afterwards.
            before = [ast.Assign([ast.Name("__place", ast.Store(), **HERE)], target.slice, **HERE)]
            target.slice = ast.Name("__place", ast.Load(), **HERE)
        if isinstance(node.target, ast.Subscript) and isinstance(node.target.slice, (ast.Name, ast.Constant)):
            after = [statement("__watched", ast.Subscript(node.target.value, node.target.slice, ast.Load(), **HERE))]
        if isinstance(node.target, ast.Name):
            after = [statement("__watched", ast.Name(node.target.id, ast.Load(), **HERE))]
        if type(node.op) is ast.Mult and isinstance(node.target, ast.Name):
            # The guard computes the product once for nothing, and stops before a huge one is made.
            guard = statement("__multiply", ast.Name(node.target.id, ast.Load(), **HERE), node.value)
            is_plain = isinstance(node.value, (ast.Name, ast.Constant))
            return [guard, node, *after] if is_plain else [node, *after]
        return [*before, node, *after]

    def loop(self, node):
        self.generic_visit(node)
        node.body.insert(0, statement("__step"))
        return node

    visit_For = loop
    visit_While = loop

    def visit_FunctionDef(self, node):
        self.generic_visit(node)
        is_doc = isinstance(node.body[0], ast.Expr) and isinstance(node.body[0].value, ast.Constant)
        node.body.insert(1 if is_doc else 0, statement("__step"))
        return node

    def visit_comprehension(self, node):
        self.generic_visit(node)
        node.iter = call("__counted", node.iter)
        return node

    def visit_arg(self, node):
        return node

    def visit_AnnAssign(self, node):
        node.target = self.visit(node.target)
        node.value = None if node.value is None else self.visit(node.value)
        return node


def load(source, function):
    tree = ast.parse(source)
    tree = Probe(tree).visit(tree)
    scope = dict(PROBES, __name__="subject")
    exec(compile(tree, "subject.py", "exec"), scope)
    return scope[function]


def decode(value):
    """null, a truth value and a string as they are; else [kind, content ...]."""
    if not isinstance(value, list):
        return value
    kind, *content = value
    if kind == "int":
        return int(content[0])
    if kind == "float":
        return float(content[0])
    if kind == "list":
        return [decode(item) for item in content]
    if kind == "tuple":
        return tuple(decode(item) for item in content)
    if kind == "set":
        return {decode(item) for item in content}
    if kind == "dict":
        return {decode(key): decode(item) for key, item in content}
    raise ValueError(kind)


def encode(value):
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        return ["int", str(watched(value))]
    if isinstance(value, float):
        return ["float", repr(value)]
    if isinstance(value, dict):
        return ["dict", *([encode(key), encode(item)] for key, item in value.items())]
    if isinstance(value, tuple):
        return ["tuple", *(encode(item) for item in value)]
    if isinstance(value, (set, frozenset)):
        return ["set", *(encode(item) for item in value)]
    if isinstance(value, (list, range)) or type(value).__name__ == "deque":
        return ["list", *(encode(item) for item in value)]
    return ["other", type(value).__name__]


def fit(value, hint):
    """A value in the shape that the annotation asks for: `tuple[int, ...]` and `set[int]` arrive as lists."""
    origin, parts = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Union:
        return None if value is None else fit(value, next(part for part in parts if part is not type(None)))
    if hint is float and type(value) is int:
        return float(value)
    if origin is tuple or hint is tuple:
        if len(parts) == 2 and parts[1] is ...:
            return tuple(fit(item, parts[0]) for item in value)
        return tuple(fit(item, part) for item, part in zip(value, parts)) if parts else tuple(value)
    if origin in (set, frozenset):
        return {fit(item, parts[0]) for item in value}
    if origin is dict and parts:
        value = dict(value)
        return {fit(key, parts[0]): fit(item, parts[1]) for key, item in value.items()}
    if origin is list and parts:
        return [fit(item, parts[0]) for item in value]
    return value


def stop(*_):
    if Watch.is_running:
        raise Limit


def run(function, hints, args):
    Watch.steps, Watch.is_wide = 0, False
    given = [fit(decode(arg), hints.get(name)) for arg, name in zip(args, function.__code__.co_varnames)]
    try:
        answer = outcome(function, given)
    except (Limit, RecursionError, MemoryError):
        answer = {"limit": True}
    finally:
        Watch.is_running = False
    if Watch.is_wide:
        answer["wide"] = True
    return answer


def outcome(function, given):
    # Time of this process, not of the clock: what a loaded machine takes longer for is no limit.
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
    Watch.is_running = True
    try:
        value = function(*given)
    except Exception as error:
        if isinstance(error, (RecursionError, MemoryError)):
            raise
        return {"raised": type(error).__name__}
    Watch.is_running = False
    return {"value": encode(value)}


def answer(job):
    try:
        function = load(job["source"], job["function"])
        hints = typing.get_type_hints(function)
    except Exception as error:
        return {"broken": f"{type(error).__name__}: {error}"}
    return {"results": [run(function, hints, args) for args in job["calls"]]}


def main():
    sys.set_int_max_str_digits(0)
    signal.signal(signal.SIGVTALRM, stop)
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (2**31, 2**31))
    except (ImportError, ValueError):
        pass
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)


main()
