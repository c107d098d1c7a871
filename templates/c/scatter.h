{# Gradients by the values of a table. Needs table.h. Data: across, over how many sums those of a piece are spread. #}
/* ---- Gradients by the table ---------------------------------------------------------------------
 * A value between two of the table is a mean of both, by how near it is, and its gradient goes to both. Of each {{ "column of %s" % across if takes_arrays else "lane" }} and
 * piece the sums of what goes to its two ends are taken in double, in the order of the samples. */
struct ends_of_piece { double begin, end; };
#define ACROSS {{ across }} /* {{ "columns, whatever the width of the vectors" if takes_arrays else "lanes" }} */
#define FOUND ((LAST + 1) * ACROSS) /* sums of all pieces */
#if VECTOR_BYTES

typedef double two_sums __attribute__((vector_size(16)));
{% if size == 4 %}
typedef float four_reals __attribute__((vector_size(16)));
typedef double four_sums __attribute__((vector_size(32)));
{% endif %}
INLINE void add_two(struct ends_of_piece *into, two_sums more)
{
    two_sums sums;
    memcpy(&sums, into, sizeof sums);
    sums += more;
    memcpy(into, &sums, sizeof sums);
}

/* Adds the two ends of the lanes that `pairs` holds: of each block of 16 bytes {{ "two, from lane `first` of four on" if size == 4 else "one, lane `first` of two" }}. */
INLINE void add_pairs(struct ends_of_piece *found, {{ "uint64_t" if size == 4 else "int64_t" }} *k, int first, vec pairs)
{
    UNROLL
    for (int block = 0; block < VECTOR_BYTES / 16; block++) {
        const int lane = block * {{ 16 // size }} + first;
{% if size == 4 %}
        four_reals reals;
        memcpy(&reals, (const char *)&pairs + 16 * block, sizeof reals);
        const four_sums sums = __builtin_convertvector(reals, four_sums);
        two_sums one, other;
        memcpy(&one, &sums, sizeof one);
        memcpy(&other, (const char *)&sums + sizeof one, sizeof other);
        add_two(found + NUMBER(lane) + lane, one);
        add_two(found + NUMBER(lane + 1) + lane + 1, other);
{% else %}
        two_sums one;
        memcpy(&one, (const char *)&pairs + 16 * block, sizeof one);
        add_two(found + k[lane] + lane, one);
{% endif %}
    }
}
#endif

/* Adds `change`, times the sign of a place, at the place. */
INLINE void scatter(vec place, vec change, struct ends_of_piece *found)
{
    const vec x = abs_vec(place), begin = whole_vec(min_vec(x, splat({{ last_real }})));
    const vec signed_change = of_bits(bits_of(change) ^ (bits_of(place) & bits_of(splat(-{{ zero }}))));
    const vec to_end = (x - begin) * signed_change, to_begin = signed_change - to_end;
    const ivec piece = integers_of(begin) * ACROSS;
#if VECTOR_BYTES == 0
    found[piece].begin += (double)to_begin;
    found[piece].end += (double)to_end;
#else
    {{ "uint64_t k[LANES / 2]" if size == 4 else "int64_t k[LANES]" }};
    memcpy(k, &piece, sizeof k);
{% for bytes in (16, 32, 64) %}
#{{ "el" if not loop.first }}if VECTOR_BYTES == {{ bytes }}
{% set lanes = bytes // size %}{% set half = 8 // size %}
{% for first in (0, half) %}
    add_pairs(found, k, {{ first }}, SHUFFLE(to_begin, to_end, {% for block in range(0, lanes, 16 // size) %}{{ ", " if block }}{% for i in range(half) %}{{ ", " if i }}{{ block + first + i }}, {{ lanes + block + first + i }}{% endfor %}{% endfor %}));
{% endfor %}
{% endfor %}
#endif
#endif
}

/* Adds the sums of {{ "all columns" if takes_arrays else "the lanes in use" }} to the gradients by the values, one after the other. */
static void gather(const struct ends_of_piece *found, int count, double *of_values)
{
    for (int i = 0; i < count; i++)
        for (ptrdiff_t k = 0; k <= LAST; k++) {
            of_values[k] += found[k * ACROSS + i].begin;
            of_values[k + 1] += found[k * ACROSS + i].end;
        }
}
