{% include "head.py" %}
BLOCKS = {{ spec.blocks }}
AXES = {{ range(-axes, 0) | list }}  # those that are filtered
{% if cyclic %}
CYCLE = {{ spec.cycle }}  # steps of a block, with one g
{% endif %}
{% set values %}{% for name in parameters %}, {{ name }}{% endfor %}{% endset %}
{% set shape %}(..., {{ "C, " if channels }}{{ sizes }}){% endset %}


def {{ spec.function }}(f{{ values }}, *, out=None):
    """Filter arrays along the last {{ "axis" if axes == 1 else "%d axes" % axes }}{{ "; the one before holds channels, which share g" if channels }}.

    Parameters
    ----------
    f : array_like, shape {{ shape }}
{% for name in parameters %}
    {{ name }} : float, or array of length {{ spec.blocks }} with one value for each block
        Positive parameter.
{% endfor %}
    out : ndarray, same shape, dtype {{ spec.dtype }}, optional
        Receives the result; it may be `f` itself.
    """
    u = np.array(f, dtype=DTYPE) if out is None else out
    if out is not None and out is not f:
        u[...] = f
    if u.size == 0:
        return u
    layers = constants({{ parameters | join(", ") }})
    with np.errstate(all="ignore"):  # what does not apply is computed all the same, and dropped
        for item in items(u):
            for k in range(BLOCKS):
                item[...] = block(item, [layer[k] for layer in layers])
    return u


{% if gradients %}
def {{ spec.function }}_vjp(f, weights{{ values }}):
    """Gradients of sum(weights * {{ spec.function }}(f)): by f, and for each parameter those by its value in each block.

    At a break the derivative is that of the piece to which the break belongs.
    """
    u, grad = np.array(f, dtype=DTYPE), np.array(weights, dtype=DTYPE)
    gradients = np.zeros(({{ parameters | length }}, BLOCKS))
    if u.size == 0:
        return grad, gradients
    layers = constants({{ parameters | join(", ") }})
    slopes = slope_constants({{ parameters | join(", ") }})
    span = int(np.ceil(np.sqrt(BLOCKS)))
    with np.errstate(all="ignore"):
        for item, adjoint in zip(items(u), items(grad)):
            states = [item]  # before every so many blocks; those between are computed once more
            for k in range(BLOCKS - 1):
                item = block(item, [layer[k] for layer in layers])
                if (k + 1) % span == 0:
                    states.append(item)
            for first in reversed(range(0, BLOCKS, span)):
                between = [states.pop()]
                for k in range(first, min(first + span, BLOCKS) - 1):
                    between.append(block(between[-1], [layer[k] for layer in layers]))
                for k in reversed(range(first, min(first + span, BLOCKS))):
                    values = [layer[k] for layer in layers]
                    adjoint[...] = block_vjp(between.pop(), adjoint, values, [one[k] for one in slopes], gradients[:, k])
    return grad, gradients


{% endif %}
{% include "layers.py" %}
def items(u):
    """The {{ "images" if axes == 2 else "volumes" if axes == 3 else "signals" }} of an array one by one, each of shape (channels, {{ sizes }}), as views."""
{% if channels %}
    return (u[index] for index in np.ndindex(u.shape[:AXES[0] - 1]))
{% else %}
    return (u[index][np.newaxis] for index in np.ndindex(u.shape[:AXES[0]]))
{% endif %}


def block(u, values):
    """One block."""
{% if diffusivity %}
    conductances, *_ = conduct([difference(u, axis) for axis in AXES], values)
{% if cyclic %}
    now, before = u, u
    for k in range(CYCLE):
        a = DTYPE((4 * k + 2) / (2 * k + 3))
        now, before = a * (now + diffusion(now, conductances)) + (1 - a) * before, now
    return now
{% elif solves %}
    result = sum(solve(u, c, axis) for c, axis in zip(conductances, AXES)) / DTYPE(len(AXES))
    return np.clip(result, u.min(tuple(AXES), keepdims=True), u.max(tuple(AXES), keepdims=True))
{% else %}
    return {{ "clamped(u + diffusion(u, conductances), u)" if spec.clamp else "u + diffusion(u, conductances)" }}
{% endif %}
{% else %}
    steps, inverses, values = values[: len(AXES)], values[len(AXES) : 2 * len(AXES)], values[2 * len(AXES) :]
    change = np.zeros_like(u)
    for axis, step, inverse in zip(AXES, steps, inverses):
        (flux,) = evaluated(write_function, inverse * difference(u, axis), 1, SCRATCH, values)
        change += step * divergence(flux, axis)
    return {{ "clamped(u + change, u)" if spec.clamp else "u + change" }}
{% endif %}


