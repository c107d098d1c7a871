{# Rows of samples on their way back whose edges have a flux of their own. Needs slopes.h. #}
{% from "edge_sums.h" import edge_sums with context %}
{% set outs = ["value"] + slope_outs %}
/* What a row of w is made of, as `around` has it. */
struct back_around {
    const real *u; /* the row of samples */
{% for a in range(axes - 1) %}
    const real *u_ahead_{{ a }}, *w_ahead_{{ a }};
    real *over_{{ a }};
{% endfor %}
};

/* The adjoint of one block on a row of w: Phi'(r) D flows over an edge{{ "; and what is summed over the edges ahead of each sample" if sums or table }}; `share` is what each sample counts for. */
APART void back_row(real *row, const struct back_around *neighbours, ptrdiff_t pitch, const real *share, {{ "struct row_sums *found, " if sums }}{{ "struct waiting *waiting, " if table }}const struct slope_constants *given)
{
    const struct slope_constants k = *given;
    const struct back_around around = *neighbours; /* in registers: what is stored may lie anywhere */
{% if sums %}
    struct row_sums row_sums;
    memset(&row_sums, 0, sizeof row_sums);
{% endif %}
    vec before = splat({{ zero }});
    for (ptrdiff_t x = 0; x < pitch; x += LANES) {
        const vec here = load(row + x), u = load(around.u + x);
        vec moved[ABREAST], change[ABREAST], r[ABREAST], flow[ABREAST];
        vec {% for name in outs %}{{ name }}[ABREAST]{{ ", " if not loop.last }}{% endfor %};
{% for a in range(axes) %}
        moved[{{ a }}] = load({{ "around.u + x + 1" if a == axes - 1 else "around.u_ahead_%d + x" % a }}) - u;
        change[{{ a }}] = load({{ "row + x + 1" if a == axes - 1 else "around.w_ahead_%d + x" % a }}) - here;
        r[{{ a }}] = {{ "k.inverse_h_%d * " % a if scaled[a] }}moved[{{ a }}];
        flow[{{ a }}] = k.step_{{ a }} * change[{{ a }}];
{% endfor %}
        with_slopes({{ axes }}, r{% for name in outs %}, {{ name }}{% endfor %}{{ ", &k" if slope_arguments }});
        vec next = here;
{% for a in range(axes - 1, -1, -1) %}
        const vec over_{{ a }} = {{ "k.inverse_h_%d * " % a if scaled[a] }}(slope[{{ a }}] * flow[{{ a }}]);
        next = next + (over_{{ a }} - {{ "shifted(before, over_%d)" % a if a == axes - 1 else "load(around.over_%d + x)" % a }});
{% if a < axes - 1 %}
        store(around.over_{{ a }} + x, over_{{ a }});
{% endif %}
{% endfor %}
        store(row + x, next);
        before = over_{{ axes - 1 }};
{{ edge_sums("change") -}}
    }
{% if table %}
    add_waiting(waiting);
{% endif %}
{% if sums %}
    *found = row_sums;
{% endif %}
}
