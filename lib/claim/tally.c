/* From offices to shares: what is counted, and what counts as met, by one definition. */
#include "claim/claim.h"

#include <string.h>

/* Everything that is counted, an office's clusters side by side; `low` with "cannot say" not met,
 * `high` with it met. */
struct counts {
    struct rnet_cluster *low, *high; /* of one kind, `domains` for each office */
    size_t domains;
};

struct tally {
    const struct judging *judging;
    const struct definition *definition;
    struct counts firms, usages[RNET_CLAIM_COUNTS];
    size_t offices;
};

bool
firm_counts(const struct rnet_firm *firm, const struct selection *selection)
{
    if (firm->captures == 0 || (selection->surveyed_only && firm->modelled))
        return false;
    if (selection->staff_from == 0 && selection->staff_to == 0)
        return true;
    return firm->staff > 0 && firm->staff >= selection->staff_from &&
           (selection->staff_to == 0 || firm->staff < selection->staff_to);
}

static enum rnet_status
counts_init(struct counts *counts, size_t offices, size_t domains)
{
    counts->domains = domains;
    counts->low = rnet_alloc_zero(offices * domains, sizeof *counts->low);
    counts->high = rnet_alloc_zero(offices * domains, sizeof *counts->high);
    return counts->low != NULL && counts->high != NULL ? RNET_OK : RNET_ENOMEM;
}

static enum rnet_status
tally_init(struct tally *tally, size_t offices)
{
    enum rnet_status status = counts_init(&tally->firms, offices, 1);

    for (int c = 0; c < RNET_CLAIM_COUNTS && status == RNET_OK; c++)
        status = counts_init(&tally->usages[c], offices,
                             c == RNET_CLAIM_CLASSES ? tally->judging->criteria->count : 1);
    return status;
}

static void
tally_clear(struct tally *tally)
{
    rnet_free(tally->firms.low);
    rnet_free(tally->firms.high);
    for (int c = 0; c < RNET_CLAIM_COUNTS; c++) {
        rnet_free(tally->usages[c].low);
        rnet_free(tally->usages[c].high);
    }
}

static void
count_one(const struct counts *counts, size_t at, double size, enum rnet_answer answer)
{
    counts->low[at].size += size;
    counts->high[at].size += size;
    counts->low[at].met += answer == RNET_ANSWER_YES ? size : 0;
    counts->high[at].met += answer != RNET_ANSWER_NO ? size : 0;
}

/* One slot of one office, which stands for `share` of it. */
static void
count_slot(struct tally *tally, const struct evaluation *evaluation, double share)
{
    const struct rnet_criteria *criteria = tally->judging->criteria;
    const size_t office = tally->offices;

    count_one(&tally->firms, office, share,
              office_satisfied(criteria, evaluation, tally->definition));
    for (size_t i = 0; i < evaluation->count; i++) {
        const struct evaluated *item = &evaluation->items[i];
        const struct rnet_criterion *criterion = &criteria->items[item->criterion];
        enum rnet_answer met;

        if (!item_counts(criterion, item, tally->definition))
            continue;
        met = item_met(criterion, item, tally->definition);
        count_one(&tally->usages[RNET_CLAIM_CLASSES], office * criteria->count + item->criterion,
                  share, met);
        count_one(&tally->usages[RNET_CLAIM_PAIRS], office, share, met);
        count_one(&tally->usages[RNET_CLAIM_VOLUME], office, share * item->bytes, met);
        count_one(&tally->usages[RNET_CLAIM_TIME], office, share * item->seconds, met);
    }
}

static void
weigh(struct counts *counts, size_t office, double weight)
{
    for (size_t d = 0; d < counts->domains; d++) {
        struct rnet_cluster *low = &counts->low[office * counts->domains + d],
                            *high = &counts->high[office * counts->domains + d];

        low->weight = high->weight = weight;
        /* Shares of a mixture add up to 1 but for rounding. */
        low->met = low->met > low->size ? low->size : low->met;
        high->met = high->met > high->size ? high->size : high->met;
    }
}

static bool
has_own_line(const struct judging *judging, const struct mixture *mixture, size_t firm)
{
    const struct table *table = judging->table;

    return mixture->slots[0] != table->line_count + SLOT_OWN || table->firms[firm].line[0] != '\0';
}

static void
count_offices(struct tally *tally, const struct mixture *mixture, const struct selection *selection)
{
    const struct table *table = tally->judging->table;

    for (size_t f = 0; f < table->firm_count; f++) {
        const struct rnet_firm *firm = &table->firms[f];
        const double weight = selection->unweighted ? 1 : firm->weight;

        if (!firm_counts(firm, selection) || !has_own_line(tally->judging, mixture, f))
            continue;
        for (size_t s = 0; s < mixture->count; s++)
            count_slot(tally, &table->offices[f * table_slots(table) + mixture->slots[s]],
                       mixture->shares[s]);
        weigh(&tally->firms, tally->offices, weight);
        for (int c = 0; c < RNET_CLAIM_COUNTS; c++)
            weigh(&tally->usages[c], tally->offices, weight);
        tally->offices++;
    }
}

static void
sum_offices(const struct tally *tally, struct judged *judged)
{
    judged->offices = tally->offices;
    for (size_t i = 0; i < tally->offices; i++) {
        judged->satisfied += tally->firms.low[i].met;
        judged->cannot_say += tally->firms.high[i].met - tally->firms.low[i].met;
        judged->not_satisfied += tally->firms.high[i].size - tally->firms.high[i].met;
    }
}

static enum rnet_status
judge(const struct tally *tally, const struct counts *counts, bool counted,
      const struct rnet_claim_hypothesis *hypothesis, uint32_t draws,
      struct rnet_claim_share *share)
{
    const enum rnet_status status =
        rnet_claim_judge(counts->low, counts->high, tally->offices, counts->domains, counted,
                         hypothesis, draws, tally->judging->seed, share);

    return status == RNET_ECANTTELL ? RNET_OK : status;
}

enum rnet_status
judge_line(const struct judging *judging, const struct mixture *mixture,
           const struct definition *definition, const struct selection *selection, uint32_t draws,
           struct judged *judged)
{
    const struct rnet_claim_hypothesis firms = {judging->firms_share, 0, judging->level},
                                       usages = {judging->usages_share, judging->margin,
                                                 judging->level};
    struct tally tally = {.judging = judging, .definition = definition};
    enum rnet_status status = tally_init(&tally, judging->table->firm_count);

    memset(judged, 0, sizeof *judged);
    if (status == RNET_OK) {
        count_offices(&tally, mixture, selection);
        sum_offices(&tally, judged);
        status = judge(&tally, &tally.firms, true, &firms, draws, &judged->firms);
    }
    for (int c = 0; c < RNET_CLAIM_COUNTS && status == RNET_OK; c++)
        status = judge(&tally, &tally.usages[c], c == RNET_CLAIM_CLASSES || c == RNET_CLAIM_PAIRS,
                       &usages, draws, &judged->usages[c]);
    tally_clear(&tally);
    return status;
}
