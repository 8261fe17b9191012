/* What may be shown to people: a file from anywhere may hold what a terminal would obey. */
#include "base/base.h"

#include <string.h>

/* Marks that turn the order of reading round, so that a name shows as another: Unicode's
 * Bidi_Control (UAX #9; from memory). */
static bool
turns_text(uint32_t code)
{
    return code == 0x61c || code == 0x200e || code == 0x200f ||
           (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

size_t
rnet_printable_bytes(const char *text)
{
    const unsigned char *at = (const unsigned char *)text;
    const size_t bytes = at[0] < 0x80 ? 1 : at[0] >> 5 == 6 ? 2 : at[0] >> 4 == 14 ? 3 : 4;
    uint32_t code = bytes == 1 ? at[0] : at[0] & (0xffu >> (bytes + 1));
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};

    if (at[0] >= 0x80 && (at[0] < 0xc2 || at[0] > 0xf4))
        return 0;
    for (size_t i = 1; i < bytes; i++) {
        if (at[i] >> 6 != 2)
            return 0;
        code = code << 6 | (at[i] & 0x3f);
    }
    if (code < ' ' || (code >= 0x7f && code < 0xa0) || code < least[bytes] || code > 0x10ffff ||
        (code >= 0xd800 && code < 0xe000) || turns_text(code))
        return 0;
    return bytes;
}

bool
rnet_is_printable(const char *text)
{
    while (*text != '\0') {
        const size_t bytes = rnet_printable_bytes(text);

        if (bytes == 0)
            return false;
        text += bytes;
    }
    return true;
}

void
rnet_make_printable(char *text)
{
    while (*text != '\0') {
        const size_t bytes = rnet_printable_bytes(text);

        if (bytes == 0)
            *text = '?';
        text += bytes > 0 ? bytes : 1;
    }
}
