/* The tables of what stands where in a JSON report. */
#include "report/layout.h"

static const char *
usage_name(int value)
{
    return rnet_usage_info((enum rnet_usage)value)->id;
}

static const char *
notice_name(int value)
{
    return rnet_notice_id((enum rnet_notice)value);
}

static const char *
metric_name(int value)
{
    return rnet_metric_info((enum rnet_metric)value)->id;
}

static const char *
kind_name(int value)
{
    return rnet_use_kind_id((enum rnet_use_kind)value);
}

static const char *
answer_name(int value)
{
    return rnet_answer_name((enum rnet_answer)value);
}

static const char *
grade_name(int value)
{
    return rnet_grade_name((enum rnet_grade)value);
}

static const char *
doubt_name(int value)
{
    return rnet_doubt_id((enum rnet_doubt)value);
}

static const char *
cause_name(int value)
{
    return rnet_cause_id((enum rnet_cause)value);
}

const struct field_names usage_names = {usage_name, RNET_USAGE_COUNT};
const struct field_names notice_names = {notice_name, RNET_NOTICE_COUNT};
static const struct field_names metric_names = {metric_name, RNET_METRIC_COUNT};
static const struct field_names kind_names = {kind_name, RNET_USE_KINDS};
static const struct field_names answer_names = {answer_name, 3};
static const struct field_names grade_names = {grade_name, 4};
static const struct field_names doubt_names = {doubt_name, RNET_DOUBTS};
static const struct field_names cause_names = {cause_name, RNET_CAUSES};

static const struct field both_counts[] = {
    {"up", FIELD_U64, RNET_UP * sizeof(uint64_t), 0, NULL, NULL},
    {"down", FIELD_U64, RNET_DOWN * sizeof(uint64_t), 0, NULL, NULL},
    {NULL, FIELD_BOOL, 0, 0, NULL, NULL},
};
static const struct field both_numbers[] = {
    {"up", FIELD_NUMBER, RNET_UP * sizeof(double), 0, NULL, NULL},
    {"down", FIELD_NUMBER, RNET_DOWN * sizeof(double), 0, NULL, NULL},
    {NULL, FIELD_BOOL, 0, 0, NULL, NULL},
};
static const struct field evidence_counts[] = {
    {"none", FIELD_U64, RNET_EVIDENCE_NONE * sizeof(uint64_t), 0, NULL, NULL},
    {"protocol", FIELD_U64, RNET_EVIDENCE_PROTOCOL * sizeof(uint64_t), 0, NULL, NULL},
    {"name", FIELD_U64, RNET_EVIDENCE_NAME * sizeof(uint64_t), 0, NULL, NULL},
    {"address", FIELD_U64, RNET_EVIDENCE_ADDRESS * sizeof(uint64_t), 0, NULL, NULL},
    {"port", FIELD_U64, RNET_EVIDENCE_PORT * sizeof(uint64_t), 0, NULL, NULL},
    {"shape", FIELD_U64, RNET_EVIDENCE_SHAPE * sizeof(uint64_t), 0, NULL, NULL},
    {NULL, FIELD_BOOL, 0, 0, NULL, NULL},
};
_Static_assert(RNET_EVIDENCE_COUNT == 6, "every kind of evidence stands in the report");

#define PLAIN(type, key, kind)                                                                     \
    {                                                                                              \
#key, kind, offsetof(struct type, key), 0, NULL, NULL                                      \
    }
#define TEXT(type, key)                                                                            \
    {                                                                                              \
#key, FIELD_TEXT, offsetof(struct type, key), sizeof(((struct type *)0)->key), NULL, NULL  \
    }
#define NAMED(type, key, names)                                                                    \
    {                                                                                              \
#key, FIELD_NAME, offsetof(struct type, key), 0, &names, NULL                              \
    }
#define INSIDE(type, key, table)                                                                   \
    {                                                                                              \
#key, FIELD_OBJECT, offsetof(struct type, key), 0, NULL, table                             \
    }
