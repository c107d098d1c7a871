{# Rows of cells and rows of samples, on vectors. Needs vector.h, memory.h; data of symtrans/codegen/targets/c. #}
{% set corners = range(2 ** (axes - 1)) %}
{% if cells_share %}
/* ---- Rows --------------------------------------------------------------------------------------
 * A cell has {{ 2 ** axes }} samples; its g is computed once, from the mean of the squares of its differences,
 * and each edge takes the mean over the cells that share it. A row of cells lies between {{ corners | length }} rows of samples,
 * and cell x has the samples x and x + 1 of each.
 * A difference times the g of its cells is what flows over an edge, out of one sample and into the other. */
{% include "diffusivity.h" %}

{% include "cell_rows.h" %}

{% else %}
{% include "flux.h" %}

/* ---- Rows --------------------------------------------------------------------------------------
 * Each edge has a flux of its own, which is computed once: it flows out of one sample and into the other. */
#if ABREAST < {{ axes }} /* the edges ahead of a sample are abreast */
#error "ABREAST is at least {{ axes }}"
#endif
{% endif %}
{% set rows = {1: ["g"], 2: ["g_before", "g_after"], 3: ["g_before_up", "g_before_down", "g_after_up", "g_after_down"]}[axes] if cells_share else [] %}
{% set behind = {1: [], 2: ["g_after"], 3: ["g_after_up", "g_after_down"]}[axes] %}
/* What a row of samples is made of: {{ "the rows of cells around it, and " if cells_share }}its neighbours ahead; what flowed in from those
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

/* One block on a row of samples; `to` may be the row itself. */
APART void step_row(const real *row, real *to, const struct around *around, ptrdiff_t pitch, const struct constants *given)
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
{% if cells_share %}
        const vec over = {% if axes == 1 %}g{% elif axes == 2 %}(g_before + g_after){% else %}((g_before_up + g_before_down) + (g_after_up + g_after_down)){% endif %} * (right - here);
{% if axes == 3 %}
        const vec over_1 = ((load(around->g_before_down + x - 1) + g_before_down) + (load(around->g_after_down + x - 1) + g_after_down)) * (load(around->ahead_1 + x) - here);
{% endif %}
{% if axes > 1 %}
        const vec over_0 = {% for name in behind %}{{ " + " if not loop.first }}{% if loop.first and behind | length > 1 %}({% endif %}(load(around->{{ name }} + x - 1) + {{ name }}){% if loop.last and behind | length > 1 %}){% endif %}{% endfor %} * (load(around->ahead_0 + x) - here);
{% endif %}
{% else %}
        vec r[ABREAST], fluxes[ABREAST];
{% for a in range(axes) %}
        r[{{ a }}] = {{ "k.inverse_h_%d * " % a if scaled[a] }}({{ "right" if a == axes - 1 else "load(around->ahead_%d + x)" % a }} - here);
{% endfor %}
        flux({{ axes }}, r, fluxes{{ ", &k" if flux_arguments }});
{% for a in range(axes) %}
        const vec over{{ "_%d" % a if a < axes - 1 }} = fluxes[{{ a }}];
{% endfor %}
{% endif %}
        const vec inflow_{{ axes - 1 }} = over - shifted(before, over);
{% for a in range(axes - 2, -1, -1) %}
        const vec inflow_{{ a }} = over_{{ a }} - load(around->over_{{ a }} + x);
        store(around->over_{{ a }} + x, over_{{ a }});
{% endfor %}
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
        store(to + x, max_vec(lowest, min_vec(highest, next)));
        left = here;
{% else %}
        store(to + x, next);
{% endif %}
        before = over;
    }
}
