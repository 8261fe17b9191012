/*
 * How near a replay comes to what real programs got: the ground truth's captures, made on a fast
 * line, are profiled and replayed over its lines, and predicted stands beside measured.
 *
 *     build/bench/replay-accuracy [DIRECTORY [SCENARIO]]
 *
 * Two baselines: bytes / rate + round trip, and the open-loop replay. The prediction is a replay
 * without jitter; the 90 % band is that of replications with other seeds. Nothing here is tuned:
 * the scenario only says which messages and datagrams a metric is about.
 */
#include "figure.h"

#include <ruralnet/observe.h>
#include <ruralnet/replay.h>

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECOND INT64_C(1000000000)
#define MAX_SAMPLES 100000
#define MAX_NAMES 32
#define REPLICATIONS 40
#define THINK_JITTER 0.1 /* as an assessment's replications have it, and the next */
#define RATE_JITTER 0.025

enum what {
    WHAT_COMPLETION, /* seconds from the start to the last answer */
    WHAT_PAGE,       /* the same, from the page's own start */
    WHAT_FETCH,      /* the last large answer, from its question */
    WHAT_DELAY_MIN,
    WHAT_DELAY_P50,
    WHAT_DELAY_P95,
    WHAT_DELAY_MAX,
    WHAT_JITTER,
    WHAT_LOSS,
    WHAT_LATE_60,
    WHAT_LATE_200,
    WHAT_ECHO_P50,
    WHAT_ECHO_P95,
    WHAT_ECHO_MAX,
    WHAT_STARTUP,
    WHAT_FETCH_DONE,
    WHAT_STALL,
    WHAT_DROPS,
    WHAT_MAX_QUEUE,
};

enum class {
    CLASS_TIME,  /* completion and page load: relative error */
    CLASS_DELAY, /* ms */
    CLASS_LOSS,  /* points */
    CLASS_STALL, /* seconds */
    CLASS_OTHER,
    CLASSES
};

static const char *const class_names[CLASSES] = {"times", "delays", "loss", "stalls", "other"};
static const char *const class_units[CLASSES] = {"s", "ms", "%", "s", ""};

static const struct metric {
    const char *name;
    enum what what;
    enum class class;
    enum rnet_direction direction;
} metrics[] = {
    {"completion_s", WHAT_COMPLETION, CLASS_TIME, 0},
    {"page_load_s", WHAT_PAGE, CLASS_TIME, 0},
    {"fetch_s", WHAT_FETCH, CLASS_TIME, 0},
    {"up.owd_min_ms", WHAT_DELAY_MIN, CLASS_DELAY, RNET_UP},
    {"up.owd_p50_ms", WHAT_DELAY_P50, CLASS_DELAY, RNET_UP},
    {"up.owd_p95_ms", WHAT_DELAY_P95, CLASS_DELAY, RNET_UP},
    {"up.owd_max_ms", WHAT_DELAY_MAX, CLASS_OTHER, RNET_UP},
    {"up.jitter_mean_ms", WHAT_JITTER, CLASS_OTHER, RNET_UP},
    {"up.loss_pct", WHAT_LOSS, CLASS_LOSS, RNET_UP},
    {"up.late60_pct", WHAT_LATE_60, CLASS_OTHER, RNET_UP},
    {"up.late200_pct", WHAT_LATE_200, CLASS_OTHER, RNET_UP},
    {"down.owd_min_ms", WHAT_DELAY_MIN, CLASS_DELAY, RNET_DOWN},
    {"down.owd_p50_ms", WHAT_DELAY_P50, CLASS_DELAY, RNET_DOWN},
    {"down.owd_p95_ms", WHAT_DELAY_P95, CLASS_DELAY, RNET_DOWN},
    {"down.jitter_mean_ms", WHAT_JITTER, CLASS_OTHER, RNET_DOWN},
    {"down.loss_pct", WHAT_LOSS, CLASS_LOSS, RNET_DOWN},
    {"echo_p50_ms", WHAT_ECHO_P50, CLASS_DELAY, 0},
    {"echo_p95_ms", WHAT_ECHO_P95, CLASS_DELAY, 0},
    {"echo_max_ms", WHAT_ECHO_MAX, CLASS_OTHER, 0},
    {"startup_s", WHAT_STARTUP, CLASS_STALL, 0},
    {"fetch_done_s", WHAT_FETCH_DONE, CLASS_TIME, 0},
    {"stall_s", WHAT_STALL, CLASS_STALL, 0},
    {"line.up.drops", WHAT_DROPS, CLASS_OTHER, RNET_UP},
    {"line.down.drops", WHAT_DROPS, CLASS_OTHER, RNET_DOWN},
    {"line.up.max_queue_ms", WHAT_MAX_QUEUE, CLASS_OTHER, RNET_UP},
    {"line.down.max_queue_ms", WHAT_MAX_QUEUE, CLASS_OTHER, RNET_DOWN},
};

