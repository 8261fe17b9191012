/* What every command that reads captures takes. */
#include "reading.h"

#include "language.h"

#define MOST_FLOWS 100000000

static bool
add_office(struct reading *reading, const char *text)
{
    struct rnet_error err = {0};
    size_t *count = &reading->observe.flows.office_count;

    if (*count == READING_MOST_OFFICES) {
        complain("--office: at most %d", READING_MOST_OFFICES);
        return false;
    }
    if (rnet_network_parse(text, &reading->offices[*count], &err) != RNET_OK) {
        complain("--office: %s", err.message);
        return false;
    }
    ++*count;
    return true;
}

static bool
set_max_flows(struct reading *reading, const char *text)
{
    unsigned long value;

    if (!parse_count("--max-flows", text, MOST_FLOWS, &value))
        return false;
    reading->observe.flows.max_flows = (uint32_t)value;
    return true;
}

bool
reading_set(struct reading *reading, int code, const char *text)
{
    switch ((enum reading_option)code) {
    case READING_OFFICE:
        return add_office(reading, text);
    case READING_NO_DPI:
        return reading->observe.no_dpi = true;
    case READING_MAX_MEMORY:
        return parse_size("--max-memory", text, &reading->observe.max_memory_bytes);
    case READING_MAX_FLOWS:
        return set_max_flows(reading, text);
    case READING_MAX_TIME:
        return parse_seconds("--max-time", text, &reading->observe.max_time_ns);
    case READING_MAX_EXPANDED:
        return parse_size("--max-expanded", text, &reading->max_expanded_bytes);
    case READING_END:
        break;
    }
    return false;
}

const struct rnet_observe_options *
reading_options(struct reading *reading)
{
    reading->observe.flows.offices =
        reading->observe.flows.office_count > 0 ? reading->offices : NULL;
    return &reading->observe;
}

enum rnet_status
reading_open(struct reading *reading, const char *const *paths, size_t count,
             struct confinement *confinement, struct rnet_capture **capture,
             struct rnet_error *err)
{
    const struct rnet_classifier_options how = {.data_directory = reading->observe.data_directory,
                                                .no_dpi = reading->observe.no_dpi,
                                                .isolate_detection = true,
                                                .keep_hosts = reading->keep_names};
    const struct rnet_capture_options options = {.filter = reading->filter,
                                                 .max_expanded_bytes = reading->max_expanded_bytes,
                                                 .ready = confine,
                                                 .ready_context = confinement};
    enum rnet_status status = rnet_classifier_new(&how, &reading->observe.classifier, err);

    *capture = NULL;
    if (status == RNET_OK)
        status = rnet_capture_open_many(paths, count, &options, capture, err);
    return status;
}

void
reading_close(struct reading *reading, struct rnet_capture *capture)
{
    rnet_capture_close(capture);
    rnet_classifier_free(reading->observe.classifier);
    reading->observe.classifier = NULL;
}
