"""Signal denoisers trained on real data: what the activation buys, and whether the output leaves the input's range.

An electrocardiogram, split by time into training, validation and test, with white noise; the six families of the
paper, splines that are learned whole, and convolutional networks that promise nothing. Each is trained from several
starts, of which the validation part chooses. `benchmarks/pictures.py` does the same for images.
"""

import copy
import dataclasses
import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial

import torch
from torch import Tensor, nn

import symtrans as st
from symtrans.catalogue.nearest import TABLE_3
from symtrans.language.symbols import keyword_of
from symtrans.signals.examples import electrocardiogram
from symtrans.torch import DiffusionNetwork, SplineActivation

NOISE = 0.3  # of the deviation of the first half of the recording
KNOTS, REACH = 16, 3.0
MADE = Callable[[float], nn.Module]


@dataclasses.dataclass(frozen=True)
class Size:
    """How much is done: in full, or so little that a test can run it."""

    blocks: int = 8
    steps: int = 300
    batch: int = 16
    seeds: int = 3
    ascent: int = 200
    attacks: int = 64
    patch: int = 48


TINY = Size(blocks=2, steps=4, batch=2, seeds=1, ascent=3, attacks=4, patch=16)


@dataclasses.dataclass(frozen=True)
class Contender:
    """Something to be trained: how it is made from a start, and which starts and rates of learning are tried."""

    name: str
    make: MADE
    tries: Sequence[tuple[float, float]]


@dataclasses.dataclass(frozen=True)
class Found:
    """What came of one contender and seed; `worst` is the signal of an attack and the output."""

    name: str
    seed: int
    parameters: int
    gain: float
    excess: float
    stretch: float
    proved: float | None
    worst: tuple[Tensor, Tensor]
    output: Tensor
    curves: Sequence[Tensor]


class Convolutions(nn.Module):
    """u plus a network of three convolutions and two ReLUs, of which nothing is proved."""

    def __init__(self, channels: int, taps: tuple[int, int, int]) -> None:
        super().__init__()
        counts = (1, channels, channels, 1)
        layers: list[nn.Module] = []
        for before, after, size in zip(counts[:-1], counts[1:], taps, strict=True):
            layers += [nn.Conv1d(before, after, size, padding="same", padding_mode="replicate"), nn.ReLU()]
        self.layers = nn.Sequential(*layers[:-1])

    def forward(self, u: Tensor) -> Tensor:
        """Signals of shape (B, N)."""
        return u + self.layers(u[:, None])[:, 0]


def contenders(size: Size) -> list[Contender]:
    """The families, the splines, and convolutions of their size and of about eighteen times it."""
    scales = [(start, 0.05) for start in (0.3, 0.6, 1.2)]

    def network(name: str, start: float) -> nn.Module:
        keys = map(keyword_of, st.catalogue[name].activation.parameters)
        return DiffusionNetwork(name, size.blocks, **dict.fromkeys(keys, start))

    def spline(constraint: str, start: float) -> nn.Module:
        begin = st.catalogue["charbonnier"].activation.subs({"lam": start})
        learned = SplineActivation(KNOTS, begin, reach=REACH, constraint=constraint)
        kept = "nonexpansive" if constraint == "monotone" else "max-min"
        return DiffusionNetwork(learned, size.blocks, stability=kept)

    def convolutions(channels: int, taps: tuple[int, int, int], start: float) -> nn.Module:
        return Convolutions(channels, taps)

    rates = [(0.0, rate) for rate in (0.003, 0.01, 0.03)]
    return [
        *(Contender(name, partial(network, name), scales if name != "constant" else scales[:1]) for name in TABLE_3),
        *(
            Contender(f"{word} spline", partial(spline, constraint), [(start, 0.1) for start in (0.3, 0.6)])
            for word, constraint in (("monotone", "monotone"), ("nonmonotone", "max-min"))
        ),
        Contender("CNN of the size of the splines", partial(convolutions, 4, (7, 5, 7)), rates),
        Contender("CNN, larger", partial(convolutions, 16, (9, 9, 9)), rates),
    ]


