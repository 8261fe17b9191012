/* The office's answer over several lines, in one sentence. */
#include "assess/assess.h"

#include <stdio.h>
#include <string.h>

/* A line whose replays were cut short satisfies by what was replayed only. */
static enum rnet_answer
is_satisfied(const struct rnet_link_result *result)
{
    return result->complete || result->verdict.satisfied == RNET_ANSWER_NO
               ? result->verdict.satisfied
               : RNET_ANSWER_CANNOT_SAY;
}

static void
find_first_satisfied(struct rnet_assessment *assessment)
{
    assessment->first_satisfied = assessment->link_count;
    while (assessment->first_satisfied > 0 &&
           is_satisfied(&assessment->links[assessment->first_satisfied - 1]) == RNET_ANSWER_YES)
        assessment->first_satisfied--;
    assessment->all_met = assessment->link_count > 0 && assessment->first_satisfied == 0;
}

bool
assess_is_reference(const struct rnet_link *link)
{
    return link->framing == RNET_FRAMING_ATM && link->direction[RNET_DOWN].rate_bps == 2048000 &&
           link->direction[RNET_UP].rate_bps == 256000;
}

/* The reference line where tried, else the first. */
static void
find_reference(struct rnet_assessment *assessment)
{
    for (size_t i = assessment->link_count; i-- > 0;)
        if (assess_is_reference(&assessment->links[i].link))
            assessment->reference = i;
}

/* Whether some line may meet everything, as far as can be said. */
static bool
is_in_doubt(const struct rnet_assessment *assessment)
{
    for (size_t i = 0; i < assessment->link_count; i++)
        if (is_satisfied(&assessment->links[i]) == RNET_ANSWER_CANNOT_SAY)
            return true;
    return false;
}

/* Lines besides the reference whose replays were cut short. */
static int
say_cut(const struct rnet_assessment *assessment, char *at, size_t room)
{
    size_t cut = 0;

    for (size_t i = 0; i < assessment->link_count; i++)
        cut += i != assessment->reference && !assessment->links[i].complete;
    if (cut == 0)
        return 0;
    return snprintf(at, room,
                    _n(" %zu other line was replayed in part only.",
                       " %zu other lines were replayed in part only.", cut),
                    cut);
}

/* What the reference line came to; a replay that was cut short saw less than there is. */
static int
say_reference(const struct rnet_link_result *reference, char *at, size_t room)
{
    const char *name = reference->link.name;

    if (reference->complete)
        return snprintf(at, room, _("%s: %s"), name, reference->verdict.sentence);
    if (reference->verdict.judged == 0)
        return snprintf(at, room, _("%s: Cannot say: its replays were cut short."), name);
    return snprintf(at, room, _("%s, replayed in part only: %s"), name,
                    reference->verdict.sentence);
}

/* Where on the ladder everything is met. */
static int
say_ladder(const struct rnet_assessment *assessment, char *at, size_t room)
{
    const char *last = assessment->links[assessment->link_count - 1].link.name;

    if (assessment->first_satisfied == 0)
        return snprintf(at, room, "%s", _(" Every line tried meets everything."));
    if (assessment->first_satisfied < assessment->link_count)
        return snprintf(at, room, _(" Everything is met from %s on."),
                        assessment->links[assessment->first_satisfied].link.name);
    if (is_in_doubt(assessment))
        return snprintf(at, room, _(" No line tried, up to %s, surely meets everything."), last);
    return snprintf(at, room, _(" No line tried, up to %s, meets everything."), last);
}

void
assessment_conclude(struct rnet_assessment *assessment)
{
    const struct rnet_link_result *reference;
    char *at = assessment->sentence;
    size_t room = sizeof assessment->sentence;
    int used;

    find_first_satisfied(assessment);
    if (assessment->link_count == 0)
        return;
    find_reference(assessment);
    reference = &assessment->links[assessment->reference];
    used = say_reference(reference, at, room);
    if (assessment->link_count == 1 || used < 0 || (size_t)used >= room)
        return;
    at += used;
    room -= (size_t)used;
    if (reference->verdict.judged > 0) {
        used = say_ladder(assessment, at, room);
        if (used < 0 || (size_t)used >= room)
            return;
        at += used;
        room -= (size_t)used;
    }
    say_cut(assessment, at, room);
}
