/* Drawing an office: what it is, how many work there, which line it has, what it does. */
#include "population/population.h"

#include <ruralnet/link.h>

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Weights are drawn from by their sum, so they need not add up to 1. */
struct wheel {
    double total;
    double left;
};

static struct wheel
spin(struct rnet_random *random, double total)
{
    return (struct wheel){total, rnet_random_unit(random) * total};
}

static bool
stops_at(struct wheel *wheel, double weight)
{
    wheel->left -= weight;
    return wheel->left < 0;
}

/* Sector and staff class together, as offices with a line have them. */
static void
draw_kind(const struct model *model, struct rnet_random *random, size_t *sector, size_t *class)
{
    struct wheel wheel;
    double total = 0;

    for (size_t s = 0; s < model->sector_count; s++)
        for (size_t c = 0; c < model->class_count; c++)
            total +=
                model->sectors[s].share * model->classes[c].share * model->sectors[s].access[c];
    wheel = spin(random, total);
    for (*sector = 0; *sector < model->sector_count; (*sector)++)
        for (*class = 0; *class < model->class_count; (*class)++)
            if (stops_at(&wheel, model->sectors[*sector].share * model->classes[*class].share *
                                     model->sectors[*sector].access[*class]))
                return;
    *sector = model->sector_count - 1; /* rounding left a crumb */
    *class = model->class_count - 1;
}

static uint32_t
draw_staff(const struct staff_class *class, struct rnet_random *random)
{
    struct wheel wheel;
    double total = 0;

    for (uint32_t n = class->low; n <= class->high; n++)
        total += pow(n, -class->exponent);
    wheel = spin(random, total);
    for (uint32_t n = class->low; n < class->high; n++)
        if (stops_at(&wheel, pow(n, -class->exponent)))
            return n;
    return class->high;
}

/* Linear between the points; below the first, from nothing at 0 dB. */
static double
draw_attenuation_db(const struct model *model, struct rnet_random *random)
{
    const double share = rnet_random_unit(random);
    struct loop_point before = {0, 0};

    for (size_t i = 0; i < model->loop_count; i++) {
        const struct loop_point *point = &model->loops[i];

        if (share < point->share)
            return before.db +
                   (point->db - before.db) * (share - before.share) / (point->share - before.share);
        before = *point;
    }
    return before.db;
}

/*
 * A place in the band between its 10th, 50th and 90th percentile; outside, those. Lines of one
 * length differ by noise and cable (docs/lines.md): one draw stands for both directions.
 */
static uint64_t
in_band(const struct rnet_copper_direction *band, double place)
{
    const double low = (double)band->p10_bps, middle = (double)band->p50_bps,
                 high = (double)band->p90_bps;

    if (place <= 0.1)
        return band->p10_bps;
    if (place < 0.5)
        return (uint64_t)(low + (middle - low) * (place - 0.1) / 0.4);
    if (place < 0.9)
        return (uint64_t)(middle + (high - middle) * (place - 0.5) / 0.4);
    return band->p90_bps;
}

/* As its modem would report it: rates and attenuation downstream, in tenths of a decibel. No offer
 * is slower than 128/64 kbit/s: a pair that carries less has those. */
static void
write_line(const struct line_kind *kind, const struct rnet_copper_result *result, double place,
           struct rnet_office *office)
{
    const struct rnet_copper_direction *up = &result->direction[RNET_UP],
                                       *down = &result->direction[RNET_DOWN];
    const long tenths = lround(10 * down->attenuation_db);

    snprintf(office->firm.line, sizeof office->firm.line,
             "%s:%" PRIu64 "/%" PRIu64 ",modem=%ld.%ld@%s", rnet_dsl_name(kind->dsl),
             (uint64_t)fmax(128, (double)in_band(down, place) / 1000),
             (uint64_t)fmax(64, (double)in_band(up, place) / 1000), tenths / 10, tenths % 10,
             rnet_cable_name(RNET_CABLE_PE_040));
}

