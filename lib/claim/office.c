/* One office on one line, by one definition. */
#include "claim/claim.h"

#include <math.h>

bool
item_counts(const struct rnet_criterion *criterion, const struct evaluated *item,
            const struct definition *definition)
{
    return item->judged && criterion->judged && (!definition->essential || criterion->essential) &&
           (!definition->enough_seen || item->weight >= criterion->minimum);
}

enum rnet_answer
item_met(const struct rnet_criterion *criterion, const struct evaluated *item,
         const struct definition *definition)
{
    const struct rnet_interval *band = definition->good ? &item->good : &item->acceptable;
    const double share = definition->share > 0 ? definition->share : criterion->share;

    return band->low >= share   ? RNET_ANSWER_YES
           : band->high < share ? RNET_ANSWER_NO
                                : RNET_ANSWER_CANNOT_SAY;
}

/* Satisfied when the volume in met usages is at least the required share of all that counts. */
static enum rnet_answer
satisfied_by_use(const struct rnet_criteria *criteria, const struct evaluation *evaluation,
                 const struct definition *definition)
{
    double all = 0, met = 0, open = 0, needed = 0;

    for (size_t i = 0; i < evaluation->count; i++) {
        const struct evaluated *item = &evaluation->items[i];
        const struct rnet_criterion *criterion = &criteria->items[item->criterion];
        enum rnet_answer answer;

        if (!item_counts(criterion, item, definition))
            continue;
        answer = item_met(criterion, item, definition);
        all += item->bytes;
        met += answer == RNET_ANSWER_YES ? item->bytes : 0;
        open += answer == RNET_ANSWER_CANNOT_SAY ? item->bytes : 0;
        needed += item->bytes * (definition->share > 0 ? definition->share : criterion->share);
    }
    if (!(all > 0))
        return RNET_ANSWER_CANNOT_SAY;
    return met >= needed          ? RNET_ANSWER_YES
           : met + open >= needed ? RNET_ANSWER_CANNOT_SAY
                                  : RNET_ANSWER_NO;
}

enum rnet_answer
office_satisfied(const struct rnet_criteria *criteria, const struct evaluation *evaluation,
                 const struct definition *definition)
{
    bool any = false, open = false;

    if (definition->by_use)
        return satisfied_by_use(criteria, evaluation, definition);
    for (size_t i = 0; i < evaluation->count; i++) {
        const struct evaluated *item = &evaluation->items[i];
        const struct rnet_criterion *criterion = &criteria->items[item->criterion];

        if (!item_counts(criterion, item, definition))
            continue;
        any = true;
        switch (item_met(criterion, item, definition)) {
        case RNET_ANSWER_NO:
            return RNET_ANSWER_NO;
        case RNET_ANSWER_CANNOT_SAY:
            open = true;
            break;
        case RNET_ANSWER_YES:
            break;
        }
    }
    return any && !open ? RNET_ANSWER_YES : RNET_ANSWER_CANNOT_SAY;
}

/* Two captures' use of one usage, taken together. */
static void
pool_band(struct rnet_interval *into, double into_weight, const struct rnet_interval *from,
          double from_weight)
{
    const double all = into_weight + from_weight;

    into->low = (into->low * into_weight + from->low * from_weight) / all;
    into->high = (into->high * into_weight + from->high * from_weight) / all;
}

static void
pool_item(struct evaluated *into, const struct evaluated *from)
{
    if (!into->judged) {
        into->acceptable = from->acceptable;
        into->good = from->good;
        into->weight = from->weight;
    } else if (from->judged && from->weight > 0) {
        pool_band(&into->acceptable, into->weight, &from->acceptable, from->weight);
        pool_band(&into->good, into->weight, &from->good, from->weight);
        into->weight += from->weight;
    }
    into->judged = into->judged || from->judged;
    into->bytes += from->bytes;
    into->seconds += from->seconds;
}

static enum rnet_status
pool_capture(const struct evaluation *from, size_t *capacity, struct evaluation *office)
{
    for (size_t i = 0; i < from->count; i++) {
        const struct evaluated *item = &from->items[i];
        size_t at = 0;

        while (at < office->count && office->items[at].criterion < item->criterion)
            at++;
        if (at < office->count && office->items[at].criterion == item->criterion) {
            pool_item(&office->items[at], item);
            continue;
        }
        if (rnet_array_reserve((void **)&office->items, capacity, office->count + 1,
                               sizeof *office->items) != RNET_OK)
            return RNET_ENOMEM;
        for (size_t k = office->count; k > at; k--)
            office->items[k] = office->items[k - 1];
        office->items[at] = *item;
        office->count++;
    }
    return RNET_OK;
}

/* One capture that is not known makes the office not known: the part left could mislead. */
enum rnet_status
office_pool(const struct evaluation *const *captures, size_t count, struct evaluation *office)
{
    size_t capacity = 0;
    enum rnet_status status = RNET_OK;

    *office = (struct evaluation){.known = count > 0};
    for (size_t i = 0; i < count; i++)
        office->known = office->known && captures[i]->known;
    for (size_t i = 0; i < count && office->known && status == RNET_OK; i++)
        status = pool_capture(captures[i], &capacity, office);
    if (status != RNET_OK)
        evaluation_clear(office);
    return status;
}
