{# What is the same for all samples of a block, of the parameters given: computed in double, rounded once. `values` have names, `arguments` are those of the function. #}
{% macro constants_function(function, values, coefficients, arguments) %}
static struct {{ function }} {{ function }}_of(const struct given *given, ptrdiff_t block)
{
{% for name in scalars %}
    const double {{ name }} = given->{{ name }}[given->stride * block];
{% endfor %}
{% for name, value in values %}
    const double {{ name }} = {{ value }};
{% endfor %}
    struct {{ function }} k;
{% for name, value in coefficients %}
    k.{{ name }} = splat((real)({{ value }}));
{% endfor %}
{% for name in arguments %}
    k.{{ name }} = {{ "table_at(%s)" % given_table if name == table else "splat((real)%s)" % name }};
{% endfor %}
{% if not parameters %}
    (void)given;
    (void)block;
{% endif %}
    return k;
}
{%- endmacro %}
