{# The function of a program with its derivatives, and what is summed for the gradients by parameters. Needs given.h. #}
{% from "constants.h" import constants_function with context %}
{% from "locals.h" import held, locals, all_selected with context %}
{% if sums %}
enum { {% for sum in sums %}at_{{ sum }}, {% endfor %}SUMS };

{% endif %}
{% if table %}
{% set across = columns %}
{% include "scatter.h" %}

{% endif %}
/* What stays the same in all lanes. */
struct slope_constants {
{% for name, _ in coefficients %}
    vec {{ name }};
{% endfor %}
{% for name in slope_arguments %}
    {{ held(name) }};
{% endfor %}
};

{{ constants_function("slope_constants", slope_constants, slope_coefficients, slope_arguments) }}

/* {{ "g(q) of `count` vectors of cells or edges" if spec.takes_diffusivity else "Phi(r) of `count` vectors of edges" }}, and its derivatives. */
INLINE void with_slopes(const int count, const vec *{{ argument }}, vec *value{% for name in slope_outs %}, vec *{{ name }}{% endfor %}{% if slope_arguments %}, const struct slope_constants *k{% endif %})
{
{{ locals(slope_arguments, slope_branches, slope_shared) -}}
{{ all_selected(slope_branches, ["value"] + slope_outs) -}}
{% if not slope_reads_argument %}
    (void){{ argument }};
{% endif %}
}
{% if sums %}

/* The sums of a row: one for each place of {{ columns }}, in `real`, whatever the width of the vectors. */
#define PLACES ({{ columns }} / LANES)
struct row_sums { vec of[SUMS][PLACES]; };

/* Adds the sums of a row, of which `factor` counts. */
static void add_row(const struct row_sums *row, double factor, double *sums)
{
    for (int sum = 0; sum < SUMS; sum++) {
        real found[{{ columns }}];
        double all = 0.0;
        memcpy(found, row->of[sum], sizeof found);
        for (int i = 0; i < {{ columns }}; i++)
            all += (double)found[i];
        sums[sum] += factor * all;
    }
}

/* Adds the gradients by the parameters of a block: sums over its {{ "cells" if cells_share else "edges" }}, each times a constant. */
static void add_gradients(const struct given *given, ptrdiff_t block, const double *sums, double *by)
{
{% for name in scalars %}
    const double {{ name }} = (double)given->{{ name }}[given->stride * block];
{% endfor %}
{% for name in scalars %}
    (void){{ name }};
{% endfor %}
{% for gradient in by_parameters if gradient.terms %}
    by[{{ gradient.index }} * (ptrdiff_t)BLOCKS + block] -= {% for term in gradient.terms %}{{ " + " if not loop.first }}{{ (term.factor ~ " * ") if term.factor }}sums[at_{{ term.sum }}]{% endfor %};
{% endfor %}
}
{% endif %}

/* How much of {{ "cell" if cells_share else "the edge after sample" }} i of an axis of `size` samples counts, from the one before the first sample on. */
INLINE double counted(ptrdiff_t i, ptrdiff_t size)
{
{% if spec.periodic or not cells_share %}
    return i > 0 && i <= size ? 1.0 : 0.0;
{% else %}
    return i < 0 || i > size ? 0.0 : i == 0 || i == size ? 0.5 : 1.0;
{% endif %}
}
