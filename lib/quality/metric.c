/* The tables of metrics and of kinds of use. */
#include "quality/quality.h"

#include <string.h>

/*
 * The spreads are those seen between repetitions of real programs on emulated ADSL lines: bulk 0.4
 * %, delay percentiles 3 %, page loads 15 %, loss 30 %, floors 0.3 ms and 0.2 s. Between them,
 * chosen: echoes and start-up 10 % (an echo's 95th percentile differed by up to 30 %), two points
 * of R (what 30 % of a loss of 2 % is worth).
 */
static const struct rnet_metric_info metrics[RNET_METRIC_COUNT] = {
    {RNET_METRIC_PAGE_S, "page_s", N_("page completion time"), "s", false, 0.15, 0.2},
    {RNET_METRIC_TRANSACTION_S, "transaction_s", N_("transaction time"), "s", false, 0.03, 0.2},
    {RNET_METRIC_TRANSFER_S, "transfer_s", N_("transfer time"), "s", false, 0.004, 0.2},
    {RNET_METRIC_ECHO_MS, "echo_ms", N_("echo time"), "ms", false, 0.10, 0.3},
    {RNET_METRIC_VOICE_R, "voice_r", N_("voice rating R"), "", true, 0, 2},
    {RNET_METRIC_RATE_UP_KBPS, "rate_up_kbps", N_("rate up"), "kbit/s", true, 0.004, 0},
    {RNET_METRIC_RATE_DOWN_KBPS, "rate_down_kbps", N_("rate down"), "kbit/s", true, 0.004, 0},
    {RNET_METRIC_DELAY_MS, "delay_ms", N_("one-way delay"), "ms", false, 0.03, 0.3},
    {RNET_METRIC_JITTER_MS, "jitter_ms", N_("jitter"), "ms", false, 0.30, 0.3},
    {RNET_METRIC_LOSS_PERCENT, "loss_percent", N_("loss"), "%", false, 0.30, 0},
    {RNET_METRIC_STARTUP_S, "startup_s", N_("start-up time"), "s", false, 0.10, 0.2},
    {RNET_METRIC_STALL_PERCENT, "stall_percent", N_("time stalled"), "%", false, 0.10, 0},
    {RNET_METRIC_STALLS_PER_MIN, "stalls_per_min", N_("stalls per minute"), "/min", false, 0.10, 0},
    {RNET_METRIC_LAG_S, "lag_s", N_("lag"), "s", false, 0.03, 0.2},
    {RNET_METRIC_JOB_H, "job_h", N_("job duration"), "h", false, 0.004, 0},
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
