def constants({{ parameters | join(", ") }}):
    """What each block needs: time step, grid size and constants of {{ nonlinearity }}, as arrays over the blocks."""
{% for name in parameters %}
    {{ name }} = np.asarray({{ name }}, dtype=DTYPE)
{% endfor %}
{% for name, value in constants %}
    {{ name }} = {{ value }}
{% endfor %}
    values = ({% for value in coefficients + flux_arguments %}{{ value }}, {% endfor %})
    return [np.broadcast_to(np.asarray(value, dtype=DTYPE), BLOCKS) for value in values]


{% if gradients %}
def slope_constants({{ parameters | join(", ") }}):
    """The same for the adjoint."""
{% for name in parameters %}
    {{ name }} = np.asarray({{ name }}, dtype=DTYPE)
{% endfor %}
{% for name, value in slope_constants %}
    {{ name }} = {{ value }}
{% endfor %}
    values = ({% for name in slope_arguments %}{{ name }}, {% endfor %}{% for value in derivatives %}{{ value }}, {% endfor %})
    return [np.broadcast_to(np.asarray(value, dtype=DTYPE), BLOCKS) for value in values]


{% endif %}
