/* Work in the background must fit its window without breaking what people wait for. */
#include "verdict/verdict.h"

static bool
waits_behind(const struct rnet_usage_verdict *item, const struct rnet_criterion *background)
{
    return item->judged && !item->criterion->background && item->met == RNET_ANSWER_NO &&
           (item->cause == RNET_CAUSE_QUEUE_UP || item->cause == RNET_CAUSE_QUEUE_DOWN) &&
           (background->usages & (1u << item->behind)) != 0;
}

static bool
is_met_background(const struct rnet_usage_verdict *item)
{
    return item->judged && item->criterion->background && item->met != RNET_ANSWER_NO;
}

/*
 * A usage that is not met because it waits behind a backup, and would be met or nearer to it with a
 * fair queue, is broken by that backup: however early the backup ends, as it is done it is not good
 * enough.
 */
void
mark_breakers(struct rnet_verdict *verdict)
{
    for (size_t i = 0; i < verdict->count; i++) {
        struct rnet_usage_verdict *item = &verdict->items[i];

        if (!is_met_background(item))
            continue;
        for (size_t j = 0; j < verdict->count; j++)
            item->breaks += waits_behind(&verdict->items[j], item->criterion);
        if (item->breaks == 0)
            continue;
        item->met = RNET_ANSWER_NO;
        item->grade = RNET_GRADE_INSUFFICIENT;
        item->doubt = RNET_DOUBT_NONE;
        item->cause = RNET_CAUSE_BREAKS_OTHERS;
    }
}

void
doubt_breakers(struct rnet_verdict *verdict)
{
    bool somebody_lacks = false;

    for (size_t i = 0; i < verdict->count; i++)
        somebody_lacks = somebody_lacks ||
                         (verdict->items[i].judged && !verdict->items[i].criterion->background &&
                          verdict->items[i].met == RNET_ANSWER_NO);
    for (size_t i = 0; somebody_lacks && i < verdict->count; i++) {
        struct rnet_usage_verdict *item = &verdict->items[i];

        if (!is_met_background(item))
            continue;
        item->met = RNET_ANSWER_CANNOT_SAY;
        item->grade = RNET_GRADE_CANNOT_SAY;
        item->doubt = RNET_DOUBT_BREAKS_OTHERS;
    }
}
