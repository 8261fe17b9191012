/* The surest evidence about encrypted services: the names they are asked for by. */
#include "usage/names.h"

#include "base/base.h"
#include "usage/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Longest host name (RFC 1035 §2.3.4: 255 octets on the wire, 253 characters). */
#define HOST_MAX 253

struct entry {
    size_t text;         /* into texts, while the table is read */
    const char *name;    /* then */
    unsigned line, head; /* opinion shared by a line's names */
};

struct rnet_names {
    void *entries; /* struct entry, sorted by name */
    size_t count, capacity;
    void *heads; /* struct rnet_opinion */
    size_t head_count, head_capacity;
    void *texts; /* char: all names, each ended by a NUL */
    size_t text_bytes, text_capacity;
    char file[256]; /* where they came from, for errors */
};

static struct entry *
entries(const struct rnet_names *names)
{
    return names->entries;
}

static bool
is_host_pattern(const char *text)
{
    const size_t length = strlen(text);
    const bool wild = length > 2 && strcmp(text + length - 2, ".*") == 0;
    const size_t end = wild ? length - 2 : length;

    for (size_t i = 0; i < end; i++) {
        if (strchr("abcdefghijklmnopqrstuvwxyz0123456789-_.%", text[i]) == NULL)
            return false;
        if (wild && text[i] == '.')
            return false;
    }
    return end > 0 && length <= HOST_MAX && text[0] != '.' && text[end - 1] != '.';
}

static enum rnet_status
add_name(struct rnet_names *names, const char *name, const struct rnet_table_line *line,
         struct rnet_error *err)
{
    const size_t bytes = strlen(name) + 1;
    enum rnet_status status;

    if (!is_host_pattern(name))
        return rnet_table_refuse(
            err, line, "'%.60s' is not a domain in lower case ('%%' for digits), nor 'LABEL.*'",
            name);
    status = rnet_array_reserve(&names->texts, &names->text_capacity, names->text_bytes + bytes, 1);
    if (status == RNET_OK)
        status = rnet_array_reserve(&names->entries, &names->capacity, names->count + 1,
                                    sizeof(struct entry));
    if (status != RNET_OK)
        return rnet_error_set(err, status, "%s: out of memory", line->file);
    memcpy((char *)names->texts + names->text_bytes, name, bytes);
    entries(names)[names->count++] = (struct entry){
        .text = names->text_bytes, .line = line->number, .head = (unsigned)names->head_count - 1};
    names->text_bytes += bytes;
    return RNET_OK;
}

static enum rnet_status
take_line(void *context, const struct rnet_table_line *line, struct rnet_error *err)
{
    struct rnet_names *names = context;
    struct rnet_opinion opinion = {.evidence = RNET_EVIDENCE_NAME};
    enum rnet_status status;
    size_t length;

    snprintf(names->file, sizeof names->file, "%s", line->file);
    if (line->fields < 4)
        return rnet_table_refuse(err, line, "usage, confidence, application and names are needed");
    if ((status = rnet_table_usage(line, 0, &opinion.usage, err)) != RNET_OK ||
        (status = rnet_table_confidence(line, 1, &opinion.confidence, err)) != RNET_OK)
        return status;
    rnet_table_note(line, RNET_TABLE_NAMES, &opinion);
    snprintf(opinion.application, sizeof opinion.application, "%s", line->field[2]);
    length = strlen(opinion.application);
    if (length > 1 && opinion.application[length - 1] == '+') {
        opinion.application[length - 1] = '\0';
        opinion.is_embedded = true;
    }
    status = rnet_array_reserve(&names->heads, &names->head_capacity, names->head_count + 1,
                                sizeof opinion);
    if (status != RNET_OK)
        return rnet_error_set(err, status, "%s: out of memory", line->file);
    memcpy((struct rnet_opinion *)names->heads + names->head_count++, &opinion, sizeof opinion);
    for (size_t i = 3; i < line->fields && status == RNET_OK; i++)
        status = add_name(names, line->field[i], line, err);
    return status;
}

static int
compare_entries(const void *a, const void *b)
{
    return strcmp(((const struct entry *)a)->name, ((const struct entry *)b)->name);
}

