{# Gradients by the values of a table. Needs table.h. Data: across, over how many sums those of a piece are spread. #}
/* ---- Gradients by the table ---------------------------------------------------------------------
 * A value between two of the table is a mean of both, by how near it is, and its gradient goes to both. Of each {{ "column of %s" % across if takes_arrays else "lane" }} and
 * piece the sums of what goes to its two ends are taken in double, in the order of the samples. */
struct ends_of_piece { double begin, end; };
#define ACROSS {{ across }} /* {{ "columns, whatever the width of the vectors" if takes_arrays else "lanes" }} */
#define FOUND ((LAST + 1) * ACROSS) /* sums of all pieces */
#define WAITING (16 * LANES) /* changes that wait: what adds them is a loop of its own (measured) */
struct waiting {
    struct ends_of_piece *found;
    int count;
    integer begin[WAITING]; /* where the sums are, in bytes */
    real ends[2 * WAITING];
};

INLINE void begin_waiting(struct waiting *waiting, struct ends_of_piece *found)
{
    waiting->found = found;
    waiting->count = 0;
}

{% set half = 8 // size %}{# lanes whose ends fill 16 bytes #}
/* Adds the changes that wait, in their order. */
APART void add_waiting(struct waiting *waiting)
{
#if VECTOR_BYTES
    typedef double two_sums __attribute__((vector_size(16), aligned(8), may_alias));
{% if size == 4 %}
    /* Four are widened at a time: of two compilers make a longer way (measured). */
    typedef real four_reals __attribute__((vector_size(16), aligned(4), may_alias));
    typedef double four_sums __attribute__((vector_size(32)));
{% endif %}
    struct ends_of_piece *const found = waiting->found; /* in registers: what is added may lie anywhere */
    const int count = waiting->count;
    for (int first = 0; first < count; first += LANES) {
        UNROLL
        for (int lane = 0; lane < LANES; lane += {{ half }}) {
            const real *const ends = waiting->ends + 2 * first + lane % {{ 2 * half }} / {{ half }} * LANES + lane / {{ 2 * half }} * {{ 2 * half }};
            two_sums to_add[{{ half }}];
{% if size == 4 %}
            const four_sums widened = __builtin_convertvector(*(const four_reals *)(const void *)ends, four_sums);
            memcpy(to_add, &widened, sizeof widened);
{% else %}
            memcpy(to_add, ends, sizeof to_add);
{% endif %}
            for (int i = 0; i < {{ half }}; i++)
                *((two_sums *)(void *)((char *)found + waiting->begin[first + lane + i]) + lane + i) += to_add[i];
        }
    }
#else
    for (int i = 0; i < waiting->count; i++) {
        struct ends_of_piece *const sums = (struct ends_of_piece *)(void *)((char *)waiting->found + waiting->begin[i]);
        sums->begin += (double)waiting->ends[2 * i];
        sums->end += (double)waiting->ends[2 * i + 1];
    }
#endif
    waiting->count = 0;
}

/* Adds `change`, times the sign of a place, at the place{{ ", in the columns from `column` on" if takes_arrays }}: sooner or later. */
INLINE void scatter(vec place, vec change, {{ "ptrdiff_t column, " if takes_arrays }}struct waiting *waiting)
{
    const vec x = abs_vec(place), begin = whole_vec(min_vec(x, splat({{ last_real }})));
    const vec signed_change = of_bits(bits_of(change) ^ (bits_of(place) & bits_of(splat(-{{ zero }}))));
    const vec to_end = (x - begin) * signed_change, to_begin = signed_change - to_end;
    const ivec at = {{ "(integers_of(begin) * ACROSS + splat_integer((integer)column))" if takes_arrays else "(integers_of(begin) * ACROSS)" }} * (integer)sizeof *waiting->found;
    real *const ends = waiting->ends + 2 * waiting->count;
    memcpy(waiting->begin + waiting->count, &at, sizeof at);
#if VECTOR_BYTES == 0
    ends[0] = to_begin;
    ends[1] = to_end;
{% for bytes in (16, 32, 64) %}
#elif VECTOR_BYTES == {{ bytes }}
{% set lanes = bytes // size %}
{% for first in (0, half) %}
    store(ends{{ " + LANES" if first }}, SHUFFLE(to_begin, to_end, {% for block in range(0, lanes, 16 // size) %}{{ ", " if block }}{% for i in range(half) %}{{ ", " if i }}{{ block + first + i }}, {{ lanes + block + first + i }}{% endfor %}{% endfor %}));
{% endfor %}
{% endfor %}
#endif
    waiting->count += LANES;
    if (waiting->count == WAITING)
        add_waiting(waiting);
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
