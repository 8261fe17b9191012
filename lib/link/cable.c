#include "link/copper.h"

#include <math.h>

#ifndef CMPLX /* the C library defines it for GCC only; the fuzzers are built with clang */
#define CMPLX(re, im) __builtin_complex((double)(re), (double)(im))
#endif

/*
 * Primary parameters per km, f and fm in Hz:
 *
 *   R = (r0c^4 + ac f^2)^(1/4)   L = (l0 + linf x) / (1 + x), x = (f/fm)^b
 *   C = cinf + c0 f^-ce          G = g0 f^ge
 *
 * ETSI/G.996.1 polyethylene, ANSI, BT: standards.md §6.1, verified there against two public
 * implementations. Which ETSI row is which diameter follows from its DC resistance (from memory,
 * consistent). French planning figures: fdocument.pub calcul-theorique-adsl (verified).
 */
const struct copper_cable copper_cables[RNET_CABLE_COUNT] = {
    [RNET_CABLE_PE_032] = {"0.32mm", NULL, 409.0, 0.3822, 607.5e-6, 500.0e-6, 609.0e3, 5.269, 40e-9,
                           0, 0, 0, 0, NAN},
    [RNET_CABLE_PE_040] = {"0.4mm", "0.40mm", 280.0, 0.0969, 587.3e-6, 426.0e-6, 745.9e3, 1.385,
                           50e-9, 0, 0, 0, 0, 15.0},
    [RNET_CABLE_PE_050] = {"0.5mm", "0.50mm", 179.2, 0.0561, 674.6e-6, 532.7e-6, 664.7e3, 1.195,
                           50e-9, 0, 0, 0, 0, 12.4},
    [RNET_CABLE_PE_063] = {"0.6mm", "0.63mm", 113.0, 0.0257, 699.4e-6, 477.2e-6, 265.8e3, 1.0956,
                           45e-9, 0, 0, 0, 0, 10.3},
    [RNET_CABLE_PE_090] = {"0.8mm", "0.9mm", 55.1, 0.0094, 750.9e-6, 520.5e-6, 123.8e3, 0.9604,
                           40e-9, 0, 0, 0, 0, 7.9},
    [RNET_CABLE_AWG_26] = {"26awg", NULL, 286.17578, 0.14769620, 675.36888e-6, 488.95186e-6,
                           806.33863e3, 0.92930728, 49e-9, 0, 0, 43e-9, 0.70, NAN},
    [RNET_CABLE_AWG_24] = {"24awg", NULL, 174.55888, 0.053073481, 617.29539e-6, 478.97099e-6,
                           553.760e3, 1.1529766, 50e-9, 0, 0, 234.87476e-15, 1.38, NAN},
    [RNET_CABLE_DWUG] = {"dwug", NULL, 179, 0.03589, 695e-6, 585e-6, 1000e3, 1.2, 55e-9, 1e-9, 0.1,
                         0.5e-9, 1.033, NAN},
    [RNET_CABLE_CAD55] = {"cad55", NULL, 187.0831, 0.0457, 655.53e-6, 509.73e-6, 812.41e3, 1.0142,
                          45.578e-9, -0.069514e-9, -0.15, 1.0486e-10, 1.15, NAN},
};

struct copper_wave
copper_cable_wave(const struct copper_cable *cable, double f_hz)
{
    const double omega = 2 * M_PI * f_hz;
    const double r0c2 = cable->r0c * cable->r0c;
    const double r = sqrt(sqrt(r0c2 * r0c2 + cable->ac * f_hz * f_hz));
    const double x = pow(f_hz / cable->fm_hz, cable->b);
    const double l = (cable->l0_h + cable->linf_h * x) / (1 + x);
    const double c =
        cable->cinf_f + (cable->ce < 0 || cable->ce > 0 ? cable->c0_f * pow(f_hz, -cable->ce) : 0);
    const double g = cable->g0_s > 0 ? cable->g0_s * pow(f_hz, cable->ge) : 0;
    const double complex z = CMPLX(r, omega * l), y = CMPLX(g, omega * c);

    return (struct copper_wave){csqrt(z * y), csqrt(z / y)};
}

/* Products written out: C's own treats infinities first, at several times the cost (Annex G). */
static inline double complex
times(double complex p, double complex q)
{
    return CMPLX(creal(p) * creal(q) - cimag(p) * cimag(q),
                 creal(p) * cimag(q) + cimag(p) * creal(q));
}

static inline double complex
inverse(double complex p)
{
    const double square = creal(p) * creal(p) + cimag(p) * cimag(p);

    return CMPLX(creal(p) / square, -cimag(p) / square);
}

struct copper_chain
copper_chain_start(void)
{
    return (struct copper_chain){1, 0, 0, 1};
}

/*
 * Section: A = D = cosh(gamma d), B = Z0 sinh(gamma d), C = sinh(gamma d) / Z0, both from one
 * exponential. GSL's complex cosh and sinh would need four real functions each.
 */
void
copper_chain_section(struct copper_chain *chain, const struct copper_wave *wave, double km)
{
    const double grown = exp(creal(wave->gamma_per_km) * km);
    const double angle = cimag(wave->gamma_per_km) * km;
    const double cosine = cos(angle), sine = sin(angle);
    const double complex ahead = CMPLX(grown * cosine, grown * sine);
    const double complex back = CMPLX(cosine / grown, -sine / grown);
    const double complex ch = (ahead + back) / 2, sh = (ahead - back) / 2;
    const double complex b = times(wave->z0_ohm, sh), c = times(sh, inverse(wave->z0_ohm));
    const struct copper_chain old = *chain;

    chain->a = times(old.a, ch) + times(old.b, c);
    chain->b = times(old.a, b) + times(old.b, ch);
    chain->c = times(old.c, ch) + times(old.d, c);
    chain->d = times(old.c, b) + times(old.d, ch);
}

/* An open tap is a shunt admittance tanh(gamma d) / Z0. */
void
copper_chain_tap(struct copper_chain *chain, const struct copper_wave *wave, double km)
{
    const double complex y = times(ctanh(wave->gamma_per_km * km), inverse(wave->z0_ohm));

    chain->a += times(chain->b, y);
    chain->c += times(chain->d, y);
}

/* H = (Zs + ZL) / (A ZL + B + C Zs ZL + D Zs); |V_L/V_S|^2 is a quarter of |H|^2. */
double
copper_chain_gain(const struct copper_chain *chain)
{
    const double ends = 100;
    const double complex loss = (chain->a + chain->d) * ends + chain->b + chain->c * (ends * ends);
    const double square = creal(loss) * creal(loss) + cimag(loss) * cimag(loss);

    return 4 * ends * ends / square;
}

double
rnet_cable_planning_db_per_km(enum rnet_cable cable)
{
    return cable < RNET_CABLE_COUNT ? copper_cables[cable].planning_db_per_km : NAN;
}

const char *
rnet_cable_name(enum rnet_cable cable)
{
    return cable < RNET_CABLE_COUNT ? copper_cables[cable].name : "unknown";
}