/*
 * The pair as if all of 0.4 mm (French loops are mostly of 0.4 and 0.6 mm, from memory): as long as
 * has that many decibels at 300 kHz by the French planning figure, which is what the sample of loops
 * states.
 */
static enum rnet_status
draw_copper(struct rnet_population *population, const struct line_kind *kind,
            struct rnet_random *random, struct rnet_office *office, struct rnet_error *err)
{
    struct rnet_copper copper = rnet_copper_default(kind->dsl);
    struct rnet_copper_result *result = rnet_alloc(sizeof *result);
    const double place = rnet_random_unit(random);
    enum rnet_status status;

    if (result == NULL)
        return rnet_error_set(err, RNET_ENOMEM, "out of memory");
    office->attenuation_db = draw_attenuation_db(&population->model, random);
    copper.section[0].length_m =
        1000 * office->attenuation_db / rnet_cable_planning_db_per_km(RNET_CABLE_PE_040);
    copper.section[0].cable = RNET_CABLE_PE_040;
    copper.sections = 1;
    copper.cap_bps[RNET_UP] = kind->cap_bps[RNET_UP];
    copper.cap_bps[RNET_DOWN] = kind->cap_bps[RNET_DOWN];
    status = rnet_copper_solve(population->solver, &copper, result, err);
    if (status == RNET_OK)
        write_line(kind, result, place, office);
    rnet_free(result);
    return status;
}

static enum rnet_status
draw_line(struct rnet_population *population, struct rnet_random *random,
          struct rnet_office *office, struct rnet_error *err)
{
    const struct model *model = &population->model;
    const struct line_kind *kind = &model->lines[0];
    struct wheel wheel;
    double total = 0;

    for (size_t i = 0; i < model->line_count; i++)
        total += model->lines[i].share;
    wheel = spin(random, total);
    for (size_t i = 0; i < model->line_count; i++) {
        kind = &model->lines[i];
        if (stops_at(&wheel, kind->share))
            break;
    }
    if (kind->copper)
        return draw_copper(population, kind, random, office, err);
    snprintf(office->firm.line, sizeof office->firm.line, "%s", kind->specification);
    return RNET_OK;
}

/* Standard normal (Box and Muller 1958). */
static double
draw_normal(struct rnet_random *random)
{
    const double radius = sqrt(-2 * log(1 - rnet_random_unit(random)));

    return radius * cos(2 * 3.14159265358979323846 * rnet_random_unit(random));
}

enum rnet_status
rnet_population_office(struct rnet_population *population, uint64_t number,
                       struct rnet_office *office, struct rnet_error *err)
{
    const struct model *model = &population->model;
    struct rnet_random random = office_stream(population, number, 0);
    struct rnet_firm *firm = &office->firm;
    size_t sector, class;
    char words[RNET_DIGEST_TEXT + 24];

    *office = (struct rnet_office){.number = number, .attenuation_db = NAN};
    draw_kind(model, &random, &sector, &class);
    snprintf(firm->name, sizeof firm->name, "model-%.8s-%05" PRIu64, population->digest, number);
    snprintf(firm->sector, sizeof firm->sector, "%s", model->sectors[sector].name);
    firm->staff = draw_staff(&model->classes[class], &random);
    firm->weight = 1;
    firm->modelled = true;
    /* Mean 1, whatever the spread: E exp(sz) = exp(s²/2). */
    office->busyness =
        exp(model->spread * draw_normal(&random) - model->spread * model->spread / 2);
    for (int usage = 0; usage < RNET_USAGE_COUNT; usage++)
        office->uses[usage] = rnet_random_unit(&random) < model->uses[usage][sector];
    snprintf(words, sizeof words, "%s %" PRIu64, population->digest, number);
    digest_bytes(words, strlen(words), office->digest);
    return draw_line(population, &random, office, err);
}
