/*
 * The older short form of the E-model, for comparison with what was published with it: R = 94.2 -
 * Id - Ie (Cole and Rosenbluth 2001; standards.md 1.2: verified, the bursty curve from memory).
 * G.107 since 2003 has 93.2 and another delay impairment: rnet_emodel_r_simple().
 */
#include <ruralnet/score.h>

#include <math.h>

double
rnet_cole_rosenbluth_id(double delay_ms)
{
    return 0.024 * delay_ms + 0.11 * fmax(0, delay_ms - 177.3);
}

double
rnet_cole_rosenbluth_r(double delay_ms, double ie)
{
    return 94.2 - rnet_cole_rosenbluth_id(delay_ms) - ie;
}