def difference(u, axis):
    """Over the edge after each sample{{ "" if spec.periodic else ", but the last" }}."""
{% if spec.periodic %}
    return np.roll(u, -1, axis) - u
{% else %}
    return np.diff(u, axis=axis)
{% endif %}


def divergence(flow, axis):
    """What flows over the edge after each sample, less what flows over that before{{ "" if spec.periodic else "; nothing flows over the ends" }}."""
{% if spec.periodic %}
    return flow - np.roll(flow, 1, axis)
{% else %}
    return np.diff(flow, axis=axis, prepend=DTYPE(0), append=DTYPE(0))
{% endif %}


{% if spec.clamp and not solves %}
def clamped(result, u):
    """Within the range of what each sample was made of: itself and its neighbours along the axes."""
    low, high = u.copy(), u.copy()
    for axis in AXES:
{% if spec.periodic %}
        for near in (np.roll(u, 1, axis), np.roll(u, -1, axis)):
            np.minimum(low, near, out=low)
            np.maximum(high, near, out=high)
{% else %}
        first, last = (slice(None, -1), ...), (slice(1, None), ...)
        for here, there in ((first, last), (last, first)):
            near = np.moveaxis(u, axis, 0)[there]
            for bound, extremum in ((low, np.minimum), (high, np.maximum)):
                part = np.moveaxis(bound, axis, 0)[here]
                extremum(part, near, out=part)
{% endif %}
    return np.clip(result, low, high)


{% endif %}
{% if diffusivity %}
def diffusion(u, conductances):
    """Sum over the axes of D^-(c D^+ u)."""
    return sum(divergence(c * difference(u, axis), axis) for c, axis in zip(conductances, AXES))


def conduct(differences, values):
    """For each axis tau/h^2 times g of each edge; and what this is made of: the sums of g, and q and g of {{ "cells" if shared else "edges" }}."""
    steps, inverses, values = values[: len(AXES)], values[len(AXES) : 2 * len(AXES)], values[2 * len(AXES) :]
    squares = [(d * d).sum(axis=0) for d in differences]  # over the channels
{% if shared %}
    q = sum(inverse * at_cells(square, axis) for square, axis, inverse in zip(squares, AXES, inverses))
    (g,) = evaluated(write_function, q, 1, SCRATCH, values)
    sums = [at_edges(g, axis) for axis in AXES]
    return [step * gs for step, gs in zip(steps, sums)], sums, [q]
{% else %}
    q = [inverse * square for square, inverse in zip(squares, inverses)]
    sums = [evaluated(write_function, one, 1, SCRATCH, values)[0] for one in q]
    return [step * gs for step, gs in zip(steps, sums)], sums, q
{% endif %}


{% if shared %}
def at_cells(edges, axis):
    """Sums over the parallel edges of each cell{{ "" if spec.periodic else "; cells stick out at the ends, where the samples are mirrored" }}."""
{% if not spec.periodic %}
    edges = np.pad(edges, [(1, 1) if other == axis else (0, 0) for other in AXES])
{% endif %}
    for other in AXES:
        if other != axis:
{% if spec.periodic %}
            edges = edges + np.roll(edges, -1, other)
{% else %}
            edges = np.pad(edges, [(1, 1) if one == other else (0, 0) for one in AXES], mode="edge")
            edges = pairs(edges, other)
{% endif %}
    return edges


def at_edges(cells, axis):
    """Sums over the cells that share each edge."""
{% if not spec.periodic %}
    cells = np.moveaxis(np.moveaxis(cells, axis, 0)[1:-1], 0, axis)
{% endif %}
    for other in AXES:
        if other != axis:
            cells = {{ "cells + np.roll(cells, 1, other)" if spec.periodic else "pairs(cells, other)" }}
    return cells


{% if not spec.periodic %}
def pairs(x, axis):
    """Sums of neighbours along an axis."""
    x = np.moveaxis(x, axis, 0)
    return np.moveaxis(x[:-1] + x[1:], 0, axis)