#define END                                                                                        \
    {                                                                                              \
        NULL, FIELD_BOOL, 0, 0, NULL, NULL                                                         \
    }

static const struct field band[] = {
    PLAIN(rnet_band, low, FIELD_NUMBER),
    PLAIN(rnet_band, middle, FIELD_NUMBER),
    PLAIN(rnet_band, high, FIELD_NUMBER),
    END,
};

const struct field layout_usage_seen[] = {
    NAMED(rnet_usage_summary, usage, usage_names),
    PLAIN(rnet_usage_summary, flows, FIELD_U64),
    INSIDE(rnet_usage_summary, bytes, both_counts),
    INSIDE(rnet_usage_summary, packets, both_counts),
    PLAIN(rnet_usage_summary, active_s, FIELD_NUMBER),
    INSIDE(rnet_usage_summary, peak_bps, both_numbers),
    INSIDE(rnet_usage_summary, p95_bps, both_numbers),
    {"label_confidence", FIELD_NUMBER, offsetof(struct rnet_usage_summary, confidence), 0, NULL,
     NULL},
    INSIDE(rnet_usage_summary, flows_by_evidence, evidence_counts),
    END,
};

static const struct field captured_line[] = {
    INSIDE(rnet_captured_line, rate_bps, both_numbers),
    INSIDE(rnet_captured_line, full_s, both_numbers),
    INSIDE(rnet_captured_line, delay_ms, both_numbers),
    END,
};

const struct field layout_seen[] = {
    PLAIN(rnet_profile_summary, packets, FIELD_U64),
    PLAIN(rnet_profile_summary, wire_bytes, FIELD_U64),
    PLAIN(rnet_profile_summary, flows, FIELD_U64),
    PLAIN(rnet_profile_summary, tcp_flows, FIELD_U64),
    PLAIN(rnet_profile_summary, internal_flows, FIELD_U64),
    PLAIN(rnet_profile_summary, internal_bytes, FIELD_U64),
    PLAIN(rnet_profile_summary, office_hosts, FIELD_U64),
    PLAIN(rnet_profile_summary, complete, FIELD_BOOL),
    PLAIN(rnet_profile_summary, what_if_internal, FIELD_BOOL),
    INSIDE(rnet_profile_summary, peak_bps, both_numbers),
    INSIDE(rnet_profile_summary, captured_line, captured_line),
    END,
};

const struct field layout_rule[] = {
    NAMED(rnet_rule, metric, metric_names),
    PLAIN(rnet_rule, good, FIELD_NUMBER),
    PLAIN(rnet_rule, acceptable, FIELD_NUMBER),
    PLAIN(rnet_rule, good_per_mb, FIELD_NUMBER),
    PLAIN(rnet_rule, acceptable_per_mb, FIELD_NUMBER),
    PLAIN(rnet_rule, good_cap, FIELD_NUMBER),
    PLAIN(rnet_rule, acceptable_cap, FIELD_NUMBER),
    {"kinds", FIELD_SET, offsetof(struct rnet_rule, kinds), 0, &kind_names, NULL},
    PLAIN(rnet_rule, verified, FIELD_BOOL),
    TEXT(rnet_rule, source),
    END,
};

const struct field layout_criterion[] = {
    TEXT(rnet_criterion, id),
    TEXT(rnet_criterion, name),
    {"usages", FIELD_SET, offsetof(struct rnet_criterion, usages), 0, &usage_names, NULL},
    PLAIN(rnet_criterion, essential, FIELD_BOOL),
    PLAIN(rnet_criterion, background, FIELD_BOOL),
    PLAIN(rnet_criterion, judged, FIELD_BOOL),
    PLAIN(rnet_criterion, share, FIELD_NUMBER),
    PLAIN(rnet_criterion, minimum, FIELD_NUMBER),
    END,
};

