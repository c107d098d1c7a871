{# The local names of a function of r: constants, arrays for what is computed on the way, |r| and its sign. #}
{% macro locals(constants, branches, uses_modulus, uses_sign) %}
{% for name in constants %}
    const vec {{ name }} = k->{{ name }};
{% endfor %}
{% set arrays = ["a"] * uses_modulus + ["s"] * uses_sign + branches | map(attribute="arrays") | sum(start=[]) %}
{% if arrays %}
    vec {% for name in arrays %}{{ name }}[ABREAST]{{ ", " if not loop.last }}{% endfor %};
{% endif %}
{% if uses_modulus %}
    EACH(a, abs_vec(r[each]))
{% endif %}
{% if uses_sign %}
    EACH(s, copysign_vec(splat({{ one }}), r[each]))
{% endif %}
{% for line in branches | map(attribute="lines") | sum(start=[]) %}
    {{ line }}
{% endfor %}
{% endmacro %}
