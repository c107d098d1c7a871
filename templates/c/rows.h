{# Rows of cells and rows of samples, on vectors. Needs vector.h, memory.h; data of symtrans/codegen/targets/c. #}
{% from "turns.h" import in_turns %}
{% set corners = range(2 ** (axes - 1)) %}
{% if cells_share %}
/* ---- Rows --------------------------------------------------------------------------------------
 * A cell has {{ 2 ** axes }} samples; its g is computed once, from the mean of the squares of its differences,
 * and each edge takes the mean over the cells that share it. A row of cells lies between {{ corners | length }} rows of samples,
 * and cell x has the samples x and x + 1 of each.
 * A difference times the g of its cells is what flows over an edge, out of one sample and into the other. */
{% include "diffusivity.h" %}

{% include "cell_rows.h" %}

{% if is_fused and axes == 2 %}
#if ABREAST < 2 /* two rows are abreast */
#error "ABREAST is at least 2"
#endif

{% endif %}
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
/* What lies there comes into the second cache meanwhile, to be written in place. */
#ifdef __GNUC__
#define SOON(from) __builtin_prefetch(from, 1, 2)
#else
#define SOON(from) (void)(from)
#endif

{% endif %}
{% set read = ["g_after_up"][:axes - 2] if is_fused else rows %}
/* What a row of samples is made of: {{ "the rows of cells around it, and " if cells_share }}its neighbours ahead; what flowed in from those
 * before it{{ ", and what they were" if spec.clamp }}, which leaves its own for the next row{{ ", and g of the cells after it in the place of that before it" if is_fused }}. */
struct around {
{% if goes_along %}
    const real *soon[2]; /* the rows that are read next */
    int is_streamed;     /* whether what becomes of the rows goes past the caches */
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

{% if is_fused %}
/* And what goes on from samples of a row to those of the next: what lies between them. */
struct passed {
    vec g, over_0{{ ", behind_0" if spec.clamp }};
};

{% endif %}
{% set reads_rows = not (is_fused and axes == 2) %}{# of cells or fluxes beside those that are passed on #}
{% macro came_in(name) %}{{ "passed->" ~ name if is_fused and name.endswith("_0") else "load(around->%s + x)" % name }}{% endmacro %}
{% macro goes_out(name, value) %}{{ "passed->%s = %s" % (name, value) if is_fused and name.endswith("_0") else "store(around->%s + x, %s)" % (name, value) }}{% endmacro %}
/* One block on the samples x, x + 1, ... of a row{{ ", with g of the cells after them" if is_fused }}. */
INLINE vec step_some({{ "ptrdiff_t x, " if reads_rows }}vec here, vec right, {% for a in range(axes - 1) %}vec ahead_{{ a }}, {% endfor %}{% for name in new %}vec {{ name }}, {% endfor %}{{ "const struct around *around, " if reads_rows }}{{ "struct passed *passed, " if is_fused }}struct carried *carried, const struct constants *k)
{
{% for name in rows if name not in new %}
    const vec {{ name }} = {{ "passed->g" if name == old else "load(around->%s + x)" % name }};
{% endfor %}
{% if is_fused %}
    passed->g = {{ new[0] }};
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
    const vec inflow_{{ a }} = over_{{ a }} - {{ came_in("over_%d" % a) }};
    {{ goes_out("over_%d" % a, "over_%d" % a) }};
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
    lowest = min_vec(min_vec(ahead_{{ a }}, {{ came_in("behind_%d" % a) }}), lowest);
    highest = max_vec(max_vec(ahead_{{ a }}, {{ came_in("behind_%d" % a) }}), highest);
    {{ goes_out("behind_%d" % a, "here") }};
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
{% set most = 2 if axes == 2 else 1 %}{# rows in one go #}
/* `count` vectors of {{ "each of `rows` rows of " if most > 1 }}cells, and of the samples before them. */
INLINE void step_together(const int count, {{ "const int rows, " if most > 1 }}ptrdiff_t x, const real *const *corner, real *{{ "const *" if most > 1 }}to, const struct around *around, struct carried *carried, const struct constants *k)
{
    vec left[ABREAST][{{ corners | length - 1 + most }}], right[ABREAST][{{ corners | length - 1 + most }}], q[ABREAST], g[ABREAST], next[ABREAST];
    UNROLL
    for (int each = 0; each < count; each++) {
        load_corners({{ "rows + 1" if most > 1 else corners | length }}, x + each * LANES, corner, left[each], right[each]);
{% if goes_along %}
        UNROLL
        for (int row = 0; row < rows; row++)
            SOON(around->soon[row] + x + each * LANES);
{% endif %}
{% if most > 1 %}
        UNROLL
        for (int row = 0; row < rows; row++) {
            vec squares[{{ axes }}] = { splat({{ zero }}), splat({{ zero }}) };
            add_squares(left[each] + row, right[each] + row, squares);
            q[row * count + each] = size_of(squares, k);
        }
{% else %}
        vec squares[{{ axes }}] = { splat({{ zero }}), splat({{ zero }}), splat({{ zero }}) };
        add_squares(left[each], right[each], squares);
        q[each] = size_of(squares, k);
{% endif %}
    }
    diffusivity({{ "rows * count" if most > 1 else "count" }}, q, g{{ ", k" if flux_arguments }});
    UNROLL
    for (int each = 0; each < count; each++) {
        const ptrdiff_t at = x + each * LANES;
        struct passed passed = { load(around->g + at), load(around->over_0 + at){{ ", load(around->behind_0 + at)" if spec.clamp }} };
{% if axes == 3 %}
        const vec g_before = passed.g;
{% endif %}
{% if most > 1 %}
        UNROLL
        for (int row = 0; row < rows; row++)
            next[row * count + each] = step_some(left[each][row], right[each][row], left[each][row + 1], g[row * count + each], &passed, carried + row, k);
{% else %}
        next[each] = step_some(at, left[each][0], right[each][0], left[each][2], left[each][1], g[each], around, &passed, carried, k);
        store(around->g_before_up + at, g_before);
{% endif %}
        store(around->g + at, passed.g);
        store(around->over_0 + at, passed.over_0);
{% if spec.clamp %}
        store(around->behind_0 + at, passed.behind_0);
{% endif %}
    }
{% if goes_along %}
    if (around->is_streamed) {
        UNROLL
        for (int row = 0; row < rows; row++) {
            UNROLL
            for (int each = 0; each < count; each++)
                STREAM(to[row] + x + each * LANES, next[row * count + each]);
        }
        return;
    }
{% endif %}
{% if most > 1 %}
    UNROLL
    for (int row = 0; row < rows; row++) {
        UNROLL
        for (int each = 0; each < count; each++)
            store(to[row] + x + each * LANES, next[row * count + each]);
    }
{% else %}
    UNROLL
    for (int each = 0; each < count; each++)
        store(to + x + each * LANES, next[each]);
{% endif %}
}

{% for rows, name in ((1, "step_row"), (2, "step_two_rows")) if rows <= most %}
{% if rows == 1 %}
/* One block on the samples first <= x < end of a row, and g of the cells after them; rows[0] is the row, and `to` may be it.
 * What comes before goes on; a row that begins has nothing before. */
{% else %}
/* The same on two rows: what lies between them stays in registers. */
{% endif %}
APART void {{ name }}(const real *const *given_rows, real *{{ "const *" if most > 1 }}given_to, const struct around *neighbours, ptrdiff_t first, ptrdiff_t end,
                    struct carried *before, const struct constants *given)
{
    const struct constants k = *given;
    const struct around around = *neighbours; /* in registers: what is stored may lie anywhere */
{% set corners_of_all = corners | length - 1 + rows if most > 1 else corners | length %}
    const real *const corner[{{ corners_of_all }}] = { {% for i in range(corners_of_all) %}{{ ", " if i }}given_rows[{{ i }}]{% endfor %} };
{% if most > 1 %}
    real *const to[{{ rows }}] = { {% for i in range(rows) %}{{ ", " if i }}given_to[{{ i }}]{% endfor %} };
{% else %}
    real *const to = given_to;
{% endif %}
    struct carried carried[{{ rows }}];
    ptrdiff_t x = first;
    memset(carried, 0, sizeof carried);
    if (before)
        memcpy(carried, before, sizeof carried);
{% set arguments = "x, corner, to, &around, carried, &k" %}
{% if rows == 1 %}
{{ in_turns("step_together", ("1, " if most > 1) ~ arguments, "end") -}}
{% else %}
    for (; x + ABREAST / 2 * LANES <= end; x += ABREAST / 2 * LANES)
        step_together(ABREAST / 2, 2, {{ arguments }});
    for (; x < end; x += LANES)
        step_together(1, 2, {{ arguments }});
{% endif %}
    if (before)
        memcpy(before, carried, sizeof carried);
}

{% endfor %}
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
