/* Labelled shared captures, run through decode, flow table and classifier, for the benches of
 * lib/usage. What counts as right is said in usage-confusion.c. */
#ifndef RNET_BENCH_USAGE_CAPTURES_H
#define RNET_BENCH_USAGE_CAPTURES_H

#include <ruralnet/flow.h>
#include <ruralnet/usage.h>

#define CAPTURES_MAX 1000

/* One labelled capture and what was found in it. Bytes are IP bytes. */
struct result {
    char file[200];
    char source[80];
    enum rnet_usage expected[2];
    uint64_t bytes[RNET_USAGE_COUNT];
    uint64_t flows[RNET_USAGE_COUNT];
    double weight[RNET_USAGE_COUNT];                        /* confidence times bytes */
    double evidence[RNET_USAGE_COUNT][RNET_EVIDENCE_COUNT]; /* bytes by what the label rests on */
    enum rnet_usage found;
    bool right, readable;
};

struct results {
    size_t count;
    struct result item[CAPTURES_MAX];
};

/* How to run captures. */
struct setting {
    struct rnet_classifier_options classifier;
    uint32_t snap_bytes; /* 0 = whole packets */
    /* Each flow before it is decided; may be NULL. */
    void (*flow)(void *context, const struct result *result, const struct rnet_flow *flow,
                 const struct rnet_explanation *why);
    void *context;
};

/* Where the shared files are: $RNET_SHARED, or beside the project. */
const char *
shared_top(void);

/* Read the manifest's labelled captures into results, not run yet. False (said on stderr) when it
 * is absent. */
bool
read_manifest(struct results *results);

/* Run one capture (path) or one of the manifest (judged too). */
void
run_file(const struct setting *setting, const char *path, struct result *result);
void
run_result(const struct setting *setting, struct result *result);

/* Read the manifest and run all of it. */
bool
run_all(const struct setting *setting, struct results *results);

bool
is_expected(const struct result *result, enum rnet_usage usage);

/* Byte-weighted mean confidence of the usage found; 0 when none was. */
double
confidence_of(const struct result *result);

/* What the usage found rests on, by bytes. */
enum rnet_evidence
evidence_of(const struct result *result);

/* Captures right. */
size_t
count_right(const struct results *results);

#endif
