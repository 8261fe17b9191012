/*
 * Round trips from data to its acknowledgement, seen at the capture point: data going up measures
 * the internet side, data going down the office side.
 *
 * Marks remember when bytes passed. Data sent again makes the pending marks worthless (Karn,
 * Partridge 1987). The smallest sample is kept: it has the least delayed acknowledgement in it.
 */
#include "flow/tcp.h"

/* Marks this close together are one; 16 of them must span a round trip. */
#define MARK_SPACING_NS (500 * RNET_NS_PER_US)

static struct tcp_mark *
mark_at(const struct tcp_stream *stream, uint32_t index)
{
    return &stream->marks[index & stream->mark_mask];
}

void
tcp_marks_sent(struct tcp_stream *stream, uint64_t end, int64_t time_ns)
{
    struct tcp_mark *last;

    if (stream->mark_end != stream->mark_first) {
        last = mark_at(stream, stream->mark_end - 1);
        if (time_ns - last->time_ns < MARK_SPACING_NS ||
            stream->mark_end - stream->mark_first == TCP_MARKS) {
            /* A mark's time is that of its last byte: samples err on the small side never. */
            last->end = end;
            last->time_ns = time_ns;
            return;
        }
    }
    *mark_at(stream, stream->mark_end++) = (struct tcp_mark){.end = end, .time_ns = time_ns};
}

void
tcp_marks_resent(struct tcp_stream *stream)
{
    stream->mark_first = stream->mark_end;
}

int64_t
tcp_marks_acked(struct tcp_stream *stream, uint64_t acked, int64_t time_ns)
{
    int64_t sample_ns = -1;

    while (stream->mark_first != stream->mark_end) {
        const struct tcp_mark *mark = mark_at(stream, stream->mark_first);

        if (mark->end > acked)
            break;
        sample_ns = time_ns - mark->time_ns;
        if (stream->rtt_ns < 0 || sample_ns < stream->rtt_ns)
            stream->rtt_ns = sample_ns;
        stream->mark_first++;
    }
    return sample_ns;
}

int64_t
tcp_marks_time(const struct tcp_stream *stream, uint64_t end)
{
    int64_t time_ns = stream->data_ns;

    /* Old marks stay readable in the ring until they are overwritten. */
    for (uint32_t back = 1; back <= TCP_MARKS && back <= stream->mark_end; back++) {
        const struct tcp_mark *mark = mark_at(stream, stream->mark_end - back);

        if (mark->end < end)
            break;
        time_ns = mark->time_ns;
    }
    return time_ns;
}
