#include "link/link.h"

#include <math.h>

const char *const link_option_names[LINK_OPTION_COUNT] = {
    [LINK_OPTION_LOOP] = "loop",     [LINK_OPTION_ATTENUATION] = "attenuation",
    [LINK_OPTION_MODEM] = "modem",   [LINK_OPTION_NOISE] = "noise",
    [LINK_OPTION_FEXT] = "fext",     [LINK_OPTION_NEXT] = "next",
    [LINK_OPTION_MARGIN] = "margin", [LINK_OPTION_GAIN] = "gain",
    [LINK_OPTION_FEC] = "fec",       [LINK_OPTION_CAP] = "cap",
    [LINK_OPTION_RATE] = "rate",     [LINK_OPTION_ENCAP] = "encap",
    [LINK_OPTION_FCS] = "fcs",       [LINK_OPTION_VLAN] = "vlan",
    [LINK_OPTION_MTU] = "mtu",       [LINK_OPTION_MSS] = "mss",
    [LINK_OPTION_DELAY] = "delay",   [LINK_OPTION_INTERLEAVE] = "interleave",
    [LINK_OPTION_JITTER] = "jitter", [LINK_OPTION_LOSS] = "loss",
    [LINK_OPTION_QUEUE] = "queue",   [LINK_OPTION_BUFFER] = "buffer",
    [LINK_OPTION_FLOWS] = "flows",   [LINK_OPTION_QUANTUM] = "quantum",
    [LINK_OPTION_TARGET] = "target", [LINK_OPTION_INTERVAL] = "interval",
    [LINK_OPTION_SHAPER] = "shaper", [LINK_OPTION_CONTENTION] = "contention",
};

static const struct link_unit count_units[] = {{"", 1}, {NULL, 0}};
static const struct link_unit ratio_units[] = {{"", 1}, {"%", 0.01}, {NULL, 0}};
static const struct link_unit byte_units[] = {{"", 1}, {"B", 1}, {NULL, 0}};
/* 1 kB is 1000 bytes and 1 KiB 1024, so a size must say which; p is packets. */
static const struct link_unit buffer_units[] = {
    {NULL, 1},   {"B", 1},         {"kB", 1e3}, {"KiB", 1024},
    {"MB", 1e6}, {"MiB", 1048576}, {"p", 1},    {NULL, 0},
};
static const struct link_unit shaper_units[] = {
    {"", 1e3}, {"k", 1e3}, {"K", 1e3}, {"M", 1e6}, {"G", 1e9}, {"%", 0.01}, {NULL, 0},
};
static const struct link_unit symbol_units[] = {{NULL, 1}, {"x", 1}, {NULL, 0}};

static const char *
encap_name(size_t index)
{
    return link_encaps[index].name;
}

static const char *
queue_name(size_t index)
{
    static const char *const names[] = {"fq_codel", "droptail", "drop-tail"};

    return index < 3 ? names[index] : NULL;
}

static const char *
switch_name(size_t index)
{
    static const char *const names[] = {"on", "off"};

    return index < 2 ? names[index] : NULL;
}

static enum rnet_status
read_encap(struct link_cursor *cursor, struct link_settings *settings)
{
    const size_t length = link_word_length(cursor);

    settings->encap = link_encap_find(cursor->text + cursor->at, length);
    if (settings->encap == NULL)
        return link_fail_word(cursor, cursor->at, length, "encapsulation", encap_name);
    cursor->at += length;
    return RNET_OK;
}

static enum rnet_status
read_whole(struct link_cursor *cursor, const struct link_unit *units, double min, double max,
           const char *what, uint32_t *value)
{
    double number;
    const size_t start = cursor->at;
    enum rnet_status status = link_read_quantity(cursor, units, min, max, what, &number);

    if (status == RNET_OK && number != floor(number))
        status = link_fail(cursor, start, "%s must be whole", _(what));
    if (status == RNET_OK)
        *value = (uint32_t)number;
    return status;
}

static enum rnet_status
read_times(struct link_cursor *cursor, const char *what, int64_t value[RNET_DIRECTIONS])
{
    double pair[RNET_DIRECTIONS];
    enum rnet_status status =
        link_read_pair(cursor, link_time_units, 0, LINK_DELAY_MAX_NS, what, pair);

    if (status == RNET_OK)
        for (int way = 0; way < RNET_DIRECTIONS; way++)
            value[way] = llround(pair[way]);
    return status;
}

static enum rnet_status
read_time(struct link_cursor *cursor, const char *what, int64_t *value)
{
    double number;
    enum rnet_status status =
        link_read_quantity(cursor, link_time_units, 1, LINK_DELAY_MAX_NS, what, &number);

    if (status == RNET_OK)
        *value = llround(number);
    return status;
}

