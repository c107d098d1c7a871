{# The diffusivity of cells or of edges, on vectors. Needs vector.h, memory.h; data of symtrans/codegen/targets/c. #}
{% from "locals.h" import held, locals, selected with context %}
{% if table %}
{% include "table.h" %}

{% endif %}
/* What is the same for all samples of a block. */
struct constants {
{% for name, _ in coefficients %}
    vec {{ name }}; /* {{ "1" if name.startswith("inverse") else "tau" if splits == 1 else "%d tau" % splits }}/({{ share }} h^2) */
{% endfor %}
{% for name in flux_arguments %}
    {{ held(name) }};
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
