/* The office's answer in one sentence, with its numbers. */
#include "verdict/verdict.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct writer {
    char *text;
    size_t room;
};

static void
write_words(struct writer *writer, const char *format, ...) RNET_PRINTF(2, 3);

static void
write_words(struct writer *writer, const char *format, ...)
{
    va_list args;
    int wrote;

    va_start(args, format);
    wrote = vsnprintf(writer->text, writer->room, format, args);
    va_end(args);
    if (wrote < 0)
        return;
    if ((size_t)wrote >= writer->room)
        wrote = (int)writer->room - 1;
    writer->text += wrote;
    writer->room -= (size_t)wrote;
}

static void
write_value(struct writer *writer, const struct rnet_usage_verdict *item)
{
    const struct rnet_metric_info *info = rnet_metric_info(item->metric);

    if (!item->has_metric)
        return;
    if (isinf(item->p95.middle)) {
        write_words(writer, "some never end");
        return;
    }
    write_words(writer, "%s %.*f%s%s against %g", info->name, item->p95.middle < 10 ? 1 : 0,
                item->p95.middle, *info->unit != '\0' ? " " : "", info->unit, item->acceptable);
}

static void
write_item(struct writer *writer, const struct rnet_usage_verdict *item)
{
    write_words(writer, "%s (", item->criterion->name);
    write_value(writer, item);
    if (item->cause == RNET_CAUSE_QUEUE_UP || item->cause == RNET_CAUSE_QUEUE_DOWN)
        write_words(writer, ": waiting behind %s on the way %s)",
                    rnet_usage_info(item->behind)->name,
                    item->cause == RNET_CAUSE_QUEUE_UP ? "up" : "down");
    else if (item->cause != RNET_CAUSE_NONE)
        write_words(writer, ": %s)", rnet_cause_text(item->cause));
    else
        write_words(writer, ")");
}

static void
write_list(struct writer *writer, const struct rnet_verdict *verdict, enum rnet_answer met,
           const char *heading)
{
    size_t written = 0;

    for (size_t i = 0; i < verdict->count; i++) {
        const struct rnet_usage_verdict *item = &verdict->items[i];

        if (!item->judged || item->met != met)
            continue;
        write_words(writer, "%s", written++ == 0 ? heading : ", ");
        if (met == RNET_ANSWER_NO)
            write_item(writer, item);
        else
            write_words(writer, "%s", item->criterion->name);
    }
}

void
write_sentence(struct rnet_verdict *verdict)
{
    struct writer writer = {verdict->sentence, sizeof verdict->sentence};
    size_t little = 0;

    for (size_t i = 0; i < verdict->count; i++)
        little += verdict->items[i].judged && verdict->items[i].little_seen;
    if (verdict->judged == 0) {
        write_words(&writer, "Cannot say: no judged usage was seen.");
        return;
    }
    if (verdict->satisfied == RNET_ANSWER_YES && verdict->judged == 1)
        write_words(&writer, "Yes: the one usage seen is met");
    else if (verdict->satisfied == RNET_ANSWER_YES)
        write_words(&writer, "Yes: all %zu usages seen are met", verdict->judged);
    else
        write_words(&writer, "%s: %zu of the %zu usages seen %s met",
                    verdict->satisfied == RNET_ANSWER_NO ? "No" : "Cannot say", verdict->met,
                    verdict->judged, verdict->met == 1 ? "is" : "are");
    write_list(&writer, verdict, RNET_ANSWER_NO, "; not met: ");
    write_list(&writer, verdict, RNET_ANSWER_CANNOT_SAY, "; cannot say: ");
    if (little > 0)
        write_words(&writer, " (little was seen of %zu)", little);
    write_words(&writer, ".");
}
