{% include "header.txt" %}
#include "{{ spec.function }}.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#ifdef _OPENMP
#include <omp.h>
#define WAIT(workers) if ((workers) > 1) { _Pragma("omp barrier") }
#define THREAD omp_get_thread_num()
#else
#define WAIT(workers)
#define THREAD 0
#endif

{% if "erf" in approximations | map(attribute="name") %}
#ifndef ABREAST
#define ABREAST 4 /* see below; erf is a long polynomial: the more vectors side by side, the better (measured) */
#endif

{% endif %}
{% if table %}
#ifndef ABREAST
#define ABREAST 2 /* a look into a table keeps the loads busy: more side by side only take registers (measured) */
#endif

{% endif %}
{% include "vector.h" %}

/* How the work is cut; any choice gives the same bits. */
#ifndef DEPTH
/* Levels that run together in registers. Where the flux takes registers of its own, one level after the other in a
 * row of the first cache is faster (measured with 16 and with 32 registers). */
#define DEPTH {{ "4 /* a linear flux takes none */" if is_linear else "1" }}
#endif
#if DEPTH > ABREAST /* the levels that run together are abreast too */
#undef ABREAST
#define ABREAST DEPTH
#endif
#ifndef MOST_LEVELS
#define MOST_LEVELS 64 /* levels for which a signal is read once */
#endif
#ifndef CHUNK
#define CHUNK (VECTOR_BYTES ? 6144 / (LANES * (int)sizeof(real)) : 256) /* samples of each lane in the first cache */
#endif
#define MOST_HALO (MOST_LEVELS < 64 ? 64 : MOST_LEVELS) /* the adjoint needs 64 */
#define SHORT ((LANES < 8 ? 8 : LANES) * LANES) /* samples of a signal that is not worth being cut into pieces */
#define BLOCKS {{ spec.blocks }}
#define FAR (1 << 20) /* beyond all places in a window */

{% include "lanes.h" %}

{% include "flux.h" %}

{% include "sweep.h" %}
{% if spec.blocks == 1 %}

{% include "along.h" %}
{% endif %}

{% include "given.h" %}

{% if spec.blocks > 1 %}
{% include "wound.h" %}

{% endif %}
/* Levels on a tile, from block `block` on. */
static void filter_blocks(const struct tile *tile, int block, int levels, const struct given *given)
{
    struct constants k[MOST_LEVELS];
    for (int l = 0; l < (given->stride ? levels : 1); l++)
        k[l] = constants_of(given, block + l);
    filter(tile, levels, k, given->stride != 0);
}

/* ---- Signals ------------------------------------------------------------------------------------ */

/* The levels of one pass: all blocks, in as few passes of as equal a size as `most` and `room` allow. */
static int levels_of_a_pass(int blocks, ptrdiff_t most, int room)
{
    const int limit = most < 1 ? 1 : most > room ? room : (int)most;
    const int passes = (blocks - 1) / limit + 1;
    return (blocks - 1) / passes + 1;
}

/* Up to LANES whole signals, one in each lane. */
static void filter_signals(const real *f, real *u, int signals, ptrdiff_t samples, const struct given *given)
{
    struct tile tile;
{% if spec.periodic %}
    const int most = levels_of_a_pass(given->stop - given->first, samples / 16, MOST_LEVELS); /* each level costs a sample of halo on both sides */
{% else %}
    const int most = levels_of_a_pass(given->stop - given->first, MOST_LEVELS, MOST_LEVELS);
{% endif %}
    tile.lanes = signals;
{% if spec.blocks == 1 and not spec.periodic %}
    memset(tile.after, 0, sizeof tile.after); /* never read, which gcc does not see */
{% endif %}
    for (int done = given->first; done < given->stop; done += most, f = u) {
        const int levels = given->stop - done < most ? given->stop - done : most;
        tile.halo = {{ "levels" if spec.periodic else "0" }};
        for (int lane = 0; lane < LANES; lane++) {
            const ptrdiff_t offset = lane < signals ? lane * samples : 0;
            set_piece(&tile, lane, f + offset, u + offset, samples, 0, samples);
        }
        filter_blocks(&tile, done, levels, given);
    }
}