struct scenario {
    char name[16];
    double from_s;
};

struct run {
    const struct scenario *scenario;
    const struct rnet_demand *demand;
    const struct rnet_link *link;
    const struct rnet_outcomes *outcomes;
    bool naive; /* bytes / rate + round trip instead of the outcomes */
};

static double samples[MAX_SAMPLES];
static size_t sample_count;

static int
by_value(const void *a, const void *b)
{
    const double left = *(const double *)a;
    const double right = *(const double *)b;

    return (left > right) - (left < right);
}

static double
quantile(double *values, size_t count, double q)
{
    const double at = q * (double)(count - 1);
    const size_t low = (size_t)at;

    if (count == 0)
        return NAN;
    qsort(values, count, sizeof *values, by_value);
    if (low + 1 >= count)
        return values[count - 1];
    return values[low] + (at - (double)low) * (values[low + 1] - values[low]);
}

/* --- which conversation is meant ---------------------------------------------------------------
 */

/* The one whose messages or datagrams the scenario is about: the most items, not the most bytes. */
static const struct rnet_conversation *
subject(const struct rnet_demand *demand, bool open_loop)
{
    const struct rnet_conversation *best = NULL;

    for (size_t i = 0; i < demand->conversation_count; i++) {
        const struct rnet_conversation *c = &demand->conversations[i];

        if ((c->transport == RNET_TRANSPORT_OPEN) == open_loop &&
            (best == NULL || c->items > best->items))
            best = c;
    }
    return best;
}

/*
 * When what the conversation belongs to began: a page begins with its name look-up, everything else
 * with the capture.
 */
static double
start_s(const struct run *run, const struct rnet_conversation *first, bool page)
{
    const struct rnet_demand *demand = run->demand;
    size_t index = (size_t)(first - demand->conversations);

    if (!page)
        return 0;
    if (first->open_release == RNET_RELEASE_DELIVERY)
        index = first->after_conversation;
    return (double)run->outcomes->conversations[index].opened_ns * 1e-9;
}

static double
naive_s(const struct run *run)
{
    const struct rnet_demand *demand = run->demand;
    double longest_s = 0;

    for (int d = 0; d < RNET_DIRECTIONS; d++) {
        double bits = 0;

        for (size_t i = 0; i < demand->message_count; i++)
            if (demand->messages[i].direction == d)
                bits += 8.0 * (double)demand->messages[i].bytes;
        longest_s = fmax(longest_s, bits / (double)run->link->direction[d].rate_bps);
    }
    return longest_s +
           (double)(run->link->direction[0].delay_ns + run->link->direction[1].delay_ns) * 1e-9 +
           0.01;
}

