/*
 * Web MOS, ITU-T G.1030 Annex A: quality falls with the logarithm of the waiting time, from 5 at
 * Min to 1 at Max, the time the user expects at worst (6 s in a fast, 15 in a medium, 60 in a slow
 * context). The constants are from memory, with moderate confidence (standards.md 4.1): they are
 * parameters here, and no verdict rests on them. IQX: Fiedler et al. 2010, form verified.
 */
#include <ruralnet/score.h>

#include <math.h>

double
rnet_web_mos_between(double t_s, double best_s, double worst_s)
{
    if (isnan(t_s))
        return t_s;
    if (!(t_s > best_s))
        return 5;
    if (!(best_s > 0 && best_s < worst_s))
        return 1;
    return fmin(5, fmax(1, 5 + 4 / log(best_s / worst_s) * (log(t_s) - log(best_s))));
}

double
rnet_web_mos(double page_s, double worst_s)
{
    return rnet_web_mos_between(page_s, 0.003 * worst_s + 0.12, worst_s);
}

double
rnet_web_search_mos(double session_s, double worst_s)
{
    return rnet_web_mos_between(session_s, 0.011 * worst_s + 0.47, worst_s);
}

double
rnet_iqx(double impairment, double alpha, double beta, double gamma)
{
    return alpha * exp(-beta * impairment) + gamma;
}
