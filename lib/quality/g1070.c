/*
 * Video function of ITU-T G.1070 (standards.md 2.1): shape verified, parenthesisation and clamps
 * from memory; coefficient sets 1 and 5 verified, 2 to 4 from memory.
 *
 * Public code divides wrongly by DFr squared, or takes 5 for the exponent v5: this file follows the
 * sheet. The sets are for MPEG-2/4 and H.264 on screens up to VGA: an aid for ordering only.
 */
#include <ruralnet/score.h>

#include <math.h>

static const struct {
    double v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12;
} sets[RNET_G1070_SETS] = {
    /* MPEG-4 QVGA 4.2" (verified) */
    {1.431, 2.228e-2, 3.759, 184.1, 1.161, 1.446, 3.881e-4, 2.116, 467.4, 2.736, 15.28, 4.170},
    /* MPEG-4 QQVGA 2.1" (from memory) */
    {7.160, 2.215e-2, 3.461, 111.9, 2.091, 1.382, 5.881e-4, 0.8401, 113.9, 6.047, 46.87, 10.87},
    /* MPEG-2 VGA 9.2" (from memory) */
    {4.78, 1.22e-2, 2.614, 51.68, 1.063, 0.898, 6.923e-4, 0.7846, 85.15, 1.32, 539.48, 356.6},
    /* MPEG-4 VGA 9.2" (from memory) */
    {1.182, 1.11e-2, 4.286, 607.86, 1.184, 2.738, -9.98e-4, 0.896, 187.24, 5.212, 254.11, 268.24},
    /* H.264 VGA 9.2" (verified) */
    {5.517, 1.29e-2, 3.459, 178.53, 1.02, 1.15, 3.55e-4, 0.114, 513.77, 0.736, -6.451, 13.684},
};

#define POSITIVE 1e-6 /* for what the Recommendation only calls greater than zero */

struct rnet_g1070_terms
rnet_g1070_video(int set, double rate_kbps, double frames_per_s, double loss_percent)
{
    const int row = set >= 1 && set <= RNET_G1070_SETS ? set - 1 : RNET_G1070_SETS - 1;
    const double br = fmax(rate_kbps, POSITIVE);
    const double fr = fmin(fmax(frames_per_s, 1), 30);
    const double loss = fmin(fmax(loss_percent, 0), 100);
    struct rnet_g1070_terms t;
    double distance;

    t.ofr = fmin(fmax(sets[row].v1 + sets[row].v2 * br, 1), 30);
    t.iofr = sets[row].v3 - sets[row].v3 / (1 + pow(br / sets[row].v4, sets[row].v5));
    t.iofr = fmin(fmax(t.iofr, 0), 4);
    t.dfr = fmax(sets[row].v6 + sets[row].v7 * br, POSITIVE);
    distance = log(fr) - log(t.ofr);
    t.icoding = t.iofr * exp(-distance * distance / (2 * t.dfr * t.dfr));
    t.dppl = sets[row].v10 + sets[row].v11 * exp(-fr / sets[row].v8) +
             sets[row].v12 * exp(-br / sets[row].v9);
    t.dppl = fmax(t.dppl, POSITIVE);
    t.vq = 1 + t.icoding * exp(-loss / t.dppl);
    return t;
}
