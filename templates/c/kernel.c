{% include "c/header.txt" %}
#include "{{ spec.function }}.h"

#include <math.h>
#include <string.h>

/* The fluxes of one strip wait here between the two loops of a step; it stays in the first cache. */
#define STRIP 256

static inline {{ real }} flux({{ real }} r
{%- for name in flux_arguments %}, {{ real }} {{ name }}{% endfor %})
{
{% if uses_modulus %}
    const {{ real }} a = {{ fabs }}(r);
{% endif %}
{% if uses_sign %}
    const {{ real }} s = {{ copysign }}({{ one }}, r);
{% endif %}
{% for branch in branches %}
{% if branch.condition %}
{% if branch.temporaries %}
    if ({{ branch.condition }}) {
{% for name, value in branch.temporaries %}
        const {{ real }} {{ name }} = {{ value }};
{% endfor %}
        return {{ branch.value }};
    }
{% else %}
    if ({{ branch.condition }})
        return {{ branch.value }};
{% endif %}
{% else %}
{% for name, value in branch.temporaries %}
    const {{ real }} {{ name }} = {{ value }};
{% endfor %}
    return {{ branch.value }};
{% endif %}
{% endfor %}
}
{% set arguments %}{% for name in flux_arguments %}, {{ name }}{% endfor %}{% endset %}
{% macro slope(right, left) %}
{% if inverse_h %}({{ right }} - {{ left }}) * inverse_h{% else %}{{ right }} - {{ left }}{% endif %}
{% endmacro %}

/* One block on one signal, in place. Each flux is computed once: flux[i] is that over the left
 * edge of sample i of the strip, flux[i + 1] that over its right edge. */
static void block({{ real }} *u, size_t samples, {{ real }} step
{%- if inverse_h %}, {{ real }} inverse_h{% endif %}
{%- for name in flux_arguments %}, {{ real }} {{ name }}{% endfor %})
{
    {{ real }} fluxes[STRIP + 1];
{% if spec.periodic %}
    const {{ real }} over_the_end = flux({{ slope('u[0]', 'u[samples - 1]') | trim }}{{ arguments }});
    fluxes[0] = over_the_end;
{% else %}
    fluxes[0] = {{ zero }};
{% endif %}
    for (size_t start = 0; start < samples; start += STRIP) {
        {{ real }} *row = u + start;
        const size_t left = samples - start;
        const size_t count = left < STRIP ? left : STRIP;
        const size_t edges = left > STRIP ? STRIP : left - 1;
        for (size_t i = 0; i < edges; i++)
            fluxes[i + 1] = flux({{ slope('row[i + 1]', 'row[i]') | trim }}{{ arguments }});
        if (edges < count)
            fluxes[count] = {{ "over_the_end" if spec.periodic else zero }};
        for (size_t i = 0; i < count; i++)
            row[i] += step * (fluxes[i + 1] - fluxes[i]);
        fluxes[0] = fluxes[count];
    }
}

void {{ spec.function }}(const {{ real }} *f, {{ real }} *u, size_t signals, size_t samples
{%- for name in parameters %}, {{ real }} {{ name }}{% endfor %})
{
{% for name, value in constants %}
    const {{ real }} {{ name }} = {{ value }};
{% endfor %}
    const {{ real }} step = {{ step }};
{% if inverse_h %}
    const {{ real }} inverse_h = {{ inverse_h }};
{% endif %}
    if (samples == 0)
        return;
    for (size_t k = 0; k < signals; k++, f += samples, u += samples) {
        if (u != f)
            memcpy(u, f, samples * sizeof *u);
        for (int n = 0; n < {{ spec.blocks }}; n++)
            block(u, samples, step{{ ", inverse_h" if inverse_h }}{{ arguments }});
    }
}
