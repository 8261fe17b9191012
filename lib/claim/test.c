/* The claim over a survey: lines, silent firms, and definitions that would change the answer. */
#include "assess/assess.h"
#include "claim/claim.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define DEFAULT_PERIOD_NS (3600 * RNET_NS_PER_S)
/* Fewer than 'netsuff analyse' takes: over 40 modelled offices and three lines, 3 and 5 gave the same
 * numbers of offices satisfied, not satisfied and unsure and the same share of usages, 2 one that differs
 * by two usages of 369; what repetitions of real work differ by is in the bands anyway. */
#define DEFAULT_REPLICATIONS 3
#define DEFAULT_DRAWS 2000
#define MOST_LOOPS 16

struct run {
    struct rnet_claim_options options; /* completed */
    struct rnet_criteria criteria;
    struct settings settings;
    struct table table;
    struct rnet_link *links; /* parsed, as table.lines */
    struct judging judging;
    struct rnet_claim *claim;
};

static const struct definition as_stated;
static const struct selection everybody;

static enum rnet_status
complete_options(const struct rnet_claim_options *options, struct run *run, struct rnet_error *err)
{
    struct rnet_claim_options *own = &run->options;

    *own = options != NULL ? *options : (struct rnet_claim_options){.no_loops = false};
    own->firms_share = own->firms_share > 0 ? own->firms_share : 0.95;
    own->usages_share = own->usages_share > 0 ? own->usages_share : 0.5;
    own->margin = own->margin > 0 ? own->margin : 0.1;
    own->level = own->level > 0 ? own->level : 0.95;
    own->draws = own->draws > 0 ? own->draws : DEFAULT_DRAWS;
    if (own->assess.period_ns <= 0)
        own->assess.period_ns = DEFAULT_PERIOD_NS;
    if (own->assess.replications == 0)
        own->assess.replications = DEFAULT_REPLICATIONS;
    if (!(own->firms_share < 1) || !(own->usages_share < 1) || !(own->level < 1) ||
        !(own->margin < 1))
        return rnet_error_set(err, RNET_EINVAL,
                              "claimed shares, margin and level lie between 0 and 1");
    return RNET_OK;
}

/* Lines ------------------------------------------------------------------------------------------
 */

static size_t
count_asked(const struct rnet_assess_options *assess)
{
    size_t count = assess->link_count;

    if (assess->links == NULL)
        for (count = 0; rnet_link_ladder(count) != NULL;)
            count++;
    return count;
}

static const char *
specification_of(const struct run *run, size_t asked, size_t index)
{
    if (index >= asked)
        return rnet_loop_class(index - asked)->specification;
    return run->options.assess.links != NULL ? run->options.assess.links[index]
                                             : rnet_link_ladder(index);
}

static enum rnet_status
parse_lines(struct run *run, size_t asked, size_t loops, struct rnet_error *err)
{
    struct table *table = &run->table;
    struct rnet_error inner = {0};

    table->line_count = asked + loops;
    run->links = rnet_alloc_zero(table->line_count, sizeof *run->links);
    table->lines = rnet_alloc_zero(table->line_count, sizeof *table->lines);
    if (run->links == NULL || table->lines == NULL)
        return rnet_error_set(err, RNET_ENOMEM, "out of memory");
    for (size_t i = 0; i < table->line_count; i++) {
        const char *words = specification_of(run, asked, i);
        const enum rnet_status status = rnet_link_parse(words, &run->links[i], &inner);

        if (status != RNET_OK)
            return rnet_error_set(err, status, "line %s: %s", words, inner.message);
        table->lines[i] = run->links[i].specification;
    }
    for (size_t i = asked; i-- > 0;)
        if (assess_is_reference(&run->links[i]))
            table->reference = i;
    return RNET_OK;
}

static bool
some_own_line(const struct table *table)
{
    for (size_t i = 0; i < table->firm_count; i++)
        if (table->firms[i].captures > 0 && table->firms[i].line[0] != '\0')
            return true;
    return false;
}

/* Usages of one line -----------------------------------------------------------------------------
 */

