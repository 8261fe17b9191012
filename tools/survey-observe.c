/*
 * One input of a survey, read by a child of its own. The child is confined as netsuff analyse is, so
 * it hands its profile back through a temporary file that both have open.
 */
#include "survey.h"

#include "language.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Between child and parent. */
struct answer {
    enum rnet_status status;
    struct rnet_error err;
};

static enum rnet_status
observe(const struct survey_add *add, const char *path, struct rnet_profile **profile,
        struct rnet_error *err)
{
    struct confinement confinement = add->confinement;
    struct reading reading = add->reading;
    struct rnet_capture *capture;
    enum rnet_status status;

    if (rnet_profile_is_file(path))
        return load_confined(path, &confinement, profile, err);
    /* A classifier for each input: detection, a process of its own, remembers what it has seen. */
    status = reading_open(&reading, &path, 1, &confinement, &capture, err);
    if (status == RNET_OK)
        status = rnet_observe(capture, reading_options(&reading), profile, err);
    reading_close(&reading, capture);
    return status;
}

/* What the child does; never returns. */
static void
answer_and_exit(const struct survey_add *add, const char *path, FILE *handover,
                struct answer *answer)
{
    struct rnet_profile *profile = NULL;
    uint8_t *bytes = NULL;
    size_t count = 0;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    answer->status = observe(add, path, &profile, &answer->err);
    if (answer->status >= RNET_OK &&
        rnet_profile_write(profile, &bytes, &count, &answer->err) != RNET_OK)
        answer->status = RNET_ENOMEM;
    else if (answer->status >= RNET_OK &&
             (fwrite(bytes, 1, count, handover) != count || fflush(handover) != 0)) {
        snprintf(answer->err.message, sizeof answer->err.message, "%s: %s", path, strerror(errno));
        answer->status = RNET_EIO;
    }
    _exit(EXIT_DONE);
}

/* What the child wrote is read as warily as any file: the child may have been taken over. */
static enum rnet_status
take_over(FILE *handover, struct rnet_profile **profile, struct rnet_error *err)
{
    enum rnet_status status;
    long count;
    void *bytes;

    if (fseek(handover, 0, SEEK_END) != 0 || (count = ftell(handover)) <= 0)
        return RNET_EIO;
    bytes = mmap(NULL, (size_t)count, PROT_READ, MAP_PRIVATE, fileno(handover), 0);
    if (bytes == MAP_FAILED)
        return RNET_ENOMEM;
    status = rnet_profile_read(bytes, (size_t)count, profile, err);
    munmap(bytes, (size_t)count);
    return status;
}

static enum rnet_status
observe_in_child(const struct survey_add *add, const char *path, FILE *handover,
                 struct answer *answer, struct rnet_profile **profile, struct rnet_error *err)
{
    int ended = 0;
    enum rnet_status status;
    pid_t child, waited;

    *answer = (struct answer){.status = RNET_EIO};
    fflush(stdout);
    child = fork();
    if (child == 0)
        answer_and_exit(add, path, handover, answer);
    do
        waited = child > 0 ? waitpid(child, &ended, 0) : -1;
    while (waited < 0 && child > 0 && errno == EINTR);
    if (waited < 0 || !WIFEXITED(ended)) {
        snprintf(err->message, sizeof err->message, _("%s: reading it ended with signal %d"), path,
                 waited > 0 ? WTERMSIG(ended) : 0);
        return RNET_EIO;
    }
    *err = answer->err;
    err->message[sizeof err->message - 1] = '\0';
    if (answer->status < RNET_OK)
        return answer->status;
    status = take_over(handover, profile, err);
    return status == RNET_OK ? answer->status : status;
}

enum rnet_status
survey_observe(const struct survey_add *add, const char *path, struct rnet_profile **profile,
               struct rnet_error *err)
{
    struct answer *answer = mmap(NULL, sizeof *answer, PROT_READ | PROT_WRITE,
                                 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    FILE *handover = tmpfile();
    enum rnet_status status = RNET_EIO;

    *profile = NULL;
    if (answer == MAP_FAILED || handover == NULL)
        snprintf(err->message, sizeof err->message, "%s: %s", path, strerror(errno));
    else
        status = observe_in_child(add, path, handover, answer, profile, err);
    if (answer != MAP_FAILED)
        munmap(answer, sizeof *answer);
    if (handover != NULL)
        fclose(handover);
    return status;
}
