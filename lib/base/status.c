#include "base/base.h"

#include <stdarg.h>
#include <stdio.h>

const char *
rnet_status_text(enum rnet_status status)
{
    switch (status) {
    case RNET_OK:
        return _("done");
    case RNET_END:
        return _("no more");
    case RNET_AGAIN:
        return _("nothing yet");
    case RNET_PARTIAL:
        return _("done in part");
    case RNET_ENOMEM:
        return _("out of memory");
    case RNET_EINVAL:
        return _("not valid");
    case RNET_EIO:
        return _("input/output error");
    case RNET_EFORMAT:
        return _("damaged or foreign format");
    case RNET_EUNSUPPORTED:
        return _("not supported");
    case RNET_EFULL:
        return _("limit reached");
    case RNET_ECANTTELL:
        return _("cannot tell");
    case RNET_ENOTFOUND:
        return _("not found");
    case RNET_EINTERRUPTED:
        return _("interrupted");
    }
    return _("unknown status");
}

enum rnet_status
rnet_error_set(struct rnet_error *err, enum rnet_status status, const char *format, ...)
{
    va_list args;

    if (err == NULL)
        return status;
    err->status = status;
    va_start(args, format);
    vsnprintf(err->message, sizeof err->message, _(format), args);
    va_end(args);
    rnet_make_printable(err->message); /* it may quote what a file says */
    return status;
}