static void
count_usage(const struct run *run, const struct mixture *mixture, size_t criterion,
            struct rnet_claim_usage *usage)
{
    const struct table *table = &run->table;
    const struct rnet_criterion *own = &run->criteria.items[criterion];

    for (size_t f = 0; f < table->firm_count; f++) {
        bool counts = false, seen = false;

        for (size_t s = 0; s < mixture->count; s++) {
            const struct evaluation *office =
                &table->offices[f * table_slots(table) + mixture->slots[s]];

            for (size_t i = 0; i < office->count; i++) {
                const struct evaluated *item = &office->items[i];
                enum rnet_answer met;

                if (item->criterion != criterion)
                    continue;
                seen = true;
                if (!item_counts(own, item, &as_stated))
                    continue;
                counts = true;
                met = item_met(own, item, &as_stated);
                usage->met += met == RNET_ANSWER_YES ? mixture->shares[s] : 0;
                usage->not_met += met == RNET_ANSWER_NO ? mixture->shares[s] : 0;
                usage->cannot_say += met == RNET_ANSWER_CANNOT_SAY ? mixture->shares[s] : 0;
            }
        }
        usage->offices += counts;
        usage->not_judged += seen && !counts;
    }
}

static enum rnet_status
list_usages(const struct run *run, const struct mixture *mixture, struct rnet_claim_line *line)
{
    line->usage = rnet_alloc_zero(run->criteria.count, sizeof *line->usage);
    if (line->usage == NULL)
        return RNET_ENOMEM;
    for (size_t i = 0; i < run->criteria.count; i++) {
        const struct rnet_criterion *criterion = &run->criteria.items[i];
        struct rnet_claim_usage *usage = &line->usage[line->usage_count];

        if (!criterion->judged)
            continue;
        *usage = (struct rnet_claim_usage){.essential = criterion->essential};
        snprintf(usage->id, sizeof usage->id, "%s", criterion->id);
        snprintf(usage->name, sizeof usage->name, "%s", criterion->name);
        count_usage(run, mixture, i, usage);
        line->usage_count++;
        line->classes += usage->offices > 0;
        line->classes_met += usage->offices > 0 &&
                             usage->met >= run->options.firms_share *
                                               (usage->met + usage->not_met + usage->cannot_say);
    }
    return RNET_OK;
}

/* Silent firms -----------------------------------------------------------------------------------
 */

static void
bound_silent(const struct run *run, struct rnet_claim_line *line)
{
    const struct rnet_claim *claim = run->claim;
    const struct rnet_claim_hypothesis firms = {claim->firms_share, 0, claim->level};
    double answered = 0, silent = 0;

    for (size_t i = 0; i < run->table.firm_count; i++)
        if (run->table.firms[i].captures > 0)
            answered += run->table.firms[i].weight;
        else
            silent += run->table.firms[i].weight;
    /* Firms asked of whom nothing is known weigh as those that answered do on average. */
    silent += (double)(claim->asked - claim->firms) * answered / (double)claim->answered;
    share_bound(&line->firms, silent / answered, &firms, &line->worst, &line->worst_exact,
                &line->worst_answer);
}

/* One line ---------------------------------------------------------------------------------------
 */

static enum rnet_status
test_line(const struct run *run, const struct mixture *mixture, struct rnet_claim_line *line)
{
    struct judged judged;
    enum rnet_status status =
        judge_line(&run->judging, mixture, &as_stated, &everybody, run->options.draws, &judged);

    if (status != RNET_OK)
        return status;
    line->offices = judged.offices;
    line->satisfied = judged.satisfied;
    line->not_satisfied = judged.not_satisfied;
    line->cannot_say = judged.cannot_say;
    line->firms = judged.firms;
    memcpy(line->usages, judged.usages, sizeof line->usages);
    bound_silent(run, line);
    return list_usages(run, mixture, line);
}