{% if spec.blocks == 1 %}
#ifdef _OPENMP /* one thread goes along the signal instead */
{% endif %}
/* The pieces of one signal that are due to worker `worker` of `workers`, who all come here. */
static void filter_pieces(const real *f, real *u, ptrdiff_t samples, int worker, int workers,
                          const struct given *given)
{
    struct tile tile;
    const ptrdiff_t pieces = (ptrdiff_t)workers * LANES;
    const int most = levels_of_a_pass(given->stop - given->first, samples / pieces / 8, MOST_LEVELS); /* each level costs a sample of halo on both sides */
    tile.lanes = LANES;
    for (int done = given->first; done < given->stop; done += most, f = u) {
        const int levels = given->stop - done < most ? given->stop - done : most;
        tile.halo = levels;
        for (int lane = 0; lane < LANES; lane++) {
            const ptrdiff_t piece = (ptrdiff_t)worker * LANES + lane;
            const ptrdiff_t start = samples / pieces * piece + samples % pieces * piece / pieces;
            const ptrdiff_t stop = samples / pieces * (piece + 1) + samples % pieces * (piece + 1) / pieces;
            set_piece(&tile, lane, f, u, samples, start, stop - start);
        }
        WAIT(workers) /* for the halos: now they may be overwritten */
        filter_blocks(&tile, done, levels, given);
        WAIT(workers) /* for the samples */
    }
}
{% if spec.blocks == 1 %}
#endif
{% endif %}

/* All signals: one in each lane, and those left over in pieces, unless they are short. */
static void filter_all(const real *f, real *u, size_t signals, size_t samples, int threads,
                       const struct given *given)
{
    const ptrdiff_t length = (ptrdiff_t)samples;
    const int is_short = samples < SHORT;
{% if spec.blocks > 1 %}
    const int is_wound = length >= ABREAST * LANES && length <= (ptrdiff_t)WOUND * LANES;
{% endif %}
{% if spec.blocks == 1 %}
    const size_t full = is_short ? signals / LANES : 0, left = signals - full * LANES;
{% else %}
    const size_t full = signals / LANES, left = signals % LANES;
{% endif %}
    const size_t tasks = full + (is_short ? left > 0 : left);
    if (threads > 1 && tasks < (size_t)threads && !is_short{{ " && !is_wound" if spec.blocks > 1 }}) { /* each signal by all threads together */
        const size_t most = samples / SHORT;
        const int team = most < (size_t)threads ? (int)most : threads;
#ifdef _OPENMP
#pragma omp parallel num_threads(team)
        for (size_t s = 0; s < signals; s++)
            filter_pieces(f + s * samples, u + s * samples, length, omp_get_thread_num(), omp_get_num_threads(), given);
        return;
#endif
        (void)team;
    }
#ifdef _OPENMP
#pragma omp parallel for schedule(dynamic) num_threads(threads) if (threads > 1)
#endif
    for (size_t task = 0; task < tasks; task++) {
        if (task < full || is_short) {
            const size_t first = task * LANES;
            const int count = signals - first < LANES ? (int)(signals - first) : LANES;
            filter_signals(f + first * samples, u + first * samples, count, length, given);
        } else {
            const size_t s = full * LANES + (task - full);
{% if spec.blocks == 1 %}
            const struct constants k = constants_of(given, 0);
            step_along(f + s * samples, u + s * samples, length, &k);
{% else %}
            if (is_wound)
                filter_wound(f + s * samples, u + s * samples, length, given);
            else
                filter_pieces(f + s * samples, u + s * samples, length, 0, 1, given);
{% endif %}
        }
    }
}

{% set arguments %}const real *f, real *u, size_t signals, size_t samples{% endset %}
{% set each %}{% for name in parameters %}, {{ "const real *" if name == table else "real " }}{{ name }}{% endfor %}{% endset %}
{% set arrays %}{% for name in parameters %}, const real *{{ name }}{% endfor %}{% endset %}
{% set names %}{% for name in parameters %}, {{ name }}{% endfor %}{% endset %}
{% set addresses %}{% for name in parameters %}{{ "&" if name != table }}{{ name }}, {% endfor %}{% endset %}
void {{ spec.function }}_threads({{ arguments ~ each }}, int threads)
{
    const struct given given = { {{ addresses }}0, 0, BLOCKS };
    if (signals > 0 && samples > 0)
        filter_all(f, u, signals, samples, threads, &given);
}

void {{ spec.function }}({{ arguments ~ each }})
{
    {{ spec.function }}_threads(f, u, signals, samples{{ names }}, 1);
}
{% if parameters %}

