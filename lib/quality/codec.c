/*
 * Codecs: impairment Ie and packet-loss robustness Bpl of ITU-T G.113 Appendix I for random loss
 * (standards.md 1.4). Opus is not in G.113: its row is this project's assumption.
 */
#include <ruralnet/score.h>

#include <string.h>

static const struct rnet_codec codecs[] = {
    {"g711", "G.711 without concealment", 0, 4.3, 20, 0, "G.113 App. I (verified)"},
    {"g711-plc", "G.711 with concealment", 0, 25.1, 20, 3.75, "G.113 App. I (verified)"},
    {"g729a", "G.729A", 11, 19.0, 20, 5, "G.113 App. I (verified)"},
    {"g7231-63", "G.723.1 6.3 kbit/s", 15, 16.1, 30, 7.5, "G.113 App. I (verified)"},
    {"g7231-53", "G.723.1 5.3 kbit/s", 19, 16.0, 30, 7.5, "Ie verified, Bpl from memory"},
    {"gsm-fr", "GSM full rate", 20, 10.0, 20, 0, "one public implementation"},
    {"gsm-efr", "GSM EFR, AMR 12.2", 5, 10.0, 20, 0, "from memory"},
    {"opus", "Opus", 0, 25.0, 20, 6.5, "assumption of this project; Opus is not in G.113"},
};

const struct rnet_codec *
rnet_codec_at(size_t index)
{
    return index < sizeof codecs / sizeof codecs[0] ? &codecs[index] : NULL;
}

const struct rnet_codec *
rnet_codec_find(const char *id)
{
    for (size_t i = 0; i < sizeof codecs / sizeof codecs[0]; i++)
        if (strcmp(codecs[i].id, id) == 0)
            return &codecs[i];
    return NULL;
}
