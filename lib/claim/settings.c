/*
 * What an evaluation depends on. Kept evaluations are found by a digest of all of it, so that one
 * computed by other code, from another profile or by other criteria is never taken.
 */
#define _GNU_SOURCE /* dl_iterate_phdr */
#include "claim/claim.h"

#include <elf.h>
#include <gnu/libc-version.h>
#include <inttypes.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <xxhash.h>

void
digest_of_bytes(const void *bytes, size_t count, char digest[RNET_DIGEST_TEXT])
{
    const XXH128_hash_t hash = XXH3_128bits(bytes, count);

    snprintf(digest, RNET_DIGEST_TEXT, "%016" PRIx64 "%016" PRIx64, hash.high64, hash.low64);
}

/* The build identity the linker put into the program or library that this code is in: a digest of
 * its contents, so any change of code or compiler options changes it. */
struct build_id {
    const void *code;
    const uint8_t *bytes;
    size_t count;
};

static void
read_notes(const uint8_t *at, size_t left, struct build_id *id)
{
    while (left >= sizeof(ElfW(Nhdr))) {
        ElfW(Nhdr) note;
        size_t name, step;

        memcpy(&note, at, sizeof note);
        name = sizeof note + ((note.n_namesz + 3u) & ~3u);
        step = name + ((note.n_descsz + 3u) & ~3u);
        if (step > left)
            return;
        if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 &&
            memcmp(at + sizeof note, "GNU", 4) == 0) {
            id->bytes = at + name;
            id->count = note.n_descsz;
        }
        at += step;
        left -= step;
    }
}

static int
look_at_object(struct dl_phdr_info *info, size_t size, void *context)
{
    struct build_id *id = context;
    bool ours = false;

    (void)size;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &info->dlpi_phdr[i];
        const uintptr_t begin = info->dlpi_addr + part->p_vaddr;

        ours = ours || (part->p_type == PT_LOAD && (uintptr_t)id->code >= begin &&
                        (uintptr_t)id->code < begin + part->p_memsz);
    }
    for (int i = 0; ours && i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &info->dlpi_phdr[i];

        if (part->p_type == PT_NOTE)
            read_notes((const uint8_t *)(info->dlpi_addr + part->p_vaddr), part->p_memsz, id);
    }
    return ours;
}

static void
find_build(char digest[RNET_DIGEST_TEXT])
{
    static const char own[] = "libruralnet";
    struct build_id id = {.code = own};
    char words[200];
    int used;

    digest[0] = '\0';
    dl_iterate_phdr(look_at_object, &id);
    if (id.bytes == NULL || id.count < 8)
        return;
    /* Mathematical functions come from the C library: another one may round otherwise. */
    used = snprintf(words, sizeof words, "%s %s ", rnet_version(), gnu_get_libc_version());
    for (size_t i = 0; i < id.count && used > 0 && (size_t)used + 3 < sizeof words; i++)
        used += snprintf(words + used, sizeof words - (size_t)used, "%02x", id.bytes[i]);
    digest_of_bytes(words, strlen(words), digest);
}

static void
add_rule(XXH3_state_t *state, const struct rnet_rule *rule)
{
    char words[512];
    const int used =
        snprintf(words, sizeof words, "rule %d %a %a %a %a %a %a %" PRIu32 "\n", (int)rule->metric,
                 rule->good, rule->acceptable, rule->good_per_mb, rule->acceptable_per_mb,
                 rule->good_cap, rule->acceptable_cap, rule->kinds);

    XXH3_128bits_update(state, words, (size_t)used);
}

void
criteria_digest(const struct rnet_criteria *criteria, char digest[RNET_DIGEST_TEXT])
{
    XXH3_state_t *state = XXH3_createState();
    XXH128_hash_t hash;

    digest[0] = '\0';
    if (state == NULL)
        return;
    XXH3_128bits_reset(state);
    for (size_t i = 0; i < criteria->count; i++) {
        const struct rnet_criterion *item = &criteria->items[i];
        char words[512];
        const int used =
            snprintf(words, sizeof words, "criterion %s %" PRIu32 " %d %d %a %a\n", item->id,
                     item->usages, item->essential, item->judged, item->share, item->minimum);

        XXH3_128bits_update(state, words, (size_t)used);
        for (size_t r = 0; r < item->rule_count; r++)
            add_rule(state, &item->rules[r]);
    }
    hash = XXH3_128bits_digest(state);
    snprintf(digest, RNET_DIGEST_TEXT, "%016" PRIx64 "%016" PRIx64, hash.high64, hash.low64);
    XXH3_freeState(state);
}

enum rnet_status
settings_init(struct settings *settings, const struct rnet_criteria *criteria, uint64_t seed,
              uint32_t replications)
{
    *settings = (struct settings){.criteria = criteria, .seed = seed, .replications = replications};
    find_build(settings->build);
    criteria_digest(criteria, settings->criteria_digest);
    return settings->criteria_digest[0] != '\0' ? RNET_OK : RNET_ENOMEM;
}

void
evaluation_key(const struct settings *settings, const char *profile_digest, int64_t begin_ns,
               int64_t end_ns, const char *line, char key[RNET_DIGEST_TEXT])
{
    char words[768];
    const int used =
        snprintf(words, sizeof words,
                 "evaluation 1\n%s\n%s\n%" PRIu64 " %" PRIu32 "\n%s\n%" PRId64 " %" PRId64 "\n%s\n",
                 settings->build, settings->criteria_digest, settings->seed, settings->replications,
                 profile_digest, begin_ns, end_ns, line);

    digest_of_bytes(words, (size_t)used, key);
}
