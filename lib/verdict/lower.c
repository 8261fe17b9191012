/* What a lower bound of the load leaves of a verdict. */
#include "verdict/verdict.h"

#include <math.h>

/*
 * Behind a full line people do what they get done there; on a line as fast or faster they may do
 * more. A capture that lacks a direction lacks its load. Either way what was seen is a lower bound:
 * too much already stays too much, but enough for what was seen is not enough for all.
 */
void
rnet_verdict_lower(struct rnet_verdict *verdict, enum rnet_doubt doubt)
{
    for (size_t i = 0; i < verdict->count; i++) {
        struct rnet_usage_verdict *item = &verdict->items[i];

        if (item->met != RNET_ANSWER_YES)
            continue;
        item->met = RNET_ANSWER_CANNOT_SAY;
        item->grade = RNET_GRADE_CANNOT_SAY;
        item->doubt = doubt;
        if (!item->judged)
            continue;
        verdict->met--;
        verdict->cannot_say++;
    }
    if (verdict->satisfied == RNET_ANSWER_YES)
        verdict->satisfied = RNET_ANSWER_CANNOT_SAY;
    if (verdict->satisfied_essential == RNET_ANSWER_YES)
        verdict->satisfied_essential = RNET_ANSWER_CANNOT_SAY;
    if (!isnan(verdict->met_volume_ratio))
        verdict->met_volume_ratio = 0;
    write_sentence(verdict);
}
