"""The comparison of trained denoisers, at next to no size: that it runs, and that it measures what it says."""

import sys

import numpy as np
import pytest

from symtrans.signals.examples import electrocardiogram

torch = pytest.importorskip("torch")
pytest.importorskip("pywt")
pytest.importorskip("skimage")

from benchmarks import denoisers, denoisers_page, pictures, signals  # noqa: E402

FEW = ("charbonnier", "perona-malik")


def test_it_runs_and_writes_its_page(tmp_path, monkeypatch, capsys):
    for module in (signals, denoisers_page):
        monkeypatch.setattr(module, "TABLE_3", FEW)
    monkeypatch.setattr(pictures, "FAMILIES", FEW)
    monkeypatch.setattr(sys, "argv", ["denoisers", "--tiny", "--workers", "1", "--output", str(tmp_path)])
    assert denoisers.main() == 0
    page = (tmp_path / "training.md").read_text(encoding="utf-8")
    assert page in capsys.readouterr().out
    for name in (*FEW, "monotone spline", "CNN, larger", "perona-malik, a block", "total variation (scikit-image)"):
        assert f"| {name} |" in page
    for name in ("ecg.svg", "range.svg", "blocks.svg", "pictures.png"):
        assert (tmp_path / f"training-{name}").stat().st_size > 1000
        assert f"training-{name}" in page


def test_parts_do_not_overlap():
    parts = signals.recording()
    whole = torch.cat([part[0] for part in parts]).double().numpy()
    ecg = electrocardiogram()
    np.testing.assert_allclose(whole, ecg / ecg[:512].std(ddof=1), rtol=1e-6)
    assert [part.shape[1] for part in parts] == [512, 256, 256]
    assert not set(pictures.TEST) & {*pictures.TRAINING, *pictures.VALIDATION}


class Doubled(torch.nn.Module):
    def forward(self, u):
        return 2 * u


def test_the_judges_know_what_they_judge():
    clean, given = torch.zeros(1, 64), torch.ones(3, 64)
    assert signals.gain(Doubled(), clean, given) == pytest.approx(-20 * np.log10(2), abs=1e-5)
    size = signals.Size(batch=2, ascent=60, attacks=8)
    assert signals.stretched(Doubled(), torch.randn(4, 64), size, 0) == pytest.approx(2, rel=1e-3)
    excess, signal, out = signals.attacked(Doubled(), -1.0, 1.0, size, 0)
    assert 0.4 < excess <= 0.5001  # at most 1 outside, of a width of 2
    assert float(out.abs().max() - signal.abs().max()) == pytest.approx(2 * excess, abs=1e-5)
    assert signals.attacked(torch.nn.Tanh(), 1.0, 2.0, size, 0)[0] > 0.2
    assert signals.attacked(torch.nn.AvgPool1d(3, 1), -1.0, 1.0, size, 0)[0] < 1e-6
