/* What netsuff link --survey writes. What is not known is empty (CSV) or absent (JSON), never 0; a
 * rate of 0 says that no modem pair would sync. */
#include "link-rows.h"

#include "csv.h"

#include <inttypes.h>

void
link_rows_begin(struct link_rows *rows, FILE *file, bool json)
{
    *rows = (struct link_rows){file, json, false};
    fputs(json ? "{\"version\": 1, \"lines\": ["
               : "line,id,specification,source,down_kbps,down_p10_kbps,down_p50_kbps,down_p90_kbps,"
                 "up_kbps,up_p10_kbps,up_p50_kbps,up_p90_kbps,length_m,modem_db,error\n",
          file);
}

static double
kbps(uint64_t bps)
{
    return (double)bps / 1000;
}

static void
write_csv(FILE *file, const struct link_row *row)
{
    fprintf(file, "%lu,", row->line);
    csv_write_field(file, row->id);
    putc(',', file);
    csv_write_field(file, row->specification);
    if (row->err.status != RNET_OK) {
        fputs(",,,,,,,,,,,,", file);
        csv_write_field(file, row->err.message);
        putc('\n', file);
        return;
    }
    fprintf(file, ",%s", row->reported ? "stated" : "computed");
    for (int i = 0; i < RNET_DIRECTIONS; i++) {
        const enum rnet_direction way = i == 0 ? RNET_DOWN : RNET_UP;
        const struct rnet_copper_direction *direction = &row->result.direction[way];

        fprintf(file, ",%.10g", kbps(row->rate_bps[way]));
        if (row->reported)
            fputs(",,,", file);
        else
            fprintf(file, ",%.10g,%.10g,%.10g", kbps(direction->p10_bps), kbps(direction->p50_bps),
                    kbps(direction->p90_bps));
    }
    if (row->reported)
        fputs(",,,\n", file);
    else
        fprintf(file, ",%.1f,%.1f,\n", row->result.length_m,
                row->result.direction[RNET_DOWN].attenuation_db);
}

/* Bytes that are no UTF-8 (a table in Latin-1, say) become question marks. */
static void
write_json_string(FILE *file, const char *words)
{
    putc('"', file);
    while (*words != '\0') {
        const size_t bytes = rnet_printable_bytes(words);

        if ((unsigned char)*words < 0x20)
            fprintf(file, "\\u%04x", *words);
        else if (*words == '"' || *words == '\\')
            fprintf(file, "\\%c", *words);
        else if (bytes == 0)
            putc('?', file);
        else
            fwrite(words, 1, bytes, file);
        words += bytes > 0 ? bytes : 1;
    }
    putc('"', file);
}

static void
write_json_direction(FILE *file, const struct link_row *row, enum rnet_direction way)
{
    const struct rnet_copper_direction *direction = &row->result.direction[way];

    fprintf(file, "\"%s\": {\"rate_bps\": %" PRIu64, way == RNET_UP ? "up" : "down",
            row->rate_bps[way]);
    if (!row->reported)
        fprintf(file, ", \"p10_bps\": %" PRIu64 ", \"p50_bps\": %" PRIu64 ", \"p90_bps\": %" PRIu64,
                direction->p10_bps, direction->p50_bps, direction->p90_bps);
    putc('}', file);
}

static void
write_json(FILE *file, const struct link_row *row, bool first)
{
    fprintf(file, "%s\n{\"line\": %lu, \"id\": ", first ? "" : ",", row->line);
    write_json_string(file, row->id);
    fputs(", \"specification\": ", file);
    write_json_string(file, row->specification);
    if (row->err.status != RNET_OK) {
        fputs(", \"error\": ", file);
        write_json_string(file, row->err.message);
        putc('}', file);
        return;
    }
    fprintf(file, ", \"source\": \"%s\", ", row->reported ? "stated" : "computed");
    write_json_direction(file, row, RNET_DOWN);
    fputs(", ", file);
    write_json_direction(file, row, RNET_UP);
    if (!row->reported)
        fprintf(file, ", \"length_m\": %.1f, \"modem_db\": %.1f", row->result.length_m,
                row->result.direction[RNET_DOWN].attenuation_db);
    putc('}', file);
}

void
link_row_write(struct link_rows *rows, const struct link_row *row)
{
    if (rows->json)
        write_json(rows->file, row, !rows->any);
    else
        write_csv(rows->file, row);
    rows->any = true;
}

void
link_rows_end(struct link_rows *rows, unsigned long done, unsigned long failed, bool complete)
{
    if (rows->json)
        fprintf(rows->file, "\n], \"done\": %lu, \"failed\": %lu, \"complete\": %s}\n", done,
                failed, complete ? "true" : "false");
}
