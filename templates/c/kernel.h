{% include "header.txt" %}
#ifndef SYMTRANS_{{ spec.function | upper }}_H
#define SYMTRANS_{{ spec.function | upper }}_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Filters `signals` signals of `samples` samples each, stored one after the other.
 * f: input.  u: output; it may be f itself, but must not overlap it otherwise.
{% include "parameters.txt" %}
 * Nothing is allocated; different calls may run in different threads. */
void {{ spec.function }}(const {{ real }} *f, {{ real }} *u, size_t signals, size_t samples
{%- for name in parameters %}, {{ "const %s *" % real if name == table else real ~ " " }}{{ name }}{% endfor %});

/* The same on several threads, with the same bits, where the source is compiled with OpenMP. */
void {{ spec.function }}_threads(const {{ real }} *f, {{ real }} *u, size_t signals, size_t samples
{%- for name in parameters %}, {{ "const %s *" % real if name == table else real ~ " " }}{{ name }}{% endfor %}, int threads);
{% if parameters %}

/* The same with layer-wise parameters: arrays of {{ spec.blocks }}, one value{{ ", of %s one table," % table if table }} for each block. */
void {{ spec.function }}_layers(const {{ real }} *f, {{ real }} *u, size_t signals, size_t samples
{%- for name in parameters %}, const {{ real }} *{{ name }}{% endfor %}, int threads);
{% endif %}

/* The gradients of sum(w u) by f and by the parameters, with u the result for f; unless the source is compiled
 * with WITHOUT_VJP. At a break of Phi the slope is that of the piece to which the break belongs.
 * w: as many samples as f.  grad: gradient by f; it must not overlap f or w.
{% if parameters %}
 * by: {{ rows }} x {{ spec.blocks }} numbers, the gradients by {{ parameters | join(", ") }} in each block, in this order.
{% endif %}
 * Returns 0, or -1 if there is no memory for the work. Any number of threads gives the same bits. */
int {{ spec.function }}_vjp(const {{ real }} *f, const {{ real }} *w, {{ real }} *grad, {{ "double *by, " if parameters }}size_t signals, size_t samples
{%- for name in parameters %}, {{ "const %s *" % real if name == table else real ~ " " }}{{ name }}{% endfor %}, int threads);
{% if parameters %}

/* The same with layer-wise parameters. */
int {{ spec.function }}_vjp_layers(const {{ real }} *f, const {{ real }} *w, {{ real }} *grad, double *by, size_t signals, size_t samples
{%- for name in parameters %}, const {{ real }} *{{ name }}{% endfor %}, int threads);
{% endif %}

#ifdef __cplusplus
}
#endif

#endif