static double
completion_s(const struct run *run, bool page)
{
    const struct rnet_demand *demand = run->demand;
    const struct rnet_conversation *first = NULL;
    int64_t done_ns = -1;

    if (run->naive)
        return naive_s(run);
    for (size_t i = 0; i < demand->conversation_count; i++) {
        const struct rnet_conversation *c = &demand->conversations[i];

        if (c->transport == RNET_TRANSPORT_OPEN || c->usage == RNET_USAGE_NETWORK) /* look-ups */
            continue;
        if (first == NULL)
            first = c;
        for (uint32_t k = 0; k < c->items; k++) {
            const uint32_t m = c->first_item + k;

            if (demand->messages[m].direction != RNET_DOWN)
                continue;
            if (run->outcomes->messages[m].state != RNET_OUTCOME_DONE)
                return INFINITY;
            if (run->outcomes->messages[m].done_ns > done_ns)
                done_ns = run->outcomes->messages[m].done_ns;
        }
    }
    if (first == NULL)
        return NAN;
    return (double)done_ns * 1e-9 - start_s(run, first, page);
}

static double
fetch_s(const struct run *run)
{
    const struct rnet_conversation *c = subject(run->demand, false);
    uint32_t question = 0;
    uint32_t answer = 0;

    for (uint32_t k = 0; k < c->items; k++)
        if (run->demand->messages[c->first_item + k].bytes >
            run->demand->messages[c->first_item + answer].bytes)
            answer = k;
    for (uint32_t k = 0; k < answer; k++)
        if (run->demand->messages[c->first_item + k].direction == RNET_UP)
            question = k;
    if (run->naive)
        return naive_s(run);
    return (double)(run->outcomes->messages[c->first_item + answer].done_ns -
                    run->outcomes->messages[c->first_item + question].started_ns) *
           1e-9;
}

/* --- calls --------------------------------------------------------------------------------------
 */

static double
call(const struct run *run, const struct metric *metric)
{
    const struct rnet_conversation *c = subject(run->demand, true);
    double jitter = 0, jitter_sum = 0, transit_before = NAN, lowest = INFINITY;
    size_t sent = 0, lost = 0, late = 0;

    sample_count = 0;
    if (c == NULL || c->items < 1000)
        return NAN;
    for (uint32_t k = 0; k < c->items; k++) {
        const struct rnet_datagram *datagram = &run->demand->datagrams[c->first_item + k];
        const struct rnet_datagram_outcome *outcome = &run->outcomes->datagrams[c->first_item + k];
        const double ms = (double)outcome->delay_ns * 1e-6;

        if (datagram->direction != metric->direction ||
            (double)(datagram->time_ns - c->start_ns) * 1e-9 < run->scenario->from_s)
            continue;
        sent++;
        if (outcome->delay_ns < 0) {
            lost++;
            continue;
        }
        if (!isnan(transit_before))
            jitter += (fabs(ms - transit_before) - jitter) / 16;
        transit_before = ms;
        jitter_sum += jitter;
        lowest = fmin(lowest, ms);
        samples[sample_count++] = ms;
    }
    for (size_t i = 0; i < sample_count; i++)
        late += samples[i] > lowest + (metric->what == WHAT_LATE_60 ? 60 : 200);
    switch ((int)metric->what) {
    case WHAT_LOSS:
        return 100.0 * (double)lost / (double)sent;
    case WHAT_JITTER:
        return jitter_sum / (double)sample_count;
    case WHAT_LATE_60:
    case WHAT_LATE_200:
        return 100.0 * (double)late / (double)sent;
    case WHAT_DELAY_MIN:
        return lowest;
    case WHAT_DELAY_P50:
        return quantile(samples, sample_count, 0.5);
    case WHAT_DELAY_P95:
        return quantile(samples, sample_count, 0.95);
    default:
        return quantile(samples, sample_count, 1.0);
    }
}

/* --- keystrokes
 * ----------------------------------------------------------------------------------- */

