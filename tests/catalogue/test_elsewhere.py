"""Names that other packages use find the family."""

import pytest

import symtrans as st
from symtrans.catalogue.elsewhere import SUGGESTED
from symtrans.errors import CatalogueError, NonlinearityError


@pytest.mark.parametrize(
    ("name", "family"),
    [
        *((name, "huber") for name in ("smooth L1", "SmoothL1Loss", "F.smooth_l1_loss", "optax.huber_loss", "HuberT")),
        *(
            (name, "hard")
            for name in ("hardshrink", "torch.nn.Hardshrink", "hard thresholding", "L0 norm", "Saturated")
        ),
        *((name, "tv") for name in ("L1", "L1Loss", "DIST_L1", "mae", "lasso", "denoise_tv_chambolle", "TV denoising")),
        *((name, "charbonnier") for name in ("soft_l1", "SoftLOneLoss", "DIST_L12", "Charbonnier loss")),
        *((name, "constant") for name in ("MSELoss", "l2 loss", "TrivialLoss", "noiseModel::mEstimator::Null")),
        *(("mcp penalty", "mcp"), ("GemanMcClure", "geman-mcclure"), ("RobustKernelTukey", "tukey")),
        *(("TukeyBiweight", "tukey-biweight"), ("psi.bisquare", "bisquare"), ("AndrewWave", "andrews")),
        *(
            ("StudentT", "student-t"),
            ("ElasticNet", "elastic-net"),
            ("logcosh", "log-cosh"),
            ("LogCoshLoss", "log-cosh"),
        ),
        *(("VisuShrink", "soft"), ("general robust loss", "generalised-charbonnier"), ("snake", "snake-odd")),
        *(("DIFF_PM_G1", "perona-malik"), ("PM2", "perona-malik-rational"), ("L2WithDeadZone", "softshrink")),
        ("minimax concave penalty", "minimax-concave"),
    ],
)
def test_what_a_family_is_called_elsewhere_finds_it(name, family):
    with pytest.raises(CatalogueError, match=rf"did you mean {family}\?"):
        st.catalogue[name]
    assert next(iter(st.catalogue.search(name))) == st.catalogue.entry(family).name


@pytest.mark.parametrize("name", ["relu", "LeakyReLU", "nn.Hardswish", "PReLU", "log sigmoid"])
def test_what_has_a_linear_odd_part_is_told(name):
    with pytest.raises(CatalogueError, match="its odd part is linear: that is the family 'constant'"):
        st.catalogue[name]


@pytest.mark.parametrize("name", ["L1", "smooth l1", "torch.nn.Hardshrink", "hardshrink", "leaky relu", "quadratic"])
def test_such_a_name_is_no_formula(name):
    with pytest.raises(NonlinearityError, match="is a name, no formula: there is no family"):
        st.Activation(name)


def test_a_letter_with_an_index_is_one():
    assert st.Activation("x1") == st.Activation("x1", variable="x1")
    assert st.Activation("L1", variable="L1").parameters == ()


def test_all_that_is_suggested_exists():
    assert {name for names in SUGGESTED.values() for name in names if name not in st.catalogue} == set()
    assert not [name for name in SUGGESTED if name in st.catalogue]
