{# What the adjoint sums over edges. Needs memory.h. #}
/* by <- by + weight D v D w on a row of edges, each between two samples, places from <= x < to. */
APART void add_products_row(const real *v, const real *v_ahead, const real *w, const real *w_ahead, real weight, real *by, ptrdiff_t from, ptrdiff_t to)
{
    for (ptrdiff_t x = from; x < to; x += LANES)
        store(by + x, fma_vec(splat(weight) * (load(v_ahead + x) - load(v + x)), load(w_ahead + x) - load(w + x), load(by + x)));
}
