"""An expression of ``x``, such as ``clip(x*2+1, 0, 1)``: a whitelist over Python's syntax, compiled once."""

from __future__ import annotations

import ast
import difflib
import math
import warnings
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any

import numpy as np

from belabridge.errors import UsageError
from belabridge.mapping.function import Floats, Function
from belabridge.mapping.words import CONSTANTS, FUNCTIONS, OPERATORS

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST = 1000  # characters: far more than a line of a config, far less than a burden
MOST_NODES = 500  # operations that a text of that length can hold in earnest
DEEPEST = 60  # nested parts; beyond it nobody reads it, and Python's own compiler has limits

_PLAIN = (ast.Add, ast.Sub, ast.Mult)  # on floats these never raise
_CALLED: dict[type[ast.AST], str] = {
    ast.Div: "div op",
    ast.FloorDiv: "floordiv op",
    ast.Mod: "mod op",
    ast.Pow: "pow op",
    ast.Lt: "lt op",
    ast.LtE: "le op",
    ast.Gt: "gt op",
    ast.GtE: "ge op",
    ast.Eq: "eq op",
    ast.NotEq: "ne op",
    ast.And: "and op",
    ast.Or: "or op",
}
_SCALARS = {name: word.scalar for name, word in (FUNCTIONS | OPERATORS).items()}
_ARRAYS = {name: word.array for name, word in (FUNCTIONS | OPERATORS).items()}


def problem(text: str) -> str | None:
    """What is wrong with an expression, its column first (from 1); None when it is fine."""
    try:
        compile_expr(text)
    except UsageError as fault:
        return str(fault)
    return None


def compile_expr(text: str) -> Function:
    """The function of ``x`` that ``text`` says.

    Numbers are float64 throughout, and a comparison is 1.0 or 0.0. Nothing raises: 1/0 is infinity, the
    square root of -1 is NaN, ``9**9**9`` is infinity. Both sides of ``a if c else b`` are evaluated.

    Raises:
        UsageError: for anything that is not such an expression, with the column; also for one without
            ``x`` whose value is not a finite number.
    """
    if len(text) > LONGEST:
        raise _fault(0, f"an expression of {len(text)} characters is too long: at most {LONGEST}")
    rewriter = _Rewriter(text)
    body = rewriter.rewrite(_parse(text), 0)
    code = _code(body)
    one = FunctionType(code, {"__builtins__": {}, **_SCALARS}, "expr")
    inner = FunctionType(code, {"__builtins__": {}, **_ARRAYS}, "expr")

    @np.errstate(all="ignore")
    def many(x: Floats) -> Floats:
        y = np.asarray(inner(x), dtype=np.float64)
        return y if y.shape == x.shape else np.full(x.shape, y)

    if not rewriter.uses_x and not math.isfinite(one(0.0)):
        raise _fault(0, "this is never a finite number")
    return Function(one, many)


def _fault(column: int, what: str) -> UsageError:
    return UsageError(f"at column {column + 1}: {what}")


def _parse(text: str) -> ast.expr:
    if "#" in text:
        raise _fault(text.index("#"), "a comment cannot stand in an expression: leave it out")
    # spaces for line breaks keep the columns, and let a long expression be folded over lines
    line = "".join(" " if c.isspace() else c for c in text)
    start = len(line) - len(line.lstrip())
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python's advice on style is not for a config
            tree = ast.parse(line.strip(), mode="eval")
    except SyntaxError as fault:
        # Python gives no place when the text ends too early
        column = fault.offset - 1 if fault.offset else len(line.strip())
        raise _fault(start + column, "this is not an expression: write one such as x*2+1") from None
    except (ValueError, RecursionError, MemoryError):
        raise _fault(0, "this is not an expression: write one such as x*2+1") from None
    return tree.body


def _code(body: ast.expr) -> CodeType:
    arguments = ast.arguments(posonlyargs=[], args=[ast.arg("x")], kwonlyargs=[], kw_defaults=[], defaults=[])
    tree = ast.Expression(ast.Lambda(arguments, body))
    module = compile(ast.fix_missing_locations(tree), "<expr>", "eval")
    return next(constant for constant in module.co_consts if isinstance(constant, CodeType))


