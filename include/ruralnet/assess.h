/**
 * Assess: a profile and lines in, verdicts out. The modelled half of the chain in one call.
 *
 *     struct rnet_assessment assessment = {0};
 *     if (rnet_assess(profile, NULL, &assessment, &err) >= RNET_OK)
 *         puts(assessment.sentence);
 *     rnet_assessment_clear(&assessment);
 */
#ifndef RURALNET_ASSESS_H
#define RURALNET_ASSESS_H

#include <ruralnet/base.h>
#include <ruralnet/demand.h>
#include <ruralnet/link.h>
#include <ruralnet/profile.h>
#include <ruralnet/quality.h>
#include <ruralnet/verdict.h>

#ifdef __cplusplus
extern "C" {
#endif

/** {0} = sensible defaults. */
struct rnet_assess_options {
    const char *const *links;   /**< specifications; NULL = the standard ladder */
    size_t link_count;
    const char *criteria_set;   /**< NULL = "default"; see also @p assessment */
    const char *criteria_path;  /**< a YAML file that overrides part of the set; NULL = none */
    uint64_t seed;              /**< of every random stream */
    uint32_t replications;      /**< replays per line, for the intervals; 0 = 5 */
    uint32_t threads;           /**< 0 = one per core; the result does not depend on it */
    const char *captured_on;    /**< specification of the line the capture was made behind: its round
                                     trip is taken off the servers'; NULL = not known, none taken off */
    bool whole_capture;         /**< replay all of it, not only its busiest period */
    int64_t period_ns;          /**< of the busiest period; 0 = 1 hour */
    bool no_causes;             /**< skip the replays that find what each shortfall is due to, but for lines
                                     where the verdict depends on it (RNET_DOUBT_BREAKS_OTHERS) */
    int64_t max_time_ns;        /**< simulated past the period's end; what has not ended by then never
                                     does; 0 = 12 hours */
    uint64_t max_memory_bytes;  /**< of the whole process's heap: past it replays are cut; 0 = no limit */
    int64_t max_cpu_ns;         /**< processor time of all replays together: past it they are cut, those
                                     under way on other threads within as much again; 0 = no limit */
    const volatile int *stop;   /**< set non-zero from outside to stop; may be NULL */
    void (*progress)(void *context, size_t done, size_t total); /**< replays; by the calling thread only;
                                     the total grows when causes are looked for; may be NULL */
    void *progress_context;
};

/** What one line came to. */
struct rnet_link_result {
    struct rnet_link link;
    struct rnet_verdict verdict;
    struct rnet_quality_line line[RNET_DIRECTIONS]; /**< load, in the first replay */
    uint64_t packets;           /**< simulated, in the first replay */
    bool complete;              /**< no replay was cut by a limit or an interrupt */
};

/** What all lines came to. Owns its arrays; {0} is empty. */
struct rnet_assessment {
    struct rnet_criteria criteria;
    struct rnet_link_result *links; /**< in the order asked for */
    size_t link_count;
    uint64_t seed;
    uint32_t replications;
    int64_t begin_ns;           /**< the period replayed, capture clock */
    int64_t end_ns;
    bool whole_capture;         /**< the period is all of it */
    int64_t access_rtt_ns;      /**< unloaded, of the line it was captured on; 0 = not told */
    size_t conversations;       /**< of the demand replayed */
    size_t messages;
    size_t datagrams;
    struct rnet_tunnel_demand tunnels; /**< what cannot be named in it */
    size_t reference;           /**< index of the line the sentence speaks of: 2048/256, else the first */
    size_t first_satisfied;     /**< index of the first line from which on every line satisfies;
                                     link_count = none */
    bool all_met;               /**< every line tried satisfies */
    char sentence[900];         /**< the office's answer, English */
};

/**
 * Replay a profile's demand over lines and judge it.
 * @param options     NULL = defaults.
 * @param assessment  {0}, or with criteria loaded already, which are then used (a program without
 *                    the right to open files); clear with rnet_assessment_clear().
 * @return RNET_OK; RNET_PARTIAL (a limit or the stop flag cut replays: results say which);
 *         RNET_EINVAL (a link specification or criterion, words in err); RNET_ENOMEM; RNET_EIO.
 */
RNET_API enum rnet_status rnet_assess(struct rnet_profile *profile,
                                      const struct rnet_assess_options *options,
                                      struct rnet_assessment *assessment, struct rnet_error *err);

/** Free and reset to {0}; {0} is fine. */
RNET_API void rnet_assessment_clear(struct rnet_assessment *assessment);

#ifdef __cplusplus
}
#endif
#endif