static double
echo(const struct run *run, double q)
{
    const struct rnet_conversation *c = subject(run->demand, false);

    sample_count = 0;
    for (uint32_t k = 0; k + 1 < c->items; k++) {
        const struct rnet_message *key = &run->demand->messages[c->first_item + k];
        const struct rnet_message *answer = key + 1;
        const uint32_t m = c->first_item + k;

        if (key->direction != RNET_UP || answer->direction != RNET_DOWN || key->bytes > 60 ||
            answer->bytes > 200 ||
            (double)(key->start_ns - run->demand->begin_ns) * 1e-9 < run->scenario->from_s ||
            run->outcomes->messages[m + 1].done_ns < 0)
            continue;
        samples[sample_count++] = (double)(run->outcomes->messages[m + 1].done_ns -
                                           run->outcomes->messages[m].started_ns) *
                                  1e-6;
    }
    return quantile(samples, sample_count, q);
}

/* --- video
 * ------------------------------------------------------------------------------------------ */

/* Segments: answers of at least a tenth of the largest; pieces of one answer count together. */
static size_t
segments(const struct run *run, double *done_s)
{
    const struct rnet_conversation *c = subject(run->demand, false);
    uint64_t largest = 0;
    size_t count = 0;
    bool asked = false;

    for (uint32_t k = 0; k < c->items; k++)
        if (run->demand->messages[c->first_item + k].bytes > largest)
            largest = run->demand->messages[c->first_item + k].bytes;
    for (uint32_t k = 0; k < c->items && count < 1000; k++) {
        const struct rnet_message *message = &run->demand->messages[c->first_item + k];

        if (message->direction == RNET_UP)
            asked = true;
        else if (message->bytes >= largest / 10) {
            if (asked)
                count++;
            asked = false;
            done_s[count - 1] = (double)run->outcomes->messages[c->first_item + k].done_ns * 1e-9;
        }
    }
    return count;
}

static double
video(const struct run *run, enum what what)
{
    static double done_s[1000];
    const size_t count = segments(run, done_s);
    double playing_s = 0;
    double stall_s = 0;

    if (count < 10)
        return NAN;
    if (what == WHAT_STARTUP)
        return done_s[0];
    if (what == WHAT_FETCH_DONE)
        return done_s[count - 1];
    playing_s = done_s[0];
    for (size_t i = 0; i < count; i++) {
        if (done_s[i] > playing_s) {
            stall_s += done_s[i] - playing_s;
            playing_s = done_s[i];
        }
        playing_s += 4.0;
    }
    return stall_s;
}

static double
value(const struct run *run, const struct metric *metric)
{
    switch ((int)metric->what) {
    case WHAT_COMPLETION:
    case WHAT_PAGE:
        return completion_s(run, metric->what == WHAT_PAGE);
    case WHAT_FETCH:
        return fetch_s(run);
    case WHAT_ECHO_P50:
        return run->naive ? NAN : echo(run, 0.5);
    case WHAT_ECHO_P95:
        return run->naive ? NAN : echo(run, 0.95);
    case WHAT_ECHO_MAX:
        return run->naive ? NAN : echo(run, 1.0);
    case WHAT_STARTUP:
    case WHAT_FETCH_DONE:
    case WHAT_STALL:
        return run->naive ? NAN : video(run, metric->what);
    case WHAT_DROPS:
        return run->naive ? NAN : (double)run->outcomes->line[metric->direction].packets_dropped;
    case WHAT_MAX_QUEUE:
        return run->naive ? NAN
                          : (double)run->outcomes->line[metric->direction].max_delay_ns * 1e-6;
    default:
        return run->naive ? NAN : call(run, metric);
    }
}

/* --- truth and summary
 * ------------------------------------------------------------------------------- */

static struct truth {
    char scenario[16];
    char line[40];
    char metric[32];
    double median, low, high;
} truths[1000];
static size_t truth_count;

