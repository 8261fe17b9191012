/* Link, for neighbours inside lib/link: descriptors of families and encapsulations, the reader's
 * cursor, and the settings a specification is read into. */
#ifndef RNET_LINK_INTERNAL_H
#define RNET_LINK_INTERNAL_H

#include "base/base.h"

#include <ruralnet/copper.h>
#include <ruralnet/link.h>

/* Bounds of what a specification may state; beyond them a typing error is likelier than a line. */
#define LINK_RATE_MAX_BPS 1e12
#define LINK_DELAY_MAX_NS 10e9
#define LINK_BUFFER_MAX_BYTES 1e9
#define LINK_MTU_MIN 576 /* RFC 791: what every host must take */
#define LINK_MTU_MAX 9000
#define LINK_MSS_MIN 536 /* RFC 9293: what holds when nothing is said */
#define LINK_MSS_MAX 8960

/* How an IP packet is wrapped before it is cut into cells, coded or sent as it is. */
struct link_encap {
    const char *name;
    const char *alias; /* as tc-cake(8) calls it, or NULL */
    enum rnet_framing framing;
    uint32_t overhead_bytes;
    uint32_t minimum_bytes; /* of packet and overhead */
    uint32_t header_bytes;  /* what of the overhead stands outside the Ethernet frame; 0 = the
                               encapsulation carries no Ethernet frame */
    uint32_t mtu_bytes;
};

/* What a family of lines has when the specification says nothing. */
struct link_family {
    const char *name;
    const char *alias;
    const char *words;
    const char *encap;
    double rate_bps[RNET_DIRECTIONS]; /* 0 = must be stated */
    int64_t base_delay_ns;            /* one way, without interleaving, to the first IP hop */
    int64_t interleave_ns;            /* one way; -1 = the family does not interleave */
    int64_t jitter_ns;                /* mean of an exponential; 0 = none */
    int64_t buffer_ns;                /* depth the modem's buffer is sized for */
    double loss_ratio;
};

extern const struct link_encap link_encaps[];
extern const struct link_family link_families[];

const struct link_encap *
link_encap_find(const char *name, size_t length);
void
link_encap_apply(const struct link_encap *encap, bool fcs, uint32_t vlan_tags,
                 struct rnet_link *link);
const struct link_family *
link_family_find(const char *name, size_t length);
const struct rnet_link_preset *
link_preset_find(const char *name, size_t length);

/*
 * One-way delay an interleaver of depth D adds when a codeword is S symbols long, S in sixteenths.
 * G.992.1: PHY delay 4 + (S-1)/4 + S D/4 ms, 4 of them in every family's base; G.992.3 and later:
 * ceil(S D)/4 (both from memory of the standards).
 */
int64_t
link_interleave_ns(const struct link_family *family, double symbols, double depth);

/* The modem buffer of that depth: a power of two KiB, as buffers are made. */
uint64_t
link_default_buffer_bytes(uint64_t rate_bps, int64_t depth_ns);

/* Letters equal whatever their case, ASCII only, so no locale can change a specification. */
bool
link_word_is(const char *word, size_t length, const char *name);
/* How many letters must be changed, added or removed; words longer than 31 count as far away. */
unsigned
link_word_distance(const char *word, size_t length, const char *name);

/* Reading: a place in the specification, and where the words of a failure go. */
struct link_cursor {
    const char *text;
    size_t at;
    struct rnet_error *err;
};

/* One suffix a number may have. The first of a table is what no suffix means; a NULL name there
 * says that a suffix is required. The table ends with multiplier 0. */
struct link_unit {
    const char *name;
    double multiplier;
};

extern const struct link_unit link_rate_units[];
extern const struct link_unit link_time_units[];

/* A word out of a list; *index is its place there. */
enum rnet_status
link_read_word(struct link_cursor *cursor, const char *what, const char *(*next)(size_t index),
               size_t *index);
enum rnet_status
link_fail(const struct link_cursor *cursor, size_t at, const char *format, ...) RNET_PRINTF(3, 4);
/* "unknown WHAT "word"; did you mean "nearest"?", with the nearest of the names next() yields. */
enum rnet_status
link_fail_word(const struct link_cursor *cursor, size_t at, size_t length, const char *what,
               const char *(*next)(size_t index));
size_t
link_word_length(const struct link_cursor *cursor);
bool
link_take(struct link_cursor *cursor, char expected);
void
link_skip_blanks(struct link_cursor *cursor);
enum rnet_status
link_read_quantity(struct link_cursor *cursor, const struct link_unit *units, double min,
                   double max, const char *what, double *value);
/* down/up, or one value for both; indexed by enum rnet_direction. */
enum rnet_status
link_read_pair(struct link_cursor *cursor, const struct link_unit *units, double min, double max,
               const char *what, double value[RNET_DIRECTIONS]);

