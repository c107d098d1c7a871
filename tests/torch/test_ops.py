"""The ops as PyTorch asks of ops: checked by its tools, compiled, exported, under autocast, in other processes."""

import io
import shutil

import pytest

from tests.codegen.test_kernels import rng

torch = pytest.importorskip("torch")

from torch.autograd import forward_ad  # noqa: E402

from symtrans.errors import NonlinearityError  # noqa: E402
from symtrans.torch import DiffusionNetwork, SplineActivation  # noqa: E402
from symtrans.torch.ops import Filter  # noqa: E402

pytestmark = [
    pytest.mark.skipif(not any(map(shutil.which, ("cc", "gcc", "clang"))), reason="no C compiler"),
    pytest.mark.filterwarnings("ignore:.*should not be instantiated:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:.*torch.jit.script:DeprecationWarning"),  # forward mode needs it
]


def noise(*shape, dtype=torch.float32, seed=0):
    return torch.tensor(rng(seed).normal(size=shape), dtype=dtype)


@pytest.fixture(scope="module")
def network():
    return DiffusionNetwork("perona-malik", blocks=2)


@pytest.mark.parametrize("name", ["float32", "float64"])
def test_opcheck(network, name):
    dtype = getattr(torch, name)
    parameters = network._packed().detach().to(dtype)
    u = noise(3, 20, dtype=dtype)
    layouts = {
        "plain": u,
        "permuted": u.t().contiguous().t(),
        "strided": noise(3, 40, dtype=dtype)[:, ::2],
        "empty": u[:0],
    }
    for each in layouts.values():
        given = (each.requires_grad_(), parameters.clone().requires_grad_(), network._text, 1)
        torch.library.opcheck(torch.ops.symtrans.filter, given)
        with torch.no_grad():
            torch.library.opcheck(
                torch.ops.symtrans.filter_gradient, (each.detach(), each.detach(), parameters, *given[2:])
            )
        torch.testing.assert_close(Filter.apply(*given), Filter.apply(each.contiguous(), *given[1:]))


def test_compile_and_export(network):
    u = noise(3, 20).requires_grad_()
    expected = network(u)
    for made in (network, DiffusionNetwork("perona-malik", blocks=2, backend="torch")):
        whole = torch.compile(made, fullgraph=True, backend="aot_eager")
        torch.testing.assert_close(whole(u), expected)
        (grad,) = torch.autograd.grad(whole(u).square().sum(), u)
        torch.testing.assert_close(grad, torch.autograd.grad(made(u).square().sum(), u)[0])
    batch = torch.export.Dim("batch", min=2)
    program = torch.export.export(network, (noise(3, 20),), dynamic_shapes=({0: batch},))
    file = io.BytesIO()
    torch.export.save(program, file)
    file.seek(0)
    torch.testing.assert_close(torch.export.load(file).module()(noise(5, 20)), network(noise(5, 20)))


def test_autocast(network):
    with torch.autocast("cpu", torch.bfloat16):
        half = torch.nn.functional.linear(noise(3, 8), noise(20, 8))
        assert half.dtype == torch.bfloat16
        found = network(half)
    assert found.dtype == torch.float32
    torch.testing.assert_close(found, network(half.float()))


def test_nan_is_told(network):
    u = noise(2, 5)
    u[1, 2] = torch.nan
    with pytest.raises(NonlinearityError, match="nan_to_num"):
        network(u)
    assert network(torch.full((2, 5), 3e38)).isfinite().all()  # the sum overflows, the signal does not


def test_who_traces_sees_the_op(network):
    from torch.fx.experimental.proxy_tensor import make_fx

    for grad in (False, True):
        with torch.set_grad_enabled(grad):
            traced = make_fx(network)(noise(20))
            assert any("symtrans.filter" in str(node.target) for node in traced.graph.nodes)
            torch.testing.assert_close(traced(noise(20, seed=1)), network(noise(20, seed=1)))


