{# What a kernel of images and volumes declares; and the arguments that its functions share. #}
{% macro counts() %}size_t images{{ ", size_t channels" if spec.grid.channels }}{% for a in range(axes) %}, size_t size_{{ a }}{% endfor %}{% endmacro %}
{% macro parameters_of(type) %}{% for name in parameters %}, {{ type }}{{ name }}{% endfor %}{% endmacro %}
{% include "header.txt" %}
#ifndef SYMTRANS_{{ spec.function | upper }}_H
#define SYMTRANS_{{ spec.function | upper }}_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Filters `images` arrays{% if spec.grid.channels %} of `channels` channels{% endif %} of {% for a in range(axes) %}{{ " x " if not loop.first }}size_{{ a }}{% endfor %} samples, stored one after the other, the last axis without gaps.
 * f: input.  u: output; it may be f itself, but must not overlap it otherwise.
{% if parameters %}
 * {{ parameters | join(", ") }}: positive parameters of g.
{% endif %}
 * Returns 0, or -1 if there is no memory for the work. Different calls may run in different threads. */
int {{ spec.function }}(const {{ real }} *f, {{ real }} *u, {{ counts() }}{{ parameters_of(real ~ " ") }});

/* The same on several threads, with the same bits, where the source is compiled with OpenMP. */
int {{ spec.function }}_threads(const {{ real }} *f, {{ real }} *u, {{ counts() }}{{ parameters_of(real ~ " ") }}, int threads);
{% if parameters %}

/* The same with layer-wise parameters: arrays of {{ spec.blocks }}, one value for each block. */
int {{ spec.function }}_layers(const {{ real }} *f, {{ real }} *u, {{ counts() }}{{ parameters_of("const %s *" % real) }}, int threads);
{% endif %}

#ifdef __cplusplus
}
#endif

#endif
