{# The transpose of LANES vectors. Needs memory.h. #}
{% macro unpacked(bytes, upper) %}
{# of each block of 16 bytes the lower or upper half, elements of both vectors in turn #}
{% set lanes = bytes // size %}{% set wide = 16 // size %}
{% for block in range(0, lanes, wide) %}{% for i in range(wide // 2) %}
{% set at = block + i + (wide // 2 if upper else 0) %}
{{ ", " if block or i }}{{ at }}, {{ lanes + at }}
{%- endfor %}{% endfor %}
{% endmacro %}
{% macro blocks(bytes, upper) %}
{# the blocks of 16 bytes of the lower or upper half, those of both vectors in turn #}
{% set lanes = bytes // size %}{% set wide = 16 // size %}
{% for i in range(lanes // wide // 2) %}
{% set at = i * wide + (lanes // 2 if upper else 0) %}
{{ ", " if i }}{% for j in range(wide) %}{{ at + j }}, {% endfor %}{% for j in range(wide) %}{{ ", " if j }}{{ lanes + at + j }}{% endfor %}
{%- endfor %}
{% endmacro %}
#if VECTOR_BYTES
{% for bytes in (16, 32, 64) %}
#{{ "el" if not loop.first }}if VECTOR_BYTES == {{ bytes }}
#define LOWER_HALVES {{ unpacked(bytes, False) | replace("\n", "") }}
#define UPPER_HALVES {{ unpacked(bytes, True) | replace("\n", "") }}
{% if bytes > 16 %}
#define LOWER_BLOCKS {{ blocks(bytes, False) | replace("\n", "") }}
#define UPPER_BLOCKS {{ blocks(bytes, True) | replace("\n", "") }}
{% endif %}
{% endfor %}
#else
#error "VECTOR_BYTES is 0, 16, 32 or 64"
#endif
/* Pairs of vectors `distance` apart exchange their halves. */
#define EXCHANGE(distance, lower, upper) \
    UNROLL \
    for (int i = 0; i < LANES; i++) \
        if (!(i & (distance))) { \
            const vec low = SHUFFLE(v[i], v[i + (distance)], lower); \
            v[i + (distance)] = SHUFFLE(v[i], v[i + (distance)], upper); \
            v[i] = low; \
        }
#endif

/* Lane j of vector i changes place with lane i of vector j. */
INLINE void transpose(vec v[LANES])
{
#if VECTOR_BYTES
{% if size == 4 %}
    EXCHANGE(2, LOWER_HALVES, UPPER_HALVES)
{% endif %}
    EXCHANGE(1, LOWER_HALVES, UPPER_HALVES)
#if VECTOR_BYTES == 64
    EXCHANGE({{ 32 // size }}, LOWER_BLOCKS, UPPER_BLOCKS)
#endif
#if VECTOR_BYTES >= 32
    EXCHANGE({{ 16 // size }}, LOWER_BLOCKS, UPPER_BLOCKS)
#endif
#else
    (void)v;
#endif
}
