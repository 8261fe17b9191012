/*
 * A viewing session, the closed-form part of ITU-T P.1203.3 (standards.md 3.2: verified term by
 * term).
 *
 *     O21, O22 per second ─► O34 per second ─► weighted mean, less bad stretches and quality swings
 * ─► O35 stalls ─► SI, O23                     score = 1 + (O35 - 1) SI
 *
 * The Recommendation adds a quarter of a random forest's vote, whose tables are licensed: left out
 * here. The result is therefore DERIVED from P.1203 and not compliant with it.
 */
#include "quality/p1203.h"

#include "base/base.h"

#include <math.h>
#include <stdlib.h>

static double
clamp(double x, double low, double high)
{
    return fmin(fmax(x, low), high);
}

static double
decay(double a, double b, double half_life, double x)
{
    return b + (a - b) * pow(0.5, x / half_life);
}

double
rnet_p1203_stalling(const struct rnet_stall *stalls, size_t count, double seconds)
{
    const double n = fmax(seconds, 1);
    double length = 0, intervals = 0;

    for (size_t i = 0; i < count; i++) {
        length += stalls[i].length_s * decay(1, 0.48412879, 10, n - stalls[i].position_s);
        if (i > 0)
            intervals += stalls[i].position_s - stalls[i - 1].position_s;
    }
    if (count > 1)
        intervals /= (double)(count - 1);
    return exp(-(double)count / 9.35158684) * exp(-length / n / 0.91890815) *
           exp(-intervals / n / 11.0567558);
}

static double
o34(double o21, double o22)
{
    return clamp(-0.00069084 + 0.15374283 * o21 + 0.97153861 * o22 + 0.02461776 * o21 * o22, 1, 5);
}

static double
base_quality(const double *o21, const double *o22, size_t n)
{
    double sum = 0, weights = 0;

    for (size_t t = 0; t < n; t++) {
        const double q = o34(o21[t], o22[t]);
        const double w1 = 0.00666620027943848 +
                          0.0000404018840273729 * exp((double)t / (double)n / 0.156497800436237);
        const double w2 = 0.143179744942738 - 0.0238641564518876 * q;

        sum += w1 * w2 * q;
        weights += w1 * w2;
    }
    return sum / weights;
}

static int
compare_double(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

/* A tenth of the session this much below the mean, more recent seconds weighing more. */
static double
negative_bias(const double *o21, const double *o22, size_t n, double base, double *scratch)
{
    const double at = 0.1 * (double)(n - 1);
    const size_t i = (size_t)at;
    double p10;

    for (size_t t = 0; t < n; t++)
        scratch[t] =
            (o34(o21[t], o22[t]) - base) * decay(1, 1.87403625, 7.85416481, (double)(n - t - 1));
    qsort(scratch, n, sizeof *scratch, compare_double);
    p10 = scratch[i] + (i + 1 < n ? (at - (double)i) * (scratch[i + 1] - scratch[i]) : 0);
    return fmax(0, -p10) * 0.01853820;
}

/* Signs of change of the smoothed quality, every third second; returns how many there are. */
static size_t
change_signs(const double *o22, size_t n, double *signs)
{
    double last = 0;
    size_t count = 0;

    /* 5-tap mean of the row padded by its ends, 4 each: n + 4 means, of which every third */
    for (size_t m = 0; m < n + 4; m += 3) {
        double mean = 0;

        for (size_t k = 0; k < 5; k++) {
            const size_t padded = m + k;
            const size_t t = padded < 4 ? 0 : padded - 4 < n ? padded - 4 : n - 1;

            mean += o22[t] / 5;
        }
        if (m > 0)
            signs[count++] = mean - last > 0.2 ? 1 : mean - last < -0.2 ? -1 : 0;
        last = mean;
    }
    return count;
}

struct swings {
    double total;     /* runs of one direction */
    double longest_s; /* without a change of direction */
};

static struct swings
find_swings(const double *o22, size_t n, double *scratch)
{
    const size_t count = change_signs(o22, n, scratch);
    struct swings swings = {0};
    double sign = 0;
    size_t since = 0;

    for (size_t i = 0; i < count; i++) {
        if (scratch[i] == 0 || scratch[i] == sign)
            continue;
        swings.longest_s = fmax(swings.longest_s, 3 * (double)(i - since));
        swings.total += 1;
        sign = scratch[i];
        since = i;
    }
    swings.longest_s = fmax(swings.longest_s, 3 * (double)(count - since));
    return swings;
}

/* What swings of the video's quality take away. */
static double
swing_penalty(const double *o22, size_t n, double *scratch)
{
    const struct swings swings = find_swings(o22, n, scratch);
    double low = o22[0], high = o22[0], changes = 0, oscillation = 0, adaptation = 0;

    for (size_t t = 1; t < n; t++) {
        low = fmin(low, o22[t]);
        high = fmax(high, o22[t]);
        changes += fabs(o22[t] - o22[t - 1]) > 0.2 ? 1 : 0;
    }
    if (swings.longest_s / (double)n < 0.25) {
        adaptation = clamp(0.17332553 * (high - low) * changes / (double)n - 0.01035647, 0, 0.5);
        if (swings.longest_s < 30)
            oscillation = clamp(fmax(0, 1 + log10(high - low + 0.001)) *
                                    exp(0.67756080 * swings.total - 8.05533303),
                                0, 1.5);
    }
    return oscillation + adaptation;
}

struct rnet_p1203
rnet_p1203_session(const double *o21, const double *o22, size_t seconds,
                   const struct rnet_stall *stalls, size_t stall_count)
{
    const struct rnet_p1203 unknown = {(double)NAN, (double)NAN, (double)NAN, (double)NAN};
    double *scratch = seconds != 0 ? rnet_alloc_zero(seconds + 4, sizeof *scratch) : NULL;
    struct rnet_p1203 score;
    double core;

    if (scratch == NULL)
        return unknown;
    score.o35 = base_quality(o21, o22, seconds);
    score.o35 -= negative_bias(o21, o22, seconds, score.o35, scratch);
    score.o35 -= swing_penalty(o22, seconds, scratch);
    rnet_free(scratch);
    score.si = rnet_p1203_stalling(stalls, stall_count, (double)seconds);
    score.o23 = 1 + 4 * score.si;
    core = clamp(1 + (score.o35 - 1) * score.si, 1, 5);
    score.mos = 0.02833052 + 0.98117059 * core;
    return score;
}
