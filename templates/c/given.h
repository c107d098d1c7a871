{# The parameters of a call, and what is the same for all samples of a block. Needs struct constants. #}
{% from "constants.h" import constants_function with context %}
/* Parameters, one for all blocks (stride 0) or one for each (stride 1), and the blocks to be run. */
struct given {
{% for name in parameters %}
    const real *{{ name }};
{% endfor %}
    ptrdiff_t stride;
    int first, stop;
};

/* What is the same for all samples is computed in double and rounded once. */
{{ constants_function("constants", constants, coefficients, flux_arguments) }}
