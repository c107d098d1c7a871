"""The rivals on images and volumes: array libraries, a fused loop of numba, and the field's own tools.

Array libraries and numba do what symtrans does: a cell of 2^d samples has one g, and an edge the mean over its cells.
The field's tools do what they do. All run on one thread. Buffers are made once, outside the clock, where the library
lets one.
"""

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np

from benchmarks.image_cases import TAU, Diffusivity, Images
from benchmarks.image_loops import loops

Action = Callable[[], Any]

PACKAGES = {
    "numpy": "numpy",
    "numba": "numba",
    "jax": "jax",
    "torch": "torch",
    "medpy": "medpy",
    "itk": "SimpleITK",
    "opencv": "cv2",
}


def absent() -> list[str]:
    """Peers that are not installed."""
    return [name for name, package in PACKAGES.items() if find_spec(package) is None]


class _Cut:
    """The few functions of an array library that a step takes; axes count from the end."""

    def __init__(self, library: Any, pad: Callable[[Any, int], Any]) -> None:
        self.library, self.pad = library, pad

    def part(self, v: Any, axis: int, start: int, stop: int | None) -> Any:
        places = [slice(None)] * v.ndim
        places[axis] = slice(start, stop)
        return v[tuple(places)]

    def ends(self, v: Any, axis: int) -> tuple[Any, Any]:
        """All but the last, all but the first."""
        return self.part(v, axis, 0, -1), self.part(v, axis, 1, None)

    def step(self, given: Diffusivity, u: Any, axes: int, tau: float, c: Any, d: Any) -> Any:
        """One coupled step with h = 1 and reflecting ends, in whole arrays."""
        v = self.pad(u, axes)
        differences, q = [], 0
        for axis in range(-axes, 0):
            before, after = self.ends(v, axis)
            differences.append(after - before)
            squares = differences[-1] * differences[-1]
            for other in range(-axes, 0):
                if other != axis:
                    first, last = self.ends(squares, other)
                    squares = first + last
            q = q + squares
        share = 0.5 ** (axes - 1)
        g = given.arrays(self.library, share * q, c, d)
        inflow = 0
        for axis in range(-axes, 0):
            mean, difference = g, differences[axis]
            for other in range(-axes, 0):
                if other != axis:
                    first, last = self.ends(mean, other)
                    mean, difference = first + last, self.part(difference, other, 1, -1)
            first, last = self.ends(mean * difference, axis)
            inflow = inflow + (last - first)
        return u + (tau * share) * inflow


def _tau(load: Images) -> float:
    one, other = TAU[load.axes].split("/")
    return int(one) / int(other)


def by_numpy(given: Diffusivity, load: Images, u: np.ndarray) -> list[Action]:
    """Whole arrays, as one writes it; no gradient."""
    if load.gradient:
        return []
    cut = _Cut(np, lambda v, axes: np.pad(v, [(0, 0)] + [(1, 1)] * axes, mode="edge"))
    c, d = map(u.dtype.type, given.case.constants(given.case.parameter))

    def run() -> np.ndarray:
        v = u
        with np.errstate(all="ignore"):
            for _ in range(load.blocks):
                v = cut.step(given, v, load.axes, _tau(load), c, d).astype(v.dtype)
        return v

    return [run]


def by_jax(given: Diffusivity, load: Images, u: np.ndarray) -> list[Action]:
    """One jit of the whole, a scan; or its vjp by the arrays and the parameter."""
    import jax
    import jax.numpy as jnp

    cut = _Cut(jnp, lambda v, axes: jnp.pad(v, [(0, 0)] + [(1, 1)] * axes, mode="edge"))

    def forward(v: Any, s: Any) -> Any:
        c, d = given.case.constants(s)

        def step(v: Any, _: Any) -> tuple[Any, None]:
            return cut.step(given, v, load.axes, _tau(load), c, d).astype(v.dtype), None

        return jax.lax.scan(step, v, length=load.blocks)[0]

    def gradient(v: Any, s: Any) -> Any:
        result, pull = jax.vjp(forward, v, s)
        return pull(jnp.ones_like(result))

    arrays, parameter = jnp.asarray(u), jnp.asarray(u.dtype.type(given.case.parameter))
    compiled = jax.jit(gradient if load.gradient else forward)
    return [lambda: jax.block_until_ready(compiled(arrays, parameter))]