def recording() -> tuple[Tensor, Tensor, Tensor]:
    """Training, validation and test part: the first half, and the quarters after it."""
    signal = torch.tensor(electrocardiogram(), dtype=torch.float32)
    signal = signal / signal[: len(signal) // 2].std()
    half, quarter = len(signal) // 2, len(signal) // 4
    return signal[None, :half], signal[None, half : half + quarter], signal[None, half + quarter :]


def noisy(clean: Tensor, count: int, seed: int, noise: float) -> Tensor:
    """So many times, with noise of its own each time."""
    generator = torch.Generator().manual_seed(seed)
    return clean + noise * torch.randn(count, *clean.shape[1:], generator=generator)


def trained(
    contender: Contender,
    batch: Callable[[torch.Generator], Tensor],
    validation: tuple[Tensor, Tensor],
    size: Size,
    seed: int,
    noise: float,
) -> nn.Module:
    """The best of all tries and of all times that were looked at, judged by the validation part."""
    best: tuple[float, nn.Module | None] = (float("inf"), None)
    clean, spoilt = validation
    for start, rate in contender.tries:
        torch.manual_seed(seed)
        generator = torch.Generator().manual_seed(seed)
        module = contender.make(start)
        optimiser = torch.optim.Adam(module.parameters(), rate)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, size.steps)
        for k in range(size.steps):
            wanted = batch(generator)
            given = wanted + noise * torch.randn(wanted.shape, generator=generator)
            optimiser.zero_grad()
            (module(given) - wanted).square().mean().backward()
            optimiser.step()
            schedule.step()
            if k % max(1, size.steps // 15) == 0 or k == size.steps - 1:
                with torch.no_grad():
                    error = float((module(spoilt) - clean).square().mean())
                if error < best[0]:
                    best = error, copy.deepcopy(module)
    assert best[1] is not None
    return best[1]


def gain(module: nn.Module, clean: Tensor, given: Tensor) -> float:
    """By how many decibels the signal-to-noise ratio grows."""
    with torch.no_grad():
        before, after = (given - clean).square().mean(), (module(given) - clean).square().mean()
    return float(10 * torch.log10(before / after))


def attacked(module: nn.Module, lowest: float, highest: float, size: Size, seed: int) -> tuple[float, Tensor, Tensor]:
    """How far the output leaves the range of its own input, at most: gradient ascent from random signals and steps.

    Signals lie within that of the recording, whose width is the unit.
    """
    generator = torch.Generator().manual_seed(seed)
    free = torch.randn(size.attacks, 128, generator=generator)
    free[1::2] = (4 * (torch.rand(free[1::2].shape, generator=generator) < 0.1) * free[1::2]).cumsum(-1)
    free.requires_grad_()
    optimiser = torch.optim.Adam([free], 0.1)
    worst: tuple[float, Tensor, Tensor] = (-float("inf"), free.detach()[0], free.detach()[0])
    for _ in range(size.ascent):
        given = lowest + (highest - lowest) * torch.sigmoid(free)
        out = module(given)
        above, below = out.amax(-1) - given.amax(-1), given.amin(-1) - out.amin(-1)
        excess = torch.maximum(above, below)
        largest, at = excess.detach().max(0)
        if float(largest) > worst[0]:
            worst = float(largest), given.detach()[at].clone(), out.detach()[at].clone()
        optimiser.zero_grad()
        (-excess.sum()).backward()
        optimiser.step()
    return max(0.0, worst[0]) / (highest - lowest), *worst[1:]


def stretched(module: nn.Module, given: Tensor, size: Size, seed: int) -> float:
    """How much farther apart two near signals are after a network than before, at most: gradient ascent on both."""
    generator = torch.Generator().manual_seed(seed)
    signal = given[: size.batch].clone().requires_grad_()
    change = torch.randn(signal.shape, generator=generator).requires_grad_()
    optimiser = torch.optim.Adam([signal, change], 0.02)
    most = 0.0
    for _ in range(size.ascent):
        small = 0.05 * change / change.norm(dim=-1, keepdim=True)
        ratios = (module(signal + small) - module(signal)).norm(dim=-1) / small.norm(dim=-1)
        most = max(most, float(ratios.detach().max()))
        optimiser.zero_grad()
        (-ratios.log().sum()).backward()
        optimiser.step()
    return most


def judged(contender: Contender, size: Size, seed: int) -> Found:
    """Train with one seed; then the test part, and the attacks."""
    training, validation, test = recording()
    spoilt = noisy(validation, 2 * size.batch, 1000 + seed, NOISE)
    module = trained(contender, lambda _: training.expand(size.batch, -1), (validation, spoilt), size, seed, NOISE)
    given = noisy(test, 4 * size.batch, 2000 + seed, NOISE)
    with torch.no_grad():
        output = module(given[:1])[0]
    excess, *worst = attacked(module, float(training.min()), float(training.max()), size, 3000 + seed)
    places = torch.linspace(0, REACH, 121)
    blocks = module.networks() if isinstance(module, DiffusionNetwork) else ()
    return Found(
        contender.name,
        seed,
        sum(parameter.numel() for parameter in module.parameters()),
        gain(module, test, given),
        excess,
        stretched(module, given, size, 4000 + seed),
        float(module.certificate().expansion()) if blocks else None,
        (worst[0], worst[1]),
        output,
        [torch.tensor(block.activation(places.numpy())) for block in blocks],
    )


def _one(pair: tuple[int, int], size: Size) -> Found:
    torch.set_num_threads(1)
    return judged(contenders(size)[pair[0]], size, pair[1])


def compared(size: Size, workers: int) -> list[Found]:
    """All contenders and seeds, in so many processes."""
    pairs = [(k, seed) for seed in range(size.seeds) for k in range(len(contenders(size)))]
    return spread(partial(_one, size=size), pairs, workers)


def spread(one: Callable[[tuple[int, int]], object], pairs: Sequence[tuple[int, int]], workers: int) -> list:
    """One call for each pair, in so many processes; in this one, if that is enough."""
    if workers < 2:
        return [one(pair) for pair in pairs]
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool:
        return list(pool.map(one, pairs))
