"""Scalar formulas as NumPy statements that write into buffers: three-address code, no temporaries.

A formula becomes one call of a ufunc a line. Scratch buffers are named t0, t1, ...
and reused as soon as a value has been consumed; their number is known when all
lines are there.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import sympy as sp

from symtrans.codegen.common import SIGN, A, R
from symtrans.codegen.printers import NumpyPrinter
from symtrans.codegen.scalar import Branch
from symtrans.errors import NonlinearityError

_LONGEST_CHAIN = 4  # the largest whole exponent that is printed as multiplications


@dataclass(frozen=True)
class Operand:
    """A name or a scalar in generated code."""

    text: str
    is_array: bool = True
    scratch: bool = False  # ours to overwrite


class Lowering:
    """Writes the statements of one function of `r` (an array) and named scalars.

    Parameters
    ----------
    printer : NumpyPrinter
        Prints what is scalar.

    Examples
    --------
    >>> lowering = Lowering(NumpyPrinter("float64"))
    >>> lowering.assign(R * sp.exp(-(R**2)), "q")
    >>> lowering.lines
    ['np.multiply(r, r, out=t0)', 'np.negative(t0, out=t0)', 'np.exp(t0, out=t0)', 'np.multiply(r, t0, out=q)']
    >>> lowering.buffers
    ('t0',)
    """

    def __init__(self, printer: NumpyPrinter) -> None:
        self.lines: list[str] = []
        self._printer = printer
        self._free: list[str] = []
        self._count = 0
        self._arrays: dict[sp.Symbol, Operand] = {R: Operand("r")}

    @property
    def buffers(self) -> tuple[str, ...]:
        """The scratch buffers that the lines use."""
        return tuple(f"t{index}" for index in range(self._count))

    def uses(self, word: str) -> bool:
        """Whether a line mentions a name, such as ``mask`` (a buffer of booleans) or ``select``."""
        return any(re.search(rf"\b{word}\b", line) for line in self.lines)

    def assign(self, expr: sp.Expr, out: str) -> None:
        """Statements that leave the value of `expr` in the buffer `out`."""
        self._store(self._lower(expr), out)

    def select(self, branches: Iterable[Branch], outs: Iterable[str]) -> None:
        """Statements that leave the values of the branches in the buffers `outs`, one for each value.

        The innermost branch is everywhere; each outer one replaces it where it applies. All are
        evaluated everywhere, quietly, and what does not apply is dropped bit by bit.
        """
        outs = tuple(outs)
        *outer, inner = branches
        shared = frozenset(self._arrays)
        self._name_temporaries(inner)
        for value, out in zip(inner.values, outs, strict=True):
            self.assign(value, out)
        self._forget(shared)
        for branch in reversed(outer):
            modulus = self._array(A)
            shared = frozenset(self._arrays)
            self._name_temporaries(branch)
            values = [self._lower(value) for value in branch.values]
            comparison = {">": "greater", ">=": "greater_equal", "==": "equal"}[branch.relation]
            self.lines.append(f"np.{comparison}({modulus.text}, {branch.bound}, out=mask)")
            bits = self._new()
            for value, out in zip(values, outs, strict=True):
                self._replace(value, out, bits)
            self._free.append(bits)
            self._forget(shared)

    def _replace(self, value: Operand, out: str, bits: str) -> None:
        if value.text in ("0.0", "-0.0"):
            self.lines.append(f"clear(mask, {out}, {bits})")
            return
        if not value.scratch:
            value = self._copy(value)
        self.lines.append(f"select(mask, {value.text}, {out}, {bits})")
        self._release(value)

    def _name_temporaries(self, branch: Branch) -> None:
        for temporary in branch.temporaries:
            value = self._lower(temporary.expr)
            kept = value if value.scratch or not value.is_array else self._copy(value)
            self._arrays[temporary.symbol] = Operand(kept.text, kept.is_array)

    def _forget(self, shared: frozenset[sp.Symbol]) -> None:
        """Frees the named values of a branch."""
        for symbol in [s for s in self._arrays if s not in shared]:
            operand = self._arrays.pop(symbol)
            if symbol in (A, SIGN):
                self._arrays[symbol] = operand  # made inside, of use to the next branch
            elif operand.is_array:
                self._free.append(operand.text)

    # --- buffers -----------------------------------------------------------------------------

    def _new(self) -> str:
        if self._free:
            return self._free.pop()
        self._count += 1
        return f"t{self._count - 1}"

    def _release(self, *operands: Operand) -> None:
        self._free += [operand.text for operand in operands if operand.scratch]

    def _call(self, function: str, *operands: Operand) -> Operand:
        """One statement; its result replaces a scratch operand, or goes into a new buffer."""
        out = next((operand.text for operand in operands if operand.scratch), None) or self._new()
        self.lines.append(f"{function}({', '.join(operand.text for operand in operands)}, out={out})")
        self._release(*{operand.text: operand for operand in operands if operand.text != out}.values())
        return Operand(out, scratch=True)

    def _copy(self, value: Operand) -> Operand:
        name = self._new()
        self.lines.append(f"np.copyto({name}, {value.text})")
        return Operand(name, scratch=True)

    def _store(self, value: Operand, out: str) -> None:
        ending = f", out={value.text})"
        if value.scratch and self.lines and self.lines[-1].endswith(ending):
            self.lines[-1] = self.lines[-1].removesuffix(ending) + f", out={out})"
        else:
            self.lines.append(f"np.copyto({out}, {value.text})")
        self._release(value)

    def _array(self, symbol: sp.Symbol) -> Operand:
        """|r| and the sign of r, made when first needed."""
        if symbol not in self._arrays:
            name = self._new()
            self.lines.append(f"np.abs(r, out={name})" if symbol == A else f"np.copysign(1.0, r, out={name})")
            self._arrays[symbol] = Operand(name)
        return self._arrays[symbol]

    # --- formulas ----------------------------------------------------------------------------

    def _is_array(self, expr: sp.Expr) -> bool:
        return any(s in self._arrays or s in (A, SIGN) for s in expr.free_symbols)

    def _lower(self, expr: sp.Expr) -> Operand:
        if not self._is_array(expr):
            return Operand(self._printer(expr), is_array=False)
        if isinstance(expr, sp.Symbol):
            return self._array(expr)
        if isinstance(expr, sp.Add):
            return self._sum(expr)
        if isinstance(expr, sp.Mul):
            return self._product(expr)
        if isinstance(expr, sp.Pow):
            return self._product(expr) if expr.exp.could_extract_minus_sign() else self._power(expr.base, expr.exp)
        if isinstance(expr, sp.Max | sp.Min):
            name = "np.maximum" if isinstance(expr, sp.Max) else "np.minimum"
            first, *others = map(self._lower, expr.args)
            for other in others:
                first = self._call(name, first, other)
            return first
        function = self._printer.functions.get(type(expr))
        if function is None:
            self._printer(expr)  # raises, and says what is missing
            raise NonlinearityError(f"{type(expr).__name__} has no NumPy form")
        if isinstance(expr, sp.erf | sp.erfc):  # NumPy has neither
            return self._call("by_samples", Operand(function, is_array=False), *map(self._lower, expr.args))
        return self._call(self._printer.function(function), *map(self._lower, expr.args))

    def _sum(self, expr: sp.Add) -> Operand:
        scalars = [term for term in expr.args if not self._is_array(term)]
        terms = [term for term in expr.args if self._is_array(term)]
        terms.sort(key=lambda t: (t.could_extract_minus_sign(), sp.default_sort_key(t)))
        total: Operand | None = None
        if terms[0].could_extract_minus_sign() and scalars:
            total, scalars = self._lower(sp.Add(*scalars)), []
        for term in terms:
            if total is None:
                total = self._lower(term)
            elif term.could_extract_minus_sign():
                total = self._call("np.subtract", total, self._lower(-term))
            else:
                total = self._call("np.add", total, self._lower(term))
        assert total is not None
        return self._call("np.add", total, self._lower(sp.Add(*scalars))) if scalars else total

    def _product(self, expr: sp.Expr) -> Operand:
        """Scalars first, then the arrays above the line, then those below."""
        factors = sp.Mul.make_args(expr)
        scalar = sp.Mul(*(f for f in factors if not self._is_array(f)))
        arrays = [f for f in factors if self._is_array(f)]
        below = [f for f in arrays if isinstance(f, sp.Pow) and f.exp.could_extract_minus_sign()]
        above = [f for f in arrays if f not in below]
        if SIGN in above:
            rest = sp.Mul(scalar, *(f for f in arrays if f != SIGN))
            if rest.is_nonnegative:
                return self._call("np.copysign", self._lower(rest), Operand("r"))
        total = self._multiply([] if scalar in (1, -1) else [scalar], above)
        if below:
            under = self._multiply([], [sp.Pow(f.base, -f.exp, evaluate=False) for f in below])
            assert under is not None
            total = self._call("np.divide", total or Operand("1.0", is_array=False), under)
        assert total is not None
        return self._call("np.negative", total) if scalar == -1 else total

    def _multiply(self, scalars: list[sp.Expr], factors: list[sp.Expr]) -> Operand | None:
        total: Operand | None = None
        for factor in (*factors, *scalars):
            power = isinstance(factor, sp.Pow) and self._is_array(factor)
            value = self._power(factor.base, factor.exp) if power else self._lower(factor)
            total = value if total is None else self._call("np.multiply", total, value)
        return total

    def _power(self, base: sp.Expr, exponent: sp.Expr) -> Operand:
        if exponent == 1:
            return self._lower(base)
        if base == A and exponent.is_even:
            base = R
        value = self._lower(base)
        if exponent == sp.Rational(1, 2):
            return self._call("np.sqrt", value)
        if exponent == 2:
            return self._call("np.multiply", value, value)
        doubled = 2 * exponent
        if not isinstance(doubled, sp.Integer) or not 1 <= doubled <= 2 * _LONGEST_CHAIN:
            return self._call("np.power", value, self._lower(exponent))
        kept = Operand(value.text)  # until the chain is done
        total = self._call("np.sqrt", kept) if doubled % 2 else kept
        for _ in range(int(doubled) // 2 - (0 if doubled % 2 else 1)):
            total = self._call("np.multiply", total, kept)
        self._release(value)
        return total
