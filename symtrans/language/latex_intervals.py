r"""Intervals of LaTeX, behind \in and below an indicator, as inequalities."""

from collections.abc import Mapping, Sequence

from symtrans.language.latex_lexemes import (
    CLOSING,
    OPENING,
    TEXT,
    Lexeme,
    Lexemes,
    closing,
    depths_of,
    parted,
    rewritten,
)

_FENCES: Mapping[str, str] = {"[": r"\le", "(": "<", "]": "<"}


def indicated(text: str, found: Lexemes) -> Lexemes:
    r"""\chi_{[a, b]}(r), the indicator of an interval, as \chi_{r \in [a, b]}."""

    def step(place: int, kept: Lexemes) -> int | None:
        if [one.text for one in found[place : place + 2]] != ["_", "{"] or not _ends_as_indicator(kept):
            return None
        end = closing(found, place + 1)
        index = found[place + 2 : end]
        start = end + 1 + ([one.text for one in found[end + 1 : end + 2]] == [r"\left"])
        depths = depths_of(found[start:])
        close = next((start + k for k, one in enumerate(found[start:]) if k and depths[k] == 0), len(found))
        if not (names_interval(index) and start < close < len(found) and found[start].text == "("):
            return None
        behind = close - (found[close - 1].text == r"\right")
        kept += [*found[place : place + 2], *found[start + 1 : behind], found[place]._replace(text=r"\in")]
        kept += [*index, found[end]]
        return close + 1

    return rewritten(found, step)


def _ends_as_indicator(kept: Lexemes) -> bool:
    r"""Whether \chi, 1, I or \mathbf{1} stands last."""
    last = [one.text for one in kept[-2:]]
    return bool(last) and (last[-1] in (r"\chi", "1", "I") or (last[-1] == "}" and last[0] in (r"\chi", "1", "I")))


def names_interval(index: Sequence[Lexeme]) -> bool:
    """Whether [a, b], (a, b) or the like is all that an index holds."""
    texts = [one.text for one in index if one.text not in (r"\left", r"\right")]
    return bool(texts) and texts[0] in _FENCES and texts[-1] in ("]", ")", "[") and texts.count(",") == 1


_BEFORE = frozenset(("&", ",", ";", r"\land", r"\wedge", r"\lor", r"\vee", r"\\", "=", "$", r"\quad", r"\qquad"))


def inequalities(text: str, found: Lexemes) -> Lexemes:
    r"""An interval behind \in as a \le r < b, of which an infinite end says nothing; behind \notin as \lnot (...)."""

    def step(place: int, kept: Lexemes) -> int | None:
        lexeme = found[place]
        if lexeme.text not in (r"\in", r"\notin"):
            return None
        start = _start_of_side(kept)
        ahead = [one for one in found[place + 1 :] if one.text not in (r"\left", r"\right")]
        skipped = [k for k, one in enumerate(found) if k > place and one.text not in (r"\left", r"\right")]
        end = next((k for k, one in enumerate(ahead) if k and one.text in ("]", ")", "[")), None)
        ends = parted(ahead[1:end], ",") if end else []
        if end is None or ahead[0].text not in _FENCES or len(ends) != 2:
            return None
        side = kept[start:]
        low, high = ([one for one in part if one.text != "+"] for part in ends)
        below = [*low, lexeme._replace(text=_FENCES[ahead[0].text])]
        above = [lexeme._replace(text=r"\le" if ahead[end].text == "]" else "<"), *high]
        is_endless = [part[-1:] and part[-1].text == r"\infty" for part in (low, high)]
        inside = [*([] if is_endless[0] else below), *side, *([] if is_endless[1] else above)]
        if lexeme.text == r"\notin":
            marks = (lexeme._replace(text=text) for text in (r"\lnot", "(", ")"))
            inside = [next(marks), next(marks), *inside, next(marks)]
        kept[start:] = inside
        return skipped[end] + 1

    return rewritten(found, step)


_BELOW = ("<", r"\lt", r"\le", r"\leq", r"\leqslant")


def endless(text: str, found: Lexemes) -> Lexemes:
    r"""1 \le |x| < \infty without its infinite end, which says nothing."""

    def step(place: int, kept: Lexemes) -> int | None:
        ahead = [one.text for one in found[place : place + 3]]
        if ahead[0] in _BELOW and [text for text in ahead[1:] if text != "+"][:1] == [r"\infty"]:
            return place + 2 + (ahead[1] == "+")
        return place + 3 if ahead[:2] == ["-", r"\infty"] and ahead[2:] and ahead[2] in _BELOW else None

    return rewritten(found, step)


def _start_of_side(kept: Lexemes) -> int:
    """Where the last side of a comparison begins."""
    depth = 0
    for k in range(len(kept) - 1, -1, -1):
        text = kept[k].text
        depth += (text in CLOSING) - (text in OPENING)
        if depth < 0 or (depth == 0 and text in _BEFORE):
            return k + 1
        if depth == 0 and text in (*TEXT, r"\mathrm"):
            return closing(kept, k + 1) + 1
    return 0
