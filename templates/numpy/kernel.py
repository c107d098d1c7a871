{% include "head.py" %}
BLOCKS = {{ spec.blocks }}
TILE = 16384  # samples filtered together: all buffers stay in the cache through all blocks
SPAN = 64  # blocks in one pass over a long signal; its tiles overlap by so many samples
{% set values %}{% for name in parameters %}, {{ name }}{% endfor %}{% endset %}


def {{ spec.function }}(f{{ values }}, *, out=None):
    """Filter signals along the last axis.

    Parameters
    ----------
    f : array_like, shape (..., N)
{% for name in parameters %}
    {{ name }} : float, or array of length {{ spec.blocks }} with one value for each block
        Positive parameter.
{% endfor %}
    out : ndarray, same shape, dtype {{ spec.dtype }}, optional
        Receives the result; it may be `f` itself.
    """
    u = np.array(f, dtype=DTYPE, order="C") if out is None else out
    if out is not None and out is not f:
        u[...] = f
    if u.size == 0:
        return u
    rows = np.ascontiguousarray(u).reshape(-1, u.shape[-1])
    with np.errstate(all="ignore"):  # what does not apply is computed all the same, and dropped
        diffuse(rows, 0, BLOCKS, constants({{ parameters | join(", ") }}))
    if not np.may_share_memory(rows, u):
        u[...] = rows.reshape(u.shape)
    return u


{% if gradients %}
def {{ spec.function }}_vjp(f, weights{{ values }}):
    """Gradients of sum(weights * {{ spec.function }}(f)): by f, and for each parameter those by its value in each block.

    At a break of Phi the derivative is that of the piece to which the break belongs.
    """
    u = np.array(f, dtype=DTYPE, order="C")
    w = np.array(weights, dtype=DTYPE, order="C")
    gradients = np.zeros(({{ parameters | length }}, BLOCKS))
    if u.size == 0:
        return w, gradients
    rows, grad = u.reshape(-1, u.shape[-1]), w.reshape(-1, u.shape[-1])
    with np.errstate(all="ignore"):
        layers = constants({{ parameters | join(", ") }})
        slopes = slope_constants({{ parameters | join(", ") }})
        firsts = range(0, BLOCKS, SPAN)
        states = [rows]  # before every SPAN blocks
        for first in firsts[:-1]:
            states.append(states[-1].copy())
            diffuse(states[-1], first, first + SPAN, layers)
        for first in reversed(firsts):
            adjoint(states.pop(), grad, first, min(first + SPAN, BLOCKS), layers, slopes, gradients)
    return w, gradients


