/* The modelled half of the chain: demand × lines × seeds → verdicts. */
#include "assess/assess.h"

#include <math.h>
#include <string.h>

#define DEFAULT_REPLICATIONS 5
#define LONGEST_JOB_H 10 /* of the shipped criteria; a replay goes on for 12 */
#define DEFAULT_PERIOD_NS (3600 * RNET_NS_PER_S)
/* Spread of think times and round trips between replications: people and servers repeat
 * themselves to within about a tenth; chosen, no deeper reason. The first replay has none. */
#define THINK_JITTER 0.1
/* Spread of the line's rates: what the model does not know of a real line and a real stack comes to
 * some per cent of a long transfer (docs/replay.md, how near it comes); chosen after that. */
#define RATE_JITTER 0.025

/* One thing changed on a line, to see whether it is the cause of a shortfall. */
static const struct {
    enum rnet_cause cause;
} changes[] = {{RNET_CAUSE_DOWN_RATE},  {RNET_CAUSE_UP_RATE}, {RNET_CAUSE_QUEUE_UP},
               {RNET_CAUSE_QUEUE_DOWN}, {RNET_CAUSE_DELAY},   {RNET_CAUSE_LOSS}};

#define CHANGES (sizeof changes / sizeof *changes)

static void
double_rate(struct rnet_link_direction *direction)
{
    direction->rate_bps *= 2;
    direction->shaper_bps *= 2;
}

static void
change_link(struct rnet_link *link, enum rnet_cause cause)
{
    switch (cause) {
    case RNET_CAUSE_DOWN_RATE:
        double_rate(&link->direction[RNET_DOWN]);
        break;
    case RNET_CAUSE_UP_RATE:
        double_rate(&link->direction[RNET_UP]);
        break;
    case RNET_CAUSE_QUEUE_UP:
        link->direction[RNET_UP].queue = RNET_QUEUE_FQ_CODEL;
        break;
    case RNET_CAUSE_QUEUE_DOWN:
        link->direction[RNET_DOWN].queue = RNET_QUEUE_FQ_CODEL;
        break;
    case RNET_CAUSE_DELAY:
        link->direction[RNET_UP].delay_ns = link->direction[RNET_DOWN].delay_ns = 0;
        break;
    case RNET_CAUSE_LOSS:
        link->direction[RNET_UP].loss_ratio = link->direction[RNET_DOWN].loss_ratio = 0;
        break;
    case RNET_CAUSE_NONE:
    case RNET_CAUSE_NOT_THE_LINE:
    case RNET_CAUSE_SEVERAL:
    case RNET_CAUSE_UNKNOWN:
    case RNET_CAUSE_BREAKS_OTHERS:
    case RNET_CAUSES:
        break;
    }
}

static enum rnet_status
parse_links(const struct rnet_assess_options *options, struct rnet_assessment *assessment,
            struct rnet_error *err)
{
    struct rnet_error inner = {0};
    size_t count = options->link_count;

    if (options->links == NULL)
        for (count = 0; rnet_link_ladder(count) != NULL;)
            count++;
    assessment->links = rnet_alloc_zero(count, sizeof *assessment->links);
    if (assessment->links == NULL)
        return rnet_error_set(err, RNET_ENOMEM, "out of memory");
    assessment->link_count = count;
    for (size_t i = 0; i < count; i++) {
        const char *specification =
            options->links != NULL ? options->links[i] : rnet_link_ladder(i);
        const enum rnet_status status =
            rnet_link_parse(specification, &assessment->links[i].link, &inner);

        if (status != RNET_OK)
            return rnet_error_set(err, status, "link %s: %s", specification, inner.message);
    }
    return RNET_OK;
}

#define SYN_IP_BYTES 60 /* the smallest round trips are those of set-up: SYN and its answer */

static enum rnet_status
measure_access(const char *captured_on, struct rnet_assessment *assessment, struct rnet_error *err)
{
    struct rnet_error inner = {0};
    struct rnet_link link;
    enum rnet_status status;

    if (captured_on == NULL)
        return RNET_OK;
    status = rnet_link_parse(captured_on, &link, &inner);
    if (status != RNET_OK)
        return rnet_error_set(err, status, "captured on %s: %s", captured_on, inner.message);
    for (int d = 0; d < RNET_DIRECTIONS; d++)
        assessment->access_rtt_ns +=
            link.direction[d].delay_ns +
            rnet_link_serialise_ns(&link, (enum rnet_direction)d, SYN_IP_BYTES);
    return RNET_OK;
}

/*
 * A line without limits: no rate, delay, loss or queue of its own to speak of. What is too slow
 * even there is due to a server, a computer or a person, and says nothing about a line.
 */
static struct rnet_link
ideal_line(void)
{
    const struct rnet_link_direction direction = {.rate_bps = UINT64_C(10000000000)};

    return (struct rnet_link){.name = "ideal",
                              .direction = {direction, direction},
                              .framing = RNET_FRAMING_IP,
                              .mtu_bytes = 1500};
}