{% endif %}
{% endif %}
{% endif %}
{% if solves %}
def solve(u, c, axis):
    """v with v - D^-(c D^+ v) = u along an axis: the elimination of Thomas, without a difference that could cancel."""
    u, c = np.moveaxis(u, axis, 0), np.moveaxis(c, axis, 0)[:, np.newaxis]
{% if spec.periodic %}
    # the last edge joins the ends: a matrix of rank one (Sherman and Morrison)
    ends = np.zeros_like(u)
    ends[0] += 1
    ends[-1] -= 1
    v, z = line(u, c), line(ends, c)
    v = v - z * (c[-1] * (v[0] - v[-1]) / (1 + c[-1] * (z[0] - z[-1])))
{% else %}
    v = line(u, c)
{% endif %}
    return np.moveaxis(v, 0, axis)


def line(u, c):
    """The same along the first axis, of samples that stand on a line."""
    v = u.copy()
    pivots = np.ones((len(u), *c.shape[1:]), dtype=DTYPE)  # less the weight of the edge after
    for i in range(1, len(u)):
        share = c[i - 1] / (pivots[i - 1] + c[i - 1])
        pivots[i] += share * pivots[i - 1]
        v[i] += share * v[i - 1]
    v[-1] /= pivots[-1]
    for i in reversed(range(len(u) - 1)):
        v[i] = (v[i] + c[i] * v[i + 1]) / (pivots[i] + c[i])
    return v


{% endif %}
SCRATCH = {{ scratch | length }}


def evaluated(function, {{ argument }}, count, scratch, values):
    """So many results of a function of an array."""
    flat = {{ argument }}.reshape(-1)
    results = [np.empty_like(flat) for _ in range(count)]
    buffers = [np.empty_like(flat) for _ in range(scratch)]
    function(flat, *results, buffers, np.empty(flat.shape, dtype=bool), *values)
    return [result.reshape({{ argument }}.shape) for result in results]


def write_function({{ argument }}, {{ spec.program.outputs[0] }}, scratch, mask{% for name in flux_arguments %}, {{ name }}{% endfor %}):
    """{{ "The diffusivity g of q = |grad u|^2" if diffusivity else "The activation Phi of `r`" }} into `{{ spec.program.outputs[0] }}`."""
{% if scratch %}
    [{{ scratch | join(", ") }}] = scratch
{% endif %}
{% for line in flux_lines %}
    {{ line }}
{% endfor %}


