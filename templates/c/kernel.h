{% include "c/header.txt" %}
#ifndef SYMTRANS_{{ spec.function | upper }}_H
#define SYMTRANS_{{ spec.function | upper }}_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Filters `signals` signals of `samples` samples each, stored one after the other.
 * f: input.  u: output; it may be f itself, but must not overlap it otherwise.
{% if parameters %}
 * {{ parameters | join(", ") }}: positive parameters of Phi.
{% endif %}
 * Nothing is allocated; different calls may run in different threads. */
void {{ spec.function }}(const {{ real }} *f, {{ real }} *u, size_t signals, size_t samples
{%- for name in parameters %}, {{ real }} {{ name }}{% endfor %});

/* The same on several threads, with the same bits, where the source is compiled with OpenMP. */
void {{ spec.function }}_threads(const {{ real }} *f, {{ real }} *u, size_t signals, size_t samples
{%- for name in parameters %}, {{ real }} {{ name }}{% endfor %}, int threads);

#ifdef __cplusplus
}
#endif

#endif
