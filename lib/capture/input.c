#include "capture/capture.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#define GZIP_FIRST_BYTE 0x1f /* RFC 1952 2.3.1 */
#define ZSTD_FIRST_BYTE 0x28 /* RFC 8878 3.1.1: magic 0xfd2fb528, little-endian */

static enum rnet_status
open_raw(struct rnet_input *input, const char *path, struct rnet_error *err)
{
    struct stat about;

    if (strcmp(path, "-") == 0) {
        input->raw = stdin;
        return RNET_OK;
    }
    input->raw = fopen(path, "rb");
    if (input->raw == NULL)
        return rnet_error_set(err, RNET_EIO, "%s: %s", path, strerror(errno));
    if (fstat(fileno(input->raw), &about) == 0 && S_ISREG(about.st_mode))
        input->total_bytes = (uint64_t)about.st_size;
    return RNET_OK;
}

/* One byte tells gzip and zstd from every capture format, and one byte can always be put back. */
static enum rnet_status
begin_stream(struct rnet_input *input, const char *path, const struct rnet_capture_options *options,
             struct rnet_error *err)
{
    const int first = getc(input->raw);

    if (first == EOF && ferror(input->raw))
        return rnet_error_set(err, RNET_EIO, "%s: %s", path, strerror(errno));
    if (first == EOF)
        return rnet_error_set(err, RNET_EFORMAT, "%s: the file is empty", path);
    ungetc(first, input->raw);
    if (first != GZIP_FIRST_BYTE && first != ZSTD_FIRST_BYTE) {
        input->file = input->raw;
        return RNET_OK;
    }
    input->file = rnet_expansion_open(
        input->raw, first == GZIP_FIRST_BYTE ? RNET_COMPRESSION_GZIP : RNET_COMPRESSION_ZSTD,
        options, &input->expansion);
    if (input->file == NULL)
        return rnet_error_set(err, RNET_ENOMEM, "%s: out of memory", path);
    return RNET_OK;
}

enum rnet_status
rnet_input_open(struct rnet_input *input, const char *path,
                const struct rnet_capture_options *options, struct rnet_error *err)
{
    enum rnet_status status;

    *input = (struct rnet_input){0};
    status = open_raw(input, path, err);
    if (status == RNET_OK)
        status = begin_stream(input, path, options, err);
    if (status != RNET_OK)
        rnet_input_close(input, true);
    return status;
}

struct rnet_input_failure
rnet_input_failed(const struct rnet_input *input)
{
    const int error = errno;
    struct rnet_input_failure failure = {.status = RNET_OK};

    if (input->expansion != NULL)
        return *rnet_expansion_failure(input->expansion);
    if (!ferror(input->file))
        return failure;
    failure.status = error == EINTR ? RNET_EINTERRUPTED : RNET_EIO;
    snprintf(failure.words, sizeof failure.words, "%s", strerror(error));
    return failure;
}

uint64_t
rnet_input_done(const struct rnet_input *input)
{
    off_t at;

    if (input->expansion != NULL)
        return rnet_expansion_read_bytes(input->expansion);
    at = ftello(input->raw);
    return at > 0 ? (uint64_t)at : 0;
}

void
rnet_input_close(struct rnet_input *input, bool close_file)
{
    if (close_file && input->file != NULL && input->file != stdin)
        fclose(input->file);
    if (input->raw != NULL && input->raw != stdin && (input->raw != input->file))
        fclose(input->raw);
    *input = (struct rnet_input){0};
}
