{# The functions that a program calls, on vectors. Needs vector.h. #}
{% if approximations %}
{% include "approximations.h" %}
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
