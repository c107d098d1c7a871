"""The page docs/training.md and its figures, from what was trained."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

import symtrans as st
from benchmarks import pictures
from benchmarks.pictures import TEST, Filtered, picture
from benchmarks.signals import NOISE, REACH, Found, Size, noisy, recording
from symtrans.catalogue.nearest import TABLE_3

_COLOURS = {"monotone": "#0072b2", "nonmonotone": "#d55e00", "nothing proved": "#777777"}
_CROP = slice(170, 298)
_NEAR = 1.0  # where nearly all differences of the noisy recording lie
_RECORDED = {"svg.hashsalt": "symtrans", "svg.fonttype": "none", "font.size": 8}


def written(found: Sequence[Found], filtered: Sequence[Filtered], size: Size, folder: Path | None) -> str:
    """The page as Markdown; it and its figures are also put into a folder."""
    text = _PAGE.format(
        seeds=size.seeds,
        blocks=size.blocks,
        steps=size.steps,
        noise=NOISE,
        table=_table(found),
        verdict=_verdict(found),
        worst=_worst(found),
        best=max(_names(found), key=lambda name: _gains(found, name).mean()),
        reach=_NEAR,
        read=_read(found),
        image_blocks=len(filtered[1].scales),
        images=_image_table(filtered),
        image_verdict=_image_verdict(filtered),
        excess=max(0.0, max(one.excess for one in filtered)),
    )
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "training.md").write_text(text, encoding="utf-8")
        with mpl.rc_context(_RECORDED):
            for name, figure in (("ecg", _ecg(found)), ("range", _range(found)), ("blocks", _blocks(filtered))):
                figure.savefig(folder / f"training-{name}.svg", metadata={"Date": None})
            _images(filtered).savefig(folder / "training-pictures.png", dpi=80, metadata={"Software": None})
    return text


def _class(name: str) -> str:
    if name in TABLE_3:
        return "monotone" if st.catalogue[name].certificate.monotone.value else "nonmonotone"
    return name.removesuffix(" spline") if name.endswith(" spline") else "nothing proved"


def _names(results: Sequence[Found] | Sequence[Filtered]) -> list[str]:
    return list(dict.fromkeys(one.name for one in results))


def _gains(found: Sequence[Found], name: str) -> np.ndarray:
    return np.array([one.gain for one in found if one.name == name])


def _spread(values: np.ndarray) -> str:
    return f"{values.mean():.2f} ± {values.std(ddof=1) if len(values) > 1 else 0:.2f}"


def _table(found: Sequence[Found]) -> str:
    lines = [
        "| trained | activation | numbers learned | gain on the test part (dB) | leaves the range of its input by | "
        "distances grow: found | proved at most |",
        "|---|---|---|---|---|---|---|",
    ]
    for name in _names(found):
        chosen = [one for one in found if one.name == name]
        excess = max(one.excess for one in chosen)
        proved = [one.proved for one in chosen if one.proved is not None]
        cells = [
            name,
            _class(name),
            str(chosen[0].parameters),
            _spread(_gains(found, name)),
            f"{100 * excess:.2g} %" if excess else "never",
            f"{max(one.stretch for one in chosen):.3g}",
            ("∞" if np.isinf(max(proved)) else f"{max(proved):.3g}") if proved else "nothing",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _difference(found: Sequence[Found], one: str, other: str) -> str:
    by_seed = _gains(found, one) - _gains(found, other)
    sure = abs(by_seed.mean()) > 2 * (by_seed.std(ddof=1) if len(by_seed) > 1 else np.inf)
    words = f"{one} against {other}: {by_seed.mean():+.2f} dB, from {by_seed.min():+.2f} to {by_seed.max():+.2f}"
    return words if sure else f"{words}, which these seeds do not tell from nothing"


def _verdict(found: Sequence[Found]) -> str:
    names = _names(found)
    families = {kind: [name for name in names if name in TABLE_3 and _class(name) == kind] for kind in _COLOURS}
    best = {kind: max(some, key=lambda name: _gains(found, name).mean()) for kind, some in families.items() if some}
    convolutions = [name for name in names if _class(name) == "nothing proved"]
    pairs = [
        ("nonmonotone spline", "monotone spline"),
        (best["nonmonotone"], best["monotone"]),
        ("nonmonotone spline", best["nonmonotone"]),
        ("monotone spline", best["monotone"]),
        *(("nonmonotone spline", name) for name in convolutions),
    ]
    return "\n".join(f"- {_difference(found, *pair)};" for pair in pairs)[:-1] + "."


def _worst(found: Sequence[Found]) -> str:
    free = max(one.excess for one in found if one.proved is None)
    held = [one.excess for one in found if one.proved is not None]
    words = f"left it by {max(held):.1e} of the recording's range, which is rounding" if any(held) else "never left it"
    return f"The {len(held)} networks with a certificate {words}; those without left it by up to {100 * free:.0f} %."


def _read(found: Sequence[Found]) -> str:
    curves = next(one for one in found if one.name == "nonmonotone spline").curves
    places = np.linspace(0, REACH, len(curves[0]))
    kinds = [st.Activation.from_knots(places, curve.double().numpy()) for curve in curves]
    return "\n".join(f"{k}. {st.translate(kind).nearest(reach=_NEAR)[0]}" for k, kind in enumerate(kinds, 1))


def _frameless(axis: object) -> None:
    axis.spines[["top", "right"]].set_visible(False)  # type: ignore[attr-defined]


def _ecg(found: Sequence[Found]) -> Figure:
    """The gains by seed; the activations of the first seed; the test part before and after."""
    figure = Figure(figsize=(9, 5.6), layout="constrained")
    FigureCanvasAgg(figure)
    above, below = figure.subfigures(2, 1)
    left, middle, right = above.subplots(1, 3, width_ratios=(1.5, 1, 1))
    names = _names(found)[::-1]
    for k, name in enumerate(names):
        gains = _gains(found, name)
        left.plot(gains, np.full(len(gains), k), "o", color=_COLOURS[_class(name)], markersize=4, alpha=0.7)
    left.set_yticks(range(len(names)), names)
    left.set_xlabel("gain on the test part (dB)")
    left.grid(axis="x", color="0.9")
    places = np.linspace(0, REACH, len(next(one for one in found if one.curves).curves[0]))
    for axis, name in ((middle, "monotone spline"), (right, "nonmonotone spline")):
        curves = next(one for one in found if one.name == name).curves
        for k, curve in enumerate(curves):
            axis.plot(places, curve, color=mpl.colormaps["viridis"](0.9 * k / max(1, len(curves) - 1)), linewidth=1.2)
        axis.set_title(f"{name}, Φ by block", fontsize=8)
        axis.set_xlabel("r")
    clean, spoilt = recording()[2], noisy(recording()[2], 1, 2000, NOISE)
    for axis, name in zip(
        below.subplots(1, 3, sharey=True), ("monotone spline", "nonmonotone spline", names[1]), strict=True
    ):
        output = next(one for one in found if one.name == name).output
        axis.plot(spoilt[0], color="0.8", linewidth=0.8)
        axis.plot(clean[0], color="black", linewidth=0.8)
        axis.plot(output, color=_COLOURS[_class(name)], linewidth=1.1)
        axis.set_title(name, fontsize=8)
        _frameless(axis)
    for axis in (left, middle, right):
        _frameless(axis)
    return figure


def _range(found: Sequence[Found]) -> Figure:
    """The worst signals that were found: those of the nonmonotone spline and of the convolutions of its size."""
    figure = Figure(figsize=(9, 2.4), layout="constrained")
    FigureCanvasAgg(figure)
    names = ["nonmonotone spline", next(name for name in _names(found) if _class(name) == "nothing proved")]
    for axis, name in zip(figure.subplots(1, 2, sharey=True), names, strict=True):
        worst = max((one for one in found if one.name == name), key=lambda one: one.excess)
        given, out = worst.worst
        axis.axhspan(float(given.min()), float(given.max()), color="0.93")
        axis.plot(given, color="0.5", linewidth=0.8, label="worst input that was found")
        axis.plot(out, color=_COLOURS[_class(name)], linewidth=1.2, label="output")
        axis.set_title(f"{name}: beyond the range by {100 * worst.excess:.2g} %", fontsize=8)
        axis.legend(fontsize=7, frameon=False)
        _frameless(axis)
    return figure


def _blocks(filtered: Sequence[Filtered]) -> Figure:
    """The learned numbers by block, each seed a line."""
    figure = Figure(figsize=(9, 2.4), layout="constrained")
    FigureCanvasAgg(figure)
    left, right = figure.subplots(1, 2)
    names = [name for name in _names(filtered) if name.endswith("a block")]
    for colour, name in zip(("#0072b2", "#d55e00", "#009e73"), names, strict=False):
        for one in (one for one in filtered if one.name == name):
            label = name.split(",")[0] if one.seed == 0 else None
            blocks = range(1, len(one.scales) + 1)
            left.semilogy(blocks, one.scales, "o-", color=colour, markersize=3, linewidth=1, label=label)
            right.plot(blocks, one.steps, "o-", color=colour, markersize=3, linewidth=1)
    right.axhline(0.25, color="0.6", linestyle="dashed", linewidth=1)
    left.set(xlabel="block", ylabel="λ or θ, learned")
    right.set(xlabel="block", ylabel="τ, learned; dashed: the bound")
    left.legend(fontsize=7, frameon=False)
    for axis in (left, right):
        _frameless(axis)
    return figure


def _images(filtered: Sequence[Filtered]) -> Figure:
    """A part of the first test picture, as it was and as each makes it."""
    clean = picture(TEST[0])
    shown = {"without noise": clean, "with noise": noisy(clean[None], 1, 2000, pictures.NOISE)[0]}
    for name in ("total variation (scikit-image)", "perona-malik, one for all", "perona-malik, a block"):
        shown[name] = next(one for one in filtered if one.name == name and one.seed == 0).shown
    figure = Figure(figsize=(9, 2.1), layout="constrained")
    FigureCanvasAgg(figure)
    for axis, (name, image) in zip(figure.subplots(1, len(shown)), shown.items(), strict=True):
        axis.imshow(image[_CROP, _CROP].numpy(), cmap="gray", vmin=0, vmax=1)
        axis.set_title(name, fontsize=7)
        axis.set_axis_off()
    return figure


def _image_gains(filtered: Sequence[Filtered], name: str) -> np.ndarray:
    return np.array([one.gains for one in filtered if one.name == name])


def _image_table(filtered: Sequence[Filtered]) -> str:
    lines = [f"| trained | numbers learned | {' | '.join(f'{name} (dB)' for name in TEST)} |", "|---|---|---|---|"]
    for name in _names(filtered):
        count = next(one.parameters for one in filtered if one.name == name)
        lines.append(f"| {name} | {count} | {' | '.join(map(_spread, _image_gains(filtered, name).T))} |")
    return "\n".join(lines)


def _image_verdict(filtered: Sequence[Filtered]) -> str:
    lines = []
    for name in pictures.FAMILIES:
        more = _image_gains(filtered, f"{name}, a block") - _image_gains(filtered, f"{name}, one for all")
        lines.append(f"- {name}: {more.mean():+.2f} dB, from {more.min():+.2f} to {more.max():+.2f};")
    return "\n".join(lines)[:-1] + "."


_PAGE = """# What training shows

