/*
 * Run a command and say what it took: a small parent, because Linux counts a parent's memory into
 * the peak of what it starts.
 *
 *     measure RESULT COMMAND…
 *
 * RESULT receives one line: CPU seconds, wall seconds, peak resident KiB, milliseconds to the first
 * byte of output (-1: none), exit code (128 + signal when killed). Standard output is read and
 * dropped; standard input and errors are the caller's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double
now_s(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static double
seconds(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec * 1e-6;
}

static void
run(char **command, const int *ends)
{
    close(ends[0]);
    dup2(ends[1], STDOUT_FILENO);
    close(ends[1]);
    execvp(command[0], command);
    perror(command[0]);
    _exit(127);
}

int
main(int argc, char **argv)
{
    static char dropped[1 << 16];
    double begin_s, first_s = -1;
    struct rusage usage;
    int ends[2], status;
    pid_t child;
    FILE *result;

    if (argc < 3 || pipe(ends) != 0)
        return 2;
    begin_s = now_s();
    child = fork();
    if (child == 0)
        run(argv + 2, ends);
    close(ends[1]);
    while (read(ends[0], dropped, sizeof dropped) > 0)
        if (first_s < 0)
            first_s = now_s() - begin_s;
    if (wait4(child, &status, 0, &usage) != child || (result = fopen(argv[1], "w")) == NULL)
        return 4;
    fprintf(result, "%.6f %.6f %ld %.3f %d\n",
            seconds(usage.ru_utime) + seconds(usage.ru_stime), now_s() - begin_s, usage.ru_maxrss,
            first_s < 0 ? -1 : first_s * 1e3,
            WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
    return fclose(result) == 0 ? 0 : 4;
}