static enum rnet_status
test_lines(struct run *run, size_t asked, size_t loops)
{
    static const double whole = 1;
    struct rnet_claim *claim = run->claim;
    double shares[MOST_LOOPS];
    size_t slots[MOST_LOOPS], own = run->table.line_count + SLOT_OWN;
    enum rnet_status status = RNET_OK;

    claim->lines = rnet_alloc_zero(asked + 2, sizeof *claim->lines);
    if (claim->lines == NULL)
        return RNET_ENOMEM;
    for (size_t i = 0; i < asked && status == RNET_OK; i++) {
        const struct mixture mixture = {&i, &whole, 1};
        struct rnet_claim_line *line = &claim->lines[claim->line_count++];

        snprintf(line->name, sizeof line->name, "%s", run->links[i].name);
        snprintf(line->specification, sizeof line->specification, "%s",
                 run->links[i].specification);
        status = test_line(run, &mixture, line);
    }
    for (size_t i = 0; i < loops; i++) {
        slots[i] = asked + i;
        shares[i] = rnet_loop_class(i)->share;
    }
    if (loops > 0 && status == RNET_OK) {
        const struct mixture mixture = {slots, shares, loops};
        struct rnet_claim_line *line = &claim->lines[claim->line_count++];

        line->kind = RNET_CLAIM_LOOPS;
        snprintf(line->name, sizeof line->name, "real loops");
        status = test_line(run, &mixture, line);
    }
    if (some_own_line(&run->table) && status == RNET_OK) {
        const struct mixture mixture = {&own, &whole, 1};
        struct rnet_claim_line *line = &claim->lines[claim->line_count++];

        line->kind = RNET_CLAIM_OWN;
        snprintf(line->name, sizeof line->name, "own lines");
        status = test_line(run, &mixture, line);
    }
    return status;
}

/* Definitions changed one at a time -------------------------------------------------------------
 */

static const struct {
    enum rnet_claim_choice choice;
    struct definition definition;
    struct selection selection;
    int slot; /* SPECIAL_SLOTS = the reference line as stated */
} changes[RNET_VARIANTS] = {
    [RNET_VARIANT_ESSENTIAL] = {RNET_CHOICE_UNIT, {.essential = true}, {0}, SPECIAL_SLOTS},
    [RNET_VARIANT_BY_USE] = {RNET_CHOICE_UNIT, {.by_use = true}, {0}, SPECIAL_SLOTS},
    [RNET_VARIANT_GOOD] = {RNET_CHOICE_SUFFICES, {.good = true}, {0}, SPECIAL_SLOTS},
    [RNET_VARIANT_OFTEN_50] = {RNET_CHOICE_OFTEN, {.share = 0.5}, {0}, SPECIAL_SLOTS},
    [RNET_VARIANT_OFTEN_90] = {RNET_CHOICE_OFTEN, {.share = 0.9}, {0}, SPECIAL_SLOTS},
    [RNET_VARIANT_OFTEN_99] = {RNET_CHOICE_OFTEN, {.share = 0.99}, {0}, SPECIAL_SLOTS},
    [RNET_VARIANT_ENOUGH_SEEN] = {RNET_CHOICE_OFTEN, {.enough_seen = true}, {0}, SPECIAL_SLOTS},
    [RNET_VARIANT_QUARTER_HOUR] = {RNET_CHOICE_HOURS, {0}, {0}, SLOT_QUARTER},
    [RNET_VARIANT_WHOLE] = {RNET_CHOICE_HOURS, {0}, {0}, SLOT_WHOLE},
    [RNET_VARIANT_UNWEIGHTED] = {RNET_CHOICE_FIRMS, {0}, {.unweighted = true}, SPECIAL_SLOTS},
    [RNET_VARIANT_SMALL] = {RNET_CHOICE_FIRMS, {0}, {.staff_to = 10}, SPECIAL_SLOTS},
    [RNET_VARIANT_LARGE] = {RNET_CHOICE_FIRMS, {0}, {.staff_from = 10}, SPECIAL_SLOTS},
    [RNET_VARIANT_SURVEYED] = {RNET_CHOICE_FIRMS, {0}, {.surveyed_only = true}, SPECIAL_SLOTS},
};

