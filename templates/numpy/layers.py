{% macro computed(constants, values) %}
{% for name in parameters %}
    {{ name }} = np.asarray({{ name }}, dtype=float)
{% endfor %}
    with np.errstate(all="ignore"):  # what only cuts an argument off may overflow
{% for name, value in constants %}
        {{ name }} = {{ value }}
{% endfor %}
        values = ({% for value in values %}{{ value }}, {% endfor %})
        return [np.broadcast_to(np.asarray(value, dtype=DTYPE), BLOCKS) for value in values]
{% endmacro %}
def constants({{ parameters | join(", ") }}):
    """What each block needs: time step, grid size and constants of {{ nonlinearity }}, as arrays over the blocks."""
{{ computed(constants, coefficients + flux_arguments) }}

{% if gradients %}
def slope_constants({{ parameters | join(", ") }}):
    """The same for the adjoint."""
{{ computed(slope_constants, slope_arguments | list + derivatives) }}

{% endif %}
