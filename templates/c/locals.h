{# What stays the same: a number in all lanes, or a table. #}
{% macro held(name) %}{{ "struct table " if name == table else "vec " }}{{ name }}{% endmacro %}
{# The local names of a function of r: constants, arrays for what is computed on the way, |r| and its sign. #}
{% macro locals(constants, branches, shared) %}
{% for name in constants %}
    const {{ "struct table *const" if name == table else "vec" }} {{ name }} = {{ "&" if name == table }}k->{{ name }};
{% endfor %}
{% set arrays = ["a"] * ("abs" in shared) + ["s"] * ("sign" in shared) + branches | map(attribute="arrays") | sum(start=[]) %}
{% if arrays %}
    vec {% for name in arrays %}{{ name }}[ABREAST]{{ ", " if not loop.last }}{% endfor %};
{% endif %}
{% if "abs" in shared %}
    EACH(a, abs_vec(r[each]))
{% endif %}
{% if "sign" in shared %}
    EACH(s, copysign_vec(splat({{ one }}), r[each]))
{% endif %}
{% for line in branches | map(attribute="lines") | sum(start=[]) %}
    {{ line }}
{% endfor %}
{% endmacro %}
{# The first result of the branch that holds. #}
{% macro selected(branches) %}
{% set nothing = "splat(%s)" % zero %}
{% for branch in branches | reverse %}
{% if loop.first %}
    EACH(value, {{ branch.results[0] }})
{% elif branch.results[0] == nothing %}
    EACH(value, masked_vec(not_mask({{ branch.condition }}), value[each]))
{% else %}
    EACH(value, select_vec({{ branch.condition }}, {{ branch.results[0] }}, value[each]))
{% endif %}
{% endfor %}
{% endmacro %}
{# All results of the branch that holds, each into an array of its own. #}
{% macro all_selected(branches, targets) %}
{% set nothing = "splat(%s)" % zero %}
{% for branch in branches | reverse %}
{% if loop.first %}
{% for into in targets %}
    EACH({{ into }}, {{ branch.results[loop.index0] }})
{% endfor %}
{% else %}
    {
        mvec mask[ABREAST];
        EACH(mask, {{ branch.condition }})
{% for into in targets %}
{% set result = branch.results[loop.index0] %}
{% if result == nothing %}
        EACH({{ into }}, masked_vec(not_mask(mask[each]), {{ into }}[each]))
{% else %}
        EACH({{ into }}, select_vec(mask[each], {{ result }}, {{ into }}[each]))
{% endif %}
{% endfor %}
    }
{% endif %}
{% endfor %}
{% endmacro %}