/* Firms must be left, and be others than before (or weigh otherwise). */
static bool
applies(const struct run *run, enum rnet_claim_variant_id id)
{
    const struct table *table = &run->table;
    size_t left = 0;

    if (changes[id].choice == RNET_CHOICE_HOURS)
        return table->other_hours;
    if (changes[id].choice != RNET_CHOICE_FIRMS)
        return true;
    if (id == RNET_VARIANT_UNWEIGHTED)
        return run->claim->weighted;
    for (size_t i = 0; i < table->firm_count; i++)
        left += firm_counts(&table->firms[i], &changes[id].selection);
    return left > 0 && left < run->claim->answered;
}

static enum rnet_status
try_variant(const struct run *run, enum rnet_claim_variant_id id)
{
    static const double whole = 1;
    const struct rnet_claim_line *base = &run->claim->lines[run->claim->reference];
    const size_t slot = changes[id].slot == SPECIAL_SLOTS
                            ? run->table.reference
                            : run->table.line_count + (size_t)changes[id].slot;
    const struct mixture mixture = {&slot, &whole, 1};
    struct rnet_claim_variant *variant = &run->claim->variants[id];
    struct judged judged;
    enum rnet_status status;

    *variant = (struct rnet_claim_variant){.id = id, .choice = changes[id].choice};
    if (!applies(run, id))
        return RNET_OK;
    status = judge_line(&run->judging, &mixture, &changes[id].definition, &changes[id].selection, 0,
                        &judged);
    if (status != RNET_OK)
        return status;
    variant->tried = true;
    variant->firms = judged.firms;
    variant->flips_firms = judged.firms.answer != base->firms.answer;
    for (int c = 0; c < RNET_CLAIM_COUNTS; c++) {
        variant->usages[c] = judged.usages[c];
        variant->flips_usages[c] = judged.usages[c].answer != base->usages[c].answer;
    }
    return RNET_OK;
}

/* The whole --------------------------------------------------------------------------------------
 */

static void
count_firms(struct run *run)
{
    struct rnet_claim *claim = run->claim;
    const struct table *table = &run->table;
    double first = 0, sum = 0, squares = 0;

    claim->firms = table->firm_count;
    claim->captures = table->capture_count;
    for (size_t i = 0; i < table->firm_count; i++) {
        const struct rnet_firm *firm = &table->firms[i];

        if (firm->captures == 0)
            continue;
        first = claim->answered == 0 ? firm->weight : first;
        claim->weighted = claim->weighted || firm->weight != first;
        claim->answered++;
        claim->modelled += firm->modelled;
        sum += firm->weight;
        squares += firm->weight * firm->weight;
    }
    claim->kish = squares > 0 ? sum * sum / squares : 0;
    claim->asked = run->options.asked > 0 ? run->options.asked : claim->firms;
}

static void
describe(const struct run *run)
{
    struct rnet_claim *claim = run->claim;
    const struct rnet_claim_options *options = &run->options;

    snprintf(claim->criteria, sizeof claim->criteria, "%s", run->criteria.id);
    snprintf(claim->criteria_title, sizeof claim->criteria_title, "%s", run->criteria.title);
    memcpy(claim->criteria_digest, run->settings.criteria_digest, sizeof claim->criteria_digest);
    claim->firms_share = options->firms_share;
    claim->usages_share = options->usages_share;
    claim->margin = options->margin;
    claim->level = options->level;
    claim->period_ns = options->assess.whole_capture ? 0 : options->assess.period_ns;
    claim->seed = claim->bootstrap_seed = options->assess.seed;
    claim->replications = options->assess.replications;
    claim->draws = options->draws;
    claim->required_share = NAN;
    for (size_t i = 0; i < run->criteria.count; i++)
        if (run->criteria.items[i].judged)
            claim->required_share = i == 0 || isnan(claim->required_share) ||
                                            claim->required_share == run->criteria.items[i].share
                                        ? run->criteria.items[i].share
                                        : -1;
    if (claim->required_share < 0)
        claim->required_share = NAN;
}

/* What evaluating came to. */
static void
account(const struct run *run)
{
    struct rnet_claim *claim = run->claim;
    const struct table *table = &run->table;

    claim->replayed = table->replayed;
    claim->kept = table->kept;
    claim->unreadable = table->unreadable;
    claim->cut = table->cut;
    claim->full = table->full;
    claim->not_kept = table->not_kept;
    claim->trouble = table->trouble;
    for (size_t f = 0; f < table->firm_count; f++) {
        const struct evaluation *office =
            &table->offices[f * table_slots(table) + table->reference];
        size_t counting = 0;

        for (size_t i = 0; i < office->count; i++)
            counting += item_counts(&run->criteria.items[office->items[i].criterion],
                                    &office->items[i], &as_stated);
        claim->nothing_judged += office->known && counting == 0;
    }
}