const struct field layout_verdict[] = {
    NAMED(rnet_usage_verdict, usage, usage_names),
    PLAIN(rnet_usage_verdict, judged, FIELD_BOOL),
    NAMED(rnet_usage_verdict, met, answer_names),
    NAMED(rnet_usage_verdict, grade, grade_names),
    NAMED(rnet_usage_verdict, doubt, doubt_names),
    PLAIN(rnet_usage_verdict, little_seen, FIELD_BOOL),
    PLAIN(rnet_usage_verdict, by_time, FIELD_BOOL),
    PLAIN(rnet_usage_verdict, uses, FIELD_SIZE),
    {"use_kind", FIELD_NAME, offsetof(struct rnet_usage_verdict, kind), 0, &kind_names, NULL},
    PLAIN(rnet_usage_verdict, weight, FIELD_NUMBER),
    PLAIN(rnet_usage_verdict, failed, FIELD_SIZE),
    PLAIN(rnet_usage_verdict, excused_share, FIELD_NUMBER),
    PLAIN(rnet_usage_verdict, unknown_share, FIELD_NUMBER),
    INSIDE(rnet_usage_verdict, acceptable_share, band),
    INSIDE(rnet_usage_verdict, good_share, band),
    PLAIN(rnet_usage_verdict, mos, FIELD_NUMBER),
    NAMED(rnet_usage_verdict, cause, cause_names),
    PLAIN(rnet_usage_verdict, cause_support, FIELD_NUMBER),
    PLAIN(rnet_usage_verdict, breaks, FIELD_SIZE),
    NAMED(rnet_usage_verdict, behind, usage_names),
    END,
};

const struct field layout_metric[] = {
    {"id", FIELD_NAME, offsetof(struct rnet_usage_verdict, metric), 0, &metric_names, NULL},
    PLAIN(rnet_usage_verdict, good, FIELD_NUMBER),
    PLAIN(rnet_usage_verdict, acceptable, FIELD_NUMBER),
    INSIDE(rnet_usage_verdict, median, band),
    INSIDE(rnet_usage_verdict, p95, band),
    INSIDE(rnet_usage_verdict, margin, band),
    {"quantiles", FIELD_ARRAY, offsetof(struct rnet_usage_verdict, quantiles),
     RNET_VERDICT_QUANTILES, NULL, NULL},
    END,
};

const struct field layout_office[] = {
    NAMED(rnet_verdict, satisfied, answer_names),
    NAMED(rnet_verdict, satisfied_essential, answer_names),
    PLAIN(rnet_verdict, judged, FIELD_SIZE),
    PLAIN(rnet_verdict, met, FIELD_SIZE),
    PLAIN(rnet_verdict, not_met, FIELD_SIZE),
    PLAIN(rnet_verdict, cannot_say, FIELD_SIZE),
    PLAIN(rnet_verdict, met_volume_ratio, FIELD_NUMBER),
    END,
};

const struct field layout_line[] = {
    PLAIN(rnet_quality_line, busy_ratio, FIELD_NUMBER),
    PLAIN(rnet_quality_line, mean_queue_ms, FIELD_NUMBER),
    PLAIN(rnet_quality_line, max_queue_ms, FIELD_NUMBER),
    PLAIN(rnet_quality_line, loss_ratio, FIELD_NUMBER),
    END,
};

const struct field layout_tunnels[] = {
    PLAIN(rnet_tunnel_demand, bytes, FIELD_U64),
    PLAIN(rnet_tunnel_demand, bulk_ratio, FIELD_NUMBER),
    PLAIN(rnet_tunnel_demand, realtime_ratio, FIELD_NUMBER),
    PLAIN(rnet_tunnel_demand, interactive_ratio, FIELD_NUMBER),
    END,
};

const struct field layout_assessment[] = {
    PLAIN(rnet_assessment, seed, FIELD_U64),
    PLAIN(rnet_assessment, replications, FIELD_U32),
    PLAIN(rnet_assessment, whole_capture, FIELD_BOOL),
    PLAIN(rnet_assessment, conversations, FIELD_SIZE),
    PLAIN(rnet_assessment, messages, FIELD_SIZE),
    PLAIN(rnet_assessment, datagrams, FIELD_SIZE),
    END,
};
