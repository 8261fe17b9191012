/**
 * Usages: what people do with the line. One taxonomy, used by everything
 * (lib/usage/taxonomy.c holds the table; docs/usages.md explains it).
 */
#ifndef RURALNET_USAGE_H
#define RURALNET_USAGE_H

#include <ruralnet/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Numbers are permanent: profiles on disk hold them. */
enum rnet_usage {
    RNET_USAGE_UNKNOWN = 0,
    RNET_USAGE_WEB = 1,
    RNET_USAGE_EMAIL = 2,
    RNET_USAGE_VOIP = 3,
    RNET_USAGE_VIDEOCONFERENCE = 4,
    RNET_USAGE_MESSAGING = 5,
    RNET_USAGE_VIDEO_STREAMING = 6,
    RNET_USAGE_AUDIO_STREAMING = 7,
    RNET_USAGE_FILE_TRANSFER = 8,
    RNET_USAGE_CLOUD_SYNC = 9,
    RNET_USAGE_BACKUP = 10,
    RNET_USAGE_REMOTE_DESKTOP = 11,
    RNET_USAGE_VPN = 12,
    RNET_USAGE_FILE_SHARING = 13,
    RNET_USAGE_BUSINESS_APP = 14,
    RNET_USAGE_SOFTWARE_UPDATE = 15,
    RNET_USAGE_TELEMETRY = 16,
    RNET_USAGE_VIDEO_SURVEILLANCE = 17,
    RNET_USAGE_SOCIAL = 18,
    RNET_USAGE_REMOTE_SHELL = 19,
    RNET_USAGE_LEISURE = 20,
    RNET_USAGE_NETWORK = 21,
    RNET_USAGE_COUNT
};

/** How much a usage counts in an office's verdict. */
enum rnet_usage_role {
    RNET_ROLE_JUDGED,   /**< part of the verdict */
    RNET_ROLE_REPORTED, /**< shown, never part of the verdict by default */
};

/** One row of the taxonomy; static storage. */
struct rnet_usage_info {
    enum rnet_usage usage;
    const char *id;       /**< stable identifier in every output, e.g. "video_streaming" */
    const char *name;     /**< English words for people, e.g. "video streaming" */
    const char *covers;   /**< what it covers, one line */
    const char *judged_by; /**< what judges it, one line */
    enum rnet_usage_role role;
};

/** What a label rests on, strongest first. */
enum rnet_evidence {
    RNET_EVIDENCE_NONE = 0,     /**< nothing: unknown */
    RNET_EVIDENCE_PROTOCOL = 1, /**< the protocol itself was recognised */
    RNET_EVIDENCE_NAME = 2,     /**< a server name (TLS, QUIC, HTTP, DNS) */
    RNET_EVIDENCE_ADDRESS = 3,  /**< a published address range */
    RNET_EVIDENCE_PORT = 4,     /**< a well-known port */
    RNET_EVIDENCE_SHAPE = 5,    /**< sizes and times only */
    RNET_EVIDENCE_COUNT
};

/** A flow's label. */
struct rnet_label {
    enum rnet_usage usage;
    enum rnet_evidence evidence;
    double confidence;    /**< probability that the usage is right, 0..1 */
    char application[32]; /**< protocol or service, e.g. "TLS.Dropbox"; never a host name; "" if not known */
};

/** A label less sure than this decides no verdict: what it says must come out the same without it. Of
 *  two labels of this confidence in five, the usage is another (chosen). */
#define RNET_LABEL_DOUBTFUL 0.60

/** The row of a usage; never NULL (RNET_USAGE_UNKNOWN's row for a number out of range). */
RNET_API const struct rnet_usage_info *rnet_usage_info(enum rnet_usage usage);

/** Find a usage by its identifier. RNET_OK or RNET_ENOTFOUND (usage untouched). */
RNET_API enum rnet_status rnet_usage_find(const char *id, enum rnet_usage *usage);

/** The word for a kind of evidence, e.g. "protocol"; static storage. */
RNET_API const char *rnet_evidence_id(enum rnet_evidence evidence);

struct rnet_flow;    /* <ruralnet/flow.h> */
struct rnet_headers; /* <ruralnet/packet.h> */

/**
 * Names what flows are used for. One per thread: nDPI, which it drives, may not be shared.
 *
 *     rnet_classifier_new(NULL, &classifier, &err);
 *     for every packet of a flow: rnet_classifier_feed(classifier, flow, headers);
 *     when the flow ends:         rnet_classifier_decide(classifier, flow, &label);
 *     rnet_classifier_free(classifier);
 */