/* One of "fast", a time, or SxD: codeword symbols times depth. */
static enum rnet_status
read_interleave_one(struct link_cursor *cursor, const struct link_family *family, int64_t *value)
{
    struct link_cursor ahead = {cursor->text, cursor->at, NULL};
    double symbols, depth, time;
    enum rnet_status status;

    if (link_word_is(cursor->text + cursor->at, link_word_length(cursor), "fast")) {
        cursor->at += link_word_length(cursor);
        *value = 0;
        return RNET_OK;
    }
    if (link_read_quantity(&ahead, symbol_units, 0.0625, 16, "interleaver depth", &symbols) ==
        RNET_OK) {
        cursor->at = ahead.at;
        status = link_read_quantity(cursor, count_units, 1, 511, "interleaver depth", &depth);
        if (status == RNET_OK)
            *value = link_interleave_ns(family, symbols, depth);
        return status;
    }
    status = link_read_quantity(cursor, link_time_units, 0, LINK_DELAY_MAX_NS, "interleaving delay",
                                &time);
    if (status == RNET_OK)
        *value = llround(time);
    return status;
}

static enum rnet_status
read_interleave(struct link_cursor *cursor, struct link_settings *settings)
{
    int64_t *value = settings->interleave_ns;
    enum rnet_status status;

    if (settings->family->interleave_ns < 0)
        return link_fail(cursor, cursor->at,
                         "%s lines do not interleave; use delay=", settings->family->name);
    status = read_interleave_one(cursor, settings->family, &value[RNET_DOWN]);
    value[RNET_UP] = value[RNET_DOWN];
    if (status == RNET_OK && link_take(cursor, '/'))
        status = read_interleave_one(cursor, settings->family, &value[RNET_UP]);
    return status;
}

int64_t
link_interleave_ns(const struct link_family *family, double symbols, double depth)
{
    const bool first_generation = family == &link_families[0];
    const double quarters =
        first_generation ? symbols - 1 + symbols * depth : ceil(symbols * depth);

    return llround(quarters * 250000);
}

static enum rnet_status
read_loss(struct link_cursor *cursor, struct link_settings *settings)
{
    double pair[RNET_DIRECTIONS];
    enum rnet_status status = link_read_pair(cursor, ratio_units, 0, 1, "loss", pair);

    /* Kept in parts per thousand million, so that printing and reading again gives the same. */
    if (status == RNET_OK)
        for (int way = 0; way < RNET_DIRECTIONS; way++)
            settings->loss_ratio[way] = (double)llround(pair[way] * 1e9) / 1e9;
    return status;
}

static enum rnet_status
read_buffer_one(struct link_cursor *cursor, uint64_t *bytes, uint32_t *packets)
{
    double size;
    enum rnet_status status =
        link_read_quantity(cursor, buffer_units, 1, LINK_BUFFER_MAX_BYTES, "buffer", &size);

    if (status != RNET_OK)
        return status;
    *bytes = 0;
    *packets = 0;
    if (cursor->text[cursor->at - 1] == 'p')
        *packets = (uint32_t)llround(size);
    else
        *bytes = (uint64_t)llround(size);
    return RNET_OK;
}

static enum rnet_status
read_buffer(struct link_cursor *cursor, struct link_settings *settings)
{
    uint64_t *bytes = settings->buffer_bytes;
    uint32_t *packets = settings->buffer_packets;
    enum rnet_status status;

    if (link_word_is(cursor->text + cursor->at, link_word_length(cursor), "none")) {
        cursor->at += link_word_length(cursor);
        return RNET_OK;
    }
    status = read_buffer_one(cursor, &bytes[RNET_DOWN], &packets[RNET_DOWN]);
    bytes[RNET_UP] = bytes[RNET_DOWN];
    packets[RNET_UP] = packets[RNET_DOWN];
    if (status == RNET_OK && link_take(cursor, '/'))
        status = read_buffer_one(cursor, &bytes[RNET_UP], &packets[RNET_UP]);
    return status;
}

/* A rate, or a share of the sync rate, which comes out as 1 or less. */
static enum rnet_status
read_shaper_one(struct link_cursor *cursor, double *value)
{
    const size_t start = cursor->at;
    enum rnet_status status =
        link_read_quantity(cursor, shaper_units, 0.01, LINK_RATE_MAX_BPS, "shaper rate", value);
    const bool is_share = status == RNET_OK && cursor->text[cursor->at - 1] == '%';

    if (status == RNET_OK && (is_share ? *value > 1 : *value < 1e3))
        return link_fail(cursor, start, "shaper rate is out of range");
    return status;
}

