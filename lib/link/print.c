#include "link/link.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct printer {
    char *text;
    size_t bytes;
    size_t used; /* may pass bytes: then the text was cut */
};

static void RNET_PRINTF(2, 3) put(struct printer *to, const char *format, ...)
{
    const size_t room = to->used < to->bytes ? to->bytes - to->used : 0;
    va_list args;
    int length;

    va_start(args, format);
    length = vsnprintf(room > 0 ? to->text + to->used : NULL, room, format, args);
    va_end(args);
    to->used += length > 0 ? (size_t)length : 0;
}

/* value / 10^decimals without trailing zeros; whole numbers only, so no locale has a say. */
static void
put_decimal(struct printer *to, uint64_t value, unsigned decimals)
{
    uint64_t scale = 1;

    for (unsigned i = 0; i < decimals; i++)
        scale *= 10;
    put(to, "%" PRIu64, value / scale);
    value %= scale;
    if (value == 0)
        return;
    while (value % 10 == 0) {
        value /= 10;
        decimals--;
    }
    put(to, ".%0*" PRIu64, (int)decimals, value);
}

/* With up to three decimals. */
static void
put_thousandths(struct printer *to, double value)
{
    put(to, value < 0 ? "-" : "");
    put_decimal(to, (uint64_t)llround(fabs(value) * 1000), 3);
}

static void
put_rate(struct printer *to, uint64_t bps)
{
    put_decimal(to, bps, 3);
}

static void
put_time(struct printer *to, int64_t ns)
{
    put_decimal(to, (uint64_t)ns, 6);
    put(to, "ms");
}

static void
put_buffer(struct printer *to, uint64_t bytes, uint32_t packets)
{
    if (packets != 0)
        put(to, "%" PRIu32 "p", packets);
    else if (bytes % 1000 == 0)
        put(to, "%" PRIu64 "kB", bytes / 1000);
    else if (bytes % 1024 == 0)
        put(to, "%" PRIu64 "KiB", bytes / 1024);
    else
        put(to, "%" PRIu64 "B", bytes);
}

static void
put_times(struct printer *to, const int64_t ns[RNET_DIRECTIONS])
{
    put_time(to, ns[RNET_DOWN]);
    if (ns[RNET_UP] != ns[RNET_DOWN]) {
        put(to, "/");
        put_time(to, ns[RNET_UP]);
    }
}

static void
put_buffers(struct printer *to, const uint64_t bytes[RNET_DIRECTIONS],
            const uint32_t packets[RNET_DIRECTIONS])
{
    if (bytes[RNET_DOWN] == 0 && packets[RNET_DOWN] == 0) {
        put(to, "none");
        return;
    }
    put_buffer(to, bytes[RNET_DOWN], packets[RNET_DOWN]);
    if (bytes[RNET_UP] != bytes[RNET_DOWN] || packets[RNET_UP] != packets[RNET_DOWN]) {
        put(to, "/");
        put_buffer(to, bytes[RNET_UP], packets[RNET_UP]);
    }
}

static void
put_ratios(struct printer *to, const double ratio[RNET_DIRECTIONS])
{
    put_decimal(to, (uint64_t)llround(ratio[RNET_DOWN] * 1e9), 9);
    if (ratio[RNET_UP] < ratio[RNET_DOWN] || ratio[RNET_UP] > ratio[RNET_DOWN]) {
        put(to, "/");
        put_decimal(to, (uint64_t)llround(ratio[RNET_UP] * 1e9), 9);
    }
}

/* The shaper as the rate it comes to, whether it was stated so or as a share. */
static void
put_shaper(struct printer *to, const struct link_settings *settings)
{
    struct rnet_link link;

    link_settings_apply(settings, &link);
    put_rate(to, link.direction[RNET_DOWN].shaper_bps);
    put(to, "/");
    put_rate(to, link.direction[RNET_UP].shaper_bps);
}

static void
put_contention(struct printer *to, const struct link_settings *settings)
{
    put_rate(to, settings->backhaul_bps[RNET_DOWN]);
    put(to, "/");
    put_rate(to, settings->backhaul_bps[RNET_UP]);
    put(to, "@");
    put_ratios(to, settings->backhaul_load);
}

static const char *
queue_word(enum rnet_queue queue)
{
    return queue == RNET_QUEUE_FQ_CODEL ? "fq_codel" : "droptail";
}

static void
put_loop(struct printer *to, const struct rnet_copper *copper)
{
    for (uint32_t i = 0; i < copper->sections; i++) {
        put(to, i > 0 ? "+" : "");
        put_thousandths(to, copper->section[i].length_m);
        put(to, "m@%s%s", rnet_cable_name(copper->section[i].cable),
            copper->section[i].is_tap ? ":tap" : "");
    }
}

static void
put_copper_option(struct printer *to, const struct link_settings *settings, enum link_option option)
{
    const struct rnet_copper *copper = &settings->copper;

    if (option == LINK_OPTION_LOOP) {
        put_loop(to, copper);
    } else if (option == LINK_OPTION_ATTENUATION || option == LINK_OPTION_MODEM) {
        put_thousandths(to, settings->stated_db);
        if (settings->cable_stated)
            put(to, "@%s", rnet_cable_name(settings->stated_cable));
    } else if (option == LINK_OPTION_NOISE) {
        put_thousandths(to, copper->noise_dbm_hz);
    } else if (option == LINK_OPTION_FEXT) {
        put_thousandths(to, copper->fext);
    } else if (option == LINK_OPTION_NEXT) {
        put_thousandths(to, copper->next);
        put(to, "@%s", rnet_disturber_name(copper->next_kind));
    } else if (option == LINK_OPTION_MARGIN) {
        put_thousandths(to, copper->margin_db[RNET_DOWN]);
        put(to, "/");
        put_thousandths(to, copper->margin_db[RNET_UP]);
    } else if (option == LINK_OPTION_GAIN) {
        put_thousandths(to, copper->coding_gain_db);
    } else if (option == LINK_OPTION_FEC) {
        put(to, "%" PRIu32 "of%" PRIu32 "/%" PRIu32 "of%" PRIu32, copper->check_bytes[RNET_DOWN],
            copper->codeword_bytes[RNET_DOWN], copper->check_bytes[RNET_UP],
            copper->codeword_bytes[RNET_UP]);
    } else if (option == LINK_OPTION_CAP) {
        put_rate(to, copper->cap_bps[RNET_DOWN]);
        put(to, "/");
        put_rate(to, copper->cap_bps[RNET_UP]);
    } else {
        put(to, "%s", link_point_names[settings->point]);
    }
}

