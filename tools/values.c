/* What options may be given, where there is a list of it. */
#include "values.h"

#include <ruralnet/ruralnet.h>

const char *
value_link(size_t index)
{
    size_t ladder = 0;

    while (rnet_link_ladder(ladder) != NULL)
        ladder++;
    return index < ladder ? rnet_link_ladder(index) : rnet_link_comparison(index - ladder);
}

const char *
value_usage(size_t index)
{
    if (index < RNET_USAGE_COUNT)
        return rnet_usage_info((enum rnet_usage)index)->id;
    return index == RNET_USAGE_COUNT ? "all" : NULL;
}

const char *
value_format(size_t index)
{
    static const char *const formats[] = {"text", "json", "html", "csv", NULL};

    return formats[index];
}

const char *
value_language(size_t index)
{
    static const char *const languages[] = {"en", "fr", NULL};

    return languages[index];
}

const char *
value_colour(size_t index)
{
    static const char *const whens[] = {"auto", "always", "never", NULL};

    return whens[index];
}
