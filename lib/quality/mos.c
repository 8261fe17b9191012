/*
 * Rating R to mean opinion score and back, G.107 Annex B (standards.md 1.3: cubic verified; the
 * percentages from memory), and the categories of G.109.
 *
 * The cubic dips below 1 between R = 0 and 6.5153: it is clamped to 1 there, and the inverse looks
 * only above.
 */
#include <ruralnet/score.h>

#include <math.h>

#define R_CUBIC_RISES 6.5153 /* computed: where the cubic crosses 1 upwards */

double
rnet_mos_of_r(double r)
{
    if (!(r > 0))
        return 1;
    if (r >= 100)
        return 4.5;
    return fmax(1, 1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6);
}

double
rnet_r_of_mos(double mos)
{
    double low = R_CUBIC_RISES, high = 100;

    if (mos >= 4.5)
        return 100;
    for (int i = 0; i < 60; i++) {
        const double middle = (low + high) / 2;

        if (rnet_mos_of_r(middle) < mos)
            low = middle;
        else
            high = middle;
    }
    return (low + high) / 2;
}

static double
normal_cdf(double x)
{
    return 0.5 * erfc(-x / sqrt(2));
}

double
rnet_good_or_better_percent(double r)
{
    return 100 * normal_cdf((r - 60) / 16);
}

double
rnet_poor_or_worse_percent(double r)
{
    return 100 * normal_cdf((45 - r) / 16);
}

const char *
rnet_r_category(double r)
{
    static const struct {
        double from;
        const char *name;
    } categories[] = {
        {90, "very satisfied"},
        {80, "satisfied"},
        {70, "some users dissatisfied"},
        {60, "many users dissatisfied"},
        {50, "nearly all users dissatisfied"},
    };

    for (size_t i = 0; i < sizeof categories / sizeof categories[0]; i++)
        if (r >= categories[i].from)
            return categories[i].name;
    return "not recommended";
}
