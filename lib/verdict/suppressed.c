/* What suppressed demand leaves of a verdict. */
#include "verdict/verdict.h"

#include <math.h>

/*
 * Behind a full line people do what they get done there. On a line as fast or faster they may do
 * more, so what was seen is a lower bound of the load: too much already stays too much, but enough
 * for what was seen is not enough for what would come.
 */
void
rnet_verdict_suppress(struct rnet_verdict *verdict)
{
    for (size_t i = 0; i < verdict->count; i++) {
        struct rnet_usage_verdict *item = &verdict->items[i];

        if (item->met != RNET_ANSWER_YES)
            continue;
        item->met = RNET_ANSWER_CANNOT_SAY;
        item->grade = RNET_GRADE_CANNOT_SAY;
        item->doubt = RNET_DOUBT_SUPPRESSED;
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
