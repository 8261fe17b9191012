/* Words of the verdict. */
#include "verdict/verdict.h"

static const struct {
    const char *id;
    const char *text;
} causes[RNET_CAUSES] = {
    [RNET_CAUSE_NONE] = {"none", "nothing is lacking"},
    [RNET_CAUSE_DOWN_RATE] = {"down-rate", "the line's rate down"},
    [RNET_CAUSE_UP_RATE] = {"up-rate", "the line's rate up"},
    [RNET_CAUSE_QUEUE_UP] = {"queue-up", "waiting behind other traffic on the way up"},
    [RNET_CAUSE_QUEUE_DOWN] = {"queue-down", "waiting behind other traffic on the way down"},
    [RNET_CAUSE_DELAY] = {"delay", "the line's own delay"},
    [RNET_CAUSE_LOSS] = {"loss", "packets lost on the line"},
    [RNET_CAUSE_NOT_THE_LINE] = {"not-the-line", "the server or the computer, not the line"},
    [RNET_CAUSE_SEVERAL] = {"several", "several limits of the line at once"},
    [RNET_CAUSE_UNKNOWN] = {"unknown", "a cause that could not be told"},
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
    static const char *const names[] = {"cannot say", "good", "acceptable", "insufficient"};

    return (unsigned)grade < sizeof names / sizeof names[0] ? names[grade] : names[0];
}

const char *
rnet_answer_name(enum rnet_answer answer)
{
    static const char *const names[] = {"cannot say", "yes", "no"};

    return (unsigned)answer < sizeof names / sizeof names[0] ? names[answer] : names[0];
}

const char *
rnet_doubt_text(enum rnet_doubt doubt)
{
    static const char *const texts[] = {
        "none",
        "the replays disagree: the band straddles the limit",
        "used, but nothing of it could be measured",
        "used, but in ways that no criterion speaks of",
        "insufficient on any line: the server, the computer or a person",
    };

    return (unsigned)doubt < sizeof texts / sizeof texts[0] ? texts[doubt] : texts[0];
}
