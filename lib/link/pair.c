/* From what is known of a pair (its loop, an attenuation, what a modem shows) to a pair the copper
 * model can solve, and from there to the rates of a line. */
#include "link/copper.h"
#include "link/link.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_roots.h>
#include <math.h>
#include <string.h>

/* A pair whose cable nobody stated is taken to be of 0.4 mm, and may be of 0.6: the two that the
 * French loops of standards.md §6.4 are made of. The band covers both. */
#define LIKELY_CABLE RNET_CABLE_PE_040
#define OTHER_CABLE RNET_CABLE_PE_063

#define LONGEST_M 20000.0

/* sqrt(L C) of the 0.4 mm cable at 300 kHz: 551.7 uH and 50 nF per km (standards.md §6.1). */
#define PROPAGATION_NS_PER_M 5.25

/* A function of one unknown that falls (or rises) all the way, and what it should come to. */
struct search {
    struct rnet_copper_solver *solver;
    struct rnet_copper copper;
    double wanted;
};

/* Brent's method; false when the wanted value is not between low's and high's. */
static bool
find(double (*miss)(double, void *), struct search *search, double low, double high,
     double tolerance, double *found)
{
    gsl_function function = {miss, search};
    gsl_root_fsolver *solver;
    int status = GSL_CONTINUE;

    if (!(miss(low, search) * miss(high, search) <= 0)) /* NAN is no either */
        return false;
    solver = gsl_root_fsolver_alloc(gsl_root_fsolver_brent);
    if (solver == NULL)
        return false;
    gsl_root_fsolver_set(solver, &function, low, high);
    for (int i = 0; i < 60 && status == GSL_CONTINUE; i++) {
        gsl_root_fsolver_iterate(solver);
        low = gsl_root_fsolver_x_lower(solver);
        high = gsl_root_fsolver_x_upper(solver);
        status = gsl_root_test_interval(low, high, tolerance, 0);
    }
    *found = gsl_root_fsolver_root(solver);
    gsl_root_fsolver_free(solver);
    return true;
}

static double
miss_attenuation(double length_m, void *context)
{
    struct search *search = context;

    search->copper.section[0].length_m = length_m;
    return copper_attenuation_db(search->solver, &search->copper, RNET_DOWN) - search->wanted;
}

/* Length of a cable over which a modem shows that attenuation downstream; INFINITY when none does.
 */
static enum rnet_status
length_by_modem(struct rnet_copper_solver *solver, const struct rnet_copper *copper,
                enum rnet_cable cable, double db, double *length_m)
{
    struct search search = {solver, *copper, db};

    search.copper.sections = 1;
    search.copper.section[0] = (struct rnet_copper_section){0, cable, false};
    if (copper_prepare(solver, &search.copper) != RNET_OK)
        return RNET_ENOMEM;
    if (!find(miss_attenuation, &search, 0, LONGEST_M, 0.05, length_m))
        *length_m = INFINITY;
    return RNET_OK;
}

static double
miss_rate(double noise_dbm_hz, void *context)
{
    struct search *search = context;

    search->copper.noise_dbm_hz = noise_dbm_hz;
    return copper_point_bps(search->solver, &search->copper, RNET_DOWN) - search->wanted;
}

enum rnet_dsl
link_family_dsl(const struct link_family *family)
{
    int dsl = 0;

    while (dsl < RNET_DSL_COUNT && strcmp(copper_plans[dsl].name, family->name) != 0)
        dsl++;
    return (enum rnet_dsl)dsl;
}

bool
link_settings_are_copper(const struct link_settings *settings)
{
    return link_settings_has(settings, LINK_OPTION_LOOP) ||
           link_settings_has(settings, LINK_OPTION_ATTENUATION) ||
           link_settings_has(settings, LINK_OPTION_MODEM);
}

static size_t
pair_column(const struct link_settings *settings)
{
    return settings
        ->column[link_settings_has(settings, LINK_OPTION_LOOP)          ? LINK_OPTION_LOOP
                 : link_settings_has(settings, LINK_OPTION_ATTENUATION) ? LINK_OPTION_ATTENUATION
                                                                        : LINK_OPTION_MODEM];
}

static enum rnet_status
stated_length(const struct link_settings *settings, struct rnet_copper_solver *solver,
              enum rnet_cable cable, double *length_m)
{
    *length_m = settings->stated_db / copper_cables[cable].planning_db_per_km * 1000;
    if (link_settings_has(settings, LINK_OPTION_ATTENUATION))
        return RNET_OK;
    return length_by_modem(solver, &settings->copper, cable, settings->stated_db, length_m);
}

/* One section that has the stated attenuation, and, if the cable is not stated, what else it may
 * be. */
