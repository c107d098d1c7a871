"""What docs/coming-from.md says of other tools: their documented updates, and themselves where they are installed."""

import numpy as np
import pytest
from skimage.restoration import denoise_tv_chambolle

import symtrans as st

RNG = np.random.default_rng(21)
OPTIONS = {  # of MedPy: its conductance, our family, factors of lambda and of tau
    1: (lambda d, kappa: np.exp(-((d / kappa) ** 2)), "perona-malik", 1 / np.sqrt(2), 1),
    2: (lambda d, kappa: 1 / (1 + (d / kappa) ** 2), "perona-malik-rational", 1, 1),
    3: (
        lambda d, kappa: np.where(abs(d) <= kappa * 2**0.5, (1 - d**2 / (2 * kappa**2)) ** 2 / 2, 0),
        "tukey",
        np.sqrt(2),
        1 / 2,
    ),
}


def as_medpy(u, niter, kappa, gamma, option, voxelspacing):
    """Its update: over every edge flows the conductance of the difference times that, over the spacing, once."""
    for _ in range(niter):
        change = np.zeros_like(u)
        for axis, spacing in enumerate(voxelspacing):
            d = np.moveaxis(np.diff(u, axis=axis), axis, 0)
            flow = OPTIONS[option][0](d, kappa) * d / spacing
            along = np.moveaxis(change, axis, 0)
            along[:-1] += flow
            along[1:] -= flow
        u = u + gamma * change
    return u


def translated(u, niter, kappa, gamma, option, spacing=1.0):
    """The same call in our words, of one spacing along all axes."""
    _, family, of_lambda, of_tau = OPTIONS[option]
    settings = {"tau": of_tau * gamma / spacing, "coupling": "separable", "target": "numpy"}
    return st.denoise(u, family, num_iter=niter, lam=of_lambda * kappa, **settings)


@pytest.mark.parametrize("option", OPTIONS)
@pytest.mark.parametrize(("shape", "spacing"), [((15, 18), 1.0), ((15, 18), 2.0), ((6, 7, 8), 1.0)])
def test_medpy(option, shape, spacing):
    u = RNG.random(shape)
    call = {"niter": 4, "kappa": 0.3, "gamma": 0.15, "option": option}
    expected = as_medpy(u, voxelspacing=(spacing,) * len(shape), **call)
    np.testing.assert_allclose(translated(u, spacing=spacing, **call), expected, rtol=0, atol=1e-13)


@pytest.mark.parametrize("option", OPTIONS)
def test_medpy_itself(option):
    medpy = pytest.importorskip("medpy.filter.smoothing")
    u = RNG.random((6, 7, 8))
    call = {"niter": 4, "kappa": 0.3, "gamma": 0.15, "option": option, "voxelspacing": (1, 2, 0.5)}
    itself = medpy.anisotropic_diffusion(u, **call)
    np.testing.assert_allclose(itself, as_medpy(u, **call), rtol=0, atol=1e-6)  # it computes in single precision


def test_medpy_calls_a_step_stable_that_is_not_in_three_dimensions():
    checkerboard = (-1.0) ** np.indices((6, 6, 6)).sum(axis=0)
    call = {"niter": 8, "kappa": 1e6, "gamma": 0.25, "option": 1}
    assert abs(as_medpy(checkerboard, voxelspacing=(1, 1, 1), **call)).max() > 2**7
    with pytest.raises(st.StabilityError, match="1/6"):
        translated(checkerboard, **call)


def as_opencv(u, alpha, K, niters):
    """Eight neighbours, all alike; conductance exp(-(m/K)²) of the mean m over colours of the moduli, in 0 ... 1."""
    for _ in range(niters):
        around, change = np.pad(u, ((1, 1), (1, 1), (0, 0)), mode="edge"), np.zeros_like(u)
        for i, k in np.argwhere(np.ones((3, 3))):
            d = around[i : i + len(u), k : k + u.shape[1]] - u
            change += np.exp(-((abs(d).mean(axis=-1, keepdims=True) / K) ** 2)) * d
        u = u + alpha * change
    return u


