{% if uses_select %}
def select(mask, value, out, spare):
    """Copy `value` to `out` where the mask is true, by bits: a masked copy would branch at each sample."""
    bits, value, out = spare.view(BITS), value.view(BITS), out.view(BITS)
    np.negative(mask.view(np.int8), out=bits, dtype=BITS)
    np.bitwise_xor(value, out, out=value)
    np.bitwise_and(value, bits, out=value)
    np.bitwise_xor(out, value, out=out)


{% endif %}
{% if uses_clear %}
def clear(mask, out, spare):
    """Set `out` to zero where the mask is true, by bits."""
    bits, out = spare.view(BITS), out.view(BITS)
    np.subtract(mask.view(np.int8), 1, out=bits, dtype=BITS)
    np.bitwise_and(out, bits, out=out)


{% endif %}
