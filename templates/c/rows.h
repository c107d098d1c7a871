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
{% set new = rows[-1:] if is_fused else [] %}{# g of the cells that are computed on the way, in whose place that of cells before was #}
{% set old = {2: "g_before", 3: "g_before_down"}[axes] if is_fused else "" %}
{% if goes_along %}
/* What lies there comes into the second cache meanwhile. */
#ifdef __GNUC__
#define SOON(from) __builtin_prefetch(from, 0, 2)
#else
#define SOON(from) (void)(from)
#endif

{% endif %}
{% set read = ["g_after_up"][:axes - 2] if is_fused else rows %}
/* What a row of samples is made of: {{ "the rows of cells around it, and " if cells_share }}its neighbours ahead; what flowed in from those
 * before it{{ ", and what they were" if spec.clamp }}, which leaves its own for the next row{{ ", and g of the cells after it in the place of that before it" if is_fused }}. */
struct around {
{% if goes_along %}
    const real *soon; /* a row that is read soon */
    int is_streamed;  /* whether what becomes of the row goes past the caches */
{% endif %}
{% if is_fused %}
    real *g;
{% endif %}
{% if is_fused and axes == 3 %}
    real *g_before_up;
{% endif %}
{% for name in read %}
    const real *{{ name }};
{% endfor %}
{% for a in range(axes - 1) %}
{% if not is_fused %}
    const real *ahead_{{ a }};
{% endif %}
    real *over_{{ a }};
{% if spec.clamp %}
    real *behind_{{ a }};
{% endif %}
{% endfor %}
};

{% set moved = new + [old] if axes == 3 and is_fused else new %}
{% macro both(name) %}({{ "shifted(carried->%s, %s)" % (name, name) if name in moved else "load(around->%s + x - 1)" % name }} + {{ name }}){% endmacro %}
/* What goes on from one vector of a row to the next. */
struct carried {
    vec before; /* what flows over the last edge along the row */
{% if spec.clamp %}
    vec left;
{% endif %}
{% for name in moved %}
    vec {{ name }};
{% endfor %}
};

/* One block on the samples x, x + 1, ... of a row{{ ", with g of the cells after them" if is_fused }}. */
INLINE vec step_some(ptrdiff_t x, vec here, vec right, {% for a in range(axes - 1) %}vec ahead_{{ a }}, {% endfor %}{% for name in new %}vec {{ name }}, {% endfor %}const struct around *around, struct carried *carried, const struct constants *k)
{
{% for name in rows if name not in new %}
    const vec {{ name }} = load(around->{{ "g" if name == old else name }} + x);
{% endfor %}
{% if is_fused %}
    store(around->g + x, {{ new[0] }});
{% endif %}
{% if is_fused and axes == 3 %}
    store(around->g_before_up + x, g_before_down);
{% endif %}
{% if cells_share %}
    const vec over = {% if axes == 1 %}g{% elif axes == 2 %}(g_before + g_after){% else %}((g_before_up + g_before_down) + (g_after_up + g_after_down)){% endif %} * (right - here);
{% if axes == 3 %}
    const vec over_1 = ({{ both("g_before_down") }} + {{ both("g_after_down") }}) * (ahead_1 - here);
    const vec over_0 = ({{ both("g_after_up") }} + {{ both("g_after_down") }}) * (ahead_0 - here);
{% elif axes == 2 %}
    const vec over_0 = {{ both("g_after") }} * (ahead_0 - here);
{% endif %}
{% else %}
    vec r[ABREAST], fluxes[ABREAST];
{% for a in range(axes) %}
    r[{{ a }}] = {{ "k->inverse_h_%d * " % a if scaled[a] }}({{ "right" if a == axes - 1 else "ahead_%d" % a }} - here);
{% endfor %}
    flux({{ axes }}, r, fluxes{{ ", k" if flux_arguments }});
{% for a in range(axes) %}
    const vec over{{ "_%d" % a if a < axes - 1 }} = fluxes[{{ a }}];
{% endfor %}
{% endif %}
    const vec inflow_{{ axes - 1 }} = over - shifted(carried->before, over);
{% for a in range(axes - 2, -1, -1) %}
    const vec inflow_{{ a }} = over_{{ a }} - load(around->over_{{ a }} + x);
    store(around->over_{{ a }} + x, over_{{ a }});
{% endfor %}
{% if is_even %}
    const vec next = fma_vec(k->step_0, {% if axes == 3 %}(inflow_2 + inflow_1) + inflow_0{% elif axes == 2 %}inflow_1 + inflow_0{% else %}inflow_0{% endif %}, here);
{% else %}
{# the increment first: its sum with the sample is rounded once, and stays in range #}
    vec inflow = k->step_{{ axes - 1 }} * inflow_{{ axes - 1 }};
{% for a in range(axes - 2, -1, -1) %}
    inflow = fma_vec(k->step_{{ a }}, inflow_{{ a }}, inflow);
{% endfor %}
    const vec next = here + inflow;
{% endif %}
{% if spec.clamp %}
    const vec earlier = shifted(carried->left, here);
    vec lowest = min_vec(min_vec(earlier, here), right), highest = max_vec(max_vec(earlier, here), right);
{% for a in range(axes - 1) %}
    lowest = min_vec(min_vec(ahead_{{ a }}, load(around->behind_{{ a }} + x)), lowest);
    highest = max_vec(max_vec(ahead_{{ a }}, load(around->behind_{{ a }} + x)), highest);
    store(around->behind_{{ a }} + x, here);
{% endfor %}
    const vec result = max_vec(lowest, min_vec(highest, next));
    carried->left = here;
{% endif %}
    carried->before = over;
{% for name in moved %}
    carried->{{ name }} = {{ name }};
{% endfor %}
    return {{ "result" if spec.clamp else "next" }};
}

{% if is_fused %}
/* `count` vectors of cells, and of the samples before them. */
INLINE void step_together(const int count, ptrdiff_t x, const real *const *corner, real *to, const struct around *around, struct carried *carried, const struct constants *k)
{
    vec found[ABREAST], here[ABREAST], right[ABREAST]{% for a in range(axes - 1) %}, ahead_{{ a }}[ABREAST]{% endfor %};
    cells_some(count, x, corner, 1, 0, found, k);
    EACH(here, load(corner[0] + x + each * LANES))
    EACH(right, load(corner[0] + x + each * LANES + 1))
{% for a in range(axes - 1) %}
    EACH(ahead_{{ a }}, load(corner[{{ 2 ** (axes - 2 - a) }}] + x + each * LANES))
{% endfor %}
{% if goes_along %}
    UNROLL
    for (int each = 0; each < count; each++)
        SOON(around->soon + x + each * LANES);
{% endif %}
    EACH(here, step_some(x + each * LANES, here[each], right[each], {% for a in range(axes - 1) %}ahead_{{ a }}[each], {% endfor %}found[each], around, carried, k))
{% if goes_along %}
    if (around->is_streamed) {
        UNROLL
        for (int each = 0; each < count; each++)
            STREAM(to + x + each * LANES, here[each]);
        return;
    }
{% endif %}
    UNROLL
    for (int each = 0; each < count; each++)
        store(to + x + each * LANES, here[each]);
}

/* One block on the samples first <= x < end of a row, and g of the cells after them; rows[0] is the row, and `to` may be it.
 * What comes before goes on; a row that begins has nothing before. */
APART void step_row(const real *const *rows, real *to, const struct around *neighbours, ptrdiff_t first, ptrdiff_t end,
                    struct carried *before, const struct constants *given)
{
    const struct constants k = *given;
    const struct around around = *neighbours; /* in registers: what is stored may lie anywhere */
    const real *const corner[{{ corners | length }}] = { {% for i in corners %}{{ ", " if i }}rows[{{ i }}]{% endfor %} };
    struct carried carried;
    ptrdiff_t x = first;
    memset(&carried, 0, sizeof carried);
    if (before)
        carried = *before;
    for (; x + ABREAST * LANES <= end; x += ABREAST * LANES)
        step_together(ABREAST, x, corner, to, &around, &carried, &k);
    for (; x < end; x += LANES)
        step_together(1, x, corner, to, &around, &carried, &k);
    if (before)
        *before = carried;
}
{% else %}
/* One block on a row of samples; `to` may be the row itself. */
APART void step_row(const real *row, real *to, const struct around *neighbours, ptrdiff_t pitch, const struct constants *given)
{
    const struct constants k = *given;
    const struct around around = *neighbours; /* in registers: what is stored may lie anywhere */
    struct carried carried;
    memset(&carried, 0, sizeof carried);
    UNROLL_TURNS
    for (ptrdiff_t x = 0; x < pitch; x += LANES)
        store(to + x, step_some(x, load(row + x), load(row + x + 1), {% for a in range(axes - 1) %}load(around.ahead_{{ a }} + x), {% endfor %}&around, &carried, &k));
}
{% endif %}
