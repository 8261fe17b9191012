/*
 * Does the verdict from the prediction equal the verdict from what was measured?
 *
 * Takes the folder of the ground truth: real programs, captured on a fast link (SCENARIO.pcap) and
 * measured on emulated ADSL lines (truth.tsv). A cell is one scenario on one line. The measured
 * median is graded by the same criterion as the replays, whatever usage the flow was taken for; a cell whose
 * measured minimum and maximum fall on two sides of a limit straddles it and is shown apart. Prints one row a cell, then the
 * agreement, the share of "cannot say", and how often the 90 % band of the predicted median holds
 * the measured value.
 *
 *     quality-groundtruth [-u] FOLDER     -u: also every use of the first replay
 */
#include "figure.h"

#include <ruralnet/capture.h>
#include <ruralnet/link.h>
#include <ruralnet/observe.h>
#include <ruralnet/profile.h>
#include <ruralnet/replay.h>
#include <ruralnet/score.h>
#include <ruralnet/verdict.h>

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REPLICATIONS 5
#define SKIPPED 77
#define THINK_JITTER 0.1 /* as an assessment's replications have it, and the next */
#define RATE_JITTER 0.025

static const struct {
    const char *truth, *spec;
} links[] = {
    {"adsl:8192/800,15,128k/64k", "adsl:8192/800,delay=15ms,buffer=128KiB/64KiB,encap=pppoe-llc"},
    {"adsl:2048/256,20,64k", "adsl:2048/256,delay=20ms,buffer=64KiB/64KiB,encap=pppoe-llc"},
    {"adsl:2048/256,20,64k,fqcodel", "adsl:2048/256,delay=20ms,encap=pppoe-llc,queue=fq_codel"},
};
#define LINKS (sizeof links / sizeof links[0])

/* How a scenario's measured figures make a use. */
static const struct scenario {
    const char *name;
    enum rnet_usage usage; /* as its people would call it, for criteria without a prediction */
    enum rnet_use_kind kind;
    enum rnet_metric metric;
    const char *figure; /* in truth.tsv; NULL = a call */
    uint64_t bytes;
} scenarios[] = {
    {"web_h1", RNET_USAGE_WEB, RNET_USE_PAGE, RNET_METRIC_PAGE_S, "page_load_s", 1870000},
    {"dl10", RNET_USAGE_WEB, RNET_USE_TRANSFER, RNET_METRIC_TRANSFER_S, "completion_s", 10000000},
    {"ul5", RNET_USAGE_WEB, RNET_USE_TRANSFER, RNET_METRIC_TRANSFER_S, "completion_s", 5000000},
    {"imap", RNET_USAGE_EMAIL, RNET_USE_TRANSACTION, RNET_METRIC_TRANSACTION_S, "completion_s",
     4150000},
    {"voip", RNET_USAGE_VOIP, RNET_USE_VOICE, RNET_METRIC_VOICE_R, NULL, 0},
    {"voip_ul", RNET_USAGE_VOIP, RNET_USE_VOICE, RNET_METRIC_VOICE_R, NULL, 0},
    {"keys", RNET_USAGE_REMOTE_SHELL, RNET_USE_ECHO, RNET_METRIC_ECHO_MS, "echo_p95_ms", 100},
    {"keys_ul", RNET_USAGE_REMOTE_SHELL, RNET_USE_ECHO, RNET_METRIC_ECHO_MS, "echo_p95_ms", 100},
    {"hls1500", RNET_USAGE_VIDEO_STREAMING, RNET_USE_PLAYBACK, RNET_METRIC_STARTUP_S, "startup_s",
     11000000},
    {"db200", RNET_USAGE_BUSINESS_APP, RNET_USE_TRANSACTION, RNET_METRIC_TRANSACTION_S,
     "completion_s", 50000},
    {"rsync", RNET_USAGE_FILE_TRANSFER, RNET_USE_TRANSFER, RNET_METRIC_TRANSFER_S, "completion_s",
     10000000},
    {"smb_t600", RNET_USAGE_FILE_SHARING, RNET_USE_TRANSFER, RNET_METRIC_TRANSFER_S, "completion_s",
     5000000},
};
#define SCENARIOS (sizeof scenarios / sizeof scenarios[0])

struct figure {
    double median, least, most;
};

static bool
find_figure(const char *folder, const char *scenario, const char *link, const char *metric,
            struct figure *figure)
{
    char path[4096], line[512];
    bool found = false;
    FILE *file;

