/* French subscriber loops by attenuation. */
#include "claim/claim.h"

/*
 * Attenuation shares of a national sample of eligibility checks (ARIASE): under 20 dB 30.29 %
 * (14–22 Mbit/s); under 30 dB "nearly half" (over 11); 7 Mbit/s or more "more than 60 %"; under
 * 50 dB "about 75 %" (4 Mbit/s or more) — verified there. About 90 % of lines reach 2 Mbit/s and
 * 99 % reach 512 kbit/s — from memory. "Nearly half" is taken as 48 %, "more than 60 %" as 62 %.
 * Rates down are the middle of each class's range; rates up fall with length as modems report
 * them: chosen.
 */
static const struct rnet_loop_class classes[] = {
    {"under-20dB", 0.3029, "adsl2+:18000/1000", "ARIASE: 30.29 % of lines, 14-22 Mbit/s"},
    {"20-30dB", 0.1771, "adsl2+:12500/1000", "ARIASE: nearly half of lines over 11 Mbit/s"},
    {"30-40dB", 0.14, "adsl2+:9000/900", "ARIASE: more than 60 % of lines 7 Mbit/s or more"},
    {"40-50dB", 0.13, "adsl2+:5500/800", "ARIASE: about 75 % of lines 4 Mbit/s or more"},
    {"50-60dB", 0.15, "adsl2+:3000/600", "about 90 % of lines 2 Mbit/s or more, from memory"},
    {"60-70dB", 0.09, "adsl:1024/256", "about 99 % of lines 512 kbit/s or more, from memory"},
    {"over-70dB", 0.01, "adsl:384/128", "the rest"},
};

const struct rnet_loop_class *
rnet_loop_class(size_t index)
{
    return index < sizeof classes / sizeof *classes ? &classes[index] : NULL;
}
