#include "base/base.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *id;
    const char *text;
} notices[RNET_NOTICE_COUNT] = {
    [RNET_NOTICE_TRUNCATED_FILE] =
        {"truncated-file",
         "The capture ends in the middle of a packet (%s file): what came before was analysed."},
    [RNET_NOTICE_DAMAGED_FILE] =
        {"damaged-file", "The capture is damaged (%s place): what came before was analysed."},
    [RNET_NOTICE_SNAPPED_PACKET] =
        {"snapped-packet",
         "%s packets were captured shorter than on the wire; volumes use the original lengths."},
    [RNET_NOTICE_SUPER_PACKET] = {"super-packet",
                                  "%s packets are larger than any line carries (captured before "
                                  "segmentation); they were split."},
    [RNET_NOTICE_TIME_BACKWARDS] = {"time-backwards",
                                    "%s packets are stamped earlier than the one before them."},
    [RNET_NOTICE_TIME_WILD] =
        {"time-wild",
         "%s jumps of more than a day between neighbouring packets; the gap was closed up."},
    [RNET_NOTICE_NOT_IP] =
        {"not-ip", "%s packets are not IP (ARP, spanning tree, …) and never cross the line."},
    [RNET_NOTICE_BAD_HEADER] =
        {"bad-header",
         "%s packets have headers that contradict their length; they were set aside."},
    [RNET_NOTICE_FRAGMENT] = {"fragment", "%s packets are IP fragments."},
    [RNET_NOTICE_TUNNEL] = {"tunnel",
                            "%s packets were in a tunnel; the packet inside was looked at."},
    [RNET_NOTICE_FLOW_EVICTED] = {"flow-evicted",
                                  "%s flows were closed early because the flow table was full."},
    [RNET_NOTICE_MIDSTREAM_FLOW] = {"midstream-flow",
                                    "%s TCP connections began before the capture."},
    [RNET_NOTICE_SIDES_GUESSED] =
        {"sides-guessed",
         "Which side is the office was inferred for %s flows; --office CIDR settles it."},
    [RNET_NOTICE_INTERNAL_TRAFFIC] =
        {"internal-traffic", "%s packets stayed inside the office and never cross the line."},
    [RNET_NOTICE_NOTHING_CROSSES] =
        {"nothing-crosses",
         "Nothing in this capture crosses an internet line (%s flows, all between office "
         "addresses): the answer is what would happen if the servers were beyond the line."},
    [RNET_NOTICE_SUPPRESSED_DEMAND] = {"suppressed-demand",
                                       "The capture itself seems to have been made behind a slow "
                                       "line (%s signs): people may do more on a faster one."},
    [RNET_NOTICE_DROPPED_PACKET] =
        {"dropped-packet", "%s packets were lost by the capturing machine, as its driver reports."},
    [RNET_NOTICE_LIMIT_REACHED] = {"limit-reached", "%s times a limit cut the analysis short."},
    [RNET_NOTICE_INTERRUPTED] =
        {"interrupted", "The analysis was interrupted (%s): the answer covers what was read."},
    [RNET_NOTICE_DETECTION_GIVEN_UP] = {"detection-given-up",
                                        "Protocol detection was cut short for %s flows."},
};

const char *
rnet_notice_id(enum rnet_notice notice)
{
    return (unsigned)notice < RNET_NOTICE_COUNT ? notices[notice].id : "unknown";
}

void
rnet_notice_sentence(enum rnet_notice notice, const char *count, char *sentence, size_t room)
{
    const char *text =
        (unsigned)notice < RNET_NOTICE_COUNT ? notices[notice].text : "%s unknown notices.";
    const char *place = strstr(text, "%s");

    snprintf(sentence, room, "%.*s%s%s", (int)(place - text), text, count, place + 2);
}

void
rnet_notices_merge(struct rnet_notices *into, const struct rnet_notices *from)
{
    for (int i = 0; i < RNET_NOTICE_COUNT; i++)
        into->count[i] += from->count[i];
}
