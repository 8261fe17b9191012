/* What one layer thinks of a flow. The label is made from all of them (classifier.c). */
#ifndef RNET_USAGE_OPINION_H
#define RNET_USAGE_OPINION_H

#include <ruralnet/usage.h>

/* The tables of data/ that hold opinions (table.c has their names). */
enum rnet_table {
    RNET_TABLE_NONE,
    RNET_TABLE_AGENTS,
    RNET_TABLE_NAMES,
    RNET_TABLE_PORTS,
    RNET_TABLE_PROTOCOLS,
    RNET_TABLE_RANGES,
    RNET_TABLE_SIGNATURES,
    RNET_TABLES
};

/* confidence 0 = the layer abstains. */
struct rnet_opinion {
    enum rnet_usage usage;
    enum rnet_evidence evidence;
    float confidence;
    uint16_t line;    /* of the table below */
    uint8_t table;    /* enum rnet_table */
    bool is_embedded; /* a name that pages of others embed: it follows the page */
    char application[32];
};

/* Below this, an opinion says how something is carried (TLS, a cloud), not what it is for: shape
 * may refine it. The data tables say the same in their heads. */
#define RNET_CARRIER_CONFIDENCE 0.6f

#endif
