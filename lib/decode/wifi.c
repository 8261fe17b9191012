/* 802.11 as captured in monitor mode, with or without radiotap in front. */
#include "decode/decode.h"

#define RADIOTAP_MIN_BYTES 8
#define RADIOTAP_TSFT 0x01
#define RADIOTAP_FLAGS 0x02
#define RADIOTAP_MORE_WORDS 0x80000000u
#define RADIOTAP_DATA_PAD 0x20
#define WIFI_MIN_BYTES 24

static uint16_t
le16(const uint8_t *at)
{
    return (uint16_t)(at[0] | at[1] << 8);
}

static uint32_t
le32(const uint8_t *at)
{
    return (uint32_t)le16(at) | (uint32_t)le16(at + 2) << 16;
}

/*
 * Radiotap's own length leads to the frame. Of its fields only "flags" matters: it says whether the
 * frame's header is padded to four bytes. It stands behind the presence words and, aligned to 8,
 * the 64-bit timer if there is one (radiotap.org, "Defined fields").
 */
static unsigned
radiotap_flags(const uint8_t *at, uint32_t bytes)
{
    const uint32_t present = le32(at + 4);
    uint32_t field = RADIOTAP_MIN_BYTES;

    if ((present & RADIOTAP_FLAGS) == 0)
        return 0;
    for (uint32_t word = present; (word & RADIOTAP_MORE_WORDS) != 0; field += 4) {
        if (field + 4 > bytes)
            return 0;
        word = le32(at + field);
    }
    if ((present & RADIOTAP_TSFT) != 0)
        field = (field + 7) / 8 * 8 + 8;
    return field < bytes ? at[field] : 0;
}

static bool
is_data(const uint8_t *frame)
{
    const bool data_type = (frame[0] & 0x0c) == 0x08;
    const bool without_body = (frame[0] & 0x40) != 0;
    const bool encrypted = (frame[1] & 0x40) != 0;
    const bool later_fragment = (frame[22] & 0x0f) != 0;

    return (frame[0] & 0x03) == 0 && data_type && !without_body && !encrypted && !later_fragment;
}

/* Which of the four addresses are the ends depends on the frame's way through the access point
 * (IEEE 802.11 9.3.2.1). */
static void
note_ends(struct rnet_decoding *decoding, const uint8_t *frame)
{
    const bool to_ap = (frame[1] & 0x01) != 0, from_ap = (frame[1] & 0x02) != 0;
    const uint8_t *destination = to_ap ? frame + 16 : frame + 4;
    const uint8_t *source = !from_ap ? frame + 10 : to_ap ? frame + 24 : frame + 16;

    rnet_note_macs(decoding, source, destination);
}

/* A bundle (A-MSDU) holds several packets; only the first is looked at. */
static enum rnet_layer
read_frame(struct rnet_decoding *decoding, bool padded)
{
    struct rnet_view *view = &decoding->view;
    const uint8_t *at = view->at;
    uint32_t bytes = WIFI_MIN_BYTES;
    bool bundle = false;

    if (!rnet_view_has(view, WIFI_MIN_BYTES))
        return rnet_layer_end(decoding, RNET_ENOTFOUND); /* control frames are shorter */
    if (!is_data(at))
        return rnet_layer_end(decoding, RNET_ENOTFOUND);
    bytes += (at[1] & 0x03) == 0x03 ? 6 : 0;
    if ((at[0] & 0x80) != 0) { /* with quality of service */
        bytes += 2;
        if (!rnet_view_has(view, bytes))
            return rnet_layer_short(decoding, bytes);
        bundle = (at[bytes - 2] & 0x80) != 0;
        bytes += (at[1] & 0x80) != 0 ? 4 : 0;
    }
    if (padded)
        bytes = (bytes + 3) / 4 * 4;
    if (!rnet_view_has(view, bytes))
        return rnet_layer_short(decoding, bytes);
    if (!bundle) {
        note_ends(decoding, at);
        rnet_view_skip(view, bytes);
        return RNET_LAYER_LLC;
    }
    rnet_view_skip(view, bytes);
    return RNET_LAYER_ETHERNET; /* a subframe: two addresses, length, LLC */
}

enum rnet_layer
rnet_read_wifi(struct rnet_decoding *decoding)
{
    return read_frame(decoding, false);
}

enum rnet_layer
rnet_read_radiotap(struct rnet_decoding *decoding)
{
    struct rnet_view *view = &decoding->view;
    uint32_t bytes;
    bool padded;

    if (!rnet_view_has(view, RADIOTAP_MIN_BYTES))
        return rnet_layer_short(decoding, RADIOTAP_MIN_BYTES);
    bytes = le16(view->at + 2);
    if (view->at[0] != 0 || bytes < RADIOTAP_MIN_BYTES)
        return rnet_layer_end(decoding, RNET_EFORMAT);
    if (!rnet_view_has(view, bytes))
        return rnet_layer_short(decoding, bytes);
    padded = (radiotap_flags(view->at, bytes) & RADIOTAP_DATA_PAD) != 0;
    rnet_view_skip(view, bytes);
    return read_frame(decoding, padded);
}
