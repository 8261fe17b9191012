#include "base/base.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *id;
    const char *text;
} notices[RNET_NOTICE_COUNT] = {
    [RNET_NOTICE_TRUNCATED_FILE] = {"truncated-file",
                                    N_("The capture ends in the middle of a packet (%s file): what "
                                       "came before was analysed.")},
    [RNET_NOTICE_DAMAGED_FILE] =
        {"damaged-file", N_("The capture is damaged (%s place): what came before was analysed.")},
    [RNET_NOTICE_SNAPPED_PACKET] = {"snapped-packet",
                                    N_("%s packets were captured shorter than on the wire; volumes "
                                       "use the original lengths.")},
    [RNET_NOTICE_SUPER_PACKET] = {"super-packet",
                                  N_("%s packets are larger than any line carries (captured before "
                                     "segmentation); they were split.")},
    [RNET_NOTICE_TIME_BACKWARDS] = {"time-backwards",
                                    N_("%s packets are stamped earlier than the one before them.")},
    [RNET_NOTICE_TIME_WILD] =
        {"time-wild",
         N_("%s jumps of more than a day between neighbouring packets; the gap was closed up.")},
    [RNET_NOTICE_NOT_IP] =
        {"not-ip", N_("%s packets are not IP (ARP, spanning tree, …) and never cross the line.")},
    [RNET_NOTICE_BAD_HEADER] =
        {"bad-header",
         N_("%s packets have headers that contradict their length; they were set aside.")},
    [RNET_NOTICE_FRAGMENT] = {"fragment", N_("%s packets are IP fragments.")},
    [RNET_NOTICE_TUNNEL] = {"tunnel",
                            N_("%s packets were in a tunnel; the packet inside was looked at.")},
    [RNET_NOTICE_FLOW_EVICTED] =
        {"flow-evicted", N_("%s flows were closed early because the flow table was full.")},
    [RNET_NOTICE_MIDSTREAM_FLOW] = {"midstream-flow",
                                    N_("%s TCP connections began before the capture.")},
    [RNET_NOTICE_SIDES_GUESSED] =
        {"sides-guessed",
         /* xgettext:no-c-format */
         N_("Which side is the office was inferred for %s flows from who opened them (right for "
            "97.5 % of flows where it is known); --office CIDR settles it.")},
    [RNET_NOTICE_INTERNAL_TRAFFIC] =
        {"internal-traffic", N_("%s packets stayed inside the office and never cross the line.")},
    [RNET_NOTICE_NOTHING_CROSSES] =
        {"nothing-crosses",
         N_("Nothing in this capture crosses an internet line (%s flows, all between office "
            "addresses): the answer is what would happen if the servers were beyond the line.")},
    [RNET_NOTICE_SUPPRESSED_DEMAND] =
        {"suppressed-demand", N_("The capture itself was made behind a line that was full "
                                 "(in %s of 2 directions): people may do more on a faster one.")},
    [RNET_NOTICE_DROPPED_PACKET] =
        {"dropped-packet",
         N_("%s packets were lost by the capturing machine, as its driver reports.")},
    [RNET_NOTICE_LIMIT_REACHED] = {"limit-reached", N_("%s times a limit cut the analysis short.")},
    [RNET_NOTICE_INTERRUPTED] =
        {"interrupted", N_("The analysis was interrupted (%s): the answer covers what was read.")},
    [RNET_NOTICE_DETECTION_GIVEN_UP] = {"detection-given-up",
                                        N_("Protocol detection was cut short for %s flows.")},
    [RNET_NOTICE_SIDES_GATEWAY] =
        {"sides-gateway",
         /* xgettext:no-c-format */
         N_("Which side is the office was inferred for %s flows from the gateway's hardware address "
            "(right for over 99.8 % of flows where it is known); --office CIDR settles it.")},
    [RNET_NOTICE_SIDES_FAN_OUT] =
        {"sides-fan-out",
         /* xgettext:no-c-format */
         N_("Which side is the office was inferred for %s flows from which end takes part in many "
            "(right for over 98.3 % of flows where it is known); --office CIDR settles it.")},
    [RNET_NOTICE_NAME_TOO_LONG] = {"name-too-long",
                                   N_("%s servers' names were longer than 255 bytes, which no name "
                                      "is, and were left alone.")},
    [RNET_NOTICE_DUPLICATE_PACKET] = {"duplicate-packet",
                                      N_("%s packets were captured twice, as a mirror port or "
                                         "several interfaces do; each was counted once.")},
    [RNET_NOTICE_PART_MISSING] =
        {"part-missing", N_("%s connections are in the capture in part only (one direction, or with "
                            "holes): what became of them cannot be said.")},
    [RNET_NOTICE_ONE_DIRECTION] =
        {"one-direction", N_("Of most conversations (%s) only one direction was captured: what is "
                             "missing of the load makes every line look better than it is.")},
};

const char *
rnet_notice_id(enum rnet_notice notice)
{
    return (unsigned)notice < RNET_NOTICE_COUNT ? notices[notice].id : "unknown";
}

void
rnet_notice_sentence(enum rnet_notice notice, const char *count, char *sentence, size_t room)
{
    const char *text = (unsigned)notice < RNET_NOTICE_COUNT ? _(notices[notice].text) : "%s";
    const char *place = strstr(text, "%s");

    snprintf(sentence, room, "%.*s%s%s", (int)(place - text), text, count, place + 2);
}

void
rnet_notices_merge(struct rnet_notices *into, const struct rnet_notices *from)
{
    for (int i = 0; i < RNET_NOTICE_COUNT; i++)
        into->count[i] += from->count[i];
}
