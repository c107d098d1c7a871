{# Looks into a table. Needs vector.h, memory.h. Data: table, its name; last, the place of its last but one value. #}
{% set in_registers = size == 4 and last + 2 <= 128 %}{% set rows = (last + 17) // 16 %}
/* ---- The table ----------------------------------------------------------------------------------
 * A function of places x >= 0, linear between its values at 0, 1, 2, ..., of which the last two lie on the line that
 * goes on. NaN is looked up there, and remains. {% if in_registers %}Where vectors have 16 lanes, they choose from rows of the table;
 * elsewhere each lane loads for itself{% else %}Each lane loads for itself{% endif %}: what gathers is slower (measured). */
#define LAST {{ last }}
{% macro loads(bytes) %}
{% set lanes = bytes // size %}
{% if size == 4 %}
    /* two neighbours at a time, as one number of twice the size */
    uint64_t k[LANES / 2];
    memcpy(k, &whole, sizeof k);
    const pairs low = { {% for k in range(0, lanes, 4) %}{{ ", " if k }}PAIR({{ k }}), PAIR({{ k + 1 }}){% endfor %} }, high = { {% for k in range(0, lanes, 4) %}{{ ", " if k }}PAIR({{ k + 2 }}), PAIR({{ k + 3 }}){% endfor %} };
{% for name, i in (("value", 0), ("next", 1)) %}
    *{{ name }} = SHUFFLE((vec)low, (vec)high, {% for k in range(0, lanes, 4) %}{{ ", " if k }}{{ k + i }}, {{ k + 2 + i }}, {{ lanes + k + i }}, {{ lanes + k + 2 + i }}{% endfor %});
{% endfor %}
{% else %}
    int64_t k[LANES];
    memcpy(k, &whole, sizeof k);
    const vec here = { {% for k in range(lanes) %}{{ ", " if k }}table[k[{{ k }}]]{% endfor %} }, there = { {% for k in range(lanes) %}{{ ", " if k }}table[k[{{ k }}] + 1]{% endfor %} };
    *value = here;
    *next = there;
{% endif %}
{% endmacro %}
{% if size == 4 %}

#if VECTOR_BYTES
typedef double pairs __attribute__((vector_size(VECTOR_BYTES)));
typedef double two_reals __attribute__((may_alias, aligned(sizeof(real))));
#define PAIR(lane) *(const two_reals *)(table + NUMBER(lane))
/* Numbers leave a vector faster two at a time (measured). */
#if defined __BYTE_ORDER__ && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define NUMBER(lane) ((lane) % 2 ? k[(lane) / 2] >> 32 : (uint32_t)k[(lane) / 2])
#else
#define NUMBER(lane) ((const int32_t *)(const void *)k)[lane]
#endif
#endif
{% endif %}

{% if in_registers %}
#if VECTOR_BYTES == 64 && defined NATIVE
/* The values, and those after them. */
struct table { vec here[{{ rows }}], next[{{ rows }}]; };
INLINE struct table table_at(const real *values)
{
    struct table table;
    memset(&table, 0, sizeof table);
    memcpy(table.here, values, (LAST + 2) * sizeof(real));
    memcpy(table.next, values + 1, (LAST + 1) * sizeof(real));
    return table;
}

/* Of each lane the value at its place in the rows. */
INLINE vec chosen(const vec *rows, ivec place)
{
{% for k in range(0, rows, 2) %}
    const vec v{{ k // 2 }} = {% if k + 1 < rows %}_mm512_permutex2var_ps(rows[{{ k }}], (__m512i)place, rows[{{ k + 1 }}]){% else %}_mm512_permutexvar_ps((__m512i)place, rows[{{ k }}]){% endif %};
{% endfor %}
{% if rows > 2 %}
    const mvec second = _mm512_test_epi32_mask((__m512i)place, _mm512_set1_epi32(32));
    const vec low = select_vec(second, v1, v0);
{% endif %}
{% if rows > 4 %}
    const mvec upper = _mm512_test_epi32_mask((__m512i)place, _mm512_set1_epi32(64));
    const vec high = {{ "select_vec(second, v3, v2)" if rows > 6 else "v2" }};
{% endif %}
    return {{ "v0" if rows <= 2 else "low" if rows <= 4 else "select_vec(upper, high, low)" }};
}

/* The values at whole places and at those after them. */
INLINE void two_values(const struct table *table, vec places, vec *value, vec *next)
{
    const ivec whole = integers_of(places);
    *value = chosen(table->here, whole);
    *next = chosen(table->next, whole);
}
#else
{% endif %}
struct table { const real *values; };
INLINE struct table table_at(const real *values)
{
    struct table table;
    table.values = values;
    return table;
}

/* The values at whole places and at those after them. */
INLINE void two_values(const struct table *given, vec places, vec *value, vec *next)
{
    const real *const table = given->values;
    const ivec whole = integers_of(places);
#if VECTOR_BYTES == 0
    *value = table[whole];
    *next = table[whole + 1];
{% for bytes in (16, 32, 64) %}
#elif VECTOR_BYTES == {{ bytes }}
{{ loads(bytes) -}}
{% endfor %}
#endif
}
{% if in_registers %}
#endif
{% endif %}

/* The pieces of `count` vectors of places: where they begin, the values there, and by what they rise to their ends. */
INLINE void look_up_vec(const int count, const struct table *table, const vec *x, vec *begin, vec *value, vec *rise)
{
    vec next[ABREAST];
    EACH(begin, whole_vec(min_vec(x[each], splat({{ last_real }}))))
    UNROLL
    for (int each = 0; each < count; each++)
        two_values(table, begin[each], &value[each], &next[each]);
    EACH(rise, next[each] - value[each])
}