Written by `python -m benchmarks denoisers --write`, which trains everything here in minutes on two cores; edit
`benchmarks/denoisers_page.py`, not this page. It needs PyTorch, PyWavelets, scikit-image and matplotlib. The notebook
[Train a denoiser](notebooks/train-a-denoiser.md) makes one such network step by step.

## An electrocardiogram

The electrocardiogram of PyWavelets, 1024 samples, is split by time: the first half is for training, the next quarter
chooses, the last is the test. White noise has {noise} of the deviation of the first half. Every network with a
certificate has {blocks} blocks, each with numbers of its own. All are trained for {steps} steps of Adam from several
starts: three of λ or θ for the families, two for the splines, three rates of learning for the convolutional networks.
The validation part chooses among them, and when to stop; the test part is looked at once. All of it is done for
{seeds} seeds of noise and of starts, and ± is the deviation between them. It is one recording of few beats, so the
differences are those of this recording.

{table}

![Gains by seed, learned activations, and the test part before and after](training-ecg.svg)

What is in the columns "leaves the range" and "found" comes of gradient ascent, over all seeds: signals that drive the
output out of the range of the input (in per cent of the range of the recording; both random noise and random steps are
its starts), and two near signals that end far apart. "Proved at most" is what the certificate of the trained network
says; nothing that was found may exceed it.

