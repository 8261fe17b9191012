/*
 * A call's window in one direction: through a jitter buffer to the E-model.
 *
 *     mouth ─ packet (20 ms) ─ network ─ jitter buffer ─ decoder (10 ms) ─ ear
 *
 * A packet later than the buffer allows is lost to the ear as one dropped on the way. Phones choose
 * their buffer from what they see; the one taken here is the best of a few usual depths beyond the
 * window's fastest packet, so the rating is that of a phone that adapts well: an upper estimate.
 */
#include "quality/quality.h"

#include <math.h>
#include <stdlib.h>

#define DECODER_MS 10.0 /* of 10..20 ms for decoder and operating system (standards.md 1.2) */
/* G.113 gives burst factors for codecs that conceal by state only (standards.md 1.5). */
#define BURST_BPL 16.0

static const double buffers_ms[] = {20, 40, 60, 80, 100, 150, 200};

double
quality_jitter_ms(const struct window *window)
{
    double jitter = 0, sum = 0, last = (double)NAN;
    size_t heard = 0;

    for (size_t i = 0; i < window->count; i++) {
        if (isnan(window->delay_ms[i]))
            continue;
        if (!isnan(last)) {
            jitter += (fabs(window->delay_ms[i] - last) - jitter) / 16; /* RFC 3550, 6.4.1 */
            sum += jitter;
            heard++;
        }
        last = window->delay_ms[i];
    }
    return heard != 0 ? sum / (double)heard : 0;
}

static int
compare_delay(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

double
quality_delay_quantile(struct window *window, double p)
{
    size_t heard = 0;

    for (size_t i = 0; i < window->count; i++)
        if (!isnan(window->delay_ms[i]))
            window->sorted[heard++] = window->delay_ms[i];
    if (heard == 0)
        return (double)NAN;
    qsort(window->sorted, heard, sizeof *window->sorted, compare_delay);
    return window->sorted[(size_t)(p * (double)(heard - 1) + 0.5)];
}

double
quality_loss_percent(const struct window *window)
{
    size_t lost = 0;

    for (size_t i = 0; i < window->count; i++)
        if (isnan(window->delay_ms[i]))
            lost++;
    return window->count != 0 ? 100 * (double)lost / (double)window->count : 0;
}

/* Rating with one depth of buffer. */
static double
rate_buffer(struct window *window, const struct rnet_codec *codec, double deadline_ms, double *loss)
{
    struct rnet_loss_pattern pattern;

    for (size_t i = 0; i < window->count; i++)
        window->lost[i] = !(window->delay_ms[i] <= deadline_ms); /* NAN is lost too */
    pattern = rnet_loss_pattern_of(window->lost, window->count);
    *loss = pattern.loss_percent;
    return rnet_emodel_r_simple(codec->frame_ms + codec->look_ahead_ms + deadline_ms + DECODER_MS,
                                codec->ie, codec->bpl, pattern.loss_percent,
                                codec->bpl >= BURST_BPL ? pattern.burst_ratio : 1);
}

struct voice_score
quality_voice(struct window *window, const struct rnet_codec *codec)
{
    const double fastest = quality_delay_quantile(window, 0);
    struct voice_score score = {.r = 0, .loss_percent = quality_loss_percent(window)};

    if (isnan(fastest))
        return score; /* nothing was heard */
    score.r = -1000;  /* below any rating */
    score.delay_ms = quality_delay_quantile(window, 0.5);
    score.jitter_ms = quality_jitter_ms(window);
    for (size_t i = 0; i < sizeof buffers_ms / sizeof buffers_ms[0]; i++) {
        double loss;
        const double r = rate_buffer(window, codec, fastest + buffers_ms[i], &loss);

        if (r > score.r) {
            score.r = r;
            score.buffer_ms = buffers_ms[i];
            score.late_percent = loss - score.loss_percent;
        }
    }
    score.r = fmax(score.r, 0);
    return score;
}
