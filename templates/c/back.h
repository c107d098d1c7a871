{# The adjoint of blocks on arrays. Needs given.h, and what filters. #}
/* ---- The adjoint --------------------------------------------------------------------------------
{% if spec.scheme.name != "explicit" %}
 * A block is linear with coefficients c, which depend on its samples. So a gradient goes back in two ways: with c as they
 * are, and from what the result changes by with each c through g to the samples.
{% else %}
 * With w the gradient by the samples after a block, and the differences d of u and D of w over an edge, that by the
{% if cells_share %}
 * samples before it is what the block makes of w, with G D + H d for what flows over an edge: G is the sum of g over
 * the cells of the edge, H that of 2 g'(q) times the sum of d D/(2^(d-1) h^2) over the edges of a cell{{ "; here g'(q) = 0" if not turns }}.
{% else %}
 * samples before it is what the block makes of w, with Phi'(d/h) D/h for what flows over an edge.
{% endif %}
{% endif %}
 *
 * At a break the derivatives are those of the piece to which the break belongs; jumps and clamping contribute
 * nothing. A gradient by a parameter is a sum over {{ "cells, of which one that sticks out counts for half as much" if cells_share else "edges" }}. It is
 * taken in a fixed order: {{ columns }} sums to a row, in `real`; these in double; then rows, slabs and arrays. */
#ifndef TOGETHER
#define TOGETHER (1 << 18) /* samples of the arrays that go back side by side: their states stay in the last cache (measured) */
#endif
#ifndef KEPT
#define KEPT (1 << 28) /* bytes of states to be kept at most, before some are computed once more */
#endif

{% include "slopes.h" %}

{% include "back_tiles.h" if spec.scheme.name == "explicit" else "back_frozen.h" %}

/* All blocks backwards, as many at a time as go back together; the states between are kept. For some arrays at a time. */
{% set by %}{% if parameters %}double *by, {% endif %}{% endset %}
static int adjoint(const real *f, const real *w, real *grad, {{ by }}size_t images, ptrdiff_t channels, const ptrdiff_t *size,
                   int threads, struct given *given)
{
    const int workers = threads < 1 ? 1 : threads;
    const ptrdiff_t image = channels{% for a in range(axes) %} * size[{{ a }}]{% endfor %};
{% if parameters %}
    memset(by, 0, sizeof(double) * {{ rows }} * (size_t)BLOCKS);
{% endif %}
    if (images == 0 || image == 0)
        return 0;
    const size_t some = (size_t)larger({{ "16" if table else "workers" }}, TOGETHER / image), together = some < images ? some : images;
    const size_t state = together * (size_t)image;
    const int span = blocks_back(size, channels, state);
    const int spans = (BLOCKS - 1) / span + 1, odd = spans * span - BLOCKS; /* the first has fewer blocks: all but the last are computed twice */
    real *const states = (real *)malloc((size_t)spans * state * sizeof(real)); /* before each span but the first, and w */
    char *const memory = (char *)malloc((size_t)back_room_of(size, channels, (ptrdiff_t)together, span, workers) * sizeof(real) + 64);
{% if sums %}
    const size_t slabs = {{ "(size_t)(size[0] + 1)" if axes > 1 else "1" }}, all = (size_t)span * together * slabs;
    double (*const sums)[SUMS] = (double (*)[SUMS])malloc((all + BLOCKS) * sizeof(double[SUMS])); /* of some blocks; of each */
    int failed = !states || !memory || !sums;
    if (sums)
        memset(sums + all, 0, BLOCKS * sizeof *sums);
{% else %}
    int failed = !states || !memory;
{% endif %}
{% if table %}
    struct ends_of_piece *const of_pieces = (struct ends_of_piece *)malloc((size_t)workers * (size_t)span * FOUND * sizeof *of_pieces);
    double *const of_values = (double *)calloc((size_t)BLOCKS * (LAST + 2), sizeof *of_values);
    failed |= !of_pieces || !of_values;
{% endif %}
    for (size_t done = 0; done < images && !failed; done += together) {
        const size_t count = images - done < together ? images - done : together;
        real *const before = states + state;
        const real *after = w + done * (size_t)image;
        for (int s = 1; s < spans && !failed; s++) {
            given->first = (int)larger((s - 1) * span - odd, 0);
            given->stop = s * span - odd;
            failed |= filter_all(s == 1 ? f + done * (size_t)image : before + (size_t)(s - 2) * state, before + (size_t)(s - 1) * state,
                                 count, channels, size, workers, given);
        }
        for (int s = spans - 1; s >= 0 && !failed; s--) {
            const int first = (int)larger(s * span - odd, 0), stop = (s + 1) * span - odd;
            real *const to = s % 2 ? states : grad + done * (size_t)image;
{% if sums %}
            memset(sums, 0, all * sizeof *sums);
{% endif %}
            failed |= back_pass(s == 0 ? f + done * (size_t)image : before + (size_t)(s - 1) * state, after, to, count, channels, size,
                                first, stop, workers, given, aligned(memory){{ ", sums" if sums }}{{ ", of_pieces, of_values" if table }});
            after = to;
{% if sums %}
            for (int block = first; block < stop; block++)
                for (size_t i = 0; i < count * slabs; i++)
                    for (int sum = 0; sum < SUMS; sum++)
                        sums[all + (size_t)block][sum] += sums[(size_t)(block - first) * count * slabs + i][sum];
{% endif %}
        }
    }
    free(states);
    free(memory);
{% if sums %}
    for (int block = 0; block < BLOCKS && !failed; block++)
        add_gradients(given, block, sums[all + (size_t)block], by);
    free(sums);
{% endif %}
{% if table %}
    for (ptrdiff_t block = 0; block < BLOCKS && !failed; block++)
        for (ptrdiff_t k = 0; k < LAST + 2; k++)
            by[({{ scalars | length }} + k) * BLOCKS + block] -= of_values[block * (LAST + 2) + k];
    free(of_pieces);
    free(of_values);
{% endif %}
    return failed ? -1 : 0;
}