class _Rewriter:
    """Builds the tree anew, of allowed parts only: what is not known here does not get in."""

    def __init__(self, text: str) -> None:
        self.uses_x = False
        self._indent = len(text) - len(text.lstrip())
        self._line = text.strip()
        self._nodes = 0
        # each takes only nodes of its type, which a dict cannot say
        self._kinds: dict[type[ast.expr], Callable[[Any, int], ast.expr]] = {
            ast.Constant: self._number,
            ast.Name: self._name,
            ast.BinOp: self._binary,
            ast.UnaryOp: self._unary,
            ast.BoolOp: self._logic,
            ast.Compare: self._compare,
            ast.IfExp: self._choice,
            ast.Call: self._function,
        }

    def rewrite(self, node: ast.expr, depth: int) -> ast.expr:
        self._nodes += 1
        if depth > DEEPEST or self._nodes > MOST_NODES:
            raise self._fault(node, "this expression is too deep or too long: make it simpler")
        rewrite_kind = self._kinds.get(type(node))
        if rewrite_kind is None:
            raise self._unknown(node)
        return rewrite_kind(node, depth + 1)

    def _unknown(self, node: ast.expr) -> UsageError:
        return self._fault(
            node, f"{_kind(node)} cannot be used here: only numbers, x, operators and functions"
        )

    def _number(self, node: ast.Constant, _depth: int) -> ast.expr:
        if isinstance(node.value, bool) or not isinstance(node.value, (int, float)):
            raise self._unknown(node)
        try:
            number = float(node.value)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            raise self._fault(node, "this number is too large")
        return ast.Constant(number)

    def _name(self, node: ast.Name, _depth: int) -> ast.expr:
        name = node.id
        if name == "x":
            self.uses_x = True
            return ast.Name("x", ast.Load())
        if name in CONSTANTS:
            return ast.Constant(CONSTANTS[name])
        if name in FUNCTIONS:
            raise self._fault(node, f"{name} is a function: write {name}(x)")
        raise self._fault(node, f"{name[:40]!r} is not known{_near(name)}: the value is x")

    def _binary(self, node: ast.BinOp, depth: int) -> ast.expr:
        left, right = self.rewrite(node.left, depth), self.rewrite(node.right, depth)
        if isinstance(node.op, _PLAIN):
            return ast.BinOp(left, node.op, right)
        if type(node.op) not in _CALLED:
            raise self._fault(node, "this operator cannot be used here: there are + - * / // % **")
        return _call(_CALLED[type(node.op)], left, right)

    def _unary(self, node: ast.UnaryOp, depth: int) -> ast.expr:
        operand = self.rewrite(node.operand, depth)
        match node.op:
            case ast.UAdd():
                return operand
            case ast.USub():
                return ast.UnaryOp(ast.USub(), operand)
            case ast.Not():
                return _call("not op", operand)
        raise self._fault(node, "this operator cannot be used here: there are - + not")

    def _logic(self, node: ast.BoolOp, depth: int) -> ast.expr:
        return self._joined(_CALLED[type(node.op)], [self.rewrite(value, depth) for value in node.values])

    def _choice(self, node: ast.IfExp, depth: int) -> ast.expr:
        return _call("if op", *(self.rewrite(part, depth) for part in (node.test, node.body, node.orelse)))

    def _compare(self, node: ast.Compare, depth: int) -> ast.expr:
        sides = [node.left, *node.comparators]
        parts = []
        for op, left, right in zip(node.ops, sides[:-1], sides[1:], strict=True):
            if type(op) not in _CALLED:
                raise self._fault(right, "this comparison cannot be used here: there are < <= > >= == !=")
            parts.append(_call(_CALLED[type(op)], self.rewrite(left, depth), self.rewrite(right, depth)))
        return self._joined("and op", parts)

    def _joined(self, name: str, parts: list[ast.expr]) -> ast.expr:
        joined = parts[0]
        for part in parts[1:]:
            joined = _call(name, joined, part)
        return joined

    def _function(self, node: ast.Call, depth: int) -> ast.expr:
        if not isinstance(node.func, ast.Name):
            raise self._fault(node.func, f"{_kind(node.func)} cannot be called")
        name = node.func.id
        word = FUNCTIONS.get(name)
        if word is None:
            raise self._fault(node.func, f"there is no function {name[:40]!r}{_near(name)}")
        if node.keywords:
            raise self._fault(node, f"{name} takes its arguments without names")
        if not word.least <= len(node.args) <= word.most:
            count = f"{word.least}" if word.least == word.most else f"{word.least} to {word.most}"
            plural = "" if count == "1" else "s"
            raise self._fault(node, f"{name} takes {count} argument{plural}, not {len(node.args)}")
        return _call(name, *(self.rewrite(arg, depth) for arg in node.args))

    def _fault(self, node: ast.expr, what: str) -> UsageError:
        # ast counts in bytes of UTF-8, a person in characters
        column = len(self._line.encode()[: node.col_offset].decode(errors="ignore"))
        return _fault(self._indent + column, what)


def _call(name: str, *args: ast.expr) -> ast.expr:
    return ast.Call(ast.Name(name, ast.Load()), list(args), [])


def _near(name: str) -> str:
    near = difflib.get_close_matches(name.lower(), [*FUNCTIONS, *CONSTANTS], n=1)
    return f", did you mean {near[0]}?" if near else ""


def _kind(node: ast.expr) -> str:
    match node:
        case ast.Constant():
            return "a text" if isinstance(node.value, str) else f"{str(node.value)[:20]}"
        case ast.Attribute():
            return "a dot"
        case ast.Subscript() | ast.List() | ast.ListComp():
            return "a bracket"
        case ast.Tuple():
            return "a comma"
        case ast.Lambda():
            return "a lambda"
        case _:
            return "this"
