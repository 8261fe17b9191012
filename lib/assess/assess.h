/* Assess, inside: replays as independent tasks, run by as many threads as wanted. */
#ifndef RNET_ASSESS_INTERNAL_H
#define RNET_ASSESS_INTERNAL_H

#include "base/base.h"

#include <ruralnet/assess.h>
#include <ruralnet/replay.h>

#include <stdatomic.h>

/* One replay and what it measured. */
struct task {
    struct rnet_link link;
    uint64_t seed;
    double think_jitter;
    double rate_jitter;
    int64_t access_rtt_ns;
    enum rnet_status status;
    struct rnet_quality quality;
    uint64_t packets;
    struct rnet_error err;
};

/* What the replays of one assessment share. */
struct replays {
    const struct rnet_demand *demand;
    const struct rnet_assess_options *options;
    int64_t max_time_ns;          /* simulated */
    atomic_int_fast64_t spent_ns; /* processor time, of options->max_cpu_ns */
};

/*
 * Run tasks on up to options->threads threads; `before` were run already, for options->progress.
 * Each task's result depends on nothing but itself, unless a limit cuts it. Returns RNET_OK, or the
 * first failing task's status with its words; RNET_PARTIAL and RNET_EINTERRUPTED of a task are not
 * failures, they stay in task->status.
 */
enum rnet_status
tasks_run(struct replays *replays, struct task *tasks, size_t count, size_t before,
          struct rnet_error *err);
void
tasks_clear(struct task *tasks, size_t count);

/* Whether people could do more on a line than on the full one they were captured behind. */
bool
line_frees_demand(const struct rnet_captured_line *captured, const struct rnet_link *link);

/* Whether directions that were not captured leave more of the load unknown than a verdict may leave
 * aside; one_direction: most conversations of the capture lack one. Marks those that lack a part. */
bool
demand_lacks_direction(struct rnet_demand *demand, bool one_direction);

/* How many threads to start: asked, or one per core, at most one per task. */
uint32_t
assess_threads(uint32_t asked, size_t tasks);

/* Whether it is the line a "basic ADSL" office most likely means: 2048/256 over ATM. */
bool
assess_is_reference(const struct rnet_link *link);

/* Fill assessment->first_satisfied, all_met and sentence from the links' verdicts. */
void
assessment_conclude(struct rnet_assessment *assessment);

#endif
