/* What one layer thinks of a flow. The label is made from all of them (classifier.c). */
#ifndef RNET_USAGE_OPINION_H
#define RNET_USAGE_OPINION_H

#include <ruralnet/usage.h>

/* confidence 0 = the layer abstains. */
struct rnet_opinion {
    enum rnet_usage usage;
    enum rnet_evidence evidence;
    float confidence;
    char application[32];
    bool is_embedded; /* a name that pages of others embed: it follows the page */
};

/* Below this, an opinion says how something is carried (TLS, a cloud), not what it is for: shape
 * may refine it. The data tables say the same in their heads. */
#define RNET_CARRIER_CONFIDENCE 0.6f

#endif
