#include "link/link.h"

#define MS RNET_NS_PER_MS

/*
 * Defaults by family. Delays are one way and add up to half the idle round trip to the first hop
 * that standards.md §8 gives; a link's jitter is the mean of its exponential part. Marks are those
 * of the sheet: verified (V), from memory of the cited work (M).
 *
 * DSL: 4 ms of a modem pair (G.992.1, M) and 2 ms of DSLAM and aggregation (chosen, so that a fast
 * path's first hop is at 12 ms, within the 8-20 of §8), and an interleaver of 16 ms each way as
 * Qwest set it (V: dslreports FAQ 11146): first hop at 44 ms, within 35-50.
 * Buffers: 128 ms of the sync rate to the nearest power of two, never below 64 KiB: downstream
 * queues of DSL are mostly below 130 ms (Dischinger 2007, M), upstream ones are sized in bytes, 64
 * KiB and more (Netalyzr 2010, M), which is 655 ms at 800 kbit/s (Dischinger: commonly above 600).
 * Loss: none; at a margin of 6 dB steady noise leaves none (margin and line errors: copper.c).
 */
const struct link_family link_families[] = {
    {"adsl", "adsl1", "ADSL (G.992.1)", "pppoe-llc", {0, 0}, 6 * MS, 16 * MS, 0, 128 * MS, 0},
    {"adsl2", NULL, "ADSL2 (G.992.3)", "pppoe-llc", {0, 0}, 6 * MS, 16 * MS, 0, 128 * MS, 0},
    {"readsl2",
     "adsl2-l",
     "ADSL2 with extended reach (G.992.3 Annex L)",
     "pppoe-llc",
     {0, 0},
     6 * MS,
     16 * MS,
     0,
     128 * MS,
     0},
    {"adsl2+",
     "adsl2plus",
     "ADSL2+ (G.992.5)",
     "pppoe-llc",
     {0, 0},
     6 * MS,
     16 * MS,
     0,
     128 * MS,
     0},
    {"adsl2+m",
     "adsl2plus-m",
     "ADSL2+ with a wider uplink (G.992.5 Annex M)",
     "pppoe-llc",
     {0, 0},
     6 * MS,
     16 * MS,
     0,
     128 * MS,
     0},
    /* First hop 5-10 ms fast, 15-25 interleaved (M). */
    {"vdsl2",
     NULL,
     "VDSL2, profile 17a (G.993.2)",
     "pppoe",
     {0, 0},
     3500000,
     8 * MS,
     0,
     128 * MS,
     0},
    {"vdsl2-8b",
     NULL,
     "VDSL2, profile 8b (G.993.2)",
     "pppoe",
     {0, 0},
     3500000,
     8 * MS,
     0,
     128 * MS,
     0},
    /* First hop 6-15 ms (M). */
    {"sdsl", "shdsl", "SDSL (G.991.2)", "ipoa-llc", {0, 0}, 5 * MS, -1, 0, 128 * MS, 0},
    /* Fibre: first hop 1-4 ms, jitter below 1 ms, loss below 0.01 % (M). */
    {"ethernet", "ftth", "fibre or Ethernet", "ethernet", {0, 0}, 1250000, -1, 0, 50 * MS, 0},
    /* First hop 8-15 ms, 100s of ms when loaded (M). */
    {"cable", "docsis", "cable (DOCSIS)", "docsis", {0, 0}, 4 * MS, -1, 2 * MS, 500 * MS, 0},
    /* 4G fixed: first hop 35-60 ms, jitter 5-20, loaded 100-500 ms, loss 0.1-1 % (M). */
    {"lte", "4g", "4G fixed access", "ip", {20e6, 5e6}, 18 * MS, -1, 5 * MS, 400 * MS, 0.001},
    /* First hop 20-35 ms, jitter 3-10 (M). */
    {"5g", "nr", "5G fixed access", "ip", {20e6, 100e6}, 11 * MS, -1, 3 * MS, 200 * MS, 0.001},
    /* Latency 627 ms and 21.8/3.4 Mbit/s: Viasat, Ookla Q2 2021 (V); jitter, loss (M). */
    {"geo",
     "satellite",
     "geostationary satellite",
     "ip",
     {3.4e6, 21.8e6},
     303500000,
     -1,
     10 * MS,
     500 * MS,
     0.005},
    /* Latency 40-45 ms and 105/12 Mbit/s: Starlink, Ookla Q4 2021 (V); jitter, loss (M). */
    {"leo",
     "starlink",
     "low-orbit satellite",
     "ip",
     {12e6, 105e6},
     16 * MS,
     -1,
     5 * MS,
     200 * MS,
     0.005},
    /* Whatever else: the rate of IP packets, nothing added. */
    {"ip", NULL, "an IP link", "ip", {0, 0}, 0, -1, 0, 128 * MS, 0},
    {.name = NULL},
};