enum link_option {
    /* What the pair is, and how the modems use it. */
    LINK_OPTION_LOOP,
    LINK_OPTION_ATTENUATION,
    LINK_OPTION_MODEM,
    LINK_OPTION_NOISE,
    LINK_OPTION_FEXT,
    LINK_OPTION_NEXT,
    LINK_OPTION_MARGIN,
    LINK_OPTION_GAIN,
    LINK_OPTION_FEC,
    LINK_OPTION_CAP,
    LINK_OPTION_RATE,
    LINK_OPTION_COPPER_COUNT,
    /* What the line is whatever its medium. */
    LINK_OPTION_ENCAP = LINK_OPTION_COPPER_COUNT,
    LINK_OPTION_FCS,
    LINK_OPTION_VLAN,
    LINK_OPTION_MTU,
    LINK_OPTION_MSS,
    LINK_OPTION_DELAY,
    LINK_OPTION_INTERLEAVE,
    LINK_OPTION_JITTER,
    LINK_OPTION_LOSS,
    LINK_OPTION_QUEUE,
    LINK_OPTION_BUFFER,
    LINK_OPTION_FLOWS,
    LINK_OPTION_QUANTUM,
    LINK_OPTION_TARGET,
    LINK_OPTION_INTERVAL,
    LINK_OPTION_SHAPER,
    LINK_OPTION_CONTENTION,
    LINK_OPTION_COUNT
};

/* Which rate of a copper computation the line has. */
enum link_point {
    LINK_POINT_MODEL,
    LINK_POINT_P10,
    LINK_POINT_P50,
    LINK_POINT_P90,
    LINK_POINT_COUNT
};

/* What a specification says, before defaults: only fields whose option is in `given` count. */
struct link_settings {
    const struct link_family *family;
    uint32_t given;                   /* bit per enum link_option */
    size_t column[LINK_OPTION_COUNT]; /* where the option stood */
    uint64_t rate_bps[RNET_DIRECTIONS];
    bool rates_computed;       /* from the pair, not stated */
    int64_t propagation_ns;    /* over the pair, one way */
    struct rnet_copper copper; /* its sections only with loop= */
    double stated_db;          /* attenuation= or modem= */
    enum rnet_cable stated_cable;
    bool cable_stated;
    enum link_point point;
    const struct link_encap *encap;
    bool fcs;
    uint32_t vlan_tags;
    uint32_t mtu_bytes;
    uint32_t mss_bytes;
    int64_t delay_ns[RNET_DIRECTIONS];
    int64_t interleave_ns[RNET_DIRECTIONS];
    int64_t jitter_ns[RNET_DIRECTIONS];
    double loss_ratio[RNET_DIRECTIONS];
    enum rnet_queue queue[RNET_DIRECTIONS];
    uint64_t buffer_bytes[RNET_DIRECTIONS];
    uint32_t buffer_packets[RNET_DIRECTIONS];
    uint32_t codel_flows;
    uint32_t codel_quantum_bytes;
    int64_t codel_target_ns;
    int64_t codel_interval_ns;
    double shaper[RNET_DIRECTIONS]; /* bit/s, or up to 1 the share of the sync rate */
    uint64_t backhaul_bps[RNET_DIRECTIONS];
    double backhaul_load[RNET_DIRECTIONS];
};

static inline bool
link_settings_has(const struct link_settings *settings, enum link_option option)
{
    return (settings->given & (UINT32_C(1) << option)) != 0;
}

extern const char *const link_option_names[LINK_OPTION_COUNT];
extern const char *const link_point_names[LINK_POINT_COUNT];

/* What wraps the packets, stated or usual. */
const struct link_encap *
link_settings_encap(const struct link_settings *settings);
/* Read one option's value; the cursor stands behind '='. */
enum rnet_status
link_option_read(struct link_cursor *cursor, struct link_settings *settings,
                 enum link_option option);
enum rnet_status
link_copper_option_read(struct link_cursor *cursor, struct link_settings *settings,
                        enum link_option option);
/* Of the pair that is stated: RNET_ECANTTELL when only rates are. */
enum rnet_status
link_settings_copper(const struct link_cursor *cursor, const struct link_settings *settings,
                     struct rnet_copper_solver *solver, struct rnet_copper *copper);
/* Are the rates to be had from the pair? */
bool
link_settings_are_copper(const struct link_settings *settings);
/* The rates of the stated pair, computed; or whether what is said of a pair goes with the rates. */
enum rnet_status
link_settings_solve(const struct link_cursor *cursor, struct link_settings *settings);
/* The technology of a family; RNET_DSL_COUNT when it is none that the model knows. */
enum rnet_dsl
link_family_dsl(const struct link_family *family);

/* Settings and defaults to a link; name and specification stay empty. */
void
link_settings_apply(const struct link_settings *settings, struct rnet_link *link);
/* Write the canonical specification; false when it does not fit. */
bool
link_settings_print(const struct link_settings *settings, char *text, size_t bytes);

#endif
