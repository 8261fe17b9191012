#include "base/base.h"

const char *
rnet_version(void)
{
    return RNET_VERSION;
}
