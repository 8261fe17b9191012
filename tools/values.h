/* What options may be given, where there is a list of it; for completion. */
#ifndef NETSUFF_VALUES_H
#define NETSUFF_VALUES_H

#include <stddef.h>

/* Each yields a value, NULL after the last; not to be asked further then. */
const char *
value_link(size_t index);
const char *
value_usage(size_t index); /* and "all" */
const char *
value_format(size_t index); /* of a report */
const char *
value_language(size_t index);
const char *
value_colour(size_t index);

#endif
