{# The function of a program with its derivatives, and what is summed for the gradients by parameters. Needs given.h. #}
{% from "locals.h" import held, locals, all_selected with context %}
{% if sums %}
enum { {% for sum in sums %}at_{{ sum }}, {% endfor %}SUMS };

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

static struct slope_constants slope_constants_of(const struct given *given, ptrdiff_t block)
{
{% for name in scalars %}
    const double {{ name }} = given->{{ name }}[given->stride * block];
{% endfor %}
{% for name, value in slope_constants %}
    const double {{ name }} = {{ value }};
{% endfor %}
    struct slope_constants k;
{% for name, value in slope_coefficients %}
    k.{{ name }} = splat((real)({{ value }}));
{% endfor %}
{% for name in slope_arguments %}
    k.{{ name }} = {{ given_table if name == table else "splat((real)%s)" % name }};
{% endfor %}
{% if not parameters %}
    (void)given;
    (void)block;
{% endif %}
    return k;
}

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

/* Adds a row of terms, of which `factor` counts. */
static void add_row(const real *terms, ptrdiff_t pitch, double factor, double *sums)
{
    for (int sum = 0; sum < SUMS; sum++, terms += pitch) {
        real found[{{ columns }}] = { {{ zero }} };
        double all = 0.0;
        for (ptrdiff_t x = 0; x < pitch; x += {{ columns }})
            for (int i = 0; i < {{ columns }}; i++)
                found[i] += terms[x + i];
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
{% for gradient in by_parameters %}
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