static enum rnet_status
read_shaper(struct link_cursor *cursor, struct link_settings *settings)
{
    double *value = settings->shaper;
    enum rnet_status status = read_shaper_one(cursor, &value[RNET_DOWN]);

    value[RNET_UP] = value[RNET_DOWN];
    if (status == RNET_OK && link_take(cursor, '/'))
        status = read_shaper_one(cursor, &value[RNET_UP]);
    return status;
}

static enum rnet_status
read_contention(struct link_cursor *cursor, struct link_settings *settings)
{
    double rate[RNET_DIRECTIONS], load[RNET_DIRECTIONS];
    enum rnet_status status =
        link_read_pair(cursor, link_rate_units, 1e3, LINK_RATE_MAX_BPS, "shared rate", rate);

    if (status == RNET_OK && !link_take(cursor, '@'))
        return link_fail(cursor, cursor->at,
                         "contention is the shared rate, \"@\", and the load of the others, "
                         "as in 16M/4M@60%%");
    if (status == RNET_OK)
        status = link_read_pair(cursor, ratio_units, 0, 0.99, "load", load);
    if (status != RNET_OK)
        return status;
    for (int way = 0; way < RNET_DIRECTIONS; way++) {
        settings->backhaul_bps[way] = (uint64_t)llround(rate[way]);
        settings->backhaul_load[way] = (double)llround(load[way] * 1e6) / 1e6;
    }
    return RNET_OK;
}

static enum rnet_status
read_queue_one(struct link_cursor *cursor, enum rnet_queue *queue)
{
    size_t index = 0;
    enum rnet_status status = link_read_word(cursor, "queue", queue_name, &index);

    if (status == RNET_OK)
        *queue = index == 0 ? RNET_QUEUE_FQ_CODEL : RNET_QUEUE_DROP_TAIL;
    return status;
}

static enum rnet_status
read_queue(struct link_cursor *cursor, struct link_settings *settings)
{
    enum rnet_queue *queue = settings->queue;
    enum rnet_status status = read_queue_one(cursor, &queue[RNET_DOWN]);

    queue[RNET_UP] = queue[RNET_DOWN];
    if (status == RNET_OK && link_take(cursor, '/'))
        status = read_queue_one(cursor, &queue[RNET_UP]);
    return status;
}

static enum rnet_status
read_fcs(struct link_cursor *cursor, struct link_settings *settings)
{
    size_t index = 0;
    enum rnet_status status = link_read_word(cursor, "fcs", switch_name, &index);

    if (status == RNET_OK)
        settings->fcs = index == 0;
    return status;
}

enum rnet_status
link_option_read(struct link_cursor *cursor, struct link_settings *settings,
                 enum link_option option)
{
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
        return link_copper_option_read(cursor, settings, option);
    case LINK_OPTION_ENCAP:
        return read_encap(cursor, settings);
    case LINK_OPTION_FCS:
        return read_fcs(cursor, settings);
    case LINK_OPTION_VLAN:
        return read_whole(cursor, count_units, 0, 2, N_("number of VLAN tags"),
                          &settings->vlan_tags);
    case LINK_OPTION_MTU:
        return read_whole(cursor, byte_units, LINK_MTU_MIN, LINK_MTU_MAX, N_("MTU"),
                          &settings->mtu_bytes);
    case LINK_OPTION_MSS:
        return read_whole(cursor, byte_units, LINK_MSS_MIN, LINK_MSS_MAX, N_("MSS"),
                          &settings->mss_bytes);
    case LINK_OPTION_DELAY:
        return read_times(cursor, N_("delay"), settings->delay_ns);
    case LINK_OPTION_INTERLEAVE:
        return read_interleave(cursor, settings);
    case LINK_OPTION_JITTER:
        return read_times(cursor, N_("jitter"), settings->jitter_ns);
    case LINK_OPTION_LOSS:
        return read_loss(cursor, settings);
    case LINK_OPTION_QUEUE:
        return read_queue(cursor, settings);
    case LINK_OPTION_BUFFER:
        return read_buffer(cursor, settings);
    case LINK_OPTION_FLOWS:
        return read_whole(cursor, count_units, 1, 65536, N_("number of queues"),
                          &settings->codel_flows);
    case LINK_OPTION_QUANTUM:
        return read_whole(cursor, byte_units, 1, 65575, N_("quantum"),
                          &settings->codel_quantum_bytes);
    case LINK_OPTION_TARGET:
        return read_time(cursor, N_("target"), &settings->codel_target_ns);
    case LINK_OPTION_INTERVAL:
        return read_time(cursor, N_("interval"), &settings->codel_interval_ns);
    case LINK_OPTION_SHAPER:
        return read_shaper(cursor, settings);
    case LINK_OPTION_CONTENTION:
        return read_contention(cursor, settings);
    case LINK_OPTION_COUNT:
        break;
    }
    return link_fail(cursor, cursor->at, "unknown option");
}
