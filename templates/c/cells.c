{% include "header.txt" %}
#include "{{ spec.function }}.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#ifdef _OPENMP
#include <omp.h>
#define THREAD omp_get_thread_num()
#else
#define THREAD 0
#endif

{% if is_fused and spec.scheme.name == "explicit" %}
#ifndef ABREAST
#define ABREAST {{ "2 /* see below; the twelve differences of a cell keep the processor busy: more side by side only take registers (measured) */" if axes == 3 else "4 /* see below; two of each of two rows (measured) */" }}
#endif
{% endif %}
{% include "vector.h" %}
/* Whether so many samples after the last ABREAST vectors are one vector, which would wait for itself alone: then two pairs are faster. */
#define LEAVES_ONE(samples) (ABREAST % 2 && (samples) > 0 && (samples) <= LANES)

{% include "memory.h" %}

/* The first line of the cache that begins in `memory`, of which there are 64 bytes more than needed: a vector across two lines takes twice as long. */
INLINE real *aligned(char *memory) { return (real *)(void *)(memory + (64 - (uintptr_t)memory % 64)); }

#define BLOCKS {{ spec.blocks }}

{% include {"explicit": "explicit.h", "fsi": "fsi.h", "semi-implicit": "semi_implicit.h"}[spec.scheme.name] %}

{% from "cells.h" import counts, parameters_of with context %}
{% set sizes %}{ {% for a in range(axes) %}{{ ", " if not loop.first }}(ptrdiff_t)size_{{ a }}{% endfor %} }{% endset %}
{% set names %}{% for name in parameters %}, {{ name }}{% endfor %}{% endset %}
{% set addresses %}{% for name in parameters %}{{ "&" if name != table }}{{ name }}, {% endfor %}{% endset %}
{% set channels = "(ptrdiff_t)channels" if spec.grid.channels else "1" %}
int {{ spec.function }}_threads(const real *f, real *u, {{ counts() }}{{ parameters_of("real ") }}, int threads)
{
    const struct given given = { {{ addresses }}0, 0, BLOCKS };
    const ptrdiff_t size[{{ axes }}] = {{ sizes }};
    return filter_all(f, u, images, {{ channels }}, size, threads, &given);
}

int {{ spec.function }}(const real *f, real *u, {{ counts() }}{{ parameters_of("real ") }})
{
    return {{ spec.function }}_threads(f, u, images{{ ", channels" if spec.grid.channels }}{% for a in range(axes) %}, size_{{ a }}{% endfor %}{{ names }}, 1);
}
{% if parameters %}

int {{ spec.function }}_layers(const real *f, real *u, {{ counts() }}{{ parameters_of("const real *") }}, int threads)
{
    const struct given given = { {% for name in parameters %}{{ name }}, {% endfor %}1, 0, BLOCKS };
    const ptrdiff_t size[{{ axes }}] = {{ sizes }};
    return filter_all(f, u, images, {{ channels }}, size, threads, &given);
}
{% endif %}
{% if gradients %}

#ifndef WITHOUT_VJP
{% include "back.h" %}

{% set by %}{% if parameters %}double *by, {% endif %}{% endset %}
{% set pass_by %}{% if parameters %}by, {% endif %}{% endset %}
int {{ spec.function }}_vjp(const real *f, const real *w, real *grad, {{ by ~ counts() }}{{ parameters_of("real ") }}, int threads)
{
    struct given given = { {{ addresses }}0, 0, BLOCKS };
    const ptrdiff_t size[{{ axes }}] = {{ sizes }};
    return adjoint(f, w, grad, {{ pass_by }}images, {{ channels }}, size, threads, &given);
}
{% if parameters %}

int {{ spec.function }}_vjp_layers(const real *f, const real *w, real *grad, {{ by ~ counts() }}{{ parameters_of("const real *") }}, int threads)
{
    struct given given = { {% for name in parameters %}{{ name }}, {% endfor %}1, 0, BLOCKS };
    const ptrdiff_t size[{{ axes }}] = {{ sizes }};
    return adjoint(f, w, grad, {{ pass_by }}images, {{ channels }}, size, threads, &given);
}
{% endif %}
#endif
{% endif %}