def test_parameters_are_those_of_the_moment(network):
    """Changed behind the back of PyTorch's counters, and with a constraint upon the constraint."""

    class Doubled(torch.nn.Module):
        def forward(self, value):
            return 2 * value

    made, u = DiffusionNetwork("perona-malik", blocks=2), noise(20)
    with torch.no_grad():
        before = made(u)
        made.parametrizations.lam.original.data.add_(1.0)
        after = made(u)
        assert not torch.equal(before, after)
        torch.testing.assert_close(after, DiffusionNetwork("perona-malik", blocks=2, lam=made.lam[0].item())(u))
        torch.nn.utils.parametrize.register_parametrization(made, "lam", Doubled(), unsafe=True)
        torch.testing.assert_close(made(u), DiffusionNetwork("perona-malik", blocks=2, lam=made.lam[0].item())(u))


@pytest.mark.parametrize("backend", ["c", "torch"])
@pytest.mark.parametrize("learned", [False, True])
def test_derivatives_forwards(backend, learned):
    """Of torch.func, and of dual numbers, which no_grad does not take away."""
    x = SplineActivation(4) if learned else "perona-malik"
    made, u, along = DiffusionNetwork(x, blocks=2, backend=backend).double(), *noise(2, 7, dtype=torch.float64)
    expected = torch.func.jacrev(made)(u) @ along
    torch.testing.assert_close(torch.func.jvp(made, (u,), (along,))[1], expected)
    for grad in (False, True):
        with torch.set_grad_enabled(grad), forward_ad.dual_level():
            found = forward_ad.unpack_dual(made(forward_ad.make_dual(u, along))).tangent
        torch.testing.assert_close(found, expected)
    torch.testing.assert_close(torch.func.jacfwd(made)(u), torch.func.jacrev(made)(u))

    def energy(u):
        return made(u).square().sum()

    torch.testing.assert_close(torch.func.hessian(energy)(u), torch.autograd.functional.hessian(energy, u))
    own = {name: value.detach() for name, value in made.named_parameters()}

    def outputs(own):
        return torch.func.functional_call(made, own, (u,))

    forth, back = torch.func.jacfwd(outputs)(own), torch.func.jacrev(outputs)(own)
    for name, jacobian in back.items():
        torch.testing.assert_close(forth[name], jacobian)


class Denoised(torch.utils.data.Dataset):
    def __init__(self, network):
        self.network = network

    def __len__(self):
        return 4

    def __getitem__(self, index):
        with torch.no_grad():
            return self.network(noise(20, seed=index))


@pytest.mark.parametrize("start", ["fork", "spawn"])
def test_in_workers(network, start):
    network(noise(2**17))  # with threads, before the fork
    loader = torch.utils.data.DataLoader(Denoised(network), 2, num_workers=1, multiprocessing_context=start)
    for found, first in zip(loader, (0, 2), strict=True):
        torch.testing.assert_close(found, torch.stack([network(noise(20, seed=first + k)) for k in range(2)]))


@pytest.mark.parametrize("options", [{"h": (1, 1)}, {"h": (1, 1), "shared": True}, {"h": (1, 1), "channels": 3}])
def test_an_output_that_is_no_number_is_refused_with_its_reason(options):
    """Training may lead parameters where constants of the kernel overflow, and samples may differ too much."""
    u = noise(2, 3, 5, 5) * 15
    far = DiffusionNetwork("garrote-n", blocks=2, backend="c", n=129.0, theta=2.05, **options)
    with pytest.raises(NonlinearityError, match=r"n = 129: n must lie between .* overflows or underflows in float32"):
        far(u)
    near = DiffusionNetwork("perona-malik", blocks=2, backend="c", lam=0.3, **options)
    with pytest.raises(NonlinearityError, match=r"the output is not finite: .*differences overflow in float32"):
        near(torch.sign(u) * 3e38)
    assert torch.equal(near(torch.full_like(u, 3e38)), torch.full_like(u, 3e38))