    snprintf(path, sizeof path, "%s/truth.tsv", folder);
    file = fopen(path, "r");
    while (file != NULL && !found && fgets(line, sizeof line, file) != NULL) {
        char name[64], on[64], of[64];

        found = sscanf(line, "%63[^\t]\t%63[^\t]\t%63[^\t]\t%lf\t%lf\t%lf", name, on, of,
                       &figure->median, &figure->least, &figure->most) == 6 &&
                strcmp(name, scenario) == 0 && strcmp(on, link) == 0 && strcmp(of, metric) == 0;
    }
    if (file != NULL)
        fclose(file);
    return found;
}

/* R of a measured call: the better of the two buffers that truth.tsv has late shares for. */
static double
call_rating(const char *folder, const char *scenario, const char *link, const char *direction)
{
    static const struct {
        const char *name;
        double buffer_ms;
    } buffers[] = {{"late60_pct", 60}, {"late200_pct", 200}};
    struct figure least, late, loss;
    char metric[64];
    double best = 0;

    snprintf(metric, sizeof metric, "%s.owd_min_ms", direction);
    if (!find_figure(folder, scenario, link, metric, &least))
        return (double)NAN;
    snprintf(metric, sizeof metric, "%s.loss_pct", direction);
    if (!find_figure(folder, scenario, link, metric, &loss))
        return (double)NAN;
    for (size_t i = 0; i < 2; i++) {
        snprintf(metric, sizeof metric, "%s.%s", direction, buffers[i].name);
        if (find_figure(folder, scenario, link, metric, &late))
            best = fmax(best, rnet_emodel_r_simple(least.median + buffers[i].buffer_ms + 33.75, 0,
                                                   25.1, loss.median + late.median, 1));
    }
    return best;
}

static bool
find_truth(const char *folder, const struct scenario *scenario, const char *link,
           struct figure *truth)
{
    if (scenario->figure != NULL)
        return find_figure(folder, scenario->name, link, scenario->figure, truth);
    truth->median = fmin(call_rating(folder, scenario->name, link, "up"),
                         call_rating(folder, scenario->name, link, "down"));
    truth->least = truth->most = truth->median;
    return !isnan(truth->median);
}

/* What was measured, as the use that was predicted: a transfer taken for a backup is a job in hours. */
static struct rnet_use
measured_use(const struct rnet_usage_verdict *item, const struct scenario *scenario, double value)
{
    const bool job = item->has_metric && item->metric == RNET_METRIC_JOB_H &&
                     scenario->metric == RNET_METRIC_TRANSFER_S;

    return (struct rnet_use){
        .weight = 1,
        .usage = (uint8_t)item->usage,
        .kind = (uint8_t)(job ? RNET_USE_JOB : scenario->kind),
        .bytes = scenario->bytes,
        .values = 1,
        .metric = {(uint8_t)(job ? RNET_METRIC_JOB_H : scenario->metric)},
        .value = {(float)(job ? value / 3600 : value)}};
}

static enum rnet_grade
grade_of(const struct rnet_usage_verdict *item, const struct scenario *scenario, double value)
{
    const struct rnet_use use = measured_use(item, scenario, value);

    return rnet_use_grade(item->criterion, &use);
}

static bool
observe(const char *folder, const char *scenario, struct rnet_demand *demand)
{
    struct rnet_error err = {0};
    struct rnet_capture *capture;
    struct rnet_profile *profile = NULL;
    char path[4096];
    const struct rnet_profile_summary *summary;
    bool ok;

    snprintf(path, sizeof path, "%s/%s.pcap", folder, scenario);
    if (rnet_capture_open(path, NULL, &capture, &err) != RNET_OK)
        return false;
    ok = rnet_observe(capture, NULL, &profile, &err) >= RNET_OK;
    if (ok) {
        summary = rnet_profile_get_summary(profile);
        ok = rnet_profile_demand(profile, summary->begin_ns, summary->end_ns + 1, demand, &err) ==
             RNET_OK;
    }
    if (!ok)
        fprintf(stderr, "%s: %s\n", scenario, err.message);
    rnet_profile_free(profile);
    rnet_capture_close(capture);
    return ok;
}