### What nonmonotone activations buy

On the test part:

{verdict}

They pay for it: a monotone activation keeps distances, so that no change of the input grows, however it is chosen; a
nonmonotone one sharpens edges, and two near signals may end on two sides of one. Both keep the range.

A constant diffusivity blurs the peaks. For the truncated quadratic θ has no gradient (Φ is r or 0, and θ only moves its
jump), so only its time steps learn, and θ stays at the start that the validation part chose.

### The range

{worst} The best on the test part is "{best}"; but of a network without a certificate nobody can say what it does where
the input is not like that of training.

![The worst inputs that were found](training-range.svg)

### What was learned

The blocks of the nonmonotone spline, first seed, and which family of the paper each is nearest to up to r = {reach:g}:

{read}

## Images with λ and τ of each block

Trained on patches of four pictures of scikit-image, chosen by two others, tested on two of PyWavelets, with noise of
deviation 25/255; {image_blocks} blocks in two dimensions, with one λ (or θ) and τ for all, or one of each for each
block. Beside them total variation as scikit-image has it, with the weight that is best for the validation pictures.

{images}

What numbers for each block buy over one for all, over all seeds and both pictures:

{image_verdict}

![λ and τ of each block](training-blocks.svg)

The seeds agree: the first blocks take away noise with a large λ and smaller steps, those after them have ever smaller λ
and keep edges; with a nonmonotone activation the last one smooths a little again. No output left the range of its
input (largest excess {excess:g}).

![A part of the picture "aero"](training-pictures.png)
"""
