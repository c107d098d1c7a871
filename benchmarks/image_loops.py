"""Fused loops of numba for images and volumes: buffers reused, g of a cell computed once and shared by its edges.

Arrays have a border of one sample, which repeats the samples at the ends. A step goes over the rows once: the cells
between a row and the next, what flows over the edges, the row.
"""

from functools import lru_cache
from typing import Any

from benchmarks.image_cases import Diffusivity


@lru_cache(maxsize=16)
def loops(given: Diffusivity) -> dict[str, Any]:
    """By name: `images`, `volumes` and `adjoint`, each for one step size that holds 1/2^(d-1)."""
    from numba import njit

    # Without error_model="numpy" each division is checked for zero, and no loop with one vectorises.
    options: dict[str, Any] = {"fastmath": True, "error_model": "numpy"}
    g, slope = (njit(inline="always", **options)(f) for f in (given.scalar, given.slope))

    @njit(**options)
    def cells(up, down, out, one, c, d):  # type: ignore[no-untyped-def]
        half = one / (one + one)
        for x in range(up.size - 1):
            a, b = up[x + 1] - up[x], down[x + 1] - down[x]
            e, f = down[x] - up[x], down[x + 1] - up[x + 1]
            out[x] = g(half * (a * a + b * b + e * e + f * f), one, c, d)

    @njit(**options)
    def flows(here, down, before, after, across, along):  # type: ignore[no-untyped-def]
        for x in range(1, here.size - 1):
            along[x] = (before[x] + after[x]) * (here[x + 1] - here[x])
            across[x] = (after[x - 1] + after[x]) * (down[x] - here[x])

    @njit(**options)
    def add(row, across, above, along, step):  # type: ignore[no-untyped-def]
        for x in range(1, row.size - 1):
            row[x] += step * ((across[x] - above[x]) + (along[x] - along[x - 1]))
            above[x] = across[x]
        row[0], row[-1] = row[1], row[-2]

    @njit(**options)
    def step_image(u, rows, step, one, c, d):  # type: ignore[no-untyped-def]
        before, after, above, across, along = rows[0], rows[1], rows[2], rows[3], rows[4]
        above[:] = 0
        along[0] = 0
        cells(u[0], u[1], before, one, c, d)
        for y in range(1, u.shape[0] - 1):
            cells(u[y], u[y + 1], after, one, c, d)
            flows(u[y], u[y + 1], before, after, across, along)
            add(u[y], across, above, along, step)
            before, after = after, before
        u[0, :], u[-1, :] = u[1], u[-2]

    @njit(**options)
    def images(u, rows, blocks, step, one, c, d):  # type: ignore[no-untyped-def]
        for k in range(u.shape[0]):
            for _ in range(blocks):
                step_image(u[k], rows, step, one, c, d)

    @njit(**options)
    def cells_of_volume(a, b, e, f, out, one, c, d):  # type: ignore[no-untyped-def]
        quarter = one / (one + one + one + one)
        for x in range(a.size - 1):
            i, j, k, m = a[x + 1] - a[x], b[x + 1] - b[x], e[x + 1] - e[x], f[x + 1] - f[x]
            q = i * i + j * j + k * k + m * m
            for s in range(2):
                i, j, k, m = b[x + s] - a[x + s], f[x + s] - e[x + s], e[x + s] - a[x + s], f[x + s] - b[x + s]
                q += i * i + j * j + k * k + m * m
            out[x] = g(quarter * q, one, c, d)

    @njit(**options)
    def step_volume(u, planes, step, one, c, d):  # type: ignore[no-untyped-def]
        before, after, above = planes[0], planes[1], planes[2]
        behind, along, across, down = planes[3, 0], planes[4, 0], planes[5, 0], planes[6, 0]
        above[:] = 0
        along[0] = 0
        last = u.shape[1] - 1
        for y in range(last):
            cells_of_volume(u[0, y], u[0, y + 1], u[1, y], u[1, y + 1], before[y], one, c, d)
        for z in range(1, u.shape[0] - 1):
            here, next = u[z], u[z + 1]
            behind[:] = 0
            cells_of_volume(here[0], here[1], next[0], next[1], after[0], one, c, d)
            for y in range(1, last):
                cells_of_volume(here[y], here[y + 1], next[y], next[y + 1], after[y], one, c, d)
                p, q, r, s, row = before[y - 1], before[y], after[y - 1], after[y], here[y]
                for x in range(1, row.size - 1):
                    along[x] = ((p[x] + q[x]) + (r[x] + s[x])) * (row[x + 1] - row[x])
                    down[x] = ((q[x - 1] + q[x]) + (s[x - 1] + s[x])) * (here[y + 1, x] - row[x])
                    across[x] = ((r[x - 1] + r[x]) + (s[x - 1] + s[x])) * (next[y, x] - row[x])
                for x in range(1, row.size - 1):
                    row[x] += step * ((along[x] - along[x - 1]) + (down[x] - behind[x]) + (across[x] - above[y, x]))
                    behind[x], above[y, x] = down[x], across[x]
                row[0], row[-1] = row[1], row[-2]
            before, after = after, before
            here[0, :], here[-1, :] = here[1], here[-2]
        u[0, :, :], u[-1, :, :] = u[1], u[-2]

    @njit(**options)
    def volumes(u, planes, blocks, step, one, c, d):  # type: ignore[no-untyped-def]
        for k in range(u.shape[0]):
            for _ in range(blocks):
                step_volume(u[k], planes, step, one, c, d)

    @njit(**options)
    def cells_back(up, down, w_up, w_down, out, turned, one, c, d):  # type: ignore[no-untyped-def]
        half = one / (one + one)
        for x in range(up.size - 1):
            i, j, k, m = up[x + 1] - up[x], down[x + 1] - down[x], down[x] - up[x], down[x + 1] - up[x + 1]
            product = i * (w_up[x + 1] - w_up[x]) + j * (w_down[x + 1] - w_down[x])
            product += k * (w_down[x] - w_up[x]) + m * (w_down[x + 1] - w_up[x + 1])
            q = half * (i * i + j * j + k * k + m * m)
            out[x] = g(q, one, c, d)
            turned[x] = slope(q, one, c, d) * product

    @njit(**options)
    def back_image(u, w, rows, step, one, c, d):  # type: ignore[no-untyped-def]
        before, after, above, across, along = rows[0], rows[1], rows[2], rows[3], rows[4]
        turned, turned_after = rows[5], rows[6]
        above[:] = 0
        along[0] = 0
        cells_back(u[0], u[1], w[0], w[1], before, turned, one, c, d)
        for y in range(1, u.shape[0] - 1):
            cells_back(u[y], u[y + 1], w[y], w[y + 1], after, turned_after, one, c, d)
            for x in range(1, u.shape[1] - 1):
                along[x] = (before[x] + after[x]) * (w[y, x + 1] - w[y, x])
                along[x] += (turned[x] + turned_after[x]) * (u[y, x + 1] - u[y, x])
                across[x] = (after[x - 1] + after[x]) * (w[y + 1, x] - w[y, x])
                across[x] += (turned_after[x - 1] + turned_after[x]) * (u[y + 1, x] - u[y, x])
            add(w[y], across, above, along, step)
            before, after = after, before
            turned, turned_after = turned_after, turned
        w[0, :], w[-1, :] = w[1], w[-2]

    @njit(**options)
    def adjoint(f, w, states, rows, blocks, step, one, c, d):  # type: ignore[no-untyped-def]
        for k in range(f.shape[0]):
            states[0, 1:-1, 1:-1] = f[k]
            for n in range(blocks):
                if n > 0:
                    states[n] = states[n - 1]
                    step_image(states[n], rows, step, one, c, d)
                else:
                    states[0, 1:-1, 0], states[0, 1:-1, -1] = states[0, 1:-1, 1], states[0, 1:-1, -2]
                    states[0, 0, :], states[0, -1, :] = states[0, 1], states[0, -2]
            w[k, 1:-1, 0], w[k, 1:-1, -1] = w[k, 1:-1, 1], w[k, 1:-1, -2]
            w[k, 0, :], w[k, -1, :] = w[k, 1], w[k, -2]
            for n in range(blocks - 1, -1, -1):
                back_image(states[n], w[k], rows, step, one, c, d)

    return {"images": images, "volumes": volumes, "adjoint": adjoint}