/* Past the longest job that the criteria allow, if that is more than the replay's own end. */
static int64_t
time_allowed(const struct rnet_criteria *criteria, const struct rnet_assess_options *options)
{
    double hours = 0;

    for (size_t i = 0; i < criteria->count; i++)
        for (size_t r = 0; r < criteria->items[i].rule_count; r++)
            if (criteria->items[i].rules[r].metric == RNET_METRIC_JOB_H)
                hours = fmax(hours, criteria->items[i].rules[r].acceptable);
    if (options->max_time_ns > 0 || hours <= LONGEST_JOB_H)
        return options->max_time_ns;
    return (int64_t)(1.2 * fmin(hours, 1000) * 3600 * RNET_NS_PER_S);
}

static size_t
task_count(const struct rnet_assessment *assessment)
{
    return (assessment->link_count + 1) * assessment->replications;
}

/* Every line, and last the ideal one, under every seed: the same seeds everywhere, so that lines
 * differ by the line only. */
static enum rnet_status
replay_all(struct replays *replays, const struct rnet_assessment *assessment, struct task **tasks,
           struct rnet_error *err)
{
    const size_t count = task_count(assessment);

    *tasks = rnet_alloc_zero(count, sizeof **tasks);
    if (*tasks == NULL)
        return rnet_error_set(err, RNET_ENOMEM, "out of memory");
    for (size_t i = 0; i < count; i++) {
        const uint32_t replication = (uint32_t)(i % assessment->replications);
        const size_t line = i / assessment->replications;

        (*tasks)[i].link =
            line < assessment->link_count ? assessment->links[line].link : ideal_line();
        (*tasks)[i].seed = replays->options->seed + replication;
        (*tasks)[i].think_jitter = replication > 0 ? THINK_JITTER : 0;
        (*tasks)[i].rate_jitter = replication > 0 ? RATE_JITTER : 0;
        (*tasks)[i].access_rtt_ns = assessment->access_rtt_ns;
    }
    return tasks_run(replays, *tasks, count, 0, err);
}

static bool
all_whole(const struct task *tasks, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!tasks[i].quality.complete)
            return false;
    return true;
}

static enum rnet_status
decide(struct rnet_assessment *assessment, size_t index, const struct task *tasks,
       const struct task *changed, struct rnet_error *err)
{
    struct rnet_link_result *result = &assessment->links[index];
    const struct task *own = &tasks[index * assessment->replications];
    const struct task *ideal = &tasks[assessment->link_count * assessment->replications];
    struct rnet_counterfactual counterfactuals[CHANGES];
    struct rnet_quality *replications =
        rnet_alloc_zero(assessment->replications, sizeof *replications);
    enum rnet_status status;

    if (replications == NULL)
        return rnet_error_set(err, RNET_ENOMEM, "out of memory");
    for (uint32_t i = 0; i < assessment->replications; i++) {
        replications[i] = own[i].quality;
        replications[i].ideal = &ideal[i].quality;
    }
    for (size_t i = 0; changed != NULL && i < CHANGES; i++)
        counterfactuals[i] = (struct rnet_counterfactual){changes[i].cause, &changed[i].quality};
    status = rnet_verdict_decide(&assessment->criteria, replications, assessment->replications,
                                 changed != NULL ? counterfactuals : NULL,
                                 changed != NULL ? CHANGES : 0, &result->verdict, err);
    rnet_free(replications);
    memcpy(result->line, own[0].quality.line, sizeof result->line);
    result->packets = own[0].packets;
    result->complete =
        all_whole(own, assessment->replications) && all_whole(ideal, assessment->replications);
    return status;
}

static bool
is_doubted_for(const struct rnet_verdict *verdict, enum rnet_doubt doubt)
{
    for (size_t i = 0; i < verdict->count; i++)
        if (verdict->items[i].judged && verdict->items[i].doubt == doubt)
            return true;
    return false;
}

/* Whether to try what a line's shortfall is due to: asked for, or the verdict depends on it. */
static bool
wants_causes(const struct rnet_link_result *result, const struct rnet_assess_options *options)
{
    if (options->no_causes)
        return is_doubted_for(&result->verdict, RNET_DOUBT_BREAKS_OTHERS);
    return result->verdict.met < result->verdict.judged;
}

/* Where something is lacking, replay the line with one thing changed at a time, and decide again.
 * Where that was interrupted, what is lacking stays unexplained. */
static enum rnet_status
find_causes(struct replays *replays, struct rnet_assessment *assessment, const struct task *tasks,
            struct rnet_error *err)
{
    const struct rnet_assess_options *options = replays->options;
    struct task *changed = rnet_alloc_zero(assessment->link_count * CHANGES, sizeof *changed);
    size_t count = 0, at = 0;
    enum rnet_status status;

