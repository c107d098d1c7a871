{# What a kernel of images and volumes declares; and the arguments that its functions share. #}
{% macro counts() %}size_t images{{ ", size_t channels" if spec.grid.channels }}{% for a in range(axes) %}, size_t size_{{ a }}{% endfor %}{% endmacro %}
{% macro parameters_of(type) %}{% for name in parameters %}, {{ "const %s *" % real if name == table else type }}{{ name }}{% endfor %}{% endmacro %}
{% include "header.txt" %}
#ifndef SYMTRANS_{{ spec.function | upper }}_H
#define SYMTRANS_{{ spec.function | upper }}_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Filters `images` arrays{% if spec.grid.channels %} of `channels` channels{% endif %} of {% for a in range(axes) %}{{ " x " if not loop.first }}size_{{ a }}{% endfor %} samples, stored one after the other, the last axis without gaps.
 * f: input.  u: output; it may be f itself, but must not overlap it otherwise.
{% include "parameters.txt" %}
 * Returns 0, or -1 if there is no memory for the work. Different calls may run in different threads. */
int {{ spec.function }}(const {{ real }} *f, {{ real }} *u, {{ counts() }}{{ parameters_of(real ~ " ") }});

/* The same on several threads, with the same bits, where the source is compiled with OpenMP. */
int {{ spec.function }}_threads(const {{ real }} *f, {{ real }} *u, {{ counts() }}{{ parameters_of(real ~ " ") }}, int threads);
{% if parameters %}

/* The same with layer-wise parameters: arrays of {{ spec.blocks }}, one value{{ ", of %s one table," % table if table }} for each block. */
int {{ spec.function }}_layers(const {{ real }} *f, {{ real }} *u, {{ counts() }}{{ parameters_of("const %s *" % real) }}, int threads);
{% endif %}
{% if gradients %}

/* The gradients of sum(w u) by f and by the parameters, with u the result for f; unless the source is compiled
 * with WITHOUT_VJP. At a break of {{ "g" if spec.takes_diffusivity else "Phi" }} its slope is that of the piece to which the break belongs.
 * w: as many samples as f.  grad: gradient by f; it must not overlap f or w.
{% if parameters %}
 * by: {{ rows }} x {{ spec.blocks }} numbers, the gradients by {{ parameters | join(", ") }} in each block, in this order.
{% endif %}
 * Returns 0, or -1 if there is no memory for the work. Any number of threads gives the same bits. */
int {{ spec.function }}_vjp(const {{ real }} *f, const {{ real }} *w, {{ real }} *grad, {{ "double *by, " if parameters }}{{ counts() }}{{ parameters_of(real ~ " ") }}, int threads);
{% if parameters %}

/* The same with layer-wise parameters. */
int {{ spec.function }}_vjp_layers(const {{ real }} *f, const {{ real }} *w, {{ real }} *grad, double *by, {{ counts() }}{{ parameters_of("const %s *" % real) }}, int threads);
{% endif %}
{% endif %}

#ifdef __cplusplus
}
#endif

#endif
