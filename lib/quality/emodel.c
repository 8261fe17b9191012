/*
 * E-model, ITU-T G.107: the complete computation, term by term as the Recommendation names them
 * (standards.md 1.1: equations verified against public implementations), and the short form for a
 * digital call without echo (1.2).
 *
 * Traps avoided: the exponent of the delay term is 6 sT, not 6 - sT; the baseline is 93.2 (editions
 * from 2003 on), not 94.2 or 93.4.
 */
#include <ruralnet/score.h>

#include <math.h>

#define R_BASELINE 93.2 /* R at the defaults, rounded as G.107's users round it */

struct rnet_emodel
rnet_emodel_defaults(void)
{
    return (struct rnet_emodel){
        .slr_db = 8,
        .rlr_db = 2,
        .stmr_db = 15,
        .ds = 3,
        .dr = 3,
        .telr_db = 65,
        .wepl_db = 110,
        .qdu = 1,
        .bpl = 4.3,
        .burst_ratio = 1,
        .nc_dbm0p = -70,
        .nfor_dbmp = -64,
        .ps_dba = 35,
        .pr_dba = 35,
        .delay_steepness = 1,
        .delay_threshold_ms = 100,
    };
}

static double
power_sum(const double *levels_db, int count)
{
    double sum = 0;

    for (int i = 0; i < count; i++)
        sum += pow(10, levels_db[i] / 10);
    return 10 * log10(sum);
}

/* (1 + x^n)^(1/n), the smooth corner G.107 uses everywhere. */
static double
corner(double x, double n)
{
    return pow(1 + pow(x, n), 1 / n);
}

double
rnet_emodel_idd(double delay_ms, double steepness, double threshold_ms)
{
    const double k = 6 * steepness;
    double x;

    if (!(delay_ms > threshold_ms))
        return 0;
    x = log2(delay_ms / threshold_ms);
    return 25 * (corner(x, k) - 3 * corner(x / 3, k) + 2);
}

double
rnet_emodel_ie_eff(double ie, double bpl, double loss_percent, double burst_ratio)
{
    const double loss = fmin(fmax(loss_percent, 0), 100);

    if (!(loss > 0))
        return ie;
    return ie + (95 - ie) * loss / (loss / fmax(burst_ratio, 1) + bpl);
}

double
rnet_emodel_r_simple(double delay_ms, double ie, double bpl, double loss_percent,
                     double burst_ratio)
{
    return R_BASELINE - rnet_emodel_idd(delay_ms, 1, 100) -
           rnet_emodel_ie_eff(ie, bpl, loss_percent, burst_ratio);
}

static void
noise_terms(const struct rnet_emodel *in, struct rnet_emodel_terms *t)
{
    const double olr = in->slr_db + in->rlr_db;
    const double lstr = in->stmr_db + in->dr;

    t->nos =
        in->ps_dba - in->slr_db - in->ds - 100 + 0.004 * pow(in->ps_dba - olr - in->ds - 14, 2);
    t->pre = in->pr_dba + 10 * log10(1 + pow(10, (10 - lstr) / 10));
    t->nor = in->rlr_db - 121 + t->pre + 0.008 * pow(t->pre - 35, 2);
    t->nfo = in->nfor_dbmp + in->rlr_db;
    t->no = power_sum((const double[]){in->nc_dbm0p, t->nos, t->nor, t->nfo}, 4);
    t->ro = 15 - 1.5 * (in->slr_db + t->no);
}

static void
simultaneous_terms(const struct rnet_emodel *in, struct rnet_emodel_terms *t)
{
    const double olr = in->slr_db + in->rlr_db;
    const double q = 37 - 15 * log10(in->qdu);

    t->xolr = olr + 0.2 * (64 + t->no - in->rlr_db);
    t->iolr = 20 * (corner(t->xolr / 8, 8) - t->xolr / 8);
    t->stmro = -10 * log10(pow(10, -in->stmr_db / 10) +
                           exp(-in->echo_ms / 4) * pow(10, -in->telr_db / 10));
    t->ist = 12 * corner((t->stmro - 13) / 6, 8) - 28 * corner((t->stmro + 1) / 19.4, 35) -
             13 * corner((t->stmro - 3) / 33, 13) + 29;
    t->g = 1.07 + 0.258 * q + 0.0602 * q * q;
    t->y = (t->ro - 100) / 15 + 46 / 8.4 - t->g / 9;
    t->z = 46.0 / 30 - t->g / 40;
    t->iq = 15 * log10(1 + pow(10, t->y) + pow(10, t->z));
    t->is = t->iolr + t->ist + t->iq;
}

static double
talker_echo(const struct rnet_emodel *in, const struct rnet_emodel_terms *t)
{
    const double roe = -1.5 * (t->no - in->rlr_db);
    double terv = in->telr_db - 40 * log10((1 + in->echo_ms / 10) / (1 + in->echo_ms / 150)) +
                  6 * exp(-0.3 * in->echo_ms * in->echo_ms);
    double half, idte;

    if (in->echo_ms < 1)
        return 0;
    if (in->stmr_db < 9)
        terv += t->ist / 2;
    half = (roe - (80 + 2.5 * (terv - 14))) / 2;
    idte = (half + sqrt(half * half + 100) - 1) * (1 - exp(-in->echo_ms));
    return in->stmr_db > 20 ? sqrt(idte * idte + t->ist * t->ist) : idte;
}

static void
delay_terms(const struct rnet_emodel *in, struct rnet_emodel_terms *t)
{
    double half;

    t->idte = talker_echo(in, t);
    t->rle = 10.5 * (in->wepl_db + 7) * pow(in->round_trip_ms + 1, -0.25);
    half = (t->ro - t->rle) / 2;
    t->idle = half + sqrt(half * half + 169);
    t->idd = rnet_emodel_idd(in->delay_ms, in->delay_steepness, in->delay_threshold_ms);
    t->id = t->idte + t->idle + t->idd;
}

struct rnet_emodel_terms
rnet_emodel_compute(const struct rnet_emodel *in)
{
    struct rnet_emodel_terms t = {0};

    noise_terms(in, &t);
    simultaneous_terms(in, &t);
    delay_terms(in, &t);
    t.ie_eff = rnet_emodel_ie_eff(in->ie, in->bpl, in->loss_percent, in->burst_ratio);
    t.r = t.ro - t.is - t.id - t.ie_eff + in->advantage;
    return t;
}

double
rnet_emodel_r(const struct rnet_emodel *in)
{
    return rnet_emodel_compute(in).r;
}