static enum rnet_status
sort_entries(struct rnet_names *names, struct rnet_error *err)
{
    for (size_t i = 0; i < names->count; i++)
        entries(names)[i].name = (const char *)names->texts + entries(names)[i].text;
    if (names->count > 0)
        qsort(names->entries, names->count, sizeof(struct entry), compare_entries);
    for (size_t i = 1; i < names->count; i++) {
        const struct entry *a = &entries(names)[i - 1], *b = a + 1;
        const unsigned later = a->line > b->line ? a->line : b->line;

        if (strcmp(a->name, b->name) != 0)
            continue;
        rnet_error_set(err, RNET_EFORMAT, "%.150s:%u: line %u has '%.100s' already", names->file,
                       later, a->line + b->line - later, a->name);
        if (err != NULL)
            err->position = later;
        return RNET_EFORMAT;
    }
    return RNET_OK;
}

enum rnet_status
rnet_names_new(const char *directory, struct rnet_names **names, struct rnet_error *err)
{
    struct rnet_names *made = rnet_alloc_zero(1, sizeof *made);
    enum rnet_status status;

    if (made == NULL)
        return rnet_error_set(err, RNET_ENOMEM, "names.txt: out of memory");
    status = rnet_table_read(directory, rnet_table_name(RNET_TABLE_NAMES), take_line, made, err);
    if (status == RNET_OK)
        status = sort_entries(made, err);
    if (status != RNET_OK) {
        rnet_names_free(made);
        return status;
    }
    *names = made;
    return RNET_OK;
}

void
rnet_names_free(struct rnet_names *names)
{
    if (names == NULL)
        return;
    rnet_free(names->entries);
    rnet_free(names->heads);
    rnet_free(names->texts);
    rnet_free(names);
}

/* The opinion of exactly this name, or NULL. */
static const struct rnet_opinion *
find(const struct rnet_names *names, const char *name)
{
    const struct entry key = {.name = name};
    const struct entry *entry =
        names->count > 0 ? bsearch(&key, names->entries, names->count, sizeof key, compare_entries)
                         : NULL;

    return entry != NULL ? (const struct rnet_opinion *)names->heads + entry->head : NULL;
}

/* The name as it is, or with its numbers left open: "ex4.mail.ovh.net" by "ex%.mail.ovh.net". */
static const struct rnet_opinion *
find_numbered(const struct rnet_names *names, const char *name)
{
    char open[HOST_MAX + 3];
    size_t length = 0;
    const struct rnet_opinion *found = find(names, name);

    if (found != NULL || strpbrk(name, "0123456789") == NULL)
        return found;
    for (const char *at = name; *at != '\0' && length + 1 < sizeof open; at++) {
        const bool digit = *at >= '0' && *at <= '9';

        if (!digit || length == 0 || open[length - 1] != '%')
            open[length++] = digit ? '%' : *at;
    }
    open[length] = '\0';
    return find(names, open);
}

/* What the first label alone says: "mail" of "mail.example.org". */
static const struct rnet_opinion *
find_first_label(const struct rnet_names *names, const char *host)
{
    char pattern[HOST_MAX + 3];
    const size_t length = strcspn(host, ".");

    if (host[length] != '.')
        return NULL;
    snprintf(pattern, sizeof pattern, "%.*s.*", (int)length, host);
    return find_numbered(names, pattern);
}

void
rnet_names_judge(const struct rnet_names *names, const char *host, struct rnet_opinion *opinion)
{
    char name[HOST_MAX + 1];
    const struct rnet_opinion *by_domain = NULL, *by_label;
    size_t length = strcspn(host, ":/");

    memset(opinion, 0, sizeof *opinion);
    if (length > 0 && host[length - 1] == '.')
        length--;
    if (length == 0 || length > HOST_MAX)
        return;
    memcpy(name, host, length);
    name[length] = '\0';
    for (const char *at = name; at != NULL && by_domain == NULL;) {
        by_domain = find_numbered(names, at);
        at = strchr(at, '.');
        if (at != NULL)
            at++;
    }
    by_label = find_first_label(names, name);
    if (by_domain != NULL)
        *opinion = *by_domain;
    if (by_label != NULL && by_label->confidence > opinion->confidence)
        *opinion = *by_label;
}
