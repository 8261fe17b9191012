/* Composing an office's profile: its people play parts at times of the working day. */
#include "population/population.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* Hosts of one person; parts have one or two. */
#define HOSTS_EACH 16
/* 9 October 2014, 0:00 in Mende: the day of the claim. */
#define DAY_NS (INT64_C(1412805600) * RNET_NS_PER_S)
#define HOUR_NS (3600 * RNET_NS_PER_S)

struct composing {
    const struct rnet_population *population;
    const struct rnet_office *office;
    struct rnet_profile *profile;
    struct rnet_random random;
    struct rnet_capture_facts facts;
};

static size_t
sector_of(const struct model *model, const struct rnet_office *office)
{
    size_t sector = 0;

    while (sector + 1 < model->sector_count &&
           strcmp(model->sectors[sector].name, office->firm.sector) != 0)
        sector++;
    return sector;
}

/* Whole people: what is left of a share is one more, as often as it says; who uses it is at least
 * one. */
static uint32_t
draw_users(struct composing *composing, const struct activity *activity)
{
    const struct model *model = &composing->population->model;
    const double share = model->users[activity->usage][sector_of(model, composing->office)];
    const double people = share * composing->office->firm.staff;
    const uint32_t whole = (uint32_t)people;
    const uint32_t users = whole + (rnet_random_unit(&composing->random) < people - whole);

    return users > 0 ? users : 1;
}

static enum rnet_status
play(struct composing *composing, const struct activity *activity, uint32_t person, int64_t at_ns)
{
    const struct part *part =
        &activity->parts[rnet_random_below(&composing->random, activity->part_count)];
    const struct rnet_profile_summary *summary = rnet_profile_get_summary(part->profile);
    const struct rnet_placement placement = {.shift_ns = at_ns - summary->begin_ns,
                                             .first_host = person * HOSTS_EACH};
    struct rnet_capture_facts *facts = &composing->facts;
    const int64_t end_ns = at_ns + (summary->end_ns - summary->begin_ns);

    facts->packets += summary->packets;
    facts->wire_bytes += summary->wire_bytes;
    if (end_ns > facts->end_ns)
        facts->end_ns = end_ns;
    rnet_notices_merge(&facts->notices, &summary->notices);
    return rnet_profile_add_profile(composing->profile, part->profile, &placement);
}

/* Events of one user in one hour: a Poisson process, so gaps are exponential. */
static enum rnet_status
play_hour(struct composing *composing, const struct activity *activity, uint32_t person,
          uint32_t hour)
{
    const struct model *model = &composing->population->model;
    double total = 0, rate, at;
    enum rnet_status status = RNET_OK;

    for (int i = 0; i < 24; i++)
        total += model->hour[i];
    rate = activity->per_day * composing->office->busyness * model->hour[hour % 24] / total;
    if (!(rate > 0))
        return RNET_OK;
    for (at = 0; status == RNET_OK;) {
        at -= log(1 - rnet_random_unit(&composing->random)) / rate;
        if (at >= 1)
            break;
        status = play(composing, activity, person,
                      DAY_NS + hour * HOUR_NS + (int64_t)(at * (double)HOUR_NS));
    }
    return status;
}

/* Which of the staff: a user of one thing may be one of another. Host 0 is the office's own. */
static enum rnet_status
play_activity(struct composing *composing, const struct activity *activity)
{
    const struct rnet_population *population = composing->population;
    const uint32_t users = activity->each_person ? draw_users(composing, activity) : 1;
    const uint32_t staff = composing->office->firm.staff;
    const uint32_t first = (uint32_t)rnet_random_below(&composing->random, staff);
    enum rnet_status status = RNET_OK;

    for (uint32_t i = 0; i < users && status == RNET_OK; i++) {
        const uint32_t person = activity->each_person ? 1 + (first + i) % staff : 0;

        for (uint32_t h = 0; h < population->hours && status == RNET_OK; h++)
            status = play_hour(composing, activity, person, population->first_hour + h);
    }
    return status;
}

static enum rnet_status
play_all(struct composing *composing)
{
    const struct model *model = &composing->population->model;
    enum rnet_status status = RNET_OK;

    for (size_t i = 0; i < model->activity_count && status == RNET_OK; i++)
        if (composing->office->uses[model->activities[i].usage])
            status = play_activity(composing, &model->activities[i]);
    return status == RNET_OK ? rnet_profile_finish(composing->profile, &composing->facts) : status;
}

enum rnet_status
rnet_population_compose(struct rnet_population *population, const struct rnet_office *office,
                        struct rnet_profile **profile, struct rnet_error *err)
{
    const int64_t begin_ns = DAY_NS + population->first_hour * HOUR_NS;
    struct composing composing = {
        .population = population,
        .office = office,
        .random = office_stream(population, office->number, 1),
        .facts = {.begin_ns = begin_ns,
                  .end_ns = begin_ns + population->hours * HOUR_NS - 1,
                  .office_hosts = office->firm.staff,
                  .complete = true},
    };
    enum rnet_status status = rnet_profile_new(profile);

    memcpy(composing.facts.digest, office->digest, sizeof composing.facts.digest);
    composing.profile = *profile;
    if (status == RNET_OK)
        status = play_all(&composing);
    if (status == RNET_OK)
        return RNET_OK;
    rnet_profile_free(*profile);
    *profile = NULL;
    return rnet_error_set(err, status, "office %" PRIu64 " could not be composed: %s",
                          office->number, rnet_status_text(status));
}
