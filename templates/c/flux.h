{# The flux of a network on vectors. Needs vector.h; data of symtrans/codegen/c.py. #}
/* ---- The flux ----------------------------------------------------------------------------------- */
/* What stays the same in all lanes and levels. */
struct constants {
    vec step; /* tau/h */
{% if inverse_h %}
    vec inverse_h;
{% endif %}
{% for name in flux_arguments %}
    vec {{ name }};
{% endfor %}
};

{% if approximations %}
{% include "c/approximations.h" %}
{% endif %}
{% if functions %}
{% for name in functions %}
{% if name == "pow" %}
INLINE vec pow_vec(vec base, vec exponent)
{
    for (int lane = 0; lane < LANES; lane++)
        set_lane(&base, lane, REAL(pow)(lane_of(base, lane), lane_of(exponent, lane)));
    return base;
}
{% else %}
LANEWISE({{ name }})
{% endif %}
{% endfor %}

{% endif %}
{% if branches | length > 1 and not clip %}
/* Phi(r). All pieces are computed in all lanes, and each lane takes its own; NaN takes the last. */
{% else %}
/* Phi(r) */
{% endif %}
INLINE vec flux(vec r{% if flux_arguments %}, const struct constants *k{% endif %})
{
{% for name in flux_arguments %}
    const vec {{ name }} = k->{{ name }};
{% endfor %}
{% if clip %}
    return min_vec({{ clip }}, max_vec(-{{ clip }}, r)); /* in this order NaN remains */
{% else %}
{% if uses_modulus %}
    const vec a = abs_vec(r);
{% endif %}
{% if uses_sign %}
    const vec s = copysign_vec(splat({{ one }}), r);
{% endif %}
{% for branch in branches %}
{% for name, value in branch.temporaries %}
    const vec {{ name }} = {{ value }};
{% endfor %}
{% if loop.last %}
{% if branches | length == 1 %}
    return {{ branch.value }};
{% else %}
    vec chosen = {{ branch.value }};
{% endif %}
{% endif %}
{% endfor %}
{% if branches | length > 1 %}
{% for branch in branches[:-1] | reverse %}
    chosen = select_vec({{ branch.condition }}, {{ branch.value }}, chosen);
{% endfor %}
    return chosen;
{% endif %}
{% endif %}
}

/* The flux over the edge between two samples. */
INLINE vec flux_over(vec left, vec right, const struct constants *k)
{
{% if not flux_arguments and not inverse_h %}
    (void)k;
{% endif %}
    return flux({{ "(right - left) * k->inverse_h" if inverse_h else "right - left" }}{{ ", k" if flux_arguments }});
}
