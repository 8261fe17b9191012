/* The tables of metrics and of kinds of use. */
#include "quality/quality.h"

#include <string.h>

/*
 * The spreads are what repetitions of the same work on the same line differ by beside what
 * replications vary (rates, round trips, think times). None of them comes from the ground truth.
 * bench/repetitions does the same work six times on two lines; half the range, mean of both:
 *
 *   pages 13 % (0.12: loads of three sites, 150 times each behind one throttle, had standard
 * deviations of 4, 6 and 7 %, DebugBear 2020, and 1.645 of the largest is this), transactions 3 %,
 * echoes 4 %, transfers 0.3 %
 *
 * and from theory:
 *
 *   times     0.2 s: one retransmission time-out more or less (RFC 6298; Linux's least is 200 ms)
 *   jitter    30 %: the estimator's own noise (RFC 3550: gain 1/16, so 1 / sqrt(31) of its value,
 * by 1.645) loss      30 %: 1.645 / sqrt(30), for 30 packets lost, 6 % of ten seconds of a call
 * (binomial) voice     3 points of R: the same of 1 to 2 % lost in 500 packets (G.711 with
 * concealment)
 *
 * 1 ms of clocks and schedulers and 10 % of stalls are chosen.
 */
static const struct rnet_metric_info metrics[RNET_METRIC_COUNT] = {
    {RNET_METRIC_PAGE_S, "page_s", N_("page completion time"), "s", false, 0.12, 0.2},
    {RNET_METRIC_TRANSACTION_S, "transaction_s", N_("transaction time"), "s", false, 0.03, 0.2},
    {RNET_METRIC_TRANSFER_S, "transfer_s", N_("transfer time"), "s", false, 0.003, 0.2},
    {RNET_METRIC_ECHO_MS, "echo_ms", N_("echo time"), "ms", false, 0.04, 1},
    {RNET_METRIC_VOICE_R, "voice_r", N_("voice rating R"), "", true, 0, 3},
    {RNET_METRIC_RATE_UP_KBPS, "rate_up_kbps", N_("rate up"), "kbit/s", true, 0, 0},
    {RNET_METRIC_RATE_DOWN_KBPS, "rate_down_kbps", N_("rate down"), "kbit/s", true, 0, 0},
    {RNET_METRIC_DELAY_MS, "delay_ms", N_("one-way delay"), "ms", false, 0, 1},
    {RNET_METRIC_JITTER_MS, "jitter_ms", N_("jitter"), "ms", false, 0.30, 0.3},
    {RNET_METRIC_LOSS_PERCENT, "loss_percent", N_("loss"), "%", false, 0.30, 0},
    {RNET_METRIC_STARTUP_S, "startup_s", N_("start-up time"), "s", false, 0, 0.2},
    {RNET_METRIC_STALL_PERCENT, "stall_percent", N_("time stalled"), "%", false, 0.10, 0},
    {RNET_METRIC_STALLS_PER_MIN, "stalls_per_min", N_("stalls per minute"), "/min", false, 0.10, 0},
    {RNET_METRIC_LAG_S, "lag_s", N_("lag"), "s", false, 0, 0.2},
    {RNET_METRIC_JOB_H, "job_h", N_("job duration"), "h", false, 0.003, 0},
};

#define BIT(metric) (1u << RNET_METRIC_##metric)

static const struct {
    const char *id;
    const char *name;
    uint32_t metrics;
} kinds[RNET_USE_KINDS] = {
    [RNET_USE_PAGE] = {"page", N_("pages"), BIT(PAGE_S)},
    [RNET_USE_TRANSACTION] = {"transaction", N_("transactions"), BIT(TRANSACTION_S)},
    [RNET_USE_TRANSFER] = {"transfer", N_("transfers"), BIT(TRANSFER_S)},
    [RNET_USE_ECHO] = {"echo", N_("echoes"), BIT(ECHO_MS)},
    [RNET_USE_VOICE] = {"voice", N_("voice windows"),
                        BIT(VOICE_R) | BIT(DELAY_MS) | BIT(JITTER_MS) | BIT(LOSS_PERCENT)},
    [RNET_USE_VIDEO] = {"video", N_("video-call windows"),
                        BIT(RATE_UP_KBPS) | BIT(RATE_DOWN_KBPS) | BIT(DELAY_MS) | BIT(JITTER_MS) |
                            BIT(LOSS_PERCENT)},
    [RNET_USE_PLAYBACK] = {"playback", N_("playbacks"),
                           BIT(STARTUP_S) | BIT(STALL_PERCENT) | BIT(STALLS_PER_MIN)},
    [RNET_USE_FEED] = {"feed", N_("feed windows"),
                       BIT(RATE_UP_KBPS) | BIT(RATE_DOWN_KBPS) | BIT(DELAY_MS) | BIT(LOSS_PERCENT) |
                           BIT(LAG_S)},
    [RNET_USE_JOB] = {"job", N_("jobs"), BIT(JOB_H)},
};

const struct rnet_metric_info *
rnet_metric_info(enum rnet_metric metric)
{
    return (unsigned)metric < RNET_METRIC_COUNT ? &metrics[metric] : NULL;
}

enum rnet_status
rnet_metric_find(const char *id, enum rnet_metric *metric)
{
    for (size_t i = 0; i < RNET_METRIC_COUNT; i++) {
        if (strcmp(metrics[i].id, id) == 0) {
            *metric = metrics[i].metric;
            return RNET_OK;
        }
    }
    return RNET_ENOTFOUND;
}

const char *
rnet_use_kind_name(enum rnet_use_kind kind)
{
    return (unsigned)kind < RNET_USE_KINDS ? kinds[kind].name : N_("uses");
}

const char *
rnet_use_kind_id(enum rnet_use_kind kind)
{
    return (unsigned)kind < RNET_USE_KINDS ? kinds[kind].id : "unknown";
}

enum rnet_status
rnet_use_kind_find(const char *id, enum rnet_use_kind *kind)
{
    for (int i = 0; i < RNET_USE_KINDS; i++) {
        if (strcmp(kinds[i].id, id) == 0) {
            *kind = (enum rnet_use_kind)i;
            return RNET_OK;
        }
    }
    return RNET_ENOTFOUND;
}

uint32_t
rnet_use_kind_metrics(enum rnet_use_kind kind)
{
    return (unsigned)kind < RNET_USE_KINDS ? kinds[kind].metrics : 0;
}