    if (changed == NULL)
        return rnet_error_set(err, RNET_ENOMEM, "out of memory");
    for (size_t i = 0; i < assessment->link_count; i++) {
        for (size_t c = 0; wants_causes(&assessment->links[i], options) && c < CHANGES; c++) {
            changed[count].link = assessment->links[i].link;
            changed[count].seed = options->seed;
            changed[count].access_rtt_ns = assessment->access_rtt_ns;
            change_link(&changed[count++].link, changes[c].cause);
        }
    }
    status = tasks_run(replays, changed, count, task_count(assessment), err);
    for (size_t i = 0; i < assessment->link_count && status == RNET_OK; i++) {
        if (!wants_causes(&assessment->links[i], options))
            continue;
        if (all_whole(&changed[at], CHANGES))
            status = decide(assessment, i, tasks, &changed[at], err);
        else
            assessment->links[i].complete = false;
        at += CHANGES;
    }
    tasks_clear(changed, count);
    return status;
}

static enum rnet_status
load_demand(struct rnet_profile *profile, const struct rnet_assess_options *options,
            struct rnet_assessment *assessment, struct rnet_demand *demand, struct rnet_error *err)
{
    const struct rnet_profile_summary *summary = rnet_profile_get_summary(profile);
    enum rnet_status status;

    assessment->begin_ns = summary->begin_ns;
    assessment->end_ns = summary->end_ns + 1;
    if (!options->whole_capture)
        rnet_profile_busiest(profile,
                             options->period_ns > 0 ? options->period_ns : DEFAULT_PERIOD_NS,
                             &assessment->begin_ns, &assessment->end_ns);
    assessment->whole_capture =
        assessment->begin_ns <= summary->begin_ns && assessment->end_ns > summary->end_ns;
    status = rnet_profile_demand(profile, assessment->begin_ns, assessment->end_ns, demand, err);
    assessment->conversations = demand->conversation_count;
    assessment->messages = demand->message_count;
    assessment->datagrams = demand->datagram_count;
    return status;
}

static enum rnet_status
assess(const struct rnet_demand *demand, const struct rnet_assess_options *options,
       const struct rnet_captured_line *captured, bool lacks_direction,
       struct rnet_assessment *assessment, struct rnet_error *err)
{
    struct replays replays = {.demand = demand,
                              .options = options,
                              .max_time_ns = time_allowed(&assessment->criteria, options)};
    struct task *tasks = NULL;
    bool complete = true;
    enum rnet_status status;

    atomic_init(&replays.spent_ns, 0);
    status = replay_all(&replays, assessment, &tasks, err);
    for (size_t i = 0; i < assessment->link_count && status == RNET_OK; i++)
        status = decide(assessment, i, tasks, NULL, err);
    if (status == RNET_OK)
        status = find_causes(&replays, assessment, tasks, err);
    if (tasks != NULL)
        tasks_clear(tasks, task_count(assessment));
    for (size_t i = 0; i < assessment->link_count; i++) {
        complete = complete && assessment->links[i].complete;
        if (status == RNET_OK && lacks_direction)
            rnet_verdict_lower(&assessment->links[i].verdict, RNET_DOUBT_PART_MISSING);
        if (status == RNET_OK && line_frees_demand(captured, &assessment->links[i].link))
            rnet_verdict_lower(&assessment->links[i].verdict, RNET_DOUBT_SUPPRESSED);
    }
    return status == RNET_OK && !complete ? RNET_PARTIAL : status;
}

enum rnet_status
rnet_assess(struct rnet_profile *profile, const struct rnet_assess_options *options,
            struct rnet_assessment *assessment, struct rnet_error *err)
{
    static const struct rnet_assess_options defaults;
    struct rnet_demand demand = {0};
    enum rnet_status status;

    if (options == NULL)
        options = &defaults;
    assessment->seed = options->seed;
    assessment->replications =
        options->replications > 0 ? options->replications : DEFAULT_REPLICATIONS;
    status = parse_links(options, assessment, err);
    if (status == RNET_OK)
        status = measure_access(options->captured_on, assessment, err);
    if (status == RNET_OK && assessment->criteria.count == 0)
        status = rnet_criteria_load(options->criteria_set, options->criteria_path,
                                    &assessment->criteria, err);
    if (status == RNET_OK)
        status = load_demand(profile, options, assessment, &demand, err);
    if (status == RNET_OK) {
        const struct rnet_profile_summary *summary = rnet_profile_get_summary(profile);
        const bool lacks_direction = demand_lacks_direction(
            &demand, summary->notices.count[RNET_NOTICE_ONE_DIRECTION] > 0);

        rnet_demand_tunnels(&demand, &assessment->tunnels);
        status = assess(&demand, options, &summary->captured_line, lacks_direction, assessment, err);
    }
    rnet_demand_clear(&demand);
    if (status >= RNET_OK)
        assessment_conclude(assessment);
    else
        rnet_assessment_clear(assessment);
    return status;
}

void
rnet_assessment_clear(struct rnet_assessment *assessment)
{
    for (size_t i = 0; i < assessment->link_count; i++)
        rnet_verdict_clear(&assessment->links[i].verdict);
    rnet_free(assessment->links);
    rnet_criteria_clear(&assessment->criteria);
    *assessment = (struct rnet_assessment){0};
}
