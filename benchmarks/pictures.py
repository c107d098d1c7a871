"""Image denoisers whose contrast parameter and time step are learned, for each block or one for all.

Trained on pictures that ship with scikit-image, chosen by two others, tested on those of PyWavelets. Total variation
(Chambolle 2004), with the weight that is best for the validation pictures, is what users have today.
"""

import dataclasses
from collections.abc import Sequence
from functools import partial

import numpy as np
import torch
from torch import Tensor

from benchmarks.signals import Contender, Size, gain, noisy, spread, trained
from symtrans.torch import DiffusionNetwork

NOISE = 25 / 255
TRAINING, VALIDATION, TEST = ("astronaut", "chelsea", "coins", "rocket"), ("coffee", "moon"), ("aero", "ascent")
BLOCKS = 10
FAMILIES = ("charbonnier", "perona-malik", "truncated-bfb")
WEIGHTS = np.linspace(0.04, 0.16, 7)


@dataclasses.dataclass(frozen=True)
class Filtered:
    """What came of one family, shared or not, and seed: decibels by test picture; λ and tau of each block."""

    name: str
    seed: int
    parameters: int
    gains: Sequence[float]
    scales: Sequence[float]
    steps: Sequence[float]
    excess: float
    shown: Tensor


def picture(name: str) -> Tensor:
    """A picture in grey, its values in [0, 1]."""
    import pywt.data
    import skimage.data
    from skimage.color import rgb2gray
    from skimage.util import img_as_float

    image = getattr(pywt.data, name)().astype(np.uint8) if name in TEST else getattr(skimage.data, name)()
    grey = rgb2gray(image) if image.ndim == 3 else img_as_float(image)
    return torch.tensor(grey, dtype=torch.float32)


def contenders(blocks: int) -> list[Contender]:
    """Each family with numbers for all blocks, and with some for each."""

    def network(name: str, shared: bool, start: float) -> DiffusionNetwork:
        key = "theta" if name == "truncated-bfb" else "lam"
        return DiffusionNetwork(name, blocks, shared=shared, h=(1, 1), **{key: start})

    tries = [(start, 0.1) for start in (0.1, 0.2)]
    return [
        Contender(f"{name}, {'one for all' if shared else 'a block'}", partial(network, name, shared), tries)
        for name in FAMILIES
        for shared in (True, False)
    ]


def _batch(pictures: Sequence[Tensor], size: Size, generator: torch.Generator) -> Tensor:
    """Patches from anywhere."""
    patches = []
    for k in torch.randint(len(pictures), (size.batch // 2,), generator=generator).tolist():
        rows, columns = (int(torch.randint(n - size.patch + 1, (1,), generator=generator)) for n in pictures[k].shape)
        patches.append(pictures[k][rows : rows + size.patch, columns : columns + size.patch])
    return torch.stack(patches)


def _one(pair: tuple[int, int], size: Size) -> Filtered:
    torch.set_num_threads(1)
    kind, seed = pair
    contender = contenders(min(size.blocks + 2, BLOCKS))[kind]
    middle = 4 * size.patch
    crops = [image[:middle, :middle] for image in map(picture, VALIDATION)]
    validation = torch.stack(crops)
    spoilt = noisy(validation, 2, 1000 + seed, NOISE)
    pictures = [picture(name) for name in TRAINING]
    module = trained(contender, partial(_batch, pictures, size), (validation, spoilt), size, seed, NOISE)
    assert isinstance(module, DiffusionNetwork)
    gains, excess, shown = [], 0.0, None
    for name in TEST:
        clean = picture(name)[None]
        given = noisy(clean, 1, 2000 + seed, NOISE)
        gains.append(gain(module, clean, given))
        with torch.no_grad():
            out = module(given)
        excess = max(excess, float(out.max() - given.max()), float(given.min() - out.min()))
        shown = out[0] if shown is None else shown
    assert shown is not None
    values = [float(x) for x in getattr(module, "theta" if "bfb" in contender.name else "lam").detach().reshape(-1)]
    steps = [float(x) for x in module.tau.detach().reshape(-1)]
    count = sum(parameter.numel() for parameter in module.parameters())
    return Filtered(contender.name, seed, count, gains, values, steps, excess, shown)


def total_variation(size: Size, seed: int) -> Filtered:
    """`skimage.restoration.denoise_tv_chambolle` with the weight that is best for the validation pictures."""
    from skimage.restoration import denoise_tv_chambolle

    def error(weight: float, clean: Tensor, given: Tensor) -> float:
        return float(np.mean((denoise_tv_chambolle(given.numpy(), weight=weight) - clean.numpy()) ** 2))

    validation = [picture(name)[: 4 * size.patch, : 4 * size.patch] for name in VALIDATION]
    given = [noisy(image[None], 1, 1000 + seed, NOISE)[0] for image in validation]
    weight = min(WEIGHTS, key=lambda w: sum(error(w, *pair) for pair in zip(validation, given, strict=True)))
    gains, shown = [], None
    for name in TEST:
        clean = picture(name)
        spoilt = noisy(clean[None], 1, 2000 + seed, NOISE)[0]
        before = float((spoilt - clean).square().mean())
        gains.append(float(10 * np.log10(before / error(weight, clean, spoilt))))
        shown = torch.tensor(denoise_tv_chambolle(spoilt.numpy(), weight=weight)) if shown is None else shown
    assert shown is not None
    return Filtered("total variation (scikit-image)", seed, 1, gains, [weight], [], 0.0, shown)


def filtered(size: Size, workers: int) -> list[Filtered]:
    """All contenders and seeds."""
    pairs = [(k, seed) for seed in range(size.seeds) for k in range(2 * len(FAMILIES))]
    return [*spread(partial(_one, size=size), pairs, workers), *(total_variation(size, s) for s in range(size.seeds))]
