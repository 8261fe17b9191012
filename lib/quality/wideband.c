/*
 * Wideband and fullband E-model, ITU-T G.107.1 and G.107.2. From memory of the Recommendations
 * (standards.md 1.7): the scale reaches 129 (148), Is is 0, the delay term is the narrowband one,
 * and the score is the narrowband score of R/1.29 (R/1.48).
 */
#include <ruralnet/score.h>

#define R_WIDEBAND_TOP 129.0
#define R_FULLBAND_TOP 148.0

double
rnet_emodel_r_wideband(double delay_ms, double ie_wb, double bpl_wb, double loss_percent)
{
    return R_WIDEBAND_TOP - rnet_emodel_idd(delay_ms, 1, 100) -
           rnet_emodel_ie_eff(ie_wb, bpl_wb, loss_percent, 1);
}

double
rnet_mos_of_r_wideband(double r_wb)
{
    return rnet_mos_of_r(r_wb * 100 / R_WIDEBAND_TOP);
}

double
rnet_mos_of_r_fullband(double r_fb)
{
    return rnet_mos_of_r(r_fb * 100 / R_FULLBAND_TOP);
}
