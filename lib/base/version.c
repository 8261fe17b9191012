#include "base/base.h"

const char *
rnet_version(void)
{
    return RNET_VERSION;
}

/* RNET_BUILT_WITH: strings with commas, from the build. */
const char *const *
rnet_version_details(void)
{
    static const char *const libraries[] = {RNET_BUILT_WITH, NULL};

    return libraries;
}
