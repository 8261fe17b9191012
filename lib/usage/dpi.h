/* Protocol detection by nDPI. One module per classifier, never shared between threads. */
#ifndef RNET_USAGE_DPI_H
#define RNET_USAGE_DPI_H

#include "usage/opinion.h"

#include <ruralnet/packet.h>

struct rnet_dpi;
struct rnet_dpi_flow;

/* What an HTTP answer said it carried. */
enum rnet_content {
    RNET_CONTENT_UNKNOWN = 0,
    RNET_CONTENT_PAGE,
    RNET_CONTENT_DATA, /* for programs: JSON, XML */
    RNET_CONTENT_VIDEO,
    RNET_CONTENT_AUDIO,
    RNET_CONTENT_CAMERA, /* picture after picture, without end */
    RNET_CONTENT_FILE,   /* the last */
};

/* What detection came to. */
struct rnet_dpi_result {
    struct rnet_opinion opinion; /* from protocols.txt */
    bool is_web;                 /* carried by HTTP, TLS or QUIC */
    bool is_quic;
    char host[256]; /* TLS or QUIC server name, HTTP host, lower case; "" = none */
};

/* Read protocols.txt and set nDPI up (25-80 ms). RNET_OK, RNET_ENOMEM, or as rnet_table_read(). */
enum rnet_status rnet_dpi_new(const char *directory, struct rnet_dpi **dpi, struct rnet_error *err);
void rnet_dpi_free(struct rnet_dpi *dpi);

/* State of a flow, up to a few kB; NULL when out of memory. */
struct rnet_dpi_flow *rnet_dpi_flow_new(void);
void rnet_dpi_flow_free(struct rnet_dpi_flow *flow);

/* Show one packet; true when detection has nothing more to learn from this flow. */
bool rnet_dpi_feed(struct rnet_dpi *dpi, struct rnet_dpi_flow *flow,
                   const struct rnet_headers *headers);

/* Read what detection came to. The state may only be freed afterwards. */
void rnet_dpi_finish(struct rnet_dpi *dpi, struct rnet_dpi_flow *flow,
                     struct rnet_dpi_result *result);

#endif