static enum rnet_status
load(struct rnet_survey *survey, struct run *run, struct rnet_error *err)
{
    struct table *table = &run->table;
    const struct rnet_assess_options *assess = &run->options.assess;
    enum rnet_status status =
        rnet_criteria_load(assess->criteria_set, assess->criteria_path, &run->criteria, err);

    if (status == RNET_OK)
        status = settings_init(&run->settings, &run->criteria, assess->seed, assess->replications);
    if (status == RNET_OK)
        status = rnet_survey_firms(survey, &table->firms, &table->firm_count, err);
    if (status == RNET_OK)
        status = rnet_survey_captures(survey, NULL, &table->captures, &table->capture_count, err);
    if (status != RNET_OK)
        return status;
    count_firms(run);
    if (run->claim->answered == 0)
        return rnet_error_set(err, RNET_ECANTTELL, "no firm of the survey has a capture");
    if (run->claim->asked < run->claim->firms)
        return rnet_error_set(err, RNET_EINVAL, "%llu firms asked, but %zu are in the survey",
                              (unsigned long long)run->claim->asked, run->claim->firms);
    return RNET_OK;
}

static enum rnet_status
test_all(struct rnet_survey *survey, struct run *run, struct rnet_error *err)
{
    const size_t asked = count_asked(&run->options.assess);
    size_t loops = 0;
    enum rnet_status status = load(survey, run, err);

    if (status != RNET_OK)
        return status;
    while (!run->options.no_loops && loops < MOST_LOOPS && rnet_loop_class(loops) != NULL)
        loops++;
    status = parse_lines(run, asked, loops, err);
    if (status != RNET_OK)
        return status;
    run->table.other_hours = !run->options.no_other_hours;
    status = table_evaluate(survey, &run->options, &run->settings, &run->table, err);
    if (status != RNET_OK)
        return status;
    run->judging = (struct judging){&run->table,
                                    &run->criteria,
                                    run->options.firms_share,
                                    run->options.usages_share,
                                    run->options.margin,
                                    run->options.level,
                                    run->options.assess.seed};
    run->claim->reference = run->table.reference;
    describe(run);
    account(run);
    status = test_lines(run, asked, loops);
    if (status == RNET_OK)
        status = copper_places(&run->judging, asked, loops, run->claim);
    for (int id = 0; id < RNET_VARIANTS && status == RNET_OK; id++)
        status = try_variant(run, (enum rnet_claim_variant_id)id);
    return status == RNET_OK && (run->claim->unreadable > 0 || run->claim->cut > 0) ? RNET_PARTIAL
                                                                                    : status;
}

enum rnet_status
rnet_claim_test(struct rnet_survey *survey, const struct rnet_claim_options *options,
                struct rnet_claim *claim, struct rnet_error *err)
{
    struct run *run = rnet_alloc_zero(1, sizeof *run);
    enum rnet_status status;

    if (run == NULL)
        return rnet_error_set(err, RNET_ENOMEM, "out of memory");
    run->claim = claim;
    status = complete_options(options, run, err);
    if (status == RNET_OK)
        status = test_all(survey, run, err);
    if (status == RNET_ENOMEM)
        rnet_error_set(err, status, "out of memory");
    table_clear(&run->table);
    rnet_criteria_clear(&run->criteria);
    rnet_free(run->links);
    rnet_free(run);
    if (status < RNET_OK)
        rnet_claim_clear(claim);
    return status;
}

void
rnet_claim_clear(struct rnet_claim *claim)
{
    for (size_t i = 0; i < claim->line_count; i++)
        rnet_free(claim->lines[i].usage);
    rnet_free(claim->lines);
    rnet_free(claim->loops);
    rnet_free(claim->offices);
    *claim = (struct rnet_claim){0};
}
