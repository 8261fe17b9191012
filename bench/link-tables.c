/* The stated copper model against the published rate tables: median error, share inside the band.
 */
#include "figure.h"

#include <ruralnet/copper.h>

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Metres of 0.4 and 0.6 mm, and the published rate in Mbit/s. */
struct point {
    enum rnet_dsl dsl;
    double thin_m, wide_m, mbps;
    const char *table;
};

#define ROW(thin, wide, first, second)                                                             \
    {RNET_DSL_ADSL, thin, wide, first, "techno-science"},                                          \
    {                                                                                              \
        RNET_DSL_ADSL2PLUS, thin, wide, second, "techno-science"                                   \
    }
#define PLUS(thin, mbps, table)                                                                    \
    {                                                                                              \
        RNET_DSL_ADSL2PLUS, thin, 0, mbps, table                                                   \
    }

/* standards.md §6.4: sources S31, S35, S36 there. */
static const struct point points[] = {
    ROW(170, 0, 8.0, 19.4),        ROW(458, 0, 8.0, 18.7),         ROW(730, 0, 8.0, 18.2),
    ROW(698, 340, 8.0, 16.6),      ROW(1158, 143, 7.3, 14.2),      ROW(679, 1751, 6.0, 11.3),
    ROW(2540, 0, 5.7, 7.4),        ROW(1240, 2669, 4.2, 5.4),      ROW(0, 5004, 3.1, 4.3),
    ROW(0, 5755, 2.0, 3.0),        PLUS(1000, 23, "speedguide"),   PLUS(1500, 21, "speedguide"),
    PLUS(2000, 18, "speedguide"),  PLUS(2500, 13, "speedguide"),   PLUS(3000, 8, "speedguide"),
    PLUS(3500, 6, "speedguide"),   PLUS(4000, 4, "speedguide"),    PLUS(4500, 3, "speedguide"),
    PLUS(5000, 2, "speedguide"),   PLUS(300, 25, "rough guide"),   PLUS(600, 24, "rough guide"),
    PLUS(900, 23, "rough guide"),  PLUS(1200, 22, "rough guide"),  PLUS(1500, 21, "rough guide"),
    PLUS(1800, 19, "rough guide"), PLUS(2100, 16, "rough guide"),  PLUS(3000, 8, "rough guide"),
    PLUS(4500, 3, "rough guide"),  PLUS(5200, 1.5, "rough guide"),
};

enum { POINTS = sizeof points / sizeof points[0] };

static int
ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void
add_section(struct rnet_copper *copper, double length_m, enum rnet_cable cable)
{
    if (length_m > 0)
        copper->section[copper->sections++] = (struct rnet_copper_section){length_m, cable, false};
}

int
main(void)
{
    struct rnet_copper_solver *solver;
    static struct rnet_copper_result result;
    double errors[POINTS];
    int inside = 0;

    if (rnet_copper_solver_new(&solver) != RNET_OK)
        return 1;
    printf("table           line     0.4 m  0.6 m  published  point   p10    p90  Mbit/s\n");
    for (int i = 0; i < POINTS; i++) {
        struct rnet_copper copper = rnet_copper_default(points[i].dsl);
        const struct rnet_copper_direction *down = &result.direction[RNET_DOWN];
        double mbps;

        add_section(&copper, points[i].thin_m, RNET_CABLE_PE_040);
        add_section(&copper, points[i].wide_m, RNET_CABLE_PE_063);
        if (rnet_copper_solve(solver, &copper, &result, NULL) != RNET_OK)
            return 1;
        mbps = (double)down->rate_bps / 1e6;
        errors[i] = fabs(mbps / points[i].mbps - 1);
        inside += points[i].mbps * 1e6 >= (double)down->p10_bps &&
                  points[i].mbps * 1e6 <= (double)down->p90_bps;
        printf("%-15s %-7s %6.0f %6.0f %8.1f %8.2f %6.2f %6.2f\n", points[i].table,
               rnet_dsl_name(points[i].dsl), points[i].thin_m, points[i].wide_m, points[i].mbps,
               mbps, (double)down->p10_bps / 1e6, (double)down->p90_bps / 1e6);
    }
    rnet_copper_solver_free(solver);
    qsort(errors, POINTS, sizeof errors[0], ascending);
    printf("median error %.1f %%, 90th percentile %.1f %%; %d of %d inside the band (%.0f %%)\n",
           100 * errors[POINTS / 2], 100 * errors[POINTS * 9 / 10], inside, (int)POINTS,
           100.0 * inside / POINTS);
    figure(100 * errors[POINTS / 2], "%", "less", "error of the rate/median");
    figure(100 * errors[POINTS * 9 / 10], "%", "less", "error of the rate/90th percentile");
    figure(100.0 * inside / POINTS, "%", "more", "published rates inside the band");
    return 0;
}