{% include "bits.py" %}
{% if gradients %}
def block_vjp(u, w, values, slope_values, gradients):
    """The adjoint of one block: from `w` to the gradient by its input `u`; `gradients` by parameters are added to."""
    steps, inverses = values[: len(AXES)], values[len(AXES) : 2 * len(AXES)]
    slope_values, derivatives = slope_values[:{{ slope_arguments | length }}], slope_values[{{ slope_arguments | length }}:]
    differences = [difference(u, axis) for axis in AXES]
{% if diffusivity %}
    conductances, sums, squares = conduct(differences, values)
    # first with g as it is: `by_conductance` is what the result changes by with each of them
{% if cyclic %}
    states, now, before = [], u, u
    for k in range(CYCLE):
        a = DTYPE((4 * k + 2) / (2 * k + 3))
        states.append(now)
        now, before = a * (now + diffusion(now, conductances)) + (1 - a) * before, now
    by_conductance = [np.zeros_like(c) for c in conductances]
    after, grad = w, np.zeros_like(w)  # by the states after this one, and by this one through the one after next
    for k in reversed(range(CYCLE)):
        a = DTYPE((4 * k + 2) / (2 * k + 3))
        for by, axis in zip(by_conductance, AXES):
            by -= a * (difference(after, axis) * difference(states[k], axis)).sum(axis=0)
        after, grad = grad + a * (after + diffusion(after, conductances)), (1 - a) * after
    grad = grad + after
{% elif solves %}
    grad, by_conductance = np.zeros_like(w), []
    for c, axis in zip(conductances, AXES):
        z = solve(w, c, axis) / DTYPE(len(AXES))
        by_conductance.append(-(difference(z, axis) * difference(solve(u, c, axis), axis)).sum(axis=0))
        grad += z
{% else %}
    by_conductance = [-(difference(w, axis) * d).sum(axis=0) for axis, d in zip(AXES, differences)]
    grad = w + diffusion(w, conductances)
{% endif %}
    # then through g: to the sums of g over cells, to q, to the differences
    by_sums = [step * by for step, by in zip(steps, by_conductance)]
{% if shared %}
    by_g = [sum(from_edges(by, axis) for by, axis in zip(by_sums, AXES))]
{% else %}
    by_g = by_sums
{% endif %}
    by_q = []
    for q, by in zip(squares, by_g):
        {{ outs | join(", ") }} = evaluated(write_slopes, q, {{ outs | length }}, SLOPE_SCRATCH, slope_values)
        by_q.append(by * slope)
{% for parameter in by_parameters %}
{% if parameter.function %}
        gradients[{{ parameter.index }}] += (by * {{ parameter.function }}).sum(dtype=np.float64)
{% endif %}
{% endfor %}
{% if not shared %}
    by_squares = by_q
{% else %}
    by_squares = [from_cells(by_q[0], axis) for axis in AXES]
{% endif %}
{% for parameter in by_parameters %}
{% for term in parameter.steps %}
    gradients[{{ parameter.index }}] += derivatives[{{ term.place }}] * (by_conductance[{{ term.axis }}] * sums[{{ term.axis }}]).sum(dtype=np.float64)
{% endfor %}
{% for term in parameter.inverses %}
    gradients[{{ parameter.index }}] += derivatives[{{ term.place }}] * (by_squares[{{ term.axis }}] * (differences[{{ term.axis }}] ** 2).sum(axis=0)).sum(dtype=np.float64)
{% endfor %}
{% endfor %}
    for d, by, inverse, axis in zip(differences, by_squares, inverses, AXES):
        grad = grad - divergence(2 * inverse * by * d, axis)
    return grad
{% else %}
    grad = w.copy()
    for axis, step, inverse, d in zip(AXES, steps, inverses, differences):
        {{ outs | join(", ") }} = evaluated(write_slopes, inverse * d, {{ outs | length }}, SLOPE_SCRATCH, slope_values)
        change = difference(w, axis)
        grad += step * inverse * divergence(slope * change, axis)
{% for parameter in by_parameters %}
{% if parameter.function %}
        gradients[{{ parameter.index }}] -= step * (change * {{ parameter.function }}).sum(dtype=np.float64)
{% endif %}
{% for term in parameter.steps %}
        if axis == AXES[{{ term.axis }}]:
            gradients[{{ parameter.index }}] -= derivatives[{{ term.place }}] * (change * {{ outs[0] }}).sum(dtype=np.float64)
{% endfor %}
{% for term in parameter.inverses %}
        if axis == AXES[{{ term.axis }}]:
            gradients[{{ parameter.index }}] -= step * derivatives[{{ term.place }}] * (change * slope * d).sum(dtype=np.float64)
{% endfor %}
{% endfor %}
    return grad
{% endif %}


{% if diffusivity and shared %}
def from_edges(edges, axis):
    """The adjoint of `at_edges`."""
    for other in AXES:
        if other != axis:
{% if spec.periodic %}
            edges = edges + np.roll(edges, -1, other)
{% else %}
            edges = pairs(np.pad(edges, [(1, 1) if one == other else (0, 0) for one in AXES]), other)
{% endif %}
    return {{ "edges" if spec.periodic else "np.pad(edges, [(1, 1) if one == axis else (0, 0) for one in AXES])" }}


def from_cells(cells, axis):
    """The adjoint of `at_cells`."""
{% if not spec.periodic %}
    cells = np.moveaxis(np.moveaxis(cells, axis, 0)[1:-1], 0, axis)
{% endif %}
    for other in AXES:
        if other != axis:
{% if spec.periodic %}
            cells = cells + np.roll(cells, 1, other)
{% else %}
            ends, cells = np.moveaxis(cells, other, 0), pairs(cells, other).copy()
            inner = np.moveaxis(cells, other, 0)
            inner[0] += ends[0]  # the mirrored samples are those of the ends
            inner[-1] += ends[-1]
{% endif %}
    return cells


{% endif %}
SLOPE_SCRATCH = {{ slope_scratch | length }}


def write_slopes({{ argument }}, {{ outs | join(", ") }}, scratch, mask{% for name in slope_arguments %}, {{ name }}{% endfor %}):
    """{{ slope_words }}."""
{% if slope_scratch %}
    [{{ slope_scratch | join(", ") }}] = scratch
{% endif %}
{% for line in slope_lines %}
    {{ line }}
{% endfor %}
{% endif %}
{% include "samples.py" %}
