#include "usage/confidence.h"

#include "usage/table.h"

#include <string.h>

static enum rnet_status
take_kind(const struct rnet_table_line *line, enum rnet_confidence_kind *kind,
          struct rnet_error *err)
{
    static const char *const names[RNET_CONFIDENCE_KINDS] = {
        [RNET_CONFIDENCE_NAMED] = "named",
        [RNET_CONFIDENCE_PORT] = "port",
        [RNET_CONFIDENCE_BLIND] = "blind",
        [RNET_CONFIDENCE_SHAPE] = "shape",
    };

    for (int i = 0; i < RNET_CONFIDENCE_KINDS; i++) {
        if (strcmp(line->field[0], names[i]) == 0) {
            *kind = (enum rnet_confidence_kind)i;
            return RNET_OK;
        }
    }
    return rnet_table_refuse(err, line, "named, port, blind or shape is needed, not '%.40s'",
                             line->field[0]);
}

static enum rnet_status
take_line(void *context, const struct rnet_table_line *line, struct rnet_error *err)
{
    struct rnet_confidence *confidence = context;
    enum rnet_confidence_kind kind = RNET_CONFIDENCE_NAMED;
    float strength = 0, probability = 0;
    enum rnet_status status;
    size_t count;

    if (line->fields != 3)
        return rnet_table_refuse(err, line, "3 fields are needed, not %zu", line->fields);
    if ((status = take_kind(line, &kind, err)) != RNET_OK ||
        (status = rnet_table_confidence(line, 1, &strength, err)) != RNET_OK ||
        (status = rnet_table_confidence(line, 2, &probability, err)) != RNET_OK)
        return status;
    count = confidence->curve[kind].count;
    if (count >= RNET_CONFIDENCE_CORNERS)
        return rnet_table_refuse(err, line, "more than %d corners", RNET_CONFIDENCE_CORNERS);
    if (count > 0 && (double)strength <= confidence->curve[kind].strength[count - 1])
        return rnet_table_refuse(err, line, "strengths rise from corner to corner");
    confidence->curve[kind].strength[count] = (double)strength;
    confidence->curve[kind].probability[count] = (double)probability;
    confidence->curve[kind].count++;
    return RNET_OK;
}

enum rnet_status
rnet_confidence_read(const char *directory, struct rnet_confidence *confidence,
                     struct rnet_error *err)
{
    memset(confidence, 0, sizeof *confidence);
    return rnet_table_read(directory, "confidence.txt", take_line, confidence, err);
}

double
rnet_confidence_of(const struct rnet_confidence *confidence, enum rnet_confidence_kind kind,
                   double strength)
{
    const size_t count = confidence->curve[kind].count;
    const double *const x = confidence->curve[kind].strength;
    const double *const y = confidence->curve[kind].probability;
    size_t i = 0;

    if (count == 0)
        return strength;
    while (i < count && strength > x[i])
        i++;
    if (i == 0 || i == count)
        return i == 0 ? y[0] : y[count - 1];
    return y[i - 1] + (y[i] - y[i - 1]) * (strength - x[i - 1]) / (x[i] - x[i - 1]);
}
