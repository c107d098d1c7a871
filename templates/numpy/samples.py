{% if uses_erf %}


def by_samples(function, values, out):
    """A function of Python's math library, sample by sample."""
    out[...] = np.fromiter(map(function, values.tolist()), DTYPE, values.size)
{% endif %}
