/* The stated copper model against the published rate tables: median error, share inside the band,
 * and that share when the band is fitted without the table it is judged on. */
#include "figure.h"

#include "link/copper.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* A point's published rate beside its computed ones, in Mbit/s. */
struct judged {
    double point, p10, p90;
};

static bool
is_inside(int i, const struct judged *judged)
{
    return points[i].mbps >= judged->p10 && points[i].mbps <= judged->p90;
}

static struct judged
solve_point(struct rnet_copper_solver *solver, int i)
{
    static struct rnet_copper_result result;
    struct rnet_copper copper = rnet_copper_default(points[i].dsl);
    const struct rnet_copper_direction *down = &result.direction[RNET_DOWN];

    add_section(&copper, points[i].thin_m, RNET_CABLE_PE_040);
    add_section(&copper, points[i].wide_m, RNET_CABLE_PE_063);
    if (rnet_copper_solve(solver, &copper, &result, NULL) != RNET_OK)
        abort();
    return (struct judged){(double)down->rate_bps / 1e6, (double)down->p10_bps / 1e6,
                           (double)down->p90_bps / 1e6};
}

static void
print_points(struct rnet_copper_solver *solver)
{
    double errors[POINTS];
    int inside = 0;

    printf("table           line     0.4 m  0.6 m  published  point   p10    p90  Mbit/s\n");
    for (int i = 0; i < POINTS; i++) {
        const struct judged judged = solve_point(solver, i);

        errors[i] = fabs(judged.point / points[i].mbps - 1);
        inside += is_inside(i, &judged);
        printf("%-15s %-7s %6.0f %6.0f %8.1f %8.2f %6.2f %6.2f%s\n", points[i].table,
               rnet_dsl_name(points[i].dsl), points[i].thin_m, points[i].wide_m, points[i].mbps,
               judged.point, judged.p10, judged.p90, is_inside(i, &judged) ? "" : "  outside");
    }
    qsort(errors, POINTS, sizeof errors[0], ascending);
    printf("median error %.1f %%, 90th percentile %.1f %%; %d of %d inside the band (%.0f %%)\n",
           100 * errors[POINTS / 2], 100 * errors[POINTS * 9 / 10], inside, (int)POINTS,
           100.0 * inside / POINTS);
    figure(100 * errors[POINTS / 2], "%", "less", "error of the rate/median");
    figure(100 * errors[POINTS * 9 / 10], "%", "less", "error of the rate/90th percentile");
    figure(100.0 * inside / POINTS, "%", "more", "published rates inside the band");
}

/* The stated spreads, made wider or narrower towards better lines and towards worse. */
#define WIDTHS 7
static const double widths[WIDTHS] = {0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 2.5};

static bool inside_at[WIDTHS][WIDTHS][POINTS]; /* better, worse */
static double mean_width[WIDTHS][WIDTHS];      /* p90 / p10, in logarithms, over all points */

static void
scan_widths(struct rnet_copper_solver *solver)
{
    for (int b = 0; b < WIDTHS; b++)
        for (int w = 0; w < WIDTHS; w++) {
            struct copper_spreads spreads = copper_spreads;

            for (int half = 0; half < 2; half++) {
                spreads.noise_db[half] *= half == 0 ? widths[b] : widths[w];
                spreads.disturbers_db[half] *= half == 0 ? widths[b] : widths[w];
                spreads.cable[half] *= half == 0 ? widths[b] : widths[w];
            }
            if (copper_make_scenarios(solver, &spreads) != RNET_OK)
                abort();
            for (int i = 0; i < POINTS; i++) {
                const struct judged judged = solve_point(solver, i);

                inside_at[b][w][i] = is_inside(i, &judged);
                mean_width[b][w] += log(judged.p90 / judged.p10) / POINTS;
            }
        }
}

/* Points of a table (or of all the others) inside at those widths. */
static int
count_inside(int b, int w, const char *table, bool others, int *of)
{
    int inside = 0;

    *of = 0;
    for (int i = 0; i < POINTS; i++)
        if ((strcmp(points[i].table, table) == 0) != others) {
            ++*of;
            inside += inside_at[b][w][i];
        }
    return inside;
}

/* What of a table is inside the narrowest band that holds 85 % of the others. */
static int
judge_left_out(const char *table, int *of)
{
    int best_b = -1, best_w = -1, inside;

    for (int b = 0; b < WIDTHS; b++)
        for (int w = 0; w < WIDTHS; w++)
            if (count_inside(b, w, table, true, of) >= 0.85 * *of &&
                (best_b < 0 || mean_width[b][w] < mean_width[best_b][best_w])) {
                best_b = b;
                best_w = w;
            }
    if (best_b < 0) {
        printf("without %s: no width holds 85 %% of the others\n", table);
        (void)count_inside(0, 0, table, false, of);
        return 0;
    }
    inside = count_inside(best_b, best_w, table, false, of);
    printf("without %-15s spreads times %.2f towards better, %.2f towards worse lines: "
           "%d of its %d inside\n",
           table, widths[best_b], widths[best_w], inside, *of);
    return inside;
}

static void
print_left_out(struct rnet_copper_solver *solver)
{
    static const char *const tables[] = {"techno-science", "speedguide", "rough guide"};
    int inside = 0;

    scan_widths(solver);
    printf("\nSpreads fitted without a table, judged on it:\n");
    for (int i = 0; i < 3; i++) {
        int of;

        inside += judge_left_out(tables[i], &of);
    }
    printf("%d of %d inside (%.0f %%)\n", inside, (int)POINTS, 100.0 * inside / POINTS);
    figure(100.0 * inside / POINTS, "%", "more", "published rates inside the band, table left out");
}

int
main(void)
{
    struct rnet_copper_solver *solver;

    if (rnet_copper_solver_new(&solver) != RNET_OK)
        return 1;
    print_points(solver);
    print_left_out(solver);
    rnet_copper_solver_free(solver);
    return 0;
}
