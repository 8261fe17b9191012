/* Words of the verdict. */
#include "verdict/verdict.h"

static const struct {
    const char *id;
    const char *text;
} causes[RNET_CAUSES] = {
    [RNET_CAUSE_NONE] = {"none", N_("nothing is lacking")},
    [RNET_CAUSE_DOWN_RATE] = {"down-rate", N_("the line's rate down")},
    [RNET_CAUSE_UP_RATE] = {"up-rate", N_("the line's rate up")},
    [RNET_CAUSE_QUEUE_UP] = {"queue-up", N_("waiting behind other traffic on the way up")},
    [RNET_CAUSE_QUEUE_DOWN] = {"queue-down", N_("waiting behind other traffic on the way down")},
    [RNET_CAUSE_DELAY] = {"delay", N_("the line's own delay")},
    [RNET_CAUSE_LOSS] = {"loss", N_("packets lost on the line")},
    [RNET_CAUSE_NOT_THE_LINE] = {"not-the-line", N_("the server or the computer, not the line")},
    [RNET_CAUSE_SEVERAL] = {"several", N_("several limits of the line at once")},
    [RNET_CAUSE_BREAKS_OTHERS] = {"breaks-others",
                                  N_("in time, but others wait behind it and are not met")},
    [RNET_CAUSE_UNKNOWN] = {"unknown", N_("a cause that could not be told")},
};

const char *
rnet_cause_id(enum rnet_cause cause)
{
    return (unsigned)cause < RNET_CAUSES ? causes[cause].id : "unknown";
}

const char *
rnet_cause_text(enum rnet_cause cause)
{
    return (unsigned)cause < RNET_CAUSES ? causes[cause].text : causes[RNET_CAUSE_UNKNOWN].text;
}

const char *
rnet_grade_name(enum rnet_grade grade)
{
    static const char *const names[] = {N_("cannot say"), N_("good"), N_("acceptable"),
                                        N_("insufficient")};

    return (unsigned)grade < sizeof names / sizeof names[0] ? names[grade] : names[0];
}

const char *
rnet_answer_name(enum rnet_answer answer)
{
    static const char *const names[] = {N_("cannot say"), N_("yes"), N_("no")};

    return (unsigned)answer < sizeof names / sizeof names[0] ? names[answer] : names[0];
}

static const struct {
    const char *id;
    const char *text;
} doubts[RNET_DOUBTS] = {
    [RNET_DOUBT_NONE] = {"none", N_("none")},
    [RNET_DOUBT_BAND] = {"band", N_("the replays disagree: the band straddles the limit")},
    [RNET_DOUBT_NOT_MEASURED] = {"not-measured", N_("used, but nothing of it could be measured")},
    [RNET_DOUBT_NO_RULE] = {"no-rule", N_("used, but in ways that no criterion speaks of")},
    [RNET_DOUBT_NOT_THE_LINE] =
        {"not-the-line", N_("insufficient on any line: the server, the computer or a person")},
    [RNET_DOUBT_SUPPRESSED] =
        {"suppressed-demand", N_("enough for what was done behind the full line of the capture; "
                                 "on this one people may do more")},
    [RNET_DOUBT_BREAKS_OTHERS] = {"breaks-others",
                                  N_("in time, but whether others wait behind it was not tried")},
    [RNET_DOUBT_ADAPTS] = {"adapts", N_("insufficient at the picture of the capture; a player that "
                                        "adapts would show less, as the line allows")},
    [RNET_DOUBT_LABEL] = {"label", N_("what decides it is named on weak evidence: it may be "
                                      "another usage")},
    [RNET_DOUBT_PART_MISSING] = {"part-missing",
                                 N_("the capture lacks a part of it, or of what shares its line")},
};

const char *
rnet_doubt_id(enum rnet_doubt doubt)
{
    return (unsigned)doubt < RNET_DOUBTS ? doubts[doubt].id : doubts[0].id;
}

const char *
rnet_doubt_text(enum rnet_doubt doubt)
{
    return (unsigned)doubt < RNET_DOUBTS ? doubts[doubt].text : doubts[0].text;
}
