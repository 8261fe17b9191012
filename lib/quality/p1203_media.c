/*
 * Quality of coded video and audio, ITU-T P.1203.1 mode 0 (H.264, metadata only) and P.1203.2
 * (standards.md 3.1: verified against the reference implementation's outputs).
 *
 * P.1203 has its own scale between rating and MOS, 1.05 to 4.9, which is not G.107's.
 */
#include "quality/p1203.h"

#include <math.h>

static double
clamp(double x, double low, double high)
{
    return fmin(fmax(x, low), high);
}

double
p1203_mos(double rating)
{
    if (!(rating > 0))
        return 1.05;
    if (rating >= 100)
        return 4.9;
    return 1.05 + 3.85 * rating / 100 + rating * (rating - 60) * (100 - rating) * 7e-6;
}

/* The reference tabulates the scale at 0 and from 3.25 to 100 in steps of 0.25, where it rises, and
 * interpolates; so does this. */
static double
table_rating(int i)
{
    return i == 0 ? 0 : 3 + 0.25 * i;
}

double
p1203_rating(double mos)
{
    const double wanted = clamp(mos, 1.05, 4.9);
    const int last = 388; /* 3 + 0.25 * 388 = 100 */

    for (int i = 1; i <= last; i++) {
        const double above = p1203_mos(table_rating(i)), below = p1203_mos(table_rating(i - 1));

        if (above >= wanted)
            return table_rating(i - 1) +
                   (table_rating(i) - table_rating(i - 1)) * (wanted - below) / (above - below);
    }
    return 100;
}

static double
handheld_mos(double x)
{
    return clamp(-0.60293 + 2.12382 * x - 0.36936 * x * x + 0.03409 * x * x * x, 1, 5);
}

double
rnet_p1203_video(double coded_pixels, double display_pixels, double rate_kbps, double frames_per_s,
                 bool handheld)
{
    const double coded = fmax(coded_pixels, 1), br = fmax(rate_kbps, 1e-3);
    const double fr = clamp(frames_per_s, 1, 120);
    const double quant =
        11.9983519 -
        2.99991847 *
            log(fmax(41.2475074001 + log(br) + log(br * br / (coded * fr) + 0.13183165961), 1e-9));
    const double mosq = clamp(4.66 - 0.07 * exp(4.06 * quant), 1, 5);
    const double dq = clamp(100 - p1203_rating(mosq), 0, 100);
    const double scale = fmax(display_pixels / coded, 1);
    const double du = clamp(72.61 * log10(0.32 * (scale - 1) + 1), 0, 100);
    const double dt =
        fr < 24 ? clamp((100 - dq - du) * (30.98 - 1.29 * fr) / (64.65 + fr), 0, 100) : 0;
    const double mos = p1203_mos(100 - clamp(dq + du + dt, 0, 100));

    return handheld ? handheld_mos(mos) : mos;
}

double
rnet_p1203_audio(enum rnet_audio_codec codec, double rate_kbps)
{
    static const struct {
        double a2, a3;
    } rows[] = {[RNET_AUDIO_AAC_LC] = {-0.05, 14.60},
                [RNET_AUDIO_HE_AAC] = {-0.11, 20.06},
                [RNET_AUDIO_MP2] = {-0.02, 15.48},
                [RNET_AUDIO_AC3] = {-0.03, 15.70}};
    const size_t row = (unsigned)codec < sizeof rows / sizeof rows[0] ? (size_t)codec : 0;

    return p1203_mos(100 - (100 * exp(rows[row].a2 * fmax(rate_kbps, 0)) + rows[row].a3));
}