static bool
load_truth(const char *directory)
{
    char path[4096];
    char row[512];
    FILE *file;

    snprintf(path, sizeof path, "%s/truth.tsv", directory);
    file = fopen(path, "r");
    if (file == NULL)
        return false;
    while (truth_count < 1000 && fgets(row, sizeof row, file) != NULL) {
        struct truth *t = &truths[truth_count];

        truth_count += sscanf(row, "%15s %39s %31s %lf %lf %lf", t->scenario, t->line, t->metric,
                              &t->median, &t->low, &t->high) == 6;
    }
    fclose(file);
    return true;
}

/* Statistics of calls and keystrokes begin when the other user's upload is under way. */
static double
statistics_from_s(const char *name)
{
    const size_t bytes = strlen(name);

    if (bytes > 3 && strcmp(name + bytes - 3, "_ul") == 0)
        return 10;
    return strcmp(name, "keys") == 0 ? 2.5 : 0;
}

/* The distinct scenarios, or lines, of the truth in its order; returns how many. */
static size_t
distinct(const char *names[], size_t most, bool of_lines)
{
    size_t count = 0;

    for (size_t t = 0; t < truth_count; t++) {
        const char *name = of_lines ? truths[t].line : truths[t].scenario;
        size_t i = 0;

        while (i < count && strcmp(names[i], name) != 0)
            i++;
        if (i == count && count < most)
            names[count++] = name;
    }
    return count;
}

static double errors[CLASSES][3][1000];
static size_t error_count[CLASSES];
static size_t inside[CLASSES], banded[CLASSES];

struct band {
    double low;
    double high;
};

static struct band
band_of(const struct run *run, const struct rnet_outcomes *replications,
        const struct metric *metric)
{
    double values[REPLICATIONS];

    for (size_t i = 0; i < REPLICATIONS; i++) {
        struct run other = *run;

        other.outcomes = &replications[i];
        values[i] = value(&other, metric);
    }
    return (struct band){quantile(values, REPLICATIONS, 0.05),
                         quantile(values, REPLICATIONS, 0.95)};
}

static void
compare(struct run *runs, const struct rnet_outcomes *replications, const char *line)
{
    for (size_t t = 0; t < truth_count; t++)
        for (size_t m = 0; m < sizeof metrics / sizeof metrics[0]; m++) {
            const enum class class = metrics[m].class;
            double predicted[3];
            struct band band;

            if (strcmp(truths[t].scenario, runs[0].scenario->name) != 0 ||
                strcmp(truths[t].line, line) != 0 || strcmp(truths[t].metric, metrics[m].name) != 0)
                continue;
            for (int r = 0; r < 3; r++)
                predicted[r] = value(&runs[r], &metrics[m]);
            band = band_of(&runs[0], replications, &metrics[m]);
            printf("%-9s %-29s %-22s %10.3f [%9.3f %9.3f] %10.3f [%9.3f %9.3f] %+7.1f %% %10.3f "
                   "%10.3f\n",
                   truths[t].scenario, line, truths[t].metric, truths[t].median, truths[t].low,
                   truths[t].high, predicted[0], band.low, band.high,
                   truths[t].median != 0 ? 100 * (predicted[0] / truths[t].median - 1) : 0,
                   predicted[1], predicted[2]);
            if (strcmp(line, "fast") == 0)
                continue;
            if (class != CLASS_OTHER && isfinite(predicted[0]))
                printf("pair\t%s\t%s, %s, %s\t%.6g\t%.6g\t%s\n", class_names[class],
                       truths[t].scenario, line, truths[t].metric, truths[t].median, predicted[0],
                       class_units[class]);
            for (int r = 0; r < 3; r++)
                errors[class][r][error_count[class]] =
                    class == CLASS_TIME ? 100 * fabs(predicted[r] / truths[t].median - 1)
                                        : fabs(predicted[r] - truths[t].median);
            error_count[class]++;
            banded[class]++;
            inside[class] += truths[t].median >= band.low && truths[t].median <= band.high;
        }
}