static void
print_uses(const struct rnet_quality *quality)
{
    for (size_t i = 0; i < quality->use_count; i++) {
        const struct rnet_use *use = &quality->uses[i];

        printf("    %-12s %-8s %9.3f s %9" PRIu64 " B weight %-5.3g state %u",
               rnet_usage_info((enum rnet_usage)use->usage)->id,
               rnet_use_kind_id((enum rnet_use_kind)use->kind),
               (double)(use->start_ns - quality->uses[0].start_ns) * 1e-9, use->bytes, use->weight,
               use->state);
        for (size_t v = 0; v < use->values; v++)
            printf(" %s %.4g", rnet_metric_info((enum rnet_metric)use->metric[v])->id,
                   (double)use->value[v]);
        printf("\n");
    }
}

struct score {
    size_t cells, straddling, compared, same_answer, same_grade, cannot_say, banded, inside,
        inside_replications, other_usage;
};

/* The predicted verdict on the scenario's use: the usage that carries its kind, whatever its label.
 */
static const struct rnet_usage_verdict *
verdict_on(const struct rnet_verdict *verdict, const struct rnet_quality *quality,
           const struct scenario *scenario)
{
    const struct rnet_usage_verdict *own = rnet_verdict_of(verdict, scenario->usage);

    if (own != NULL && own->judged)
        return own;
    for (size_t i = 0; i < verdict->count; i++)
        if (verdict->items[i].judged && verdict->items[i].has_metric &&
            (verdict->items[i].metric == scenario->metric || quality->use_count == 1))
            return &verdict->items[i];
    for (size_t i = 0; i < verdict->count; i++)
        if (verdict->items[i].judged)
            return &verdict->items[i];
    return NULL;
}

/* The same value in every replication alone: what seeds differ by, and nothing else. */
static struct rnet_band
over_replications(const struct rnet_criteria *criteria, const struct rnet_quality *replications,
                  const struct rnet_usage_verdict *item, const struct scenario *scenario)
{
    struct rnet_band band = {(double)INFINITY, (double)NAN, -(double)INFINITY};

    for (int r = 0; r < REPLICATIONS; r++) {
        struct rnet_verdict verdict = {0};
        const struct rnet_usage_verdict *alone;
        double value;

        if (rnet_verdict_decide(criteria, &replications[r], 1, NULL, 0, &verdict, NULL) == RNET_OK) {
            alone = &verdict.items[item->criterion - criteria->items];
            value = scenario->kind == RNET_USE_ECHO ? alone->p95.middle : alone->median.middle;
            if (alone->has_metric && alone->metric == item->metric) {
                band.low = fmin(band.low, value);
                band.high = fmax(band.high, value);
            }
        }
        rnet_verdict_clear(&verdict);
    }
    return band;
}

static void
compare(const struct rnet_criteria *criteria, const struct rnet_quality *replications,
        const struct scenario *scenario, const char *link, const struct rnet_usage_verdict *item,
        const struct figure *truth, struct score *score)
{
    const enum rnet_grade measured = grade_of(item, scenario, truth->median);
    const enum rnet_grade least = grade_of(item, scenario, truth->least);
    const enum rnet_grade most = grade_of(item, scenario, truth->most);
    const double value = (double)measured_use(item, scenario, truth->median).value[0];
    const struct rnet_band seeds = over_replications(criteria, replications, item, scenario);
    const bool straddles = least != most;
    const bool met = measured == RNET_GRADE_GOOD || measured == RNET_GRADE_ACCEPTABLE;
    /* echoes are measured as their 95th percentile, all else as one number */
    const struct rnet_band *band = scenario->kind == RNET_USE_ECHO ? &item->p95 : &item->median;
    const bool inside = item->has_metric && band->low <= value && value <= band->high;

    score->cells++;
    score->straddling += straddles;
    score->cannot_say += item->met == RNET_ANSWER_CANNOT_SAY;
    if (!straddles) {
        score->compared++;
        score->same_answer += item->met == (met ? RNET_ANSWER_YES : RNET_ANSWER_NO);
        score->same_grade += item->grade == measured;
    }
    score->banded += item->has_metric;
    score->inside += inside;
    score->inside_replications += item->has_metric && seeds.low <= value && value <= seeds.high;
    score->other_usage += item->usage != scenario->usage;
    printf("%-9s %-29s %-15s %-12s %-12s %9.4g [%.4g, %.4g] truth %-9.4g %s%s%s\n",
           scenario->name, link, rnet_usage_info(item->usage)->id, rnet_grade_name(item->grade),
           rnet_grade_name(measured), band->middle, band->low, band->high, value,
           inside ? "" : "outside ",
           item->grade == measured ? ""
           : straddles             ? "straddles"
                                   : "DIFFERS",
           item->usage != scenario->usage ? " (taken for another usage)" : "");
}

