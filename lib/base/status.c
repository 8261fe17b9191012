#include "base/base.h"

#include <stdarg.h>
#include <stdio.h>

const char *
rnet_status_text(enum rnet_status status)
{
    switch (status) {
    case RNET_OK:
        return "done";
    case RNET_END:
        return "no more";
    case RNET_AGAIN:
        return "nothing yet";
    case RNET_PARTIAL:
        return "done in part";
    case RNET_ENOMEM:
        return "out of memory";
    case RNET_EINVAL:
        return "not valid";
    case RNET_EIO:
        return "input/output error";
    case RNET_EFORMAT:
        return "damaged or foreign format";
    case RNET_EUNSUPPORTED:
        return "not supported";
    case RNET_EFULL:
        return "limit reached";
    case RNET_ECANTTELL:
        return "cannot tell";
    case RNET_ENOTFOUND:
        return "not found";
    case RNET_EINTERRUPTED:
        return "interrupted";
    }
    return "unknown status";
}

enum rnet_status
rnet_error_set(struct rnet_error *err, enum rnet_status status, const char *format, ...)
{
    va_list args;

    if (err == NULL)
        return status;
    err->status = status;
    va_start(args, format);
    vsnprintf(err->message, sizeof err->message, format, args);
    va_end(args);
    return status;
}
