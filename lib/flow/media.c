/*
 * Segmented media: video or audio fetched piece by piece (HLS, DASH). After a burst that fills the
 * player's buffer, questions come at the period of one segment, whatever the time an answer takes:
 * the ON-OFF pattern of streaming (Rao et al., CoNEXT 2011; from memory).
 *
 * Found by the clock alone: at least PERIODS questions in a row whose distance is the same within
 * a tenth, each with an answer worth a segment. Then the questions before them whose answers are
 * alike, back to the burst's first, are segments as well.
 *
 * Not found: players that fetch less than PERIODS segments after the burst, several qualities or
 * sound and picture in turns on one connection. A poll of large equal answers every few seconds is
 * taken for media; it is replayed at the same pace either way.
 */
#include "flow/flow.h"

#define PERIODS 3
#define SHORTEST_NS (1 * RNET_NS_PER_S)
#define LONGEST_NS (15 * RNET_NS_PER_S)
/* A segment of the leanest sound, 2 s at 64 kbit/s, is 16 kB. */
#define SEGMENT_LEAST_BYTES 16000

struct question {
    struct rnet_message *message;
    uint64_t answer_bytes;
};

/* The next question at or after an index of the messages, with its answer; false at the end. */
static bool
next_question(const struct flow_talk *talk, size_t *at, struct question *question)
{
    while (*at < talk->count && (talk->messages[*at].direction != RNET_UP ||
                                 (talk->messages[*at].flags & RNET_MESSAGE_OPENS_EXCHANGE) == 0))
        (*at)++;
    if (*at == talk->count)
        return false;
    *question = (struct question){.message = &talk->messages[(*at)++]};
    for (size_t i = *at;
         i < talk->count && (talk->messages[i].flags & RNET_MESSAGE_OPENS_EXCHANGE) == 0; i++)
        if (talk->messages[i].direction == RNET_DOWN)
            question->answer_bytes += talk->messages[i].bytes;
    return true;
}

static bool
is_same_period(int64_t a_ns, int64_t b_ns)
{
    const int64_t apart_ns = a_ns > b_ns ? a_ns - b_ns : b_ns - a_ns;

    return apart_ns <= b_ns / 10;
}

/* The period that PERIODS successive questions keep, and the bytes of an answer; 0 = none. */
static int64_t
find_period(const struct flow_talk *talk, uint64_t *segment_bytes)
{
    struct question question;
    int64_t last_ns = 0, period_ns = 0, sum_ns = 0;
    size_t at = 0;
    int run = 0;

    while (next_question(talk, &at, &question)) {
        const int64_t apart_ns = question.message->start_ns - last_ns;

        last_ns = question.message->start_ns;
        if (apart_ns < SHORTEST_NS || apart_ns > LONGEST_NS ||
            question.answer_bytes < SEGMENT_LEAST_BYTES) {
            run = 0;
            continue;
        }
        if (run == 0 || !is_same_period(apart_ns, period_ns)) {
            period_ns = apart_ns;
            sum_ns = 0;
            run = 0;
        }
        sum_ns += apart_ns;
        if (++run == PERIODS) {
            *segment_bytes = question.answer_bytes;
            return sum_ns / PERIODS;
        }
    }
    return 0;
}

void
media_mark(struct flow_talk *talk)
{
    struct question question;
    size_t at = 0;

    if (talk->media_pace_ns == 0)
        talk->media_pace_ns = find_period(talk, &talk->segment_bytes);
    if (talk->media_pace_ns == 0)
        return;
    while (next_question(talk, &at, &question))
        if (question.answer_bytes >= talk->segment_bytes / 4)
            question.message->flags |= RNET_MESSAGE_MEDIA_SEGMENT;
}