def photo():
    """Grey, in three equal colours, with smooth slopes up to 1/4 about the contrast parameter."""
    x, y = np.indices((40, 50)) / 6
    grey = 0.5 + 0.35 * np.sin(x) * np.cos(0.8 * y)
    return np.stack([grey] * 3, axis=-1)


def relative_difference(change, other):
    print("RD", np.sqrt(np.mean((change - other) ** 2) / np.mean(other**2)))
    return np.sqrt(np.mean((change - other) ** 2) / np.mean(other**2))


def test_opencv():
    u, K = photo(), 0.12
    theirs = as_opencv(u, 0.1, K, 5)
    settings = {"time": 3 * 0.1 * 5, "lam": np.sqrt(3) * K / np.sqrt(2), "channel_axis": -1, "target": "numpy"}
    ours = st.denoise(u, "perona-malik", **settings)
    assert relative_difference(ours - u, theirs - u) < 0.04  # the slope of a diagonal is not measured by its length


def test_opencv_itself():
    cv2, u, K = pytest.importorskip("cv2"), photo(), 0.12
    if not hasattr(cv2, "ximgproc"):
        pytest.skip("OpenCV without its contributed modules")
    levels = np.rint(255 * u).astype(np.uint8)
    itself = cv2.ximgproc.anisotropicDiffusion(levels, 0.1, K, 1) / 255
    assert abs(itself - as_opencv(levels / 255, 0.1, K, 1)).max() < 3 / 255


def as_itk(u, timestep, conductance, iterations):
    """Each edge has its own |grad u|, of its difference and the mean of central ones across; lambda is relative."""
    for _ in range(iterations):
        centred = [np.gradient(np.pad(u, 1, mode="edge"), axis=a)[1:-1, 1:-1] for a in (0, 1)]
        k = 2 * conductance**2 * np.mean(centred[0] ** 2 + centred[1] ** 2)
        change = np.zeros_like(u)
        for a in (0, 1):
            across = np.moveaxis(centred[1 - a], a, 0)
            d, along = np.moveaxis(np.diff(u, axis=a), a, 0), np.moveaxis(change, a, 0)
            flow = d * np.exp(-(d**2 + ((across[1:] + across[:-1]) / 2) ** 2) / k)
            along[:-1] += flow
            along[1:] -= flow
        u = u + timestep * change
    return u


@pytest.mark.parametrize("conductance", [0.5, 1.0, 3.0])
def test_itk(conductance):
    u = photo()[..., 0]
    theirs = as_itk(u, 0.125, conductance, 1)
    lam = conductance * st.estimate_contrast(u, "rms")
    ours = st.denoise(u, "perona-malik", num_iter=1, tau=0.125, lam=lam, target="numpy")
    assert relative_difference(ours - u, theirs - u) < 0.05


def test_itk_itself():
    sitk, u = pytest.importorskip("SimpleITK"), photo()[..., 0]
    settings = {"timeStep": 0.125, "conductanceParameter": 1.0, "numberOfIterations": 3}
    itself = sitk.GetArrayFromImage(sitk.GradientAnisotropicDiffusion(sitk.GetImageFromArray(u), **settings))
    np.testing.assert_allclose(itself, as_itk(u, 0.125, 1.0, 3), rtol=0, atol=1e-12)


def test_total_variation_of_scikit_image():
    """The implicit step minimises |u - f|²/2 + weight TV(u) if Phi is weight/tau beyond a slope too small to count."""
    u = np.repeat([0.0, 1.0, 0.4], 8) + 0.05 * RNG.normal(size=24)
    weight, theta = 0.15, 1e-4
    theirs = denoise_tv_chambolle(u, weight, eps=1e-12, max_num_iter=20000)
    ours = st.denoise(u, "huber", num_iter=1, scheme="implicit", tau=weight / (np.sqrt(2) * theta), theta=theta)
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=2e-3)
