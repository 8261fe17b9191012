/* Where offices stand on copper: on each class of real loops, and on the line each has. */
#include "claim/claim.h"

#include <math.h>
#include <stdio.h>

/* The length of the pair a specification speaks of; NAN when it states only rates. */
static enum rnet_status
find_length(const char *specification, struct rnet_copper_solver *solver, double *length_m)
{
    struct rnet_copper copper;
    const enum rnet_status status = rnet_link_copper(specification, solver, &copper, NULL);

    *length_m = NAN;
    if (status != RNET_OK)
        return status == RNET_ENOMEM ? status : RNET_OK;
    *length_m = 0;
    for (uint32_t i = 0; i < copper.sections; i++)
        if (!copper.section[i].is_tap)
            *length_m += copper.section[i].length_m;
    return RNET_OK;
}

static enum rnet_status
place_on_loop(const struct judging *judging, struct rnet_copper_solver *solver, size_t slot,
              struct rnet_claim_loop *place)
{
    static const struct definition as_stated;
    static const struct selection everybody;
    static const double whole = 1;
    const struct mixture mixture = {&slot, &whole, 1};
    struct rnet_link link;
    struct judged judged;
    enum rnet_status status = judge_line(judging, &mixture, &as_stated, &everybody, 0, &judged);

    if (status == RNET_OK)
        status = rnet_link_parse(place->loop->specification, &link, NULL);
    if (status == RNET_OK)
        status = find_length(place->loop->specification, solver, &place->length_m);
    if (status != RNET_OK)
        return status;
    for (int way = 0; way < RNET_DIRECTIONS; way++)
        place->rate_bps[way] = link.direction[way].rate_bps;
    place->satisfied = judged.satisfied;
    place->not_satisfied = judged.not_satisfied;
    place->cannot_say = judged.cannot_say;
    place->firms = judged.firms;
    return RNET_OK;
}

#define DB_STEP 4 /* up to 120 dB, which is more than any such pair syncs over */

static enum rnet_status
model_rates(struct rnet_copper_solver *solver, struct rnet_claim *claim)
{
    struct rnet_copper_result *result = rnet_alloc(sizeof *result);
    enum rnet_status status = result != NULL ? RNET_OK : RNET_ENOMEM;

    for (int i = 1; i <= RNET_CLAIM_LENGTHS && status == RNET_OK; i++) {
        struct rnet_claim_rates *rates = &claim->rates[claim->rate_count];
        struct rnet_copper copper;
        char specification[64];

        rates->length_m = 1000 * DB_STEP * i / rnet_cable_planning_db_per_km(RNET_CABLE_PE_040);
        snprintf(specification, sizeof specification, "adsl2+:attenuation=%d,cap=20000/1000",
                 DB_STEP * i);
        status = rnet_link_copper(specification, solver, &copper, NULL);
        if (status == RNET_OK)
            status = rnet_copper_solve(solver, &copper, result, NULL);
        if (status != RNET_OK)
            break;
        rates->p10_bps = result->direction[RNET_DOWN].p10_bps;
        rates->p50_bps = result->direction[RNET_DOWN].p50_bps;
        rates->p90_bps = result->direction[RNET_DOWN].p90_bps;
        claim->rate_count++;
    }
    rnet_free(result);
    return status == RNET_ENOMEM ? status : RNET_OK;
}

/* Telephone pairs carry ATM cells or PTM; other lines have no loop to speak of. */
static bool
is_copper(const struct rnet_firm *firm, struct rnet_link *link)
{
    return firm->captures > 0 && firm->line[0] != '\0' &&
           rnet_link_parse(firm->line, link, NULL) == RNET_OK &&
           (link->framing == RNET_FRAMING_ATM || link->framing == RNET_FRAMING_PTM);
}

static enum rnet_status
place_offices(const struct judging *judging, struct rnet_copper_solver *solver,
              struct rnet_claim *claim)
{
    static const struct definition as_stated;
    const struct table *table = judging->table;
    const size_t own = table->line_count + SLOT_OWN;

    for (size_t f = 0; f < table->firm_count; f++) {
        struct rnet_claim_office *office = &claim->offices[claim->office_count];
        struct rnet_link link;

        if (!is_copper(&table->firms[f], &link))
            continue;
        if (find_length(table->firms[f].line, solver, &office->length_m) != RNET_OK)
            return RNET_ENOMEM;
        for (int way = 0; way < RNET_DIRECTIONS; way++)
            office->rate_bps[way] = link.direction[way].rate_bps;
        office->modelled = table->firms[f].modelled;
        office->satisfied = office_satisfied(
            judging->criteria, &table->offices[f * table_slots(table) + own], &as_stated);
        claim->office_count++;
    }
    return RNET_OK;
}

enum rnet_status
copper_places(const struct judging *judging, size_t asked, size_t loops, struct rnet_claim *claim)
{
    struct rnet_copper_solver *solver = NULL;
    enum rnet_status status = rnet_copper_solver_new(&solver);

    claim->loops = rnet_alloc_zero(loops, sizeof *claim->loops);
    claim->offices = rnet_alloc_zero(judging->table->firm_count, sizeof *claim->offices);
    if (status == RNET_OK && (claim->loops == NULL || claim->offices == NULL))
        status = RNET_ENOMEM;
    for (size_t i = 0; i < loops && status == RNET_OK; i++) {
        claim->loops[i].loop = rnet_loop_class(i);
        status = place_on_loop(judging, solver, asked + i, &claim->loops[i]);
        claim->loop_count += status == RNET_OK;
    }
    if (status == RNET_OK)
        status = place_offices(judging, solver, claim);
    if (status == RNET_OK && claim->loop_count + claim->office_count > 0)
        status = model_rates(solver, claim);
    rnet_copper_solver_free(solver);
    return status;
}
