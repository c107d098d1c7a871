"""Commands that name the remedy where a word is no option, and read a formula that begins as one."""

import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Any

import typer
from typer.core import TyperCommand

from symtrans.cli.idle import refuse_idle

_UsageError: type[Any] = typer.BadParameter.__mro__[1]  # Typer brings its own of late, and does not name it
_FORMULA = re.compile(r"-[\w.]*\s*(?:[(^*/|]|\d)")


class Command(TyperCommand):
    """A command that reads -tanh(r) as a formula, and names the remedy of a slip."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """The words as Typer reads them; a blank before a formula keeps it from being an option."""
        known = _options_of(self).union(ctx.help_option_names)
        valued = {name: one for one in self.params if not _is_flag(one) for name in one.opts}
        words, given = list(args), set[Any]()
        for k, (before, word) in enumerate(zip(["", *args], args, strict=False)):
            name = word.partition("=")[0]
            if before in valued:
                continue
            if f"-{name}" in known and name not in known:  # of -tau, -t and its value would be taken
                raise _UsageError(f"No such option: {name}; did you mean -{name}?", ctx)
            if _FORMULA.match(word) and (word[:2] not in known or "(" in word):
                words[k] = f" {word}"
                continue
            one = valued.get(name if name in valued else word[:2])
            if one is not None and one in given and not getattr(one, "multiple", False):
                raise _UsageError(f"{'/'.join(one.opts)} is given twice; give it one value", ctx)
            given |= {one} - {None}
        try:
            left = super().parse_args(ctx, list(words))
        except _UsageError as error:
            error.message = (error.message or "").removeprefix("Value error, ")  # of what checks Typer's values
            slip = getattr(error, "option_name", "")
            too_many = next((word for word in words if f"({word})" in error.message), "")
            if slip not in known and (mend := remedy(ctx, words, slip or too_many)):
                error.message, error.possibilities = f"{error.message}; {mend}", None
            raise
        blank = set(words) - set(args)
        for name, value in ctx.params.items():
            if isinstance(value, list):
                ctx.params[name] = [one[1:] if one in blank else one for one in value]
            elif value in blank:
                ctx.params[name] = value[1:]
        if not ctx.resilient_parsing:
            refuse_idle(ctx)
        return left


def _is_flag(parameter: Any) -> bool:
    return getattr(parameter, "is_flag", False)


def _options_of(command: Any) -> frozenset[str]:
    return frozenset(name for one in command.params for name in (*one.opts, *one.secondary_opts))


def remedy(ctx: Any, words: Sequence[str], slip: str) -> str:
    """How an option that is none is written, or a word too many where none is; empty where that is not known."""
    place = next((k for k, word in enumerate(words) if slip and word.startswith(slip)), None)
    if place is None or not slip.startswith("-"):
        if place is not None and re.fullmatch(r"\w+=[^=]+", slip):
            return f"a parameter is given its value by --set {slip}"
        return _family_among(words, slip) if "--with" in _options_of(ctx.command) else ""
    name, _, value = words[place].partition("=")
    others = getattr(getattr(ctx.parent, "command", None), "commands", {})
    theirs = [command for command, one in others.items() if name in _options_of(one)]
    if theirs:
        return f"it is one of {', '.join(theirs)}"
    if near := get_close_matches(name, _options_of(ctx.command), 1, 0.8):
        return f"did you mean {near[0]}?"
    value, wanted = value or next(iter(words[place + 1 : place + 2]), ""), name.lstrip("-")
    given = (*words[:place], *words[place + 1 :], *ctx.params.values(), *(one.default for one in ctx.command.params))
    if not (re.fullmatch(r"[-+\d.eE/]+", value) and wanted and is_parameter_of(wanted, filter(_is_text, given))):
        return ""
    return f"a parameter is given its value by --set {wanted}={value}"


def _family_among(words: Sequence[str], slip: str) -> str:
    """How a nonlinearity is given that stands among the words of a command that has no place for it."""
    from symtrans.catalogue import catalogue

    pairs = zip(["", *words], words, strict=False)
    name = next((word for before, word in pairs if word in catalogue and before[:1] != "-"), "")
    name = name or (f'"{slip}"' if re.search(r"[(^]", slip) else "")
    return f"the nonlinearity is given by --with {name}" if name else ""


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def is_parameter_of(name: str, words: Iterable[str]) -> bool:
    """Whether one of the words is a family that has a parameter of this name, or a formula that holds it."""
    from symtrans.catalogue import catalogue
    from symtrans.cli.options import keyword_typed
    from symtrans.language.symbols import keyword_of

    found: set[str] = set()
    for word in words:
        if word in catalogue:
            kind = catalogue.entry(word).nonlinearity
            found |= {*map(keyword_of, kind.parameters), *kind.names.others}
        else:
            found |= {keyword_typed(part) for part in re.findall(r"[^\W\d]\w*", word)}
    return keyword_typed(name) in found
