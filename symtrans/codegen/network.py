"""The residual network of diffusion blocks: what is to be generated, checked for stability."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any

import numpy as np
import sympy as sp

from symtrans.catalogue.family import Family, translate
from symtrans.codegen.command import command_of
from symtrans.codegen.conditions import assumed, conditions
from symtrans.codegen.floating_point.finiteness import is_bounded
from symtrans.codegen.floating_point.range_proof import keeps_range, largest_steps
from symtrans.codegen.formulas import Block
from symtrans.codegen.kernel import Kernel, compiled_here
from symtrans.codegen.parameter_range import parameter_range, refuse_grid
from symtrans.codegen.pipeline import Stages
from symtrans.codegen.promises import in_floating_point
from symtrans.codegen.source import Source
from symtrans.codegen.specification import Specification
from symtrans.codegen.tables import table_of
from symtrans.codegen.targets import target_of
from symtrans.errors import NonlinearityError
from symtrans.language.symbols import Names
from symtrans.language.text_printer import plain
from symtrans.nonlinearity.kind import Kind
from symtrans.nonlinearity.kinds import Activation
from symtrans.nonlinearity.named import identifier_of
from symtrans.runtime.display import Shown, shown
from symtrans.runtime.public import public
from symtrans.schemes import EXPLICIT, Scheme, scheme_of
from symtrans.schemes.fsi import reached
from symtrans.schemes.grid import Grid
from symtrans.schemes.scheme import Coefficients
from symtrans.stability.certificate import Certificate
from symtrans.stability.guarantees import Guarantee, guarantees, refuse_unstable
from symtrans.stability.pace import paced
from symtrans.stability.prose import formula_in_r, statements
from symtrans.stability.prover import certify

DTYPES = ("float64", "float32")


@public
@dataclass(frozen=True, init=False, repr=False)
class Network(Shown):
    r"""A chain of residual blocks u <- u + tau D⁻ Phi(D⁺ u) (Theorem 1), of signals, images or volumes.

    Parameters
    ----------
    nonlinearity : Family or Kind
        Any of the four kinds; the activation is derived.
    blocks : int, optional
        How many blocks, at least 1 (default); what `time` needs if that is given.
    tau : number, str, Symbol, optional
        The time step. None takes the step with the strongest guarantee: the sign-stable h²/(4 g_max) on one axis,
        1/(2 g_max sum 1/h²) on more. A symbol is a parameter of the kernel and checked when it is called.
    h : number, str, Symbol, or a tuple of them
        The grid size; of a tuple, one entry for each of the last axes, which are filtered together.
    boundary : {"reflecting", "periodic"}
    coupling : {"isotropic", "separable"}
        Whether the samples of a cell share g(\|∇u\|), or each edge has its own.
    channels : bool
        Whether the axis before those holds channels, such as colours, that share g.
    scheme : {"explicit", "semi-implicit", "fsi", "implicit"}
        How a block steps in time; a member of `symtrans.schemes.SCHEMES`.
    cycle : int, optional
        The steps of one block of the scheme "fsi"; without, and with a `time`, what that needs, else 10.
    time : number, str, optional
        The diffusion time to stop at, instead of the number of blocks, or of the step. Alone it chooses as many steps
        as are stable, and where any is ("semi-implicit", "implicit") one for twenty explicit ones.
    unstable : {None, "allow"}
        "allow" accepts a tau above the bound of the scheme, or one that cannot be judged.

    Raises
    ------
    StabilityError
        If what the scheme must keep, the max-min principle or the Euclidean norm, fails for this tau, or is not proved.

    Examples
    --------
    >>> from symtrans import Diffusivity
    >>> network = Network(Diffusivity("exp(-r^2/(2 lambda^2))"), blocks=8)
    >>> network.tau
    1/4
    >>> kernel = network.compile("numpy")
    >>> kernel([0.0, 1.0, 0.0], lam=1.0).round(3)
    array([0.333, 0.333, 0.333])

    An image, to the diffusion time 3:

    >>> network = Network(Diffusivity("exp(-r^2/(2 lambda^2))"), time=3, h=(1, 1))
    >>> network.blocks, network.tau
    (12, 1/4)
    """

    activation: Activation
    blocks: int
    tau: sp.Expr
    grid: Grid
    scheme: Scheme
    cycle: int
    certificate: Certificate = field(repr=False, compare=False)
    name: str = field(repr=False)
    origin: Kind = field(repr=False, compare=False)
    unstable: str | None = field(repr=False)

    def __init__(
        self,
        nonlinearity: Family | Kind,
        blocks: int | None = None,
        tau: Any = None,
        h: Any = 1,
        boundary: str | None = None,
        *,
        coupling: str | None = None,
        channels: bool | None = None,
        scheme: Scheme | str = "explicit",
        cycle: int | None = None,
        time: Any = None,
        unstable: str | None = None,
        name: str | None = None,
    ) -> None:
        if not isinstance(nonlinearity, Family | Kind):
            nonlinearity = translate(nonlinearity)  # a name; anything else is refused there
        if isinstance(nonlinearity, Family):
            certificate, activation, origin = nonlinearity.certificate, nonlinearity.activation, nonlinearity.source
            name = identifier_of(nonlinearity.called) if name is None else name
        else:
            certificate, activation = certify(nonlinearity), nonlinearity.to(Activation)
            origin = nonlinearity
        grid, scheme = Grid.of(h, boundary, coupling, channels), scheme_of(scheme)
        if unstable not in (None, "allow"):
            raise NonlinearityError(f'unstable = {unstable!r} is neither None nor "allow"')
        name = name or "network"
        if not isinstance(name, str) or not name.isidentifier() or not name.isascii():
            raise NonlinearityError(f"name = {name!r} is not a plain identifier")
        activation = activation.spelling(tau, h, time)
        blocks, step, cycle = paced(certificate, grid, scheme, blocks, tau, cycle, time)
        values = (activation, blocks, step, grid, scheme, cycle, certificate, name, origin, unstable)
        for each, value in zip(fields(self), values, strict=True):
            object.__setattr__(self, each.name, value)
        if unstable is None:
            refuse_unstable(certificate, self.tau, grid, scheme, None if time is None else blocks)

    def __repr__(self) -> str:
        return self.call_of(repr(self.origin))

    def call_of(self, origin: str) -> str:
        """The call that makes it, of a nonlinearity that is written so."""
        grid = self.grid
        h = self.written(grid.sizes[0]) if grid.axes == 1 else tuple(map(self.written, grid.sizes))
        said = {"blocks": self.blocks, "tau": self.written(self.tau), "h": h, "boundary": grid.boundary}
        more = {
            "coupling": grid.coupling,
            "channels": grid.channels,
            "scheme": self.scheme.name,
            "cycle": self.cycle if self.scheme.name == "fsi" else None,
            "unstable": self.unstable,
            "name": self.name if self.name != "network" else None,
        }
        usual = {"h": "1", "boundary": "reflecting", "coupling": "isotropic", "channels": False, "scheme": "explicit"}
        words = [f"{key}={value!r}" for key, value in {**said, **more}.items() if value != usual.get(key)]
        return f"Network({', '.join([origin, *words])})"

    def __str__(self) -> str:
        return str(shown(self, "pretty"))

    @property
    def h(self) -> sp.Expr | tuple[sp.Expr, ...]:
        """The grid size, or those of all axes."""
        return self.grid.h

    @property
    def time(self) -> sp.Expr:
        """The diffusion time that the whole network stops at.

        Examples
        --------
        >>> from symtrans import Diffusivity
        >>> Network(Diffusivity("exp(-r^2)"), blocks=8).time
        2
        """
        return self.blocks * self.scheme.reach(self.tau, self.cycle)

    @property
    def guarantees(self) -> tuple[Guarantee, ...]:
        """What is proved of exactly this network: scheme, step, grid sizes, boundary, coupling and channels.

        Examples
        --------
        >>> from symtrans import Diffusivity
        >>> for guarantee in Network(Diffusivity("exp(-r^2)"), blocks=4, h=(1, 1)).guarantees:
        ...     print(guarantee)
        proved: min f <= u <= max f (max-min principle)
        proved: the Euclidean norm never grows
        proved: the energy sum Psi(|grad u|) never rises
        proved: the sum of all samples stays the same
        """
        return guarantees(self.certificate, self.tau, self.grid, self.scheme)

    @property
    def boundary(self) -> str:
        """The boundary condition by name."""
        return self.grid.boundary

    def with_blocks(self, blocks: int) -> "Network":
        """The same network with another number of blocks.

        Examples
        --------
        >>> from symtrans import Diffusivity
        >>> Network(Diffusivity("exp(-r^2)"), blocks=2).with_blocks(5).blocks
        5
        """
        settings: dict[str, Any] = {"scheme": self.scheme, "unstable": self.unstable, "name": self.name}
        settings["cycle"] = self.cycle if self.scheme.reach is reached else None
        return Network(self.origin, blocks, self.tau, self.grid, **settings)

    def written(self, value: sp.Basic) -> str:
        """A value as text, with decimals where the user gave them."""
        return plain(self.activation.names.written(value))

    def _names(self) -> Names:
        return self.activation.names.knows(sp.Tuple(self.tau, *self.grid.sizes))

    def _coefficients(self, tau: sp.Expr) -> Coefficients:
        """What a kernel with this time step multiplies by, in inner symbols."""
        names = self._names()
        return self.scheme.coefficients(names.inward(tau), self.grid.with_sizes(map(names.inward, self.grid.sizes)))

    def _block(self, dtype: str) -> Block:
        """What a kernel of a dtype computes: there the step is cut off below the max-min bound."""
        own, bound = self._coefficients(self.tau), self._bound()
        largest = () if bound is None else largest_steps(self._coefficients(bound), dtype)
        given = {symbol for _, expr in own for symbol in expr.free_symbols}
        symbols = sorted({*self.activation.half.parameters, *given}, key=lambda symbol: symbol.name)
        return Block(self.activation.half, own, largest, tuple(symbols), dtype)

    def lowered(self, target: str = "c", dtype: str = "float64", **options: Any) -> Stages:
        """Every stage on the way to source text, to be looked at; see `symtrans.codegen.pipeline`.

        Parameters
        ----------
        target, dtype, **options
            As those of `source`.

        Examples
        --------
        >>> from symtrans import Diffusivity
        >>> Network(Diffusivity("exp(-|r|/lambda)"), tau="1/5").lowered("numpy").program
        parameters lam
        c0 = div(-1, lam)
        step: 1/5
        inputs r
        a = abs(r)
        otherwise
            %0.0 = mul(a, c0)
            %0.1 = exp(%0.0)
            %0.2 = mul(r, %0.1)
            flux: %0.2
        """
        return self._specification(target, dtype, None, target_of(target).chosen(options, running=False)).stages

    def _bound(self) -> sp.Expr | None:
        """The largest stable step, None where any will do."""
        bound = self.certificate.steps(self.grid, scheme=self.scheme)[self.scheme.required].value
        return None if self.unstable or bound is sp.oo else bound

    @property
    def parameters(self) -> tuple[sp.Symbol, ...]:
        """What a kernel is given when called: the parameters of Phi, and a symbolic tau or h."""
        names = self._names()
        return tuple(names.outward(symbol) for symbol in self._block("float64").symbols)

    def source(self, target: str = "c", dtype: str = "float64", *, clamp: bool | None = None, **options: Any) -> Source:
        """Generate source text.

        Parameters
        ----------
        target : {"c", "numpy", "torch", "jax"} or one that another package brings
        dtype : {"float64", "float32"}
        clamp : bool, optional
            Whether each block clamps every new sample to the range of the three old samples that
            it is made of, so that min f <= u <= max f holds whatever rounding does. None: only where
            that is not proved without (docs/floating-point.md).
        **options
            Those of the target. C has accuracy, "fast" (default) or "strict". "fast": exp, log, tanh, erf, atan
            and, in float32, 1/sqrt are inlined
            polynomials, each with a proved bound of at most 5.5 units in the last place, stated where
            it is defined; 1/sqrt begins with an instruction whose bits are those of the processor's
            maker. "strict": square roots, quotients and the functions of the C library, several times
            slower. Other functions, and those of target "numpy", are always the library's.

        Returns
        -------
        Source
            A mapping from file name to text, with ``write(folder)``.
        """
        chosen = target_of(target).chosen(options, running=False)
        return Source(target_of(target).emit(self._specification(target, dtype, clamp, chosen)))

    def compile(
        self, target: str | None = None, dtype: str = "float64", *, clamp: bool | None = None, **options: Any
    ) -> Kernel:
        """Generate, compile (C only) and load a kernel.

        Parameters
        ----------
        target : {"c", "numpy"} or one that another package brings, optional
            None takes C, and NumPy where C cannot be had.
        dtype, clamp, **options
            As those of `source`, and ``threads``: how many threads the C kernel may use (OpenMP, default 1);
            the results have the same bits for any number. A worker that was forked runs on one.

        Raises
        ------
        CompilerError
            If there is no working C compiler, and target "c" was asked for.
        NonlinearityError
            If the target has no such option, or its files cannot be run from Python.

        Warns
        -----
        FallbackWarning
            If NumPy was taken for C, with the reason.
        """
        if target is None:
            return compiled_here(self, dtype, clamp, options)
        language = target_of(target)
        chosen = language.chosen(options, running=True)
        if language.load is None:
            raise NonlinearityError(f"files of target {target!r} cannot be run from here; write them with source()")
        of_text = {name: value for name, value in chosen.items() if not language.options[name].running}
        specification = self._specification(target, dtype, clamp, of_text)
        symbols = tuple(p.symbol for p in specification.program.numbers)
        names, bound = self._names(), self._bound()
        sizes = tuple(map(names.inward, self.grid.sizes))
        checks = conditions(symbols, names.inward(self.tau), sizes, None if bound is None else names.inward(bound))
        presumed = assumed(symbols, self.activation.assumptions, self.activation.names)
        checks = (*presumed, *checks, parameter_range(specification.program, specification.dtype))
        of_adjoint = lambda: parameter_range(specification.gradients, specification.dtype)  # noqa: E731 - once asked for
        loaded = language.load(specification, chosen)
        return Kernel(self, (target, dtype, clamp, chosen), symbols, checks, of_adjoint, loaded)

    def _specification(self, target: str, dtype: str, clamp: bool | None, options: Mapping[str, Any]) -> Specification:
        """What a target needs, derived once: the text and the kernel of one network share it."""
        dtype = getattr(np.dtype(dtype), "name", dtype) if isinstance(dtype, type | np.dtype) else dtype
        if dtype not in DTYPES:
            raise NonlinearityError(f"dtype = {dtype!r} is none of {', '.join(DTYPES)}")
        if clamp not in (None, True, False):
            raise NonlinearityError(f"clamp = {clamp!r} is none of None, True, False")
        key = (target, dtype, clamp, *sorted(options.items()))
        if key not in self._derived:
            self._derived[key] = self._specified(target, dtype, clamp, options)
        return self._derived[key]

    @cached_property
    def _derived(self) -> dict[Hashable, Specification]:
        return {}

    def __getstate__(self) -> dict[str, Any]:
        """What was derived does not travel."""
        return {key: value for key, value in self.__dict__.items() if key in self.__dataclass_fields__}

    def _specified(self, target: str, dtype: str, clamp: bool | None, options: Mapping[str, Any]) -> Specification:
        target_of(target).refuse_uncovered(self.scheme, self.grid)
        g_max, dialect = self.certificate.g_max.value, target_of(target).dialect(dtype, options)
        block = self._block(dtype)
        refuse_grid(block.coefficients, dtype)
        if dialect.tables and self.scheme is EXPLICIT:
            block = replace(block, table=table_of(block.flux, g_max))
        stages = Stages(block, dialect)
        program = stages.diffusivity if self.scheme.takes_diffusivity(self.grid) else stages.program
        explicit = self.scheme is EXPLICIT
        safe = explicit and not self.unstable and g_max is not None
        safe = safe and keeps_range(program, self._names().inward(g_max), self.grid.dimensions)
        clamps = explicit and not (safe or self.unstable) if clamp is None else clamp
        if clamps and not explicit:
            raise NonlinearityError(f"clamp = True: blocks of the {self.scheme.name} scheme are not clamped")
        promises = in_floating_point(program, dtype, self.scheme, self.grid, safe, clamps, bool(self.unstable))
        names = self.activation.names
        return Specification(
            name=self.name,
            stages=stages,
            blocks=self.blocks,
            scheme=self.scheme,
            cycle=self.cycle,
            grid=self.grid.with_sizes(map(names.written, self.grid.sizes)),
            dtype=dtype,
            flux=formula_in_r(self.activation) if block.table is None else str(block.table),
            tau=names.written(self.tau),
            bounded=is_bounded(self.activation.half),
            statements=(*statements(self.certificate, self.grid, self.scheme), *promises),
            options=options,
            clamp=clamps,
            command=command_of(self, target, dtype, clamp, options),
        )
