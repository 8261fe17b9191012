/* The answer for a capture, from a program: cc answer.c $(pkg-config --cflags --libs libruralnet)
 */
#include <ruralnet/ruralnet.h>
#include <stdio.h>

int
main(int argc, char **argv)
{
    const char *lines[] = {"adsl:2048/256", "adsl:8192/800"};
    const struct rnet_assess_options options = {.links = lines, .link_count = 2, .seed = 1};
    struct rnet_capture *capture = NULL;
    struct rnet_profile *profile = NULL;
    struct rnet_assessment assessment = {0};
    struct rnet_error err = {0};
    enum rnet_status status = RNET_EINVAL;

    if (argc == 2)
        status = rnet_capture_open(argv[1], NULL, &capture, &err);
    if (status == RNET_OK)
        status = rnet_observe(capture, NULL, &profile, &err);
    rnet_capture_close(capture);
    if (status >= RNET_OK)
        status = rnet_assess(profile, &options, &assessment, &err);
    for (size_t i = 0; i < assessment.link_count; i++)
        printf("%s: %s\n", assessment.links[i].link.name, assessment.links[i].verdict.sentence);
    if (status < RNET_OK)
        fprintf(stderr, "answer: %s\n", err.message);
    rnet_assessment_clear(&assessment);
    rnet_profile_free(profile);
    return status < RNET_OK;
}
