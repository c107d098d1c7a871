{# The parameters of a call, and what is the same for all samples of a block. Needs struct constants. #}
/* Parameters, one for all blocks (stride 0) or one for each (stride 1), and the blocks to be run. */
struct given {
{% for name in parameters %}
    const real *{{ name }};
{% endfor %}
    ptrdiff_t stride;
    int first, stop;
};

/* What is the same for all samples is computed in double and rounded once. */
static struct constants constants_of(const struct given *given, ptrdiff_t block)
{
{% for name in scalars %}
    const double {{ name }} = given->{{ name }}[given->stride * block];
{% endfor %}
{% for name, value in constants %}
    const double {{ name }} = {{ value }};
{% endfor %}
    struct constants k;
{% for name, value in coefficients %}
    k.{{ name }} = splat((real)({{ value }}));
{% endfor %}
{% for name in flux_arguments %}
    k.{{ name }} = {{ given_table if name == table else "splat((real)%s)" % name }};
{% endfor %}
{% if not parameters %}
    (void)given;
    (void)block;
{% endif %}
    return k;
}