static void
summarise(void)
{
    static const char *const names[CLASSES] = {"times, %", "delays, ms", "loss, points",
                                               "stalls, s", "other"};
    static const char *const units[CLASSES] = {"%", "ms", "points", "s", ""};
    static const char *const methods[3] = {"closed loop", "bytes/rate+rtt", "open loop"};

    printf("\nabsolute error%38s", "");
    printf("%14s %14s %8s\n", "median", "90th percentile", "cells");
    for (int c = 0; c < CLASS_OTHER; c++)
        for (int r = 0; r < 3; r++) {
            size_t count = 0;

            for (size_t i = 0; i < error_count[c]; i++)
                if (!isnan(errors[c][r][i]))
                    errors[c][r][count++] = errors[c][r][i];
            if (count == 0)
                continue;
            printf("%-20s %-31s %14.2f %14.2f %8zu\n", names[c], methods[r],
                   quantile(errors[c][r], count, 0.5), quantile(errors[c][r], count, 0.9), count);
            figure(quantile(errors[c][r], count, 0.5), units[c], r == 0 ? "less" : "neither",
                   "median error of %s/%s", class_names[c], methods[r]);
            figure(quantile(errors[c][r], count, 0.9), units[c], r == 0 ? "less" : "neither",
                   "90th percentile error of %s/%s", class_names[c], methods[r]);
        }
    printf("\nmeasured median inside the 90 %% band of %d replications\n", REPLICATIONS);
    for (int c = 0; c < CLASS_OTHER; c++)
        if (banded[c] > 0) {
            printf("%-20s %zu of %zu\n", names[c], inside[c], banded[c]);
            figure(100.0 * (double)inside[c] / (double)banded[c], "%", "more",
                   "measured inside the 90 %% band/%s", class_names[c]);
        }
}

/* --- running
 * -------------------------------------------------------------------------------------------- */

static bool
observe(const char *path, struct rnet_demand *demand)
{
    struct rnet_error err = {0};
    struct rnet_capture *capture = NULL;
    struct rnet_profile *profile = NULL;
    const struct rnet_profile_summary *summary;
    bool fine = false;

    if (rnet_capture_open(path, NULL, &capture, &err) == RNET_OK &&
        rnet_observe(capture, NULL, &profile, &err) >= RNET_OK) {
        summary = rnet_profile_get_summary(profile);
        fine = rnet_profile_demand(profile, summary->begin_ns, summary->end_ns + 1, demand, &err) ==
               RNET_OK;
    }
    if (!fine)
        fprintf(stderr, "%s: %s\n", path, err.message);
    rnet_profile_free(profile);
    rnet_capture_close(capture);
    return fine;
}

/*
 * A line by the name the truth gives it: "adsl:DOWN/UP,DELAY,DOWNk[/UPk][,fqcodel]" with rates in
 * kbit/s, the one-way delay in ms and buffers in KiB; "fast" is what the reference line carried.
 */
static bool
make_link(const char *name, struct rnet_link *link)
{
    unsigned down_kbps = 400000, up_kbps = 400000, delay_ms = 0, down_kib = 1000, up_kib = 1000;
    char specification[64];
    struct rnet_error err = {0};
    const bool fast = strcmp(name, "fast") == 0;
    const int read = sscanf(name, "adsl:%u/%u,%u,%uk/%uk", &down_kbps, &up_kbps, &delay_ms,
                            &down_kib, &up_kib);

    snprintf(specification, sizeof specification, "%s:%u/%u", fast ? "ethernet" : "adsl", down_kbps,
             up_kbps);
    if ((!fast && read < 4) || rnet_link_parse(specification, link, &err) != RNET_OK) {
        fprintf(stderr, "%s: no such line %s\n", name, err.message);
        return false;
    }
    if (!fast) {
        link->overhead_bytes = 40; /* PPPoE LLC/SNAP: how both testbeds frame */
        link->mtu_bytes = 1492;
    }
    for (int d = 0; d < RNET_DIRECTIONS; d++) {
        const unsigned kib = d == RNET_UP && (read == 5 || fast) ? up_kib : down_kib;

        link->direction[d].queue =
            strstr(name, "fqcodel") != NULL ? RNET_QUEUE_FQ_CODEL : RNET_QUEUE_DROP_TAIL;
        link->direction[d].buffer_bytes = link->direction[d].queue == RNET_QUEUE_FQ_CODEL ? 0 : 1024ul * kib;
        link->direction[d].buffer_packets = 0;
        link->direction[d].delay_ns = delay_ms * INT64_C(1000000);
    }
    return true;
}

