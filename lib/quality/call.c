/*
 * A call as a whole from its windows, as its speakers remember it.
 *
 * Listeners notice a change after a while: what they perceive follows the rating with 5 s when it
 * falls and 15 s when it rises again, and the end of a call counts more: a bad stretch y seconds
 * before the end pulls the mean towards it by 0.7 e^(-y / 30 s). Clark's extension of the E-model
 * (2001; ETSI TS 101 329-5 Annex E; standards.md 1.5: constants verified against a public
 * implementation). It speaks of bursts and gaps with one impairment each; here any row of windows
 * may stand.
 */
#include <ruralnet/score.h>

#include <math.h>

#define FALLING_S 5.0
#define RISING_S 15.0
#define RECENT_S 30.0
#define RECENT_PART 0.7

/* Perceived level at a window's end, and its mean over the window. */
static double
follow(double level, double r, double seconds, double *mean)
{
    const double constant = r < level ? FALLING_S : RISING_S;
    const double left = exp(-seconds / constant);

    *mean = r + (level - r) * constant / seconds * (1 - left);
    return r + (level - r) * left;
}

struct rnet_call_score
rnet_call_score(const double *r, const double *seconds, size_t count)
{
    struct rnet_call_score score = {(double)NAN, (double)NAN};
    double level = (double)NAN, sum = 0, all = 0, plain = 0, last = (double)NAN, since = 0;

    for (size_t i = 0; i < count; i++) {
        double mean;

        if (!(seconds[i] > 0) || isnan(r[i]))
            continue;
        level = follow(isnan(level) ? r[i] : level, r[i], seconds[i], &mean);
        sum += mean * seconds[i];
        plain += r[i] * seconds[i];
        all += seconds[i];
    }
    if (!(all > 0))
        return score;
    score.mean_r = score.end_r = sum / all;
    /* Again, for the last stretch below the mean: how it stood when it ended, and how long ago. */
    level = (double)NAN;
    for (size_t i = 0; i < count; i++) {
        double mean;

        if (!(seconds[i] > 0) || isnan(r[i]))
            continue;
        level = follow(isnan(level) ? r[i] : level, r[i], seconds[i], &mean);
        since += seconds[i];
        if (r[i] < plain / all) {
            last = level;
            since = 0;
        }
    }
    if (!isnan(last))
        score.end_r += RECENT_PART * (last - score.mean_r) * exp(-since / RECENT_S);
    return score;
}
