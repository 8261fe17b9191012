/*
 * Web MOS, ITU-T G.1030 Annex A: quality falls with the logarithm of the waiting time, from 5 at
 * Min to 1 at Max, the time the user expects at worst (6 s in a fast, 15 in a medium, 60 in a slow
 * context). The constants are from memory, with moderate confidence (standards.md 4.1): they are
 * parameters here, and no verdict rests on them. IQX: Fiedler et al. 2010, form verified.
 */
#include <ruralnet/score.h>

#include <math.h>

static double
logarithmic_mos(double t, double best, double worst)
{
    if (isnan(t))
        return t;
    if (!(t > best))
        return 5;
    return fmin(5, fmax(1, 5 + 4 / log(best / worst) * (log(t) - log(best))));
}

double
rnet_web_mos(double page_s, double worst_s)
{
    return logarithmic_mos(page_s, 0.003 * worst_s + 0.12, worst_s);
}

double
rnet_web_search_mos(double session_s, double worst_s)
{
    return logarithmic_mos(session_s, 0.011 * worst_s + 0.47, worst_s);
}

double
rnet_iqx(double impairment, double alpha, double beta, double gamma)
{
    return alpha * exp(-beta * impairment) + gamma;
}