static void
run_cell(const char *folder, const struct scenario *scenario, size_t l,
         const struct rnet_demand *demand, const struct rnet_criteria *criteria, bool uses,
         struct score *score)
{
    struct rnet_quality replications[REPLICATIONS] = {0};
    struct rnet_outcomes outcomes = {0};
    struct rnet_verdict verdict = {0};
    struct rnet_error err = {0};
    struct rnet_link link;
    struct figure truth;
    enum rnet_status status = rnet_link_parse(links[l].spec, &link, &err);

    if (!find_truth(folder, scenario, links[l].truth, &truth))
        return;
    for (int r = 0; status >= RNET_OK && r < REPLICATIONS; r++) {
        const struct rnet_replay_options options = {.seed = (uint64_t)r + 1,
                                                    .think_jitter = r > 0 ? THINK_JITTER : 0,
                                                    .rate_jitter = r > 0 ? RATE_JITTER : 0};

        status = rnet_replay_run(demand, &link, &options, &outcomes, &err);
        if (status >= RNET_OK)
            status = rnet_quality_measure(demand, &outcomes, NULL, &replications[r], &err);
    }
    if (status >= RNET_OK)
        status = rnet_verdict_decide(criteria, replications, REPLICATIONS, NULL, 0, &verdict, &err);
    if (status >= RNET_OK) {
        const struct rnet_usage_verdict *item = verdict_on(&verdict, &replications[0], scenario);

        if (item != NULL)
            compare(criteria, replications, scenario, links[l].truth, item, &truth, score);
        else
            printf("%-9s %-29s nothing judged\n", scenario->name, links[l].truth);
        if (uses)
            print_uses(&replications[0]);
    } else {
        fprintf(stderr, "%s on %s: %s\n", scenario->name, links[l].truth, err.message);
    }
    for (int r = 0; r < REPLICATIONS; r++)
        rnet_quality_clear(&replications[r]);
    rnet_outcomes_clear(&outcomes);
    rnet_verdict_clear(&verdict);
}

int
main(int argc, char **argv)
{
    const bool uses = argc > 2 && strcmp(argv[1], "-u") == 0;
    const char *folder = argc > 1 ? argv[argc > 2 && uses ? 2 : 1] : ".";
    const char *only = argc > 3 ? argv[3] : NULL;
    struct rnet_criteria criteria;
    struct rnet_error err = {0};
    struct score score = {0};

    if (rnet_criteria_load(NULL, NULL, &criteria, &err) != RNET_OK) {
        fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    printf("scenario  line                          judged as       predicted    measured     "
           "median of the metric [90 %% band]\n");
    for (size_t s = 0; s < SCENARIOS; s++) {
        struct rnet_demand demand = {0};

        if ((only == NULL || strcmp(only, scenarios[s].name) == 0) &&
            observe(folder, scenarios[s].name, &demand))
            for (size_t l = 0; l < LINKS; l++)
                run_cell(folder, &scenarios[s], l, &demand, &criteria, uses, &score);
        rnet_demand_clear(&demand);
    }
    rnet_criteria_clear(&criteria);
    if (score.cells == 0) {
        fprintf(stderr, "skipped: no ground truth in %s\n", folder);
        return SKIPPED;
    }
    printf("\n%zu cells, %zu straddle a limit; of the %zu others: same answer %.1f %%, same grade "
           "%.1f %%\n"
           "cannot say: %.1f %%; measured value inside the 90 %% band of the prediction: %.1f %% (with "
           "other seeds alone: %.1f %%)\n"
           "taken for another usage than its people would call it: %zu cells\n",
           score.cells, score.straddling, score.compared,
           100 * (double)score.same_answer / fmax(1, (double)score.compared),
           100 * (double)score.same_grade / fmax(1, (double)score.compared),
           100 * (double)score.cannot_say / (double)score.cells,
           100 * (double)score.inside / fmax(1, (double)score.banded),
           100 * (double)score.inside_replications / fmax(1, (double)score.banded),
           score.other_usage);
    figure(100 * (double)score.same_answer / fmax(1, (double)score.compared), "%", "more",
           "as measured/same answer");
    figure(100 * (double)score.same_grade / fmax(1, (double)score.compared), "%", "more",
           "as measured/same grade");
    figure(100 * (double)score.cannot_say / (double)score.cells, "%", "neither", "cannot say");
    figure(100 * (double)score.inside / fmax(1, (double)score.banded), "%", "more",
           "measured inside the 90 %% band");
    return 0;
}