void {{ spec.function }}_layers({{ arguments ~ arrays }}, int threads)
{
    const struct given given = { {% for name in parameters %}{{ name }}, {% endfor %}1, 0, BLOCKS };
    if (signals > 0 && samples > 0)
        filter_all(f, u, signals, samples, threads, &given);
}
{% endif %}
{% if gradients %}

#ifndef WITHOUT_VJP
{% include "adjoint.h" %}

/* All blocks backwards, in passes; the states before each pass are kept, for some signals at a time. */
{% set by %}{% if parameters %}double *by, {% endif %}{% endset %}
{% set give_by %}{% if sums or table %}, by{% endif %}{% endset %}
static int adjoint(const real *f, const real *w, real *grad, {{ by }}size_t signals, size_t samples, int workers,
                   struct given *given)
{
    const int threads = workers < 1 ? 1 : workers; /* as in a forward call */
    const int most = levels_of_a_pass(BLOCKS, {{ "(ptrdiff_t)samples / 16" if spec.periodic else "ADJOINT_LEVELS" }}, ADJOINT_LEVELS);
    const int passes = (BLOCKS - 1) / most + 1;
    const size_t rings = (size_t)most * ADJOINT_CHUNK + 2 * (size_t)most * ((size_t)most + 1);
    const size_t some = passes == 1 ? signals : (((size_t)1 << 20) / (size_t)passes / samples / GROUP + 1) * GROUP;
    const size_t together = some < signals ? some : signals, size = together * samples;
    /* between passes: a state before each but the first, and a gradient */
    real *between = passes == 1 ? NULL : (real *)malloc((size_t)passes * size * sizeof(real));
    char *room = (char *)malloc((size_t)threads * rings * sizeof(struct edge) + sizeof(vec));
{% if table %}
    struct ends_of_piece *ends = (struct ends_of_piece *)malloc((size_t)threads * (size_t)most * (FOUND * sizeof *ends + (LAST + 2) * sizeof(double)));
    const int failed = !room || !ends || (passes > 1 && !between);
{% else %}
    const int failed = !room || (passes > 1 && !between);
{% endif %}
{% if parameters %}
    memset(by, 0, sizeof(double) * {{ rows }} * (size_t)BLOCKS);
{% endif %}
    for (size_t done = 0; done < signals && !failed; done += together) {
        struct edge *work = (struct edge *)(void *)(room + (sizeof(vec) - (uintptr_t)room % sizeof(vec)));
        const size_t count = signals - done < together ? signals - done : together;
        const real *after = w + done * samples;
        for (int pass = 1; pass < passes; pass++) {
            given->first = (pass - 1) * most;
            given->stop = pass * most;
            filter_all(pass == 1 ? f + done * samples : between + (size_t)(pass - 1) * size, between + (size_t)pass * size,
                       count, samples, threads, given);
        }
        for (int pass = passes - 1; pass >= 0; pass--) {
            const int first = pass * most, levels = BLOCKS - first < most ? BLOCKS - first : most;
            const real *before = pass == 0 ? f + done * samples : between + (size_t)pass * size;
            real *to = pass % 2 ? between : grad + done * samples;
            adjoint_all(before, after, to, count, (ptrdiff_t)samples, first, levels, threads, given, work, rings{{ give_by }}{{ ", ends" if table }});
            after = to;
        }
    }
    free(room);
    free(between);
{% if table %}
    free(ends);
{% endif %}
    return failed ? -1 : 0;
}

{% set arguments %}const real *f, const real *w, real *grad, {{ by }}size_t signals, size_t samples{% endset %}
{% set pass_by %}{% if parameters %}by, {% endif %}{% endset %}
int {{ spec.function }}_vjp({{ arguments ~ each }}, int threads)
{
    struct given given = { {{ addresses }}0, 0, BLOCKS };
    return signals > 0 && samples > 0 ? adjoint(f, w, grad, {{ pass_by }}signals, samples, threads, &given) : 0;
}
{% if parameters %}

int {{ spec.function }}_vjp_layers({{ arguments ~ arrays }}, int threads)
{
    struct given given = { {% for name in parameters %}{{ name }}, {% endfor %}1, 0, BLOCKS };
    return signals > 0 && samples > 0 ? adjoint(f, w, grad, {{ pass_by }}signals, samples, threads, &given) : 0;
}
{% endif %}
#endif
{% endif %}
