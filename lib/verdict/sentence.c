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

/* Whether two usages lack the same thing for the same reason. */
static bool
is_same_reason(const struct rnet_usage_verdict *a, const struct rnet_usage_verdict *b)
{
    const bool queue = a->cause == RNET_CAUSE_QUEUE_UP || a->cause == RNET_CAUSE_QUEUE_DOWN;

    return a->cause == b->cause && (!queue || a->behind == b->behind);
}

/* In brackets, what a group of usages lacks; endless: some of their uses would never end. */
static void
write_reason(struct writer *writer, const struct rnet_usage_verdict *item, bool endless)
{
    const char *behind = _(rnet_usage_info(item->behind)->name);

    if (item->cause == RNET_CAUSE_NONE && !endless)
        return;
    write_words(writer, " (");
    if (endless)
        write_words(writer, "%s", _("some never end"));
    if (endless && item->cause != RNET_CAUSE_NONE)
        write_words(writer, "; ");
    if (item->cause == RNET_CAUSE_QUEUE_UP && item->behind != RNET_USAGE_UNKNOWN)
        write_words(writer, _("waiting behind %s on the way up"), behind);
    else if (item->cause == RNET_CAUSE_QUEUE_DOWN && item->behind != RNET_USAGE_UNKNOWN)
        write_words(writer, _("waiting behind %s on the way down"), behind);
    else if (item->cause != RNET_CAUSE_NONE)
        write_words(writer, "%s", _(rnet_cause_text(item->cause)));
    write_words(writer, ")");
}

static bool
is_listed(const struct rnet_usage_verdict *item, enum rnet_answer met)
{
    return item->judged && item->met == met;
}

/* The usages of one answer; those not met grouped by what they lack. */
static void
write_list(struct writer *writer, const struct rnet_verdict *verdict, enum rnet_answer met)
{
    bool first = true;

    for (size_t i = 0; i < verdict->count; i++) {
        const struct rnet_usage_verdict *item = &verdict->items[i];
        size_t earlier = 0;
        bool endless = false;

        if (!is_listed(item, met))
            continue;
        while (earlier < i && !(is_listed(&verdict->items[earlier], met) &&
                                is_same_reason(&verdict->items[earlier], item)))
            earlier++;
        if (earlier < i)
            continue;
        for (size_t j = i; j < verdict->count; j++) {
            if (!is_listed(&verdict->items[j], met) || !is_same_reason(&verdict->items[j], item))
                continue;
            write_words(writer, "%s%s", first ? "" : ", ", _(verdict->items[j].criterion->name));
            endless = endless || isinf(verdict->items[j].p95.middle);
            first = false;
        }
        if (met == RNET_ANSWER_NO)
            write_reason(writer, item, endless);
    }
}

static void
write_counts(struct writer *writer, const struct rnet_verdict *verdict)
{
    if (verdict->satisfied == RNET_ANSWER_YES)
        write_words(writer,
                    _n("Yes: the one usage seen is met", "Yes: all %zu usages seen are met",
                       verdict->judged),
                    verdict->judged);
    else if (verdict->judged == 1)
        write_words(writer, "%s",
                    verdict->satisfied == RNET_ANSWER_NO
                        ? _("No: the one usage seen is not met")
                        : _("Cannot say: the one usage seen is not surely met"));
    else if (verdict->satisfied == RNET_ANSWER_NO)
        write_words(writer,
                    _n("No: %zu of the %zu usages seen is met",
                       "No: %zu of the %zu usages seen are met", verdict->met),
                    verdict->met, verdict->judged);
    else
        write_words(writer,
                    _n("Cannot say: %zu of the %zu usages seen is surely met",
                       "Cannot say: %zu of the %zu usages seen are surely met", verdict->met),
                    verdict->met, verdict->judged);
}

void
write_sentence(struct rnet_verdict *verdict)
{
    struct writer writer = {verdict->sentence, sizeof verdict->sentence};
    size_t little = 0, doubts[RNET_DOUBTS] = {0};

    for (size_t i = 0; i < verdict->count; i++) {
        little += verdict->items[i].judged && verdict->items[i].little_seen;
        doubts[verdict->items[i].doubt] += verdict->items[i].judged;
    }
    if (verdict->judged == 0) {
        write_words(&writer, "%s", _("Cannot say: no judged usage was seen."));
        return;
    }
    write_counts(&writer, verdict);
    if (verdict->not_met > 0) {
        write_words(&writer, "%s", verdict->judged == 1 ? _(": ") : _("; not met: "));
        write_list(&writer, verdict, RNET_ANSWER_NO);
    }
    if (verdict->cannot_say > 0) {
        write_words(&writer, "%s", verdict->judged == 1 ? _(": ") : _("; cannot say: "));
        write_list(&writer, verdict, RNET_ANSWER_CANNOT_SAY);
    }
    if (doubts[RNET_DOUBT_SUPPRESSED] > 0)
        write_words(&writer, "%s",
                    _(" (captured behind a full line: on this one people may do more)"));
    if (doubts[RNET_DOUBT_PART_MISSING] > 0)
        write_words(&writer, "%s", _(" (the capture lacks a part of what crossed the line)"));
    if (little > 0)
        write_words(&writer, _n(" (little was seen of %zu)", " (little was seen of %zu)", little),
                    little);
    write_words(&writer, ".");
}
