{# Rows of cells and rows of samples, on vectors. Needs vector.h, memory.h; data of symtrans/codegen/targets/c. #}
{% from "locals.h" import locals, selected with context %}
{% set corners = range(2 ** (axes - 1)) %}
/* ---- Rows --------------------------------------------------------------------------------------
 * A cell has {{ 2 ** axes }} samples; its g is computed once, from the mean of the squares of its differences,
 * and each edge takes the mean over the cells that share it. A row of cells lies between {{ corners | length }} rows of samples,
 * and cell x has the samples x and x + 1 of each.
 * A difference times the g of its cells is what flows over an edge, out of one sample and into the other. */
struct constants {
{% for name, _ in coefficients %}
    vec {{ name }}; /* {{ "1" if name.startswith("inverse") else "tau" }}/({{ 2 ** (axes - 1) }} h^2) */
{% endfor %}
{% for name in flux_arguments %}
    vec {{ name }};
{% endfor %}
};

{% include "functions.h" %}
/* g(q) of `count` vectors of cells abreast, q = |grad u|^2. All pieces are computed in all lanes, and each lane takes its own. */
INLINE void diffusivity(const int count, const vec *q, vec *value{% if flux_arguments %}, const struct constants *k{% endif %})
{
{{ locals(flux_arguments, branches, shared) -}}
{{ selected(branches) -}}
{% if not reads_q %}
    (void)q;
{% endif %}
}

/* g of the cells x, x + 1, ... between rows of samples; of channel c they lie c * apart further on. */
INLINE void cells_some(const int count, ptrdiff_t x, const real *const *corner, ptrdiff_t channels, ptrdiff_t apart,
                       real *g, const struct constants *k)
{
    vec q[ABREAST], value[ABREAST];
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
        q[each] = {{ "k->inverse_square_0 * " if squares_scaled[0] }}squares_{{ axes - 1 }};
{% else %}
{% for a in range(axes - 1, -1, -1) %}
{% set factor = "k->inverse_square_%d" % a if squares_scaled[a] else "splat(%s)" % one %}
        q[each] = {{ "%s * squares_%d" % (factor, a) if loop.first else "fma_vec(%s, squares_%d, q[each])" % (factor, a) }};
{% endfor %}
{% endif %}
    }
    diffusivity(count, q, value{{ ", k" if flux_arguments }});
{% if not flux_arguments and not squares_scaled | select | list %}
    (void)k;
{% endif %}
    UNROLL
    for (int each = 0; each < count; each++)
        store(g + x + each * LANES, value[each]);
}

/* g of a row of cells, `pitch` of them. */
APART void cells(const real *const *corner, ptrdiff_t channels, ptrdiff_t apart, ptrdiff_t pitch, real *g, const struct constants *given)
{
    const struct constants k = *given;
    ptrdiff_t x = 0;
    for (; x + ABREAST * LANES <= pitch; x += ABREAST * LANES)
        cells_some(ABREAST, x, corner, channels, apart, g, &k);
    for (; x < pitch; x += LANES)
        cells_some(1, x, corner, channels, apart, g, &k);
}

{% set rows = {1: ["g"], 2: ["g_before", "g_after"], 3: ["g_before_up", "g_before_down", "g_after_up", "g_after_down"]}[axes] %}
{% set behind = {1: [], 2: ["g_after"], 3: ["g_after_up", "g_after_down"]}[axes] %}
/* What a row of samples is made of: the rows of cells around it, and its neighbours ahead; what flowed in from those
 * before it{{ ", and what they were" if spec.clamp }}, which leaves its own for the next row. */
struct around {
{% for name in rows %}
    const real *{{ name }};
{% endfor %}
{% for a in range(axes - 1) %}
    const real *ahead_{{ a }};
    real *over_{{ a }};
{% if spec.clamp %}
    real *behind_{{ a }};
{% endif %}
{% endfor %}
};

/* One block on a row of samples. */
APART void step_row(real *row, const struct around *around, ptrdiff_t pitch, const struct constants *given)
{
    const struct constants k = *given;
    vec before = splat({{ zero }});
{% if spec.clamp %}
    vec left = splat({{ zero }});
{% endif %}
    UNROLL_TURNS
    for (ptrdiff_t x = 0; x < pitch; x += LANES) {
        const vec here = load(row + x), right = load(row + x + 1);
{% for name in rows %}
        const vec {{ name }} = load(around->{{ name }} + x);
{% endfor %}
        const vec over = {% if axes == 1 %}g{% elif axes == 2 %}(g_before + g_after){% else %}((g_before_up + g_before_down) + (g_after_up + g_after_down)){% endif %} * (right - here);
        const vec inflow_{{ axes - 1 }} = over - shifted(before, over);
{% if axes == 3 %}
        const vec over_1 = ((load(around->g_before_down + x - 1) + g_before_down) + (load(around->g_after_down + x - 1) + g_after_down)) * (load(around->ahead_1 + x) - here);
        const vec inflow_1 = over_1 - load(around->over_1 + x);
        store(around->over_1 + x, over_1);
{% endif %}
{% if axes > 1 %}
        const vec over_0 = {% for name in behind %}{{ " + " if not loop.first }}{% if loop.first and behind | length > 1 %}({% endif %}(load(around->{{ name }} + x - 1) + {{ name }}){% if loop.last and behind | length > 1 %}){% endif %}{% endfor %} * (load(around->ahead_0 + x) - here);
        const vec inflow_0 = over_0 - load(around->over_0 + x);
        store(around->over_0 + x, over_0);
{% endif %}
{% if is_even %}
        const vec next = fma_vec(k.step_0, {% if axes == 3 %}(inflow_2 + inflow_1) + inflow_0{% elif axes == 2 %}inflow_1 + inflow_0{% else %}inflow_0{% endif %}, here);
{% else %}
{# the increment first: its sum with the sample is rounded once, and stays in range #}
        vec inflow = k.step_{{ axes - 1 }} * inflow_{{ axes - 1 }};
{% for a in range(axes - 2, -1, -1) %}
        inflow = fma_vec(k.step_{{ a }}, inflow_{{ a }}, inflow);
{% endfor %}
        const vec next = here + inflow;
{% endif %}
{% if spec.clamp %}
        const vec earlier = shifted(left, here);
        vec lowest = min_vec(min_vec(earlier, here), right), highest = max_vec(max_vec(earlier, here), right);
{% for a in range(axes - 1) %}
        lowest = min_vec(min_vec(load(around->ahead_{{ a }} + x), load(around->behind_{{ a }} + x)), lowest);
        highest = max_vec(max_vec(load(around->ahead_{{ a }} + x), load(around->behind_{{ a }} + x)), highest);
        store(around->behind_{{ a }} + x, here);
{% endfor %}
        store(row + x, max_vec(lowest, min_vec(highest, next)));
        left = here;
{% else %}
        store(row + x, next);
{% endif %}
        before = over;
    }
}
