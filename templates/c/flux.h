{% from "locals.h" import held, locals, selected with context %}
{# The flux of a network on vectors. Needs vector.h; data of symtrans/codegen/targets/c. #}
/* ---- The flux ----------------------------------------------------------------------------------- */
{% if table %}
{% include "table.h" %}

{% endif %}
/* What stays the same in all lanes and levels. */
struct constants {
{% for name, _ in coefficients %}
    vec {{ name }}; /* {{ "1" if name.startswith("inverse") else "tau" }}/h */
{% endfor %}
{% for name in flux_arguments %}
    {{ held(name) }};
{% endfor %}
};

{% include "functions.h" %}
{% if branches | length > 1 and not clip %}
/* Phi(r) of `count` edges abreast. All pieces are computed in all lanes, and each lane takes its own; NaN takes the last. */
{% else %}
/* Phi(r) of `count` edges abreast. */
{% endif %}
INLINE void flux(const int count, const vec *r, vec *value{% if flux_arguments %}, const struct constants *k{% endif %})
{
{% if clip %}
    const vec {{ clip }} = k->{{ clip }};
    EACH(value, min_vec({{ clip }}, max_vec(-{{ clip }}, r[each]))) /* in this order NaN remains */
{% else %}
{{ locals(flux_arguments, branches, shared) -}}
{{ selected(branches) -}}
{% endif %}
}
{% if axes == 1 %}

/* The flux over edges, each between two samples. */
INLINE void fluxes(const int count, const vec *left, const vec *right, vec *over, const struct constants *k)
{
    vec r[ABREAST];
{% if not flux_arguments and not inverse_h %}
    (void)k;
{% endif %}
    EACH(r, {{ "(right[each] - left[each]) * k->inverse_h" if inverse_h else "right[each] - left[each]" }})
    flux(count, r, over{{ ", k" if flux_arguments }});
}
{% endif %}