{% endif %}
{% include "layers.py" %}
def diffuse(rows, first, stop, layers):
    """Blocks first to stop, in place, on signals that are the rows of a contiguous array."""
    count, samples = rows.shape
    if samples <= 2 * TILE:
        group = max(1, TILE // samples)
        work = buffers(min(count, group) * samples)
        for start in range(0, count, group):
            steps(rows[start : start + group].reshape(-1), samples, first, stop, layers, work)
        return
    work = buffers(TILE + 2 * SPAN)
    for begin in range(first, stop, SPAN):
        end = min(begin + SPAN, stop)
        for row in rows:
            for own, offset, part in tiles(row, end - begin):
                steps(part, part.size, begin, end, layers, work)
                row[own] = part[offset : offset + row[own].size]


def tiles(row, halo):
    """Copies of parts of a long signal: (slice of the part, its place in the copy, the copy).

    A copy has `halo` more samples on either side, or as many as there are: what is wrong at
    its ends moves inwards by one sample a block.
    """
{% if spec.periodic %}
    before, head = row[row.size - halo :].copy(), row[:halo].copy()
{% else %}
    before = head = row[:0]
{% endif %}
    for start in range(0, row.size, TILE):
        own = slice(start, min(start + TILE, row.size))
        after = np.concatenate([row[own.stop : own.stop + halo], head])[:halo]
        part = np.concatenate([before, row[own], after])
        offset, stop = before.size, part.size - after.size
        before = part[max(0, stop - halo) : stop].copy()
        yield own, offset, part


def buffers(size):
    """Scratch for `steps`: one entry for each sample."""
    real = [np.empty(size + 1, dtype=DTYPE) for _ in range({{ 2 + scratch | length + (2 if spec.clamp else 0) }})]
    return real, np.empty(size, dtype=bool)


def steps(signal, samples, first, stop, layers, work):
    """Blocks first to stop, in place, on signals of so many samples that stand one after the other."""
    size = signal.size
    real, mask = [buffer[:size] for buffer in work[0][1:]], work[1][:size]
    r, scratch = real[0], real[1:]
    # fluxes[i] is that over the left edge of sample i, fluxes[i + 1] that over its right edge.
    fluxes = work[0][0][: size + 1]
    left, right = fluxes[:-1], fluxes[1:]
    left[0] = r[-1] = 0
    ends = slice(samples - 1, None, samples)
    for k in range(first, stop):
        step, {% if inverse_h %}inverse_h, {% endif %}*values = [layer[k] for layer in layers]
        np.subtract(signal[1:], signal[:-1], out=r[:-1])
{% if spec.periodic %}
        np.subtract(signal[::samples], signal[ends], out=r[ends])
{% endif %}
{% if inverse_h %}
        np.multiply(r, inverse_h, out=r)
{% endif %}
        write_flux(r, right, scratch, mask, *values)
{% if spec.periodic %}
        np.subtract(right, left, out=r)
        np.subtract(right[::samples], right[ends], out=r[::samples])
{% else %}
        right[ends] = 0  # nothing flows over the ends
        np.subtract(right, left, out=r)
{% endif %}
        np.multiply(r, step, out=r)
{% if spec.clamp %}
        low, high = scratch[-2:]
        neighbours(np.minimum, signal, samples, low)
        neighbours(np.maximum, signal, samples, high)
        np.add(signal, r, out=signal)
        np.clip(signal, low, high, out=signal)
{% else %}
        np.add(signal, r, out=signal)
{% endif %}


{% if spec.clamp %}
def neighbours(extremum, signal, samples, out):
    """The least or largest of each sample and its two neighbours."""
    u, bound = signal.reshape(-1, samples), out.reshape(-1, samples)
    bound[...] = u
    extremum(bound[:, 1:], u[:, :-1], out=bound[:, 1:])
    extremum(bound[:, :-1], u[:, 1:], out=bound[:, :-1])
{% if spec.periodic %}
    extremum(bound[:, 0], u[:, -1], out=bound[:, 0])
    extremum(bound[:, -1], u[:, 0], out=bound[:, -1])
{% endif %}


{% endif %}
def write_flux(r, flux, scratch, mask{% for name in flux_arguments %}, {{ name }}{% endfor %}):
    """The activation Phi of `r` into `flux`."""
{% if scratch %}
    [{{ scratch | join(", ") }}] = scratch[:{{ scratch | length }}]
{% endif %}
{% for line in flux_lines %}
    {{ line }}
{% endfor %}


{% include "bits.py" %}
{% if gradients %}
def adjoint(states, grad, first, stop, layers, slopes, gradients):
    """The adjoint of blocks first to stop: `grad` in place, `gradients` added to; `states` are before these blocks."""
    count, samples = states.shape
    if samples <= 2 * TILE:
        group = max(1, TILE // samples)
        work = buffers(min(count, group) * samples), adjoint_buffers(min(count, group) * samples)
        for start in range(0, count, group):
            part, weights = (rows[start : start + group].reshape(-1) for rows in (states, grad))
            everything = slice(0, part.size)
            adjoint_steps(part.copy(), weights, samples, everything, first, stop, layers, slopes, gradients, *work)
        return
    # The adjoint of a block needs one more sample on either side, and so does the block itself.
    halo = 2 * (stop - first)
    work = buffers(TILE + 2 * halo), adjoint_buffers(TILE + 2 * halo)
    for row, grad_row in zip(states, grad):
        for (own, offset, part), (_, _, weights) in zip(tiles(row, halo), tiles(grad_row, halo)):
            inner = slice(offset, offset + row[own].size)
            adjoint_steps(part, weights, part.size, inner, first, stop, layers, slopes, gradients, *work)
            grad_row[own] = weights[inner]


def adjoint_buffers(size):
    """Scratch for `adjoint_steps`."""
    real = [np.empty(size + 1, dtype=DTYPE) for _ in range({{ 2 + slope_outs | length + [slope_scratch | length, 1] | max }})]
    return real, np.empty(size, dtype=bool)


def adjoint_steps(signal, weights, samples, own, first, stop, layers, slopes, gradients, work, adjoint_work):
    """The adjoint on signals that stand one after the other; gradients by parameters are summed over edges of `own`."""
    history = [signal]
    for k in range(first, stop - 1):
        history.append(history[-1].copy())
        steps(history[-1], samples, k, k + 1, layers, work)
    size = signal.size
    real, mask = [buffer[:size] for buffer in adjoint_work[0][1:]], adjoint_work[1][:size]
    r, {{ slope_outs | join(", ") }}, *scratch = real
    # change[i] belongs to the left edge of sample i, change[i + 1] to its right edge.
    change = adjoint_work[0][0][: size + 1]
    left, right = change[:-1], change[1:]
    left[0] = 0
    ends = slice(samples - 1, None, samples)
    for k in reversed(range(first, stop)):
        step = layers[0][k]
{% if inverse_h %}
        inverse_h = layers[1][k]
{% endif %}
{% if slope_arguments or derivative_names %}
        [{{ (slope_arguments + derivative_names) | join(", ") }}] = [layer[k] for layer in slopes]
{% endif %}
        differences(history.pop(), samples, r)
{% if inverse_h %}
        np.multiply(r, inverse_h, out=r)
{% endif %}
        write_slopes(r, {{ slope_outs | join(", ") }}, scratch, mask{% for name in slope_arguments %}, {{ name }}{% endfor %})
        differences(weights, samples, right)
{% for parameter in by_parameters %}
{% for term in parameter.terms %}
        np.multiply(right, {{ term.array }}, out={{ term.out }})
{% if term.times_r %}
        np.multiply({{ term.out }}, r, out={{ term.out }})
{% endif %}
        gradients[{{ parameter.index }}, k] -= {{ term.factor }} * {{ term.out }}[own].sum()
{% endfor %}
{% endfor %}
        # The same step with the slopes for g.
        np.multiply(right, slope, out=right)
{% if spec.periodic %}
        np.subtract(right, left, out=r)
        np.subtract(right[::samples], right[ends], out=r[::samples])
{% else %}
        np.subtract(right, left, out=r)
{% endif %}
        np.multiply(r, step{{ " * inverse_h" if inverse_h }}, out=r)
        np.add(weights, r, out=weights)


def differences(signal, samples, out):
    """Over the right edge of each sample{{ "" if spec.periodic else ", 0 at the ends" }}."""
    ends = slice(samples - 1, None, samples)
    np.subtract(signal[1:], signal[:-1], out=out[:-1])
{% if spec.periodic %}
    np.subtract(signal[::samples], signal[ends], out=out[ends])
{% else %}
    out[ends] = 0
{% endif %}


def write_slopes(r, {{ slope_outs | join(", ") }}, scratch, mask{% for name in slope_arguments %}, {{ name }}{% endfor %}):
    """{{ slope_words }}."""
{% if slope_scratch %}
    [{{ slope_scratch | join(", ") }}] = scratch[:{{ slope_scratch | length }}]
{% endif %}
{% for line in slope_lines %}
    {{ line }}
{% endfor %}
{% endif %}
{% include "samples.py" %}
