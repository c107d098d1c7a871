{# What Python calls: compiled beside a kernel, never given to a user. Data: function, real, parameters, table. #}
#include "{{ function }}.h"

struct arguments { /* as symtrans/codegen/targets/c/load.py packs them: one pointer is converted faster than each by itself */
    const {{ real }} *f;
    {{ real }} *u;
    size_t signals, samples;
{% for name in parameters %}
    {{ "const %s *" % real if name == table else "double " }}{{ name }};
{% endfor %}
    int threads;
};

void call_packed(const struct arguments *a)
{
    {{ function }}_threads(a->f, a->u, a->signals, a->samples
{%- for name in parameters %}, {{ "(%s)" % real if name != table }}a->{{ name }}{% endfor %}, a->threads);
}