/* Sync rates of the offers behind "classic ADSL" and of what an office would change to. */
static const struct rnet_link_preset presets[] = {
    {"adsl-512k", "adsl:512/128", "ADSL at 512/128 kbit/s, the least ever sold as ADSL"},
    {"adsl-1m", "adsl:1024/128", "ADSL at 1024/128 kbit/s"},
    {"adsl-2m", "adsl:2048/256", "ADSL at 2048/256 kbit/s, the offer of long rural loops"},
    {"adsl-4m", "adsl:4096/512", "ADSL at 4096/512 kbit/s"},
    {"adsl-8m", "adsl:8192/800", "ADSL at 8192/800 kbit/s, ADSL1 at its best"},
    {"adsl-20m", "adsl2+:20000/1000", "ADSL2+ at 20/1 Mbit/s, near the exchange"},
    {"readsl2", "readsl2:640/160", "READSL2 at 640/160 kbit/s, on loops too long for ADSL"},
    {"vdsl2", "vdsl2:50000/8000", "VDSL2 at 50/8 Mbit/s, within some 500 m of the exchange"},
    {"4g", "lte:20000/5000", "4G fixed access, 20/5 Mbit/s of a shared cell"},
    {"ftth", "ethernet:300000/300000", "fibre to the premises, 300/300 Mbit/s"},
    {"geo", "geo:21800/3400", "geostationary satellite, 21.8/3.4 Mbit/s"},
    {"leo", "leo:105000/12000", "low-orbit satellite, 105/12 Mbit/s"},
    {"sdsl-2m", "sdsl:2048/2048", "SDSL at 2 Mbit/s each way, the classic business line"},
    {"cable", "cable:100000/5000", "cable, 100/5 Mbit/s"},
    {"5g", "5g:100000/20000", "5G fixed access, 100/20 Mbit/s of a shared cell"},
};

enum { LADDER_COUNT = 6, COMPARISON_COUNT = 6, PRESET_COUNT = sizeof presets / sizeof presets[0] };

const char *
rnet_link_ladder(size_t index)
{
    return index < LADDER_COUNT ? presets[index].name : NULL;
}

const char *
rnet_link_comparison(size_t index)
{
    return index < COMPARISON_COUNT ? presets[LADDER_COUNT + index].name : NULL;
}

const struct rnet_link_preset *
rnet_link_preset(size_t index)
{
    return index < PRESET_COUNT ? &presets[index] : NULL;
}

const struct rnet_link_preset *
link_preset_find(const char *name, size_t length)
{
    for (size_t i = 0; i < PRESET_COUNT; i++)
        if (link_word_is(name, length, presets[i].name))
            return &presets[i];
    return NULL;
}

const struct link_family *
link_family_find(const char *name, size_t length)
{
    for (const struct link_family *family = link_families; family->name != NULL; family++)
        if (link_word_is(name, length, family->name) ||
            (family->alias != NULL && link_word_is(name, length, family->alias)))
            return family;
    return NULL;
}

uint64_t
link_default_buffer_bytes(uint64_t rate_bps, int64_t depth_ns)
{
    const double wanted = (double)rate_bps / 8 * (double)depth_ns / 1e9;
    uint64_t bytes = UINT64_C(64) * 1024;

    /* Nearest power of two in ratio: go up while sqrt(2) times the size is still below. */
    while ((double)bytes * 1.4142135623730951 < wanted && bytes < UINT64_C(64) << 20)
        bytes *= 2;
    return bytes;
}
