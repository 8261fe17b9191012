/* For the tests of reading: the small captures of tests/data/input, opened by name. */
#ifndef RNET_TESTS_INPUT_H
#define RNET_TESTS_INPUT_H

#include "suite.h"

#include <ruralnet/capture.h>

static inline const char *
input_path(const char *name)
{
    static char path[2][4096];
    static int turn;

    turn = !turn;
    snprintf(path[turn], sizeof path[turn], "%s/tests/data/input/%s", RNET_SOURCE_ROOT, name);
    return path[turn];
}

static inline struct rnet_capture *
input_open(const char *name)
{
    struct rnet_capture *capture = NULL;
    struct rnet_error err = {0};

    ck_assert_msg(rnet_capture_open(input_path(name), NULL, &capture, &err) == RNET_OK, "%s",
                  err.message);
    return capture;
}

/* The next packet must be there. */
static inline struct rnet_packet
input_next(struct rnet_capture *capture)
{
    struct rnet_packet packet;
    struct rnet_error err = {0};

    ck_assert_msg(rnet_capture_next(capture, &packet, &err) == RNET_OK, "%s", err.message);
    return packet;
}

#endif
