"""The picture at the head of the README: ``make picture`` writes docs/picture.png."""

from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

import symtrans as st
from symtrans.signals.files import read_signal

NAMES = ("diffusivity $g$", r"regulariser $\Psi$", "shrinkage $S$", r"activation $\Phi$")
COLOURS = ("#0b6e4f", "#8c3f8c", "#c0561f", "#1f5fa8")


def draw() -> Figure:
    """Perona-Malik in four forms; below, an electrocardiogram with noise, filtered by 32 blocks of it."""
    figure = Figure(figsize=(9, 4.6), layout="constrained")
    FigureCanvasAgg(figure)
    above, below = figure.subfigures(2, 1, height_ratios=(1, 1.1))
    family = st.catalogue["perona-malik"]
    places = np.linspace(-4, 4, 401)
    for axis, form, name, colour in zip(above.subplots(1, 4), family.forms, NAMES, COLOURS, strict=True):
        axis.axhline(0, color="0.85", linewidth=0.8)
        axis.axvline(0, color="0.85", linewidth=0.8)
        axis.plot(places, form(places, lam=1.0), color=colour, linewidth=2)
        axis.set_title(name, fontsize=11)
        axis.tick_params(labelsize=7)
        axis.spines[["top", "right"]].set_visible(False)
    clean = read_signal("ecg").samples
    noisy = clean + 15 * np.random.default_rng(0).standard_normal(clean.shape)
    filtered = st.Network(family, blocks=32).compile("numpy")(noisy, lam=15.0)
    axis = below.subplots()
    axis.plot(noisy, color="0.72", linewidth=0.9, label="electrocardiogram with noise")
    axis.plot(filtered, color=COLOURS[3], linewidth=1.4, label=r"32 blocks of it, $\tau = 1/4$, $\lambda = 15$")
    axis.set_xlim(0, len(clean) - 1)
    axis.tick_params(labelsize=7)
    axis.spines[["top", "right"]].set_visible(False)
    axis.legend(loc="lower right", bbox_to_anchor=(1.0, 0.98), fontsize=9, frameon=False, ncols=2)  # on no curve
    return figure


if __name__ == "__main__":
    draw().savefig(Path(__file__).with_name("picture.png"), dpi=110)
