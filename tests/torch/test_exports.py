"""Modules in ONNX, which knows no ops of ours, and under the pruning of PyTorch."""

import pytest

torch = pytest.importorskip("torch")

from torch.nn.utils import prune  # noqa: E402

from symtrans import NonlinearityError  # noqa: E402
from symtrans.torch import Activation, DiffusionNetwork, SplineActivation, SymmetricBlock  # noqa: E402

MODULES = {
    "network": lambda: (DiffusionNetwork("perona-malik", blocks=2), (2, 16)),
    "image": lambda: (DiffusionNetwork("charbonnier", blocks=2, h=(1, 1), channels=3), (2, 3, 8, 7)),
    "learned": lambda: (DiffusionNetwork(SplineActivation(5), h=(1, 1)), (2, 8, 7)),
    "activation": lambda: (Activation("soft"), (2, 16)),
    "symmetric": lambda: (SymmetricBlock(torch.linspace(-1, 1, 27).reshape(3, 1, 3, 3), "tanh"), (2, 1, 8, 7)),
}


@pytest.mark.parametrize("module", ["network", "image", "learned"])
def test_what_is_exported_to_onnx_is_the_plain_source(module, monkeypatch):
    monkeypatch.setattr(torch.onnx, "is_in_onnx_export", lambda: True)
    made, shape = MODULES[module]()
    u = torch.linspace(-1, 1, torch.Size(shape).numel()).reshape(shape)
    exported = torch.export.export(made, (u,), strict=False)
    assert "symtrans" not in str(exported.graph)
    torch.testing.assert_close(exported.module()(u), made(u))
    monkeypatch.undo()
    assert "symtrans.filter" in str(torch.export.export(made, (u,), strict=False).graph)


@pytest.mark.filterwarnings("ignore:.*is deprecated:DeprecationWarning")
def test_the_old_exporter_is_refused_with_the_remedy(monkeypatch):
    monkeypatch.setattr(torch.onnx, "is_in_onnx_export", lambda: True)
    with pytest.raises(NonlinearityError, match="dynamo=True"):
        torch.jit.trace(DiffusionNetwork("perona-malik"), torch.zeros(2, 8))


def test_a_tracer_that_cannot_follow_is_refused_with_the_remedy():
    with pytest.raises(NonlinearityError, match=r"take torch\.export\.export"):
        torch.fx.symbolic_trace(DiffusionNetwork("perona-malik"))


@pytest.mark.filterwarnings(
    "ignore:.*is deprecated:FutureWarning", "ignore:.*is deprecated:DeprecationWarning"
)  # of PyTorch
@pytest.mark.parametrize("module", MODULES)
def test_onnx_computes_the_same(module, tmp_path):
    pytest.importorskip("onnxscript")
    runtime = pytest.importorskip("onnxruntime")
    made, shape = MODULES[module]()
    u = torch.linspace(-1, 1, torch.Size(shape).numel()).reshape(shape)
    torch.onnx.export(made.eval(), (u,), tmp_path / "made.onnx", dynamo=True, verbose=False)
    session = runtime.InferenceSession(tmp_path / "made.onnx")
    (found,) = session.run(None, {session.get_inputs()[0].name: u.numpy()})
    torch.testing.assert_close(torch.from_numpy(found), made(u).detach())


@pytest.mark.parametrize(("module", "name"), [("network", "lam"), ("network", "tau"), ("activation", "theta")])
@pytest.mark.parametrize("method", [prune.l1_unstructured, prune.random_unstructured])
def test_learned_numbers_are_not_pruned(module, name, method):
    made, shape = MODULES[module]()
    before = made(torch.ones(shape))
    with pytest.raises(NonlinearityError, match=f"{name} cannot be pruned"):
        method(made, name, amount=1)
    torch.testing.assert_close(made(torch.ones(shape)), before)


def test_filters_are_pruned():
    made, shape = MODULES["symmetric"]()
    prune.l1_unstructured(made, "filters", amount=9)
    assert int((made.filters == 0).sum()) >= 9
    assert made(torch.ones(shape)).norm() <= torch.ones(shape).norm()
