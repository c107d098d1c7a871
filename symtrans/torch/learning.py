"""A module of a nonlinearity: its parameters as learned numbers, under the keywords that a kernel calls them by."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

import sympy as sp
import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from symtrans.errors import NonlinearityError, with_article
from symtrans.language.symbols import keyword_of, number_of, short
from symtrans.nonlinearity.kind import Kind
from symtrans.torch.kernels import DTYPES
from symtrans.torch.parametrizations import Positive
from symtrans.torch.recipe import Assumptions, Recipe

_EXTRA = "_extra_state"
"""The name by which PyTorch saves what `get_extra_state` returns."""


class Remade(nn.Module):
    """A module that goes to another process as what it was made of, since parametrised ones do not pickle."""

    _given: Mapping[str, Any]
    """The arguments that made it."""
    _saved_as: str
    """What the numbers of a checkpoint are the parameters of."""

    def get_extra_state(self) -> Tensor:
        """What a checkpoint says of itself, in bytes: whoever handles state dicts expects tensors alone."""
        return torch.tensor(list(self._saved_as.encode()), dtype=torch.uint8)

    def set_extra_state(self, state: Any) -> None:
        """Nothing is left to do: a checkpoint of another module is refused before a number is taken from it."""

    def __prepare_scriptable__(self) -> NoReturn:
        """What torch.jit.script asks for."""
        raise NonlinearityError(
            "torch.jit.script cannot read this module; take torch.compile, torch.export.export or torch.jit.trace"
        )

    def __setattr__(self, name: str, value: Any) -> None:
        """A learned number takes what it could begin with; PyTorch would keep a value of any shape until it is used."""
        if parametrize.is_parametrized(self, name):
            own = getattr(self, name)
            value = _filled(value, name, own.shape).to(own)
        if isinstance(
            getattr(type(self), name, None), property
        ):  # to which PyTorch would prefer a Parameter of its own
            object.__setattr__(self, name, value)
        else:
            super().__setattr__(name, value)

    def register_parameter(self, name: str, param: nn.Parameter | None) -> None:
        """A parameter; that which pruning sets beside a learned number would be refused by PyTorch in other words."""
        learned = name.removesuffix("_orig")
        if learned != name and hasattr(self, learned) and not isinstance(getattr(self, learned), nn.Parameter):
            raise NonlinearityError(
                f"{learned} cannot be pruned: it is learned under a parametrization, which keeps it where it must be"
            )
        super().register_parameter(name, param)

    @staticmethod
    def _numbers(values: Tensor) -> Tensor:
        """What a tensor holds, to all digits and away from training."""
        if values.is_meta:
            raise NonlinearityError(
                "the module is on the device meta, which holds no numbers: make it on another device, or fill it by "
                "module.to_empty(device='cpu') and load_state_dict"
            )
        numbers = values.detach().double().cpu()
        if not torch.isfinite(numbers).all():
            raise NonlinearityError(
                "the module holds NaN or infinity: its training has diverged; load what it was before, and take "
                "smaller steps"
            )
        return numbers

    def _load_from_state_dict(self, state_dict: Mapping[str, Any], prefix: str, *rest: Any) -> None:
        """Refuse a checkpoint of another module.

        Raises
        ------
        NonlinearityError
            If its numbers are the parameters of something else.
        """
        state = _text_of(state_dict.get(prefix + _EXTRA, self._saved_as))
        if state != self._saved_as:
            there, here = _differing(state, self._saved_as)
            raise NonlinearityError(
                f"the checkpoint is that of another module, {there}; this one is {here}: "
                "make it as that was made which was saved"
            )
        for name, own in self.state_dict().items():
            saved = state_dict.get(prefix + name, own)
            if isinstance(saved, Tensor) and saved.shape != own.shape:
                raise NonlinearityError(
                    f"the checkpoint has {name} of shape {tuple(saved.shape)}, this module {tuple(own.shape)}, one "
                    "for each block, unless they are shared, and each channel: make it with the blocks, shared= and "
                    "channels= of that which was saved"
                )
        super()._load_from_state_dict(state_dict, prefix, *rest)

    def _of_nothing(self, u: Tensor) -> Tensor:
        """An array without samples, which depends on the parameters as every output does: their gradients are 0."""
        return sum((parameter.sum() for parameter in self.parameters()), u)

    def _ready(self, u: Tensor, own: Tensor) -> Tensor:
        """The input, if it fits to a parameter of the module; under autocast made to fit."""
        if not isinstance(u, Tensor):
            if isinstance(u, torch.fx.Proxy):
                raise NonlinearityError("torch.fx.symbolic_trace cannot follow this module; take torch.export.export")
            raise NonlinearityError(f"the signal is {with_article(type(u).__name__)}; give torch.as_tensor(signal)")
        if u.is_nested:
            raise NonlinearityError("the signals are nested; give them one by one, or signals.to_padded_tensor(0.0)")
        if u.layout != torch.strided:
            raise NonlinearityError(f"the signal is {str(u.layout).removeprefix('torch.')}; give signal.to_dense()")
        if u.device != own.device:
            self._numbers(own)
            raise NonlinearityError(f'the signal is on {u.device}, the module on {own.device}: module.to("{u.device}")')
        if u.device.type != "meta" and torch.is_autocast_enabled(u.device.type) and u.is_floating_point():
            u = u.to(own.dtype)
        if u.is_complex():
            raise NonlinearityError(f"the signal is of {u.dtype}; give its parts, module(u.real) and module(u.imag)")
        if u.dtype not in DTYPES:
            raise NonlinearityError(f"the signal is of {u.dtype}; give u.float() or u.double(), scaled as it should be")
        if u.dtype != own.dtype:
            raise NonlinearityError(
                f"the signal is of {u.dtype}, the module of {own.dtype}, and neither is changed without a word: "
                f"take module.to({u.dtype}), or u.to({own.dtype})"
            )
        return u

    def __reduce_ex__(self, protocol: Any) -> Any:
        """It is made as it was made, and its numbers are filled in.

        They alone travel: a worker is handed the memory of tensors, and that of what a checkpoint says of itself, which
        nobody else holds, would be gone.
        """
        kind = parametrize.type_before_parametrizations(self)
        numbers = {name: value for name, value in self.state_dict().items() if not name.endswith(_EXTRA)}
        learned = frozenset(name for name, parameter in self.named_parameters() if parameter.requires_grad)
        return _made_again, (kind, self._given, numbers, self.training, learned)


class Learning(Remade):
    """What `Activation` and `DiffusionNetwork` have in common; a parameter has the shape (blocks, channels) or less."""

    def __init__(self, recipe: Recipe, shape: tuple[int, ...], learnable: Any, values: Mapping[str, Any]) -> None:
        super().__init__()
        self._recipe, self._text, self._shape = recipe, str(recipe), shape
        self._saved_as = self._text
        symbols = {keyword_of(symbol): symbol for symbol in recipe.nonlinearity.parameters}
        self._keys = tuple(symbols)
        for key, value in values.items():
            if key not in symbols:
                there = f"it has {', '.join(symbols)}" if symbols else "it has none"
                there = f"make the module, and then module.to({value!r})" if key in ("device", "dtype") else there
                raise NonlinearityError(f"{key} = {value!r} is no parameter of {recipe.nonlinearity}; {there}")
        self._learned = _chosen(learnable, (*symbols, "tau"))
        for key, symbol in symbols.items():
            if symbol.is_integer:
                raise NonlinearityError(f"{key} is a whole number, which training cannot change; fix it by subs")
            self._learn(key, values.get(key, 1.0), Positive() if symbol.is_positive else None, key in self._learned)
        self._assumed = Assumptions(recipe.nonlinearity)
        self._refuse_contradiction()
        if self._assumed:
            self.register_load_state_dict_post_hook(_refuse_loaded)

    def _load_from_state_dict(self, *state: Any) -> None:
        """Keep the numbers that a checkpoint is about to change: one that contradicts the assumptions is taken back."""
        own = self.state_dict() if self._assumed else {}
        self._before = {name: value.clone() for name, value in own.items()}
        super()._load_from_state_dict(*state)

    def _refuse_contradiction(self) -> None:
        """Refuse numbers of the parameters that contradict the assumptions; in a graph that is compiled the op does."""
        if not torch.compiler.is_compiling() and self._assumed:
            numbers = {key: self._numbers(getattr(self, key)).numpy() for key in self._keys}
            self._assumed.refuse_contradiction(numbers)

    def _ready(self, u: Tensor, own: Tensor) -> Tensor:
        """The input, if it fits, where training has not led out of what is assumed."""
        self._refuse_contradiction()
        return super()._ready(u, own)

    def _learn(self, key: str, start: Any, constraint: nn.Module | None, learned: bool) -> None:
        """Register a parameter that begins with a value, or with an array of them."""
        if hasattr(self, key):
            raise NonlinearityError(f"{key} is a name that modules have already; call the parameter otherwise")
        value = _filled(start, key, self._shape).to(torch.get_default_dtype())
        self.register_parameter(key, nn.Parameter(value, learned))
        if constraint is not None:
            parametrize.register_parametrization(self, key, constraint)

    def _value(self, key: str) -> Tensor:
        """A parameter as it is: its attribute, but for half of what PyTorch spends on finding it."""
        chains = self._modules.get("parametrizations")
        chain = chains._modules.get(key) if chains is not None else None
        if chain is None or len(chain._modules) != 1:
            return getattr(self, key)  # type: ignore[no-any-return]
        return chain._modules["0"](chain._parameters["original"])  # type: ignore[no-any-return, misc]

    @property
    def nonlinearity(self) -> Kind:
        """As it was given, without numbers for its parameters."""
        return self._recipe.nonlinearity

    def extra_repr(self) -> str:
        """What it is a module of."""
        return str(self.nonlinearity)


def given_numbers(value: Any, what: str) -> Tensor:
    """A number or an array of them, to all digits; text such as "1/8" is one number."""
    if isinstance(value, str | sp.Basic):
        value = number_of(value, what)
    try:
        given = torch.as_tensor(value)
    except (TypeError, ValueError, RuntimeError):
        given = None
    if given is None or given.is_complex():
        raise NonlinearityError(f"{what} = {short(value)} is neither a number nor an array of real numbers")
    return given.double()


def _filled(start: Any, what: str, shape: tuple[int, ...]) -> Tensor:
    """Values for a parameter of a shape: one for all blocks and channels, or one for each."""
    value = given_numbers(start, what).detach()
    if not value.is_meta and not torch.isfinite(value).all():
        raise NonlinearityError(f"{what} = {short(start)} holds NaN or infinity; give finite numbers")
    Remade._numbers(value)
    try:
        return value.expand(shape).clone()
    except RuntimeError:
        wanted = f"give one number, or the shape {tuple(shape)}"
        raise NonlinearityError(f"{what} has values of shape {tuple(value.shape)}; {wanted}") from None


def _refuse_loaded(module: Learning, *_: Any) -> None:
    """Take a checkpoint back that contradicts what is assumed of the parameters."""
    try:
        module._refuse_contradiction()
    except NonlinearityError as fault:
        with torch.no_grad():
            for name, value in module.state_dict().items():
                value.copy_(module._before[name])
        raise NonlinearityError(f"the checkpoint is refused: {fault}") from None


def _differing(there: str, here: str) -> tuple[str, str]:
    """Two descriptions of modules, without what they have in common."""
    try:
        one, other = json.loads(there), json.loads(here)
    except ValueError:  # not those of a recipe
        return there, here
    keys = [key for key in other if one.get(key) != other[key]]
    first, second = (", ".join(f"{key} = {each.get(key)!r}" for key in keys) for each in (one, other))
    return first, second


def _text_of(state: Any) -> str:
    """What a checkpoint says of itself, as a tensor of bytes or, in those of former versions, as text."""
    return bytes(state.byte().tolist()).decode(errors="replace") if isinstance(state, Tensor) else str(state)


def _made_again(
    kind: type[Remade], given: Mapping[str, Any], numbers: Mapping[str, Tensor], training: bool, learned: frozenset[str]
) -> Remade:
    module = kind(**given)
    example = next(iter(numbers.values()), None)
    module = module if example is None else module.to(example)
    module.load_state_dict({**module.state_dict(), **numbers})
    module.train(training)
    for name, parameter in module.named_parameters():
        parameter.requires_grad_(name in learned)
    return module


def _chosen(learnable: Any, names: Iterable[str]) -> frozenset[str]:
    """The names of the parameters that training may change."""
    names = frozenset(names)
    if isinstance(learnable, bool):
        return names if learnable else frozenset()
    chosen = {learnable} if isinstance(learnable, str) else set(learnable)
    if not chosen <= names:
        raise NonlinearityError(
            f"learnable = {learnable!r} is neither True, False nor some of {', '.join(sorted(names))}"
        )
    return frozenset(chosen)