static enum rnet_status
settle_section(const struct link_cursor *cursor, const struct link_settings *settings,
               struct rnet_copper_solver *solver, struct rnet_copper *copper)
{
    const enum rnet_cable cable = settings->cable_stated ? settings->stated_cable : LIKELY_CABLE;
    double length_m, other_m = 0;
    enum rnet_status status = stated_length(settings, solver, cable, &length_m);

    if (status == RNET_OK && !settings->cable_stated)
        status = stated_length(settings, solver, OTHER_CABLE, &other_m);
    if (status != RNET_OK)
        return rnet_error_set(cursor->err, status, "line specification: out of memory");
    if (!(length_m <= LONGEST_M && other_m <= LONGEST_M))
        return link_fail(cursor, pair_column(settings), "no loop up to 20 km has that attenuation");
    copper->sections = 1;
    copper->section[0] = (struct rnet_copper_section){length_m, cable, false};
    copper->other = (struct rnet_copper_section){other_m, OTHER_CABLE, false};
    return RNET_OK;
}

/* A modem that says its rate, attenuation and margin says how noisy the pair is. */
static void
settle_noise(const struct link_settings *settings, struct rnet_copper_solver *solver,
             struct rnet_copper *copper)
{
    struct search search = {solver, *copper, (double)settings->rate_bps[RNET_DOWN]};
    double noise;

    if (copper_prepare(solver, copper) == RNET_OK &&
        find(miss_rate, &search, -174, -60, 0.001, &noise)) {
        copper->noise_dbm_hz = noise;
        copper->rate_is_reported = true;
    }
}

enum rnet_status
link_settings_copper(const struct link_cursor *cursor, const struct link_settings *settings,
                     struct rnet_copper_solver *solver, struct rnet_copper *copper)
{
    struct rnet_copper made = settings->copper;
    enum rnet_status status;

    if (!link_settings_are_copper(settings))
        return rnet_error_set(cursor->err, RNET_ECANTTELL,
                              "line specification: the rates are stated, nothing of the pair");
    if (!link_settings_has(settings, LINK_OPTION_LOOP)) {
        status = settle_section(cursor, settings, solver, &made);
        if (status != RNET_OK)
            return status;
    }
    if (settings->rate_bps[RNET_DOWN] != 0)
        settle_noise(settings, solver, &made);
    *copper = made;
    return RNET_OK;
}

static uint64_t
rate_at(const struct rnet_copper_direction *direction, enum link_point point)
{
    return point == LINK_POINT_P10   ? direction->p10_bps
           : point == LINK_POINT_P50 ? direction->p50_bps
           : point == LINK_POINT_P90 ? direction->p90_bps
                                     : direction->rate_bps;
}

static enum rnet_status
solve_rates(const struct link_cursor *cursor, struct link_settings *settings,
            struct rnet_copper_solver *solver)
{
    static const char *const ways[] = {[RNET_UP] = "upstream", [RNET_DOWN] = "downstream"};
    struct rnet_copper copper;
    struct rnet_copper_result result;
    enum rnet_status status = link_settings_copper(cursor, settings, solver, &copper);

    if (status == RNET_OK)
        status = rnet_copper_solve(solver, &copper, &result, cursor->err);
    if (status != RNET_OK)
        return status;
    for (int way = 0; way < RNET_DIRECTIONS; way++) {
        settings->rate_bps[way] = rate_at(&result.direction[way], settings->point);
        if (settings->rate_bps[way] == 0)
            return link_fail(cursor, pair_column(settings),
                             "over this pair %s modems find no rate %s", settings->family->name,
                             ways[way]);
    }
    settings->propagation_ns = llround(result.length_m * PROPAGATION_NS_PER_M);
    settings->rates_computed = true;
    return RNET_OK;
}

/* With stated rates, only what a modem shows beside them may stand. */
static enum rnet_status
check_reported(const struct link_cursor *cursor, const struct link_settings *settings)
{
    for (int option = 0; option < LINK_OPTION_COPPER_COUNT; option++)
        if (link_settings_has(settings, (enum link_option)option) && option != LINK_OPTION_MODEM &&
            option != LINK_OPTION_MARGIN)
            return link_fail(cursor, settings->column[option],
                             "the rates are stated already; with them only modem= and margin= go");
    return RNET_OK;
}

enum rnet_status
link_settings_solve(const struct link_cursor *cursor, struct link_settings *settings)
{
    struct rnet_copper_solver *solver;
    enum rnet_status status;

    if (settings->rate_bps[RNET_DOWN] != 0)
        return check_reported(cursor, settings);
    if (rnet_copper_solver_new(&solver) != RNET_OK)
        return rnet_error_set(cursor->err, RNET_ENOMEM, "line specification: out of memory");
    status = solve_rates(cursor, settings, solver);
    rnet_copper_solver_free(solver);
    return status;
}
