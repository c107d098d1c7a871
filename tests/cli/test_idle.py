"""An option that another one leaves without meaning is refused, and none is passed over in silence."""

import pytest

from tests.cli.results import assert_refused


@pytest.mark.parametrize(
    ("words", "option"),
    [
        ("denoise ecg --with soft --set theta=1 --seed 3", "--seed"),
        ("denoise ecg --with soft --set theta=1 --noise 0 --seed 3", "--seed"),
        ("denoise ecg --with soft --set theta=1 --compare --target numpy", "--target"),
        ("denoise ecg --with soft --set theta=1 --coupling separable", "--coupling"),
        ("denoise ecg --with soft --set theta=1 --target model --dtype float32", "--dtype"),
        ("denoise ecg --with soft --set theta=1 --missing -999", "--missing"),
        ("table --all --kind activation", "--kind"),
        ("table --variable x", "--variable"),
        ("table --dictionary --order name", "--order"),
        ("table --bibliography soft --format latex", "--format"),
        ("table --bibliography soft --caption Soft", "--caption"),
        ("table --certificates soft --plain", "--plain"),
        ("table --curves soft --json", "--json"),
        ("table --json soft --columns activation", "--columns"),
        ("translate soft --variable x", "--variable"),
        ("translate soft --latex --plain", "--plain"),
        ("certify soft --json --details", "--details"),
        ("certify soft --coupling separable", "--coupling"),
        ("generate soft --coupling separable", "--coupling"),
        ("report --all --variable x -o families.html", "--variable"),
        ("report --all -k activation -o families.html", "--kind"),
    ],
)
def test_what_would_be_passed_over_is_refused(symtrans, words, option):
    assert_refused(symtrans(*words.split()), f"error: {option} ")


@pytest.mark.parametrize(
    "words",
    [
        "denoise ecg --with soft --set theta=1 --noise 1 --seed 0",
        "certify soft --coupling isotropic --channels",
        "certify soft --coupling isotropic --h 1,1",
        "table --dictionary --caption Rules --per-page 3",
        "table soft r/2 --kind activation --json --order name",
    ],
)
def test_what_is_looked_at_is_not(symtrans, words):
    assert symtrans(*words.split()).status == 0
