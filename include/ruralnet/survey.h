/**
 * Survey: many offices in one file. Profiles are kept whole, so that any line can be tried later.
 *
 *     struct rnet_survey *survey;
 *     struct rnet_firm firm = {.name = "firm-17", .weight = 1};
 *     if (rnet_survey_open("survey.db", RNET_SURVEY_CREATE, &survey, &err) == RNET_OK) {
 *         rnet_survey_add(survey, &firm, profile, "", &err);
 *         rnet_survey_close(survey);
 *     }
 *
 * One SQLite file. Several processes may add to it at once; what was added stays, whatever happens
 * afterwards. It holds what a profile holds: no payload, no address, no host name, no path. A firm
 * is known by the name it was given here, best a number only the surveyor can resolve.
 */
#ifndef RURALNET_SURVEY_H
#define RURALNET_SURVEY_H

#include <ruralnet/base.h>
#include <ruralnet/profile.h>
#include <ruralnet/stats.h>

#ifdef __cplusplus
extern "C" {
#endif

struct rnet_survey;

#define RNET_FIRM_NAME 64
#define RNET_FIRM_LINE 256
/** Weights lie between these: no share of firms needs others, and sums of squares stay exact. */
#define RNET_FIRM_WEIGHT_LEAST 1e-9
#define RNET_FIRM_WEIGHT_MOST 1e12

/** A firm, or one office of it. Plain. */
struct rnet_firm {
    char name[RNET_FIRM_NAME];   /**< what identifies it here */
    char sector[RNET_FIRM_NAME]; /**< "" = not known */
    char line[RNET_FIRM_LINE];   /**< specification of the line it has; "" = not known */
    uint32_t staff;              /**< people; 0 = not known */
    double weight;               /**< how many firms it stands for, within the above; 0 = as before, or 1 */
    bool modelled;               /**< composed by the reference population, not surveyed */
    size_t captures;             /**< profiles held; 0 = asked and did not answer */
};

/** One capture of a firm, without its profile. */
struct rnet_survey_capture {
    char firm[RNET_FIRM_NAME];
    char digest[RNET_DIGEST_TEXT]; /**< of the packets */
    char input[RNET_DIGEST_TEXT];  /**< of the file read; "" = not known */
    uint64_t packets;
    uint64_t profile_bytes;
    int64_t begin_ns;
    int64_t end_ns;
};

enum rnet_survey_mode {
    RNET_SURVEY_READ = 0,   /**< must exist; nothing is changed but the schema's version */
    RNET_SURVEY_WRITE = 1,  /**< must exist */
    RNET_SURVEY_CREATE = 2, /**< made if it does not exist */
};

/**
 * Open a survey; one made by an earlier version is brought up to this one's form.
 * @return RNET_OK; RNET_EIO; RNET_EFORMAT (not a survey); RNET_EUNSUPPORTED (made by a later
 *         version); RNET_ENOMEM.
 */
RNET_API enum rnet_status rnet_survey_open(const char *path, enum rnet_survey_mode mode,
                                           struct rnet_survey **survey, struct rnet_error *err);

/** Told how far the work on a survey is, from the thread that called: done of total captures, in a
 *  merge each counted twice (once taken, once written). A total may turn out too large. */
typedef void rnet_survey_progress(void *context, size_t done, size_t total);

/** Have @p progress called by what reads every profile: rnet_survey_overview() and the reports of a
 *  survey; NULL = nobody. */
RNET_API void rnet_survey_set_progress(struct rnet_survey *survey, rnet_survey_progress *progress,
                                       void *context);

/** Close; NULL is fine. */
RNET_API void rnet_survey_close(struct rnet_survey *survey);

/** Enter a firm, or change what is known of it: empty fields stay as they were. An office that was
 *  asked and gave no capture is entered so. RNET_OK, RNET_EINVAL (name, weight or line), RNET_EIO. */
RNET_API enum rnet_status rnet_survey_put_firm(struct rnet_survey *survey,
                                               const struct rnet_firm *firm,
                                               struct rnet_error *err);

/**
 * Add a capture's profile to a firm, entering the firm as rnet_survey_put_firm() does. All or nothing.
 * @param input  rnet_survey_digest_file() of what was read, or "".
 * @return RNET_OK; RNET_END (those packets are there already, of this firm: nothing is changed);
 *         RNET_EINVAL (they are there, of another firm; or the profile has no packets
 *         and the firm is not modelled);
 *         RNET_EIO; RNET_ENOMEM.
 */
RNET_API enum rnet_status rnet_survey_add(struct rnet_survey *survey, const struct rnet_firm *firm,
                                          struct rnet_profile *profile, const char *input,
                                          struct rnet_error *err);

/** Whether a file of that digest was added to that firm. */
RNET_API bool rnet_survey_has_input(struct rnet_survey *survey, const char *firm,
                                    const char *input);

/** XXH3-128 of a file's bytes. RNET_OK, RNET_EIO. */
RNET_API enum rnet_status rnet_survey_digest_file(const char *path, char digest[RNET_DIGEST_TEXT],
                                                  struct rnet_error *err);

/** All firms, by name. Free with rnet_survey_list_free(). RNET_OK, RNET_EIO, RNET_ENOMEM. */
RNET_API enum rnet_status rnet_survey_firms(struct rnet_survey *survey, struct rnet_firm **firms,
                                            size_t *count, struct rnet_error *err);

/** All captures, or one firm's, by firm and digest. Free with rnet_survey_list_free(). */
RNET_API enum rnet_status rnet_survey_captures(struct rnet_survey *survey, const char *firm,
                                               struct rnet_survey_capture **captures, size_t *count,
                                               struct rnet_error *err);

/** Free a list of firms or captures; NULL is fine. */
RNET_API void rnet_survey_list_free(void *list);

/** The profile of a capture; the caller frees it. RNET_OK, RNET_ENOTFOUND, RNET_EFORMAT, RNET_EIO,
 *  RNET_ENOMEM. */
RNET_API enum rnet_status rnet_survey_profile(struct rnet_survey *survey, const char *digest,
                                              struct rnet_profile **profile,
                                              struct rnet_error *err);

/** What an office gave. */
struct rnet_survey_office {
    struct rnet_firm firm;
    double seconds;                     /**< of its captures together, pauses within them included */
    uint64_t bytes[RNET_DIRECTIONS];    /**< of all usages, IP bytes */
    double peak_bps[RNET_DIRECTIONS];   /**< largest mean rate over one window (a second) */
    size_t usages;                      /**< that are named */
};

/** One usage over all offices. */
struct rnet_survey_usage {
    enum rnet_usage usage;
    size_t offices;             /**< in which any of it was seen */
    struct rnet_interval share; /**< of offices that answered, each alike: exact (Clopper–Pearson), 95 % */
    uint64_t bytes[RNET_DIRECTIONS];
    double active_s;            /**< time in windows with any of it */
    double confidence;          /**< of its labels, weighted by bytes; NAN = not seen */
};

/** A whole survey. Owns its offices; {0} is empty. */
struct rnet_survey_overview {
    struct rnet_survey_office *offices; /**< by name */
    size_t firms;
    size_t answered;   /**< with a capture */
    size_t modelled;   /**< composed, not surveyed */
    size_t captures;
    size_t incomplete; /**< captures not read to their end */
    size_t full;       /**< captures made behind a line seen full */
    double seconds;
    uint64_t bytes[RNET_DIRECTIONS];
    struct rnet_survey_usage usages[RNET_USAGE_COUNT]; /**< indexed by usage */
};

/** Who answered, and what was seen at them. Reads every profile. @param overview {0}; clear with
 *  rnet_survey_overview_clear(). RNET_OK; RNET_EFORMAT, RNET_EIO, RNET_ENOMEM: empty. */
RNET_API enum rnet_status rnet_survey_overview(struct rnet_survey *survey,
                                               struct rnet_survey_overview *overview,
                                               struct rnet_error *err);
/** Free and reset to {0}; {0} is fine. */
RNET_API void rnet_survey_overview_clear(struct rnet_survey_overview *overview);

/** Remove a firm with its captures, or (digest not NULL) one capture of it. RNET_OK,
 *  RNET_ENOTFOUND, RNET_EIO. */
RNET_API enum rnet_status rnet_survey_remove(struct rnet_survey *survey, const char *firm,
                                             const char *digest, struct rnet_error *err);

/**
 * Make one survey of several. The same surveys in any order give the same file, byte for byte
 * (with one version of SQLite); where two say different things of a firm, what is known counts
 * before what is not, then the greater value. @p path is replaced whole or not at all, and may be
 * one of the sources.
 * @param progress  called with @p context as it goes; NULL = nobody.
 * @return RNET_OK; RNET_EINVAL (a capture belongs to different firms: err names them); otherwise
 *         as rnet_survey_open().
 */
RNET_API enum rnet_status rnet_survey_merge(const char *path, const char *const *sources,
                                            size_t count, rnet_survey_progress *progress,
                                            void *context, struct rnet_error *err);

#ifdef __cplusplus
}
#endif
#endif
