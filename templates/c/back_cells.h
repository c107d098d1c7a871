{# Rows of cells on their way back. Needs slopes.h. #}
{% set corners = range(2 ** (axes - 1)) %}{% set kinds = [axes - 1] if is_even else range(axes) %}{% set frozen = spec.scheme.name != "explicit" %}
{% set multiplies = turns or sums or table %}{# whether differences of u are multiplied by those of w #}
{% set given %}const real *const *u, const real *const *{{ "by" if frozen else "w" }}, ptrdiff_t channels, ptrdiff_t apart, ptrdiff_t pitch, const real *share, {{ "real *g, " if not frozen }}{{ "real *turned, " if turns }}{{ "struct row_sums *row_sums, " if sums }}{{ "struct waiting *waiting, real part_of_row, " if table }}{% endset %}
{% set pass %}u, {{ "by" if frozen else "w" }}, channels, apart, pitch, share, {{ "g, " if not frozen }}{{ "turned, " if turns }}{{ "&found, " if sums }}{{ "waiting, part_of_row, " if table }}{% endset %}
{% macro edge(from, to, kind) %}
            difference = {{ to }} - {{ from }};
            squares_{{ kind }} = fma_vec(difference, difference, squares_{{ kind }});
{% if multiplies and not frozen %}
            products_{{ kind }} = fma_vec(difference, w_{{ to }} - w_{{ from }}, products_{{ kind }});
{% endif %}
{% endmacro %}
/* Cells as `cells_some` has them{{ ((", of u and of w" if multiplies) ~ ": g") if not frozen else ":" }}{{ ", " if turns and not frozen }}{{ " what the differences of u are multiplied by" if turns }}{{ ", and what is summed; `share` is what each cell counts for" if sums }}.{% if frozen %}

 * What the sum changes by with the conductance of each edge is given, for all corners along axis 0, then axis 1, ...{% endif %} */
INLINE void back_cells_some(const int count, ptrdiff_t x, {{ given }}const struct slope_constants *k)
{
    vec q[ABREAST], {{ "factor[ABREAST], " if turns }}value[ABREAST]{% for name in slope_outs %}, {{ name }}[ABREAST]{% endfor %};
{% for a in kinds %}
    vec all_squares_{{ a }}[ABREAST]{{ ", all_products_%d[ABREAST]" % a if multiplies }};
{% endfor %}
    UNROLL
    for (int each = 0; each < count; each++) {
        const ptrdiff_t at = x + each * LANES;
{% for a in kinds %}
        vec squares_{{ a }} = splat({{ zero }}){{ ", products_%d = splat(%s)" % (a, zero) if multiplies }};
{% endfor %}
        for (ptrdiff_t c = 0; c < channels; c++) {
{% for i in corners %}
            const vec left_{{ i }} = load(u[{{ i }}] + c * apart + at), right_{{ i }} = load(u[{{ i }}] + c * apart + at + 1);
{% if multiplies and not frozen %}
            const vec w_left_{{ i }} = load(w[{{ i }}] + c * apart + at), w_right_{{ i }} = load(w[{{ i }}] + c * apart + at + 1);
{% endif %}
{% endfor %}
            vec difference;
{% for i in corners %}
{{ edge("left_%d" % i, "right_%d" % i, axes - 1) -}}
{% endfor %}
{% for a in range(axes - 2, -1, -1) %}
{% set bit = 2 ** (axes - 2 - a) %}
{% for i in corners if not (i // bit) % 2 %}
{% for side in ("left", "right") %}
{{ edge("%s_%d" % (side, i), "%s_%d" % (side, i + bit), axes - 1 if is_even else a) -}}
{% endfor %}
{% endfor %}
{% endfor %}
        }
{% if frozen %}
{% for a in range(axes) %}
{% set kind = axes - 1 if is_even else a %}{% set bit = 2 ** (axes - 2 - a) if a < axes - 1 else 0 %}
{% for i in corners if not bit or not (i // bit) % 2 %}
{% set place = "load(by[%d] + at)" % (a * corners | length + i) %}
        products_{{ kind }} = products_{{ kind }} + {{ "(%s + load(by[%d] + at + 1))" % (place, a * corners | length + i) if bit else place }};
{% endfor %}
{% endfor %}
{% endif %}
        q[each] = {{ "factor[each] = " if turns }}splat({{ zero }});
{% for a in kinds %}
{% set measure = "k->inverse_square_%d" % a if scaled[a] else "splat(%s)" % one %}
        q[each] = fma_vec({{ measure }}, squares_{{ a }}, q[each]);
{% if turns %}
        factor[each] = fma_vec({{ "k->step_%d" % a if frozen else measure }}, products_{{ a }}, factor[each]);
{% endif %}
        all_squares_{{ a }}[each] = squares_{{ a }};
{% if multiplies %}
        all_products_{{ a }}[each] = products_{{ a }};
{% endif %}
{% endfor %}
    }
    with_slopes(count, q, value{% for name in slope_outs %}, {{ name }}{% endfor %}{{ ", k" if slope_arguments }});
    UNROLL
    for (int each = 0; each < count; each++) {
        const ptrdiff_t at = x + each * LANES;
{% if not frozen %}
        store(g + at, value[each]);
{% endif %}
{% if turns %}
        store(turned + at, (slope[each] + slope[each]) * factor[each]);
{% endif %}
{% if sums or table %}
        const vec counted = load(share + at);
        const mvec is_none = equal_vec(counted, splat({{ zero }}));
{% if sums %}
        const ptrdiff_t part = at / LANES % PLACES;
{% endif %}
{% if sums_of_flow %}
        vec flow = splat({{ zero }});
{% for a in kinds %}
        flow = fma_vec(k->step_{{ a }}, all_products_{{ a }}[each], flow);
{% endfor %}
{% endif %}
{% for sum in sums %}
{% set kind = sum.split("_")[-1] %}
        row_sums->of[at_{{ sum }}][part] = row_sums->of[at_{{ sum }}][part] + masked_vec(not_mask(is_none), counted * ({{ "value[each] * all_products_%s[each]" % kind if sum.startswith("sum_step") else "slope[each] * flow * all_squares_%s[each]" % kind if sum.startswith("sum_inverse") else "%s[each] * flow" % sum }}));
{% endfor %}
{% if table %}
        if (waiting->found)
            scatter(masked_vec(not_mask(is_none), place[each]), masked_vec(not_mask(is_none), part_of_row * counted * (weight[each] * flow)), at % ACROSS, waiting);
{% endif %}
{% else %}
        (void)share;
{% endif %}
    }
    (void)pitch;
{% if not multiplies %}
    (void)w;
{% endif %}
{% for a in kinds %}
    (void)all_squares_{{ a }};
{% if multiplies %}
    (void)all_products_{{ a }};
{% endif %}
{% endfor %}
    (void)k;
}

/* A row of cells on their way back. */
APART void back_cells({{ given }}const struct slope_constants *constants)
{
    const struct slope_constants k = *constants;
{% if sums %}
    struct row_sums found;
    memset(&found, 0, sizeof found);
{% endif %}
    ptrdiff_t x = 0;
    for (; x + ABREAST * LANES <= pitch; x += ABREAST * LANES)
        back_cells_some(ABREAST, x, {{ pass }}&k);
    for (; x < pitch; x += LANES)
        back_cells_some(1, x, {{ pass }}&k);
{% if table %}
    add_waiting(waiting);
{% endif %}
{% if sums %}
    *row_sums = found;
{% endif %}
}

{% if not frozen %}
{% set rows = {1: [""], 2: ["_before", "_after"], 3: ["_before_up", "_before_down", "_after_up", "_after_down"]}[axes] %}
{% macro summed(letter, names, shifted) %}{# the sum over the cells of an edge #}
{%- if names | length == 1 and not shifted %}{{ letter }}{{ names[0] }}
{%- elif shifted %}{% for n in names %}{{ " + " if not loop.first }}({{ letter }}_left{{ n }} + {{ letter }}{{ n }}){% endfor %}
{%- else %}{% for n in names %}{{ " + " if not loop.first }}{{ letter }}{{ n }}{% endfor %}
{%- endif %}{% endmacro %}
{% macro flow(g, change, h, difference) %}{{ "fma_vec(%s, %s, (%s) * (%s))" % (g, change, h, difference) if turns else "(%s) * (%s)" % (g, change) }}{% endmacro %}
/* What a row of w is made of, as `around` has it. */
struct back_around {
{% for n in rows %}
    const real *g{{ n }}{{ ", *turned" ~ n if turns }};
{% endfor %}
{% if turns %}
    const real *u; /* the row of samples */
{% endif %}
{% for a in range(axes - 1) %}
    const real {{ "*u_ahead_%d, " % a if turns }}*w_ahead_{{ a }};
    real *over_{{ a }};
{% endfor %}
};

/* The adjoint of one block on a row of w. */
APART void back_row(real *row, const struct back_around *neighbours, ptrdiff_t pitch, const struct slope_constants *given)
{
    const struct slope_constants k = *given;
    const struct back_around around = *neighbours; /* in registers: what is stored may lie anywhere */
    vec before = splat({{ zero }});
    for (ptrdiff_t x = 0; x < pitch; x += LANES) {
        const vec here = load(row + x){{ ", u = load(around.u + x)" if turns }};
{% for n in rows %}
        const vec g{{ n }} = load(around.g{{ n }} + x){{ ", h%s = load(around.turned%s + x)" % (n, n) if turns }};
{% endfor %}
{% if axes > 1 %}
{% for n in (rows if axes == 3 else rows[1:]) if not n.startswith("_before_up") %}
        const vec g_left{{ n }} = load(around.g{{ n }} + x - 1){{ ", h_left%s = load(around.turned%s + x - 1)" % (n, n) if turns }};
{% endfor %}
{% endif %}
        const vec over = {{ flow(summed("g", rows, False), "load(row + x + 1) - here", summed("h", rows, False), "load(around.u + x + 1) - u") }};
        vec inflow = {{ "(over - shifted(before, over))" if is_even else "k.step_%d * (over - shifted(before, over))" % (axes - 1) }};
{% for a in range(axes - 2, -1, -1) %}
{% set names = rows[axes - 1:] if axes == 2 else (["_before_down", "_after_down"] if a == 1 else ["_after_up", "_after_down"]) %}
        const vec over_{{ a }} = {{ flow(summed("g", names, True), "load(around.w_ahead_%d + x) - here" % a, summed("h", names, True), "load(around.u_ahead_%d + x) - u" % a) }};
        inflow = {% if is_even %}inflow + (over_{{ a }} - load(around.over_{{ a }} + x)){% else %}fma_vec(k.step_{{ a }}, over_{{ a }} - load(around.over_{{ a }} + x), inflow){% endif %};
        store(around.over_{{ a }} + x, over_{{ a }});
{% endfor %}
        store(row + x, {{ "fma_vec(k.step_0, inflow, here)" if is_even else "here + inflow" }});
        before = over;
    }
}
{% endif %}
