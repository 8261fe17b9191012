/*
 * Stalls alone: MOS = 3.5 exp(-(0.15 L + 0.19) N) + 1.5 for N stalls of mean length L seconds
 * (Hossfeld et al. 2011, YouTube in the field; from memory, standards.md 3.3).
 */
#include <ruralnet/score.h>

#include <math.h>

double
rnet_stall_mos(double stalls, double mean_length_s)
{
    return 3.5 * exp(-(0.15 * fmax(mean_length_s, 0) + 0.19) * fmax(stalls, 0)) + 1.5;
}
