/* Full copper computations (cascade, point, band, bit loading, both ways) per second and core. */
#include "figure.h"

#include <ruralnet/copper.h>

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

static double
seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int
main(void)
{
    struct rnet_copper_solver *solver;
    static struct rnet_copper_result result;

    if (rnet_copper_solver_new(&solver) != RNET_OK)
        return 1;
    for (int dsl = 0; dsl < RNET_DSL_COUNT; dsl++)
        for (uint32_t sections = 1; sections <= 2; sections++) {
            struct rnet_copper copper = rnet_copper_default((enum rnet_dsl)dsl);
            uint64_t checksum = 0;
            unsigned lines = 0;
            double begin, spent;

            copper.sections = sections;
            copper.section[0].cable = RNET_CABLE_PE_040;
            copper.section[1] = (struct rnet_copper_section){1100, RNET_CABLE_PE_063, false};
            rnet_copper_solve(solver, &copper, &result, NULL); /* fills the tables */
            begin = seconds();
            do {
                copper.section[0].length_m = 200 + lines % 4000;
                if (rnet_copper_solve(solver, &copper, &result, NULL) != RNET_OK)
                    return 1;
                checksum += result.direction[RNET_DOWN].rate_bps;
                lines++;
                spent = seconds() - begin;
            } while (spent < 0.3);
            printf("%-9s %u section(s): %7.0f lines/s, checksum %" PRIu64 "\n",
                   rnet_dsl_name((enum rnet_dsl)dsl), sections, lines / spent, checksum / lines);
            figure(lines / spent, "lines/s", "more", "copper solved/%s, %u sections",
                   rnet_dsl_name((enum rnet_dsl)dsl), sections);
        }
    rnet_copper_solver_free(solver);
    return 0;
}
