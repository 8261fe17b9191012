/* Work in the background must fit its window without breaking what people wait for. */
#include "verdict/verdict.h"

static bool
waits_behind(const struct rnet_usage_verdict *item, const struct rnet_criterion *background)
{
    return item->judged && !item->criterion->background && item->met == RNET_ANSWER_NO &&
           (item->cause == RNET_CAUSE_QUEUE_UP || item->cause == RNET_CAUSE_QUEUE_DOWN) &&
           (background->usages & (1u << item->behind)) != 0;
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

        if (!item->judged || !item->criterion->background)
            continue;
        for (size_t j = 0; j < verdict->count; j++)
            item->breaks += waits_behind(&verdict->items[j], item->criterion);
        if (item->breaks == 0 || item->met == RNET_ANSWER_NO)
            continue;
        item->met = RNET_ANSWER_NO;
        item->grade = RNET_GRADE_INSUFFICIENT;
        item->doubt = RNET_DOUBT_NONE;
        item->cause = RNET_CAUSE_BREAKS_OTHERS;
    }
}