struct rnet_classifier;

/** {0} = sensible defaults. */
struct rnet_classifier_options {
    const char *data_directory; /**< tables here come before the installed and the built-in ones */
    uint32_t max_dpi_flows;     /**< flows under detection at once; past it the oldest is decided
                                     early (a notice counts it); 0 = 16 384, about 40 MB */
    bool isolate_detection;     /**< run nDPI in a child process, forked when first needed: a crash or hang
                                     (half a second of processor time for a packet) costs a flow its
                                     detection (a notice counts it), not the program its life. Its end
                                     is waited for with waitpid(); SIGCHLD must not be ignored */
    bool no_dpi;                /**< do not use nDPI: names, addresses, ports and shape only */
    bool only_dpi;              /**< nDPI alone, for comparison */
    bool keep_hosts;            /**< keep each flow's server name for rnet_classifier_explain() */
    uint32_t without;           /**< kinds of evidence not to use, a bit 1 << enum rnet_evidence
                                     each: to measure what the others are worth */
};

/**
 * @param options  NULL = defaults.
 * @return RNET_OK; RNET_ENOMEM; RNET_EIO or RNET_EFORMAT (a table could not be read, or has a bad
 *         line: err names file, line and reason).
 */
RNET_API enum rnet_status rnet_classifier_new(const struct rnet_classifier_options *options,
                                              struct rnet_classifier **classifier,
                                              struct rnet_error *err);

/**
 * Look at one packet of a flow. State hangs on flow->user, which must be NULL at the flow's first
 * packet and not be touched until rnet_classifier_decide().
 * @return RNET_OK, or RNET_ENOMEM (the packet was not looked at; the flow may go on).
 */
RNET_API enum rnet_status rnet_classifier_feed(struct rnet_classifier *classifier,
                                               struct rnet_flow *flow,
                                               const struct rnet_headers *headers);

/** The flow is over and rnet_classifier_decide() will follow: where detection has a process of its own, that
 *  works on it meanwhile. May be left out; changes no label. */
RNET_API void rnet_classifier_expect(struct rnet_classifier *classifier,
                                     const struct rnet_flow *flow);

/** Name the flow at its end, free its state and set flow->user to NULL. Always fills the label. */
RNET_API void rnet_classifier_decide(struct rnet_classifier *classifier, struct rnet_flow *flow,
                                     struct rnet_label *label);

/**
 * Name a packet that belongs to no flow (broadcast, multicast), by its ports and first bytes; learn
 * what mDNS announces in it.
 */
RNET_API void rnet_classifier_judge_packet(struct rnet_classifier *classifier,
                                           const struct rnet_headers *headers,
                                           struct rnet_label *label);

/** Free the state of a flow that is not to be named. */
RNET_API void rnet_classifier_drop(struct rnet_classifier *classifier, struct rnet_flow *flow);

#define RNET_LAYERS_MAX 16

/** What one layer thought of a flow. */
struct rnet_layer_opinion {
    const char *layer; /**< e.g. "name"; static storage */
    struct rnet_label label;
    bool decided;      /**< the label follows this one */
    char rule[32];     /**< the table line it comes from, e.g. "ranges.txt:34"; "" = none */
};

/** Why a flow is labelled as it is. */
struct rnet_explanation {
    struct rnet_layer_opinion layers[RNET_LAYERS_MAX]; /**< those that did not abstain */
    size_t count;
    struct rnet_label label;
    const char *refined; /**< what its behaviour changed afterwards; NULL = nothing */
    char host[256];      /**< server name; "" unless options.keep_hosts */
};

/** Explain what rnet_classifier_decide() would say now. Changes nothing but that detection ends. */
RNET_API void rnet_classifier_explain(struct rnet_classifier *classifier, struct rnet_flow *flow,
                                      struct rnet_explanation *explanation);

/** What was odd so far; borrowed, valid until _free(). */
RNET_API const struct rnet_notices *
rnet_classifier_notices(const struct rnet_classifier *classifier);

/** Free it and the state of every flow not decided (their flow->user then dangles); NULL is fine. */
RNET_API void rnet_classifier_free(struct rnet_classifier *classifier);

#ifdef __cplusplus
}
#endif
#endif
