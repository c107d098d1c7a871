{# Rows of cells that share g. Needs diffusivity.h. #}
{% set corners = range(2 ** (axes - 1)) %}
/* g of the cells x, x + 1, ... between rows of samples; of channel c they lie c * apart further on. */
INLINE void cells_some(const int count, ptrdiff_t x, const real *const *corner, ptrdiff_t channels, ptrdiff_t apart,
                       vec *g, const struct constants *k)
{
    vec q[ABREAST];
    UNROLL
    for (int each = 0; each < count; each++) {
        const ptrdiff_t at = x + each * LANES;
{% for a in range(axes) if a == axes - 1 or not is_even %}
        vec squares_{{ a }} = splat({{ zero }});
{% endfor %}
        for (ptrdiff_t c = 0; c < channels; c++) {
{% for i in corners %}
            const vec left_{{ i }} = load(corner[{{ i }}] + c * apart + at), right_{{ i }} = load(corner[{{ i }}] + c * apart + at + 1);
{% endfor %}
{% for i in corners %}
            squares_{{ axes - 1 }} = fma_vec(right_{{ i }} - left_{{ i }}, right_{{ i }} - left_{{ i }}, squares_{{ axes - 1 }});
{% endfor %}
{% for a in range(axes - 2, -1, -1) %}
{% set bit = 2 ** (axes - 2 - a) %}{% set into = "squares_%d" % (axes - 1 if is_even else a) %}
{% for i in corners if not (i // bit) % 2 %}
{% for side in ("left", "right") %}
            {{ into }} = fma_vec({{ side }}_{{ i + bit }} - {{ side }}_{{ i }}, {{ side }}_{{ i + bit }} - {{ side }}_{{ i }}, {{ into }});
{% endfor %}
{% endfor %}
{% endfor %}
        }
{% if is_even %}
        q[each] = {{ "k->inverse_square_0 * " if scaled[0] }}squares_{{ axes - 1 }};
{% else %}
{% for a in range(axes - 1, -1, -1) %}
{% set factor = "k->inverse_square_%d" % a if scaled[a] else "splat(%s)" % one %}
        q[each] = {{ "%s * squares_%d" % (factor, a) if loop.first else "fma_vec(%s, squares_%d, q[each])" % (factor, a) }};
{% endfor %}
{% endif %}
    }
    diffusivity(count, q, g{{ ", k" if flux_arguments }});
{% if not flux_arguments and not scaled | select | list %}
    (void)k;
{% endif %}
}

/* The same, stored in a row. */
INLINE void store_cells(const int count, ptrdiff_t x, const real *const *corner, ptrdiff_t channels, ptrdiff_t apart,
                        real *g, const struct constants *k)
{
    vec found[ABREAST];
    cells_some(count, x, corner, channels, apart, found, k);
    UNROLL
    for (int each = 0; each < count; each++)
        store(g + x + each * LANES, found[each]);
}

/* g of a row of cells, `pitch` of them. */
APART void cells(const real *const *corner, ptrdiff_t channels, ptrdiff_t apart, ptrdiff_t pitch, real *g, const struct constants *given)
{
    const struct constants k = *given;
    ptrdiff_t x = 0;
    for (; x + ABREAST * LANES <= pitch; x += ABREAST * LANES)
        store_cells(ABREAST, x, corner, channels, apart, g, &k);
    for (; x < pitch; x += LANES)
        store_cells(1, x, corner, channels, apart, g, &k);
}
