/* From the strength by which opinions are weighed against each other to how often such a label is
 * right (data/confidence.txt). */
#ifndef RNET_USAGE_CONFIDENCE_H
#define RNET_USAGE_CONFIDENCE_H

#include <ruralnet/usage.h>

enum rnet_confidence_kind {
    RNET_CONFIDENCE_NAMED, /* by protocol, name or address */
    RNET_CONFIDENCE_PORT,
    RNET_CONFIDENCE_BLIND, /* a carrier, where nothing could be read */
    RNET_CONFIDENCE_SHAPE,
    RNET_CONFIDENCE_KINDS
};

#define RNET_CONFIDENCE_CORNERS 16

/* Straight lines between corners; below the first and past the last one, its probability. */
struct rnet_confidence {
    struct {
        size_t count; /* 0 = the strength itself */
        double strength[RNET_CONFIDENCE_CORNERS];
        double probability[RNET_CONFIDENCE_CORNERS];
    } curve[RNET_CONFIDENCE_KINDS];
};

/* RNET_OK or as rnet_table_read(). */
enum rnet_status rnet_confidence_read(const char *directory, struct rnet_confidence *confidence,
                                      struct rnet_error *err);

/* Probability, 0..1, that a label of this kind and strength (0..1) is right. */
double rnet_confidence_of(const struct rnet_confidence *confidence, enum rnet_confidence_kind kind,
                          double strength);

#endif