static bool
replicate(const struct rnet_demand *demand, const struct rnet_link *link,
          struct rnet_outcomes *replications)
{
    for (size_t i = 0; i < REPLICATIONS; i++) {
        const struct rnet_replay_options options = {
            .seed = i + 1, .think_jitter = THINK_JITTER, .rate_jitter = RATE_JITTER};

        if (rnet_replay_run(demand, link, &options, &replications[i], NULL) < RNET_OK)
            return false;
    }
    return true;
}

static void
replay_scenario(const struct scenario *scenario, const struct rnet_demand *demand)
{
    const char *lines[MAX_NAMES];
    const size_t line_count = distinct(lines, MAX_NAMES, true);

    for (size_t l = 0; l < line_count; l++) {
        const struct rnet_replay_options open_loop = {.open_loop = true};
        static struct rnet_outcomes replications[REPLICATIONS];
        struct rnet_outcomes closed = {0}, open = {0};
        struct rnet_error err = {0};
        struct rnet_link link;

        if (!make_link(lines[l], &link))
            continue;
        if (rnet_replay_run(demand, &link, NULL, &closed, &err) >= RNET_OK &&
            rnet_replay_run(demand, &link, &open_loop, &open, &err) >= RNET_OK &&
            replicate(demand, &link, replications)) {
            struct run runs[3] = {{scenario, demand, &link, &closed, false},
                                  {scenario, demand, &link, &closed, true},
                                  {scenario, demand, &link, &open, false}};

            compare(runs, replications, lines[l]);
        } else {
            fprintf(stderr, "%s over %s: %s\n", scenario->name, lines[l], err.message);
        }
        rnet_outcomes_clear(&closed);
        rnet_outcomes_clear(&open);
        for (size_t i = 0; i < REPLICATIONS; i++)
            rnet_outcomes_clear(&replications[i]);
    }
}

int
main(int argc, char **argv)
{
    const char *directory = argc > 1 ? argv[1] : "../shared/groundtruth";
    const char *scenarios[MAX_NAMES];
    size_t scenario_count;

    if (!load_truth(directory)) {
        printf("skipped: no truth.tsv in %s\n", directory);
        return 77;
    }
    printf("%-9s %-29s %-22s %10s [%9s %9s] %10s [%9s %9s] %9s %10s %10s\n", "scenario", "line",
           "metric", "measured", "lowest", "highest", "predicted", "5 %", "95 %", "error",
           "bytes/rate", "open loop");
    scenario_count = distinct(scenarios, MAX_NAMES, false);
    for (size_t s = 0; s < scenario_count; s++) {
        struct scenario scenario = {.from_s = statistics_from_s(scenarios[s])};
        struct rnet_demand demand = {0};
        char path[4096];

        if (argc > 2 && strcmp(argv[2], scenarios[s]) != 0)
            continue;
        snprintf(scenario.name, sizeof scenario.name, "%s", scenarios[s]);
        snprintf(path, sizeof path, "%s/%s.pcap", directory, scenarios[s]);
        if (observe(path, &demand))
            replay_scenario(&scenario, &demand);
        rnet_demand_clear(&demand);
    }
    summarise();
    return EXIT_SUCCESS;
}