static void
put_option(struct printer *to, const struct link_settings *settings, enum link_option option)
{
    put(to, "%s=", link_option_names[option]);
    switch (option) {
    case LINK_OPTION_LOOP:
    case LINK_OPTION_ATTENUATION:
    case LINK_OPTION_MODEM:
    case LINK_OPTION_NOISE:
    case LINK_OPTION_FEXT:
    case LINK_OPTION_NEXT:
    case LINK_OPTION_MARGIN:
    case LINK_OPTION_GAIN:
    case LINK_OPTION_FEC:
    case LINK_OPTION_CAP:
    case LINK_OPTION_RATE:
        put_copper_option(to, settings, option);
        return;
    case LINK_OPTION_ENCAP:
        put(to, "%s", settings->encap->name);
        return;
    case LINK_OPTION_FCS:
        put(to, settings->fcs ? "on" : "off");
        return;
    case LINK_OPTION_VLAN:
        put(to, "%" PRIu32, settings->vlan_tags);
        return;
    case LINK_OPTION_MTU:
        put(to, "%" PRIu32, settings->mtu_bytes);
        return;
    case LINK_OPTION_MSS:
        put(to, "%" PRIu32, settings->mss_bytes);
        return;
    case LINK_OPTION_DELAY:
        put_times(to, settings->delay_ns);
        return;
    case LINK_OPTION_INTERLEAVE:
        put_times(to, settings->interleave_ns);
        return;
    case LINK_OPTION_JITTER:
        put_times(to, settings->jitter_ns);
        return;
    case LINK_OPTION_LOSS:
        put_ratios(to, settings->loss_ratio);
        return;
    case LINK_OPTION_QUEUE:
        put(to, "%s", queue_word(settings->queue[RNET_DOWN]));
        if (settings->queue[RNET_UP] != settings->queue[RNET_DOWN])
            put(to, "/%s", queue_word(settings->queue[RNET_UP]));
        return;
    case LINK_OPTION_BUFFER:
        put_buffers(to, settings->buffer_bytes, settings->buffer_packets);
        return;
    case LINK_OPTION_FLOWS:
        put(to, "%" PRIu32, settings->codel_flows);
        return;
    case LINK_OPTION_QUANTUM:
        put(to, "%" PRIu32, settings->codel_quantum_bytes);
        return;
    case LINK_OPTION_TARGET:
        put_time(to, settings->codel_target_ns);
        return;
    case LINK_OPTION_INTERVAL:
        put_time(to, settings->codel_interval_ns);
        return;
    case LINK_OPTION_SHAPER:
        put_shaper(to, settings);
        return;
    case LINK_OPTION_CONTENTION:
        put_contention(to, settings);
        return;
    case LINK_OPTION_COUNT:
        return;
    }
}

/* Would the pair be another without the option? What is usual is written the same. */
static bool
copper_option_matters(const struct link_settings *settings, enum link_option option)
{
    struct link_settings usual = *settings;
    char stated_text[64], usual_text[64];

    if (!settings->rates_computed)
        return false;
    if (option <= LINK_OPTION_MODEM)
        return true;
    usual.copper = rnet_copper_default(settings->copper.dsl);
    usual.point = LINK_POINT_MODEL;
    put_copper_option(&(struct printer){stated_text, sizeof stated_text, 0}, settings, option);
    put_copper_option(&(struct printer){usual_text, sizeof usual_text, 0}, &usual, option);
    return strcmp(stated_text, usual_text) != 0;
}

/* Would the link be another without the option? Both are zeroed before being filled, so equal
 * links are equal bytes. */
static bool
option_matters(const struct link_settings *settings, enum link_option option)
{
    struct link_settings without = *settings;
    struct rnet_link a, b;

    if (option < LINK_OPTION_COPPER_COUNT)
        return copper_option_matters(settings, option);
    without.given &= ~(UINT32_C(1) << option);
    link_settings_apply(settings, &a);
    link_settings_apply(&without, &b);
    return memcmp(&a, &b, sizeof a) != 0;
}

bool
link_settings_print(const struct link_settings *settings, char *text, size_t bytes)
{
    struct printer to = {text, bytes, 0};
    struct link_settings kept = *settings;
    size_t start;

    put(&to, "%s:", settings->family->name);
    start = to.used;
    if (!settings->rates_computed) {
        put_rate(&to, settings->rate_bps[RNET_DOWN]);
        put(&to, "/");
        put_rate(&to, settings->rate_bps[RNET_UP]);
    }
    for (int option = 0; option < LINK_OPTION_COUNT; option++) {
        if (!link_settings_has(&kept, (enum link_option)option))
            continue;
        if (option_matters(&kept, (enum link_option)option)) {
            put(&to, to.used == start ? "" : ",");
            put_option(&to, settings, (enum link_option)option);
        } else {
            kept.given &= ~(UINT32_C(1) << option);
        }
    }
    return to.used < bytes;
}