def by_torch(given: Diffusivity, load: Images, u: np.ndarray) -> list[Action]:
    """torch.compile of one step, called in a loop; gradients by the arrays and the parameter by autograd."""
    import torch

    torch.set_num_threads(1)
    torch._dynamo.reset()
    pad = lambda v, axes: torch.nn.functional.pad(v[:, None], (1, 1) * axes, mode="replicate")[:, 0]  # noqa: E731
    cut = _Cut(torch, pad)

    @torch.compile(dynamic=False)
    def step(v: Any, c: Any, d: Any) -> Any:
        return cut.step(given, v, load.axes, _tau(load), c, d)

    tensor = torch.from_numpy(u)

    def forward(v: Any, s: Any) -> Any:
        c, d = (torch.as_tensor(x, dtype=v.dtype) for x in given.case.constants(s))
        for _ in range(load.blocks):
            v = step(v, c, d)
        return v

    def gradient() -> Any:
        leaf = tensor.clone().requires_grad_(True)
        value = torch.tensor(given.case.parameter, dtype=leaf.dtype, requires_grad=True)
        forward(leaf, value).sum().backward()
        return leaf.grad, value.grad

    def plain() -> Any:
        with torch.no_grad():
            return forward(tensor, torch.tensor(given.case.parameter, dtype=tensor.dtype))

    return [gradient if load.gradient else plain]


def by_numba(given: Diffusivity, load: Images, u: np.ndarray) -> list[Action]:
    """The fused loop, or the adjoint by hand, without the gradient by the parameter; on borders of one sample."""
    made, real = loops(given), u.dtype.type
    inner = (slice(None), *[slice(1, -1)] * load.axes)
    padded = np.zeros((u.shape[0], *(size + 2 for size in u.shape[1:])), u.dtype)
    constants = (
        real(_tau(load) * 0.5 ** (load.axes - 1)),
        real(1),
        *map(real, given.case.constants(given.case.parameter)),
    )
    rows = np.zeros((8, *(size + 2 for size in u.shape[2:])), u.dtype)
    if load.gradient:
        states, w = np.zeros((load.blocks, *padded.shape[1:]), u.dtype), np.ones_like(u)
        out = np.empty_like(u)

        def gradient() -> np.ndarray:
            padded[inner] = w
            made["adjoint"](u, padded, states, rows, load.blocks, *constants)
            out[:] = padded[inner]
            return out

        return [gradient]
    run = made["images" if load.axes == 2 else "volumes"]
    out = u.copy()

    def forward() -> np.ndarray:
        padded[inner] = u
        for axis in range(1, load.axes + 1):  # the border
            padded.swapaxes(0, axis)[[0, -1]] = padded.swapaxes(0, axis)[[1, -2]]
        run(padded, rows, load.blocks, *constants)
        out[:] = padded[inner]
        return out

    return [forward]


def by_tools(wanted: tuple[str, ...], load: Images, u: np.ndarray, blocks: int) -> dict[str, Action]:
    """The field's own, for Perona-Malik with an exponential: by name, each with so many steps."""
    found: dict[str, Action] = {}
    first, tau = u[0], _tau(load)
    if "medpy" in wanted:
        from medpy.filter.smoothing import anisotropic_diffusion

        found["MedPy"] = lambda: anisotropic_diffusion(first, niter=blocks, kappa=1.5, gamma=tau, option=1)
    if "itk" in wanted:
        import SimpleITK

        SimpleITK.ProcessObject.SetGlobalDefaultNumberOfThreads(1)
        image = SimpleITK.GetImageFromArray(first)
        stable = tau if load.axes == 2 else tau / 2  # what it holds for stable
        found["ITK"] = lambda: SimpleITK.GradientAnisotropicDiffusion(image, stable, 1.0, 1, blocks)
    if "opencv" in wanted and load.axes == 2:
        import cv2

        cv2.setNumThreads(1)
        if hasattr(cv2, "ximgproc"):
            colours = np.repeat(np.clip(32 * first + 128, 0, 255).astype(np.uint8)[..., None], 3, axis=2)
            found["OpenCV"] = lambda: cv2.ximgproc.anisotropicDiffusion(colours, tau, 0.1, blocks)
    return found
