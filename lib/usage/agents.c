#include "usage/agents.h"

#include "base/base.h"
#include "usage/table.h"

#include <stdio.h>
#include <string.h>

struct agent {
    struct rnet_opinion opinion;
    char word[32];
};

struct rnet_agents {
    void *agents; /* struct agent, in the table's order */
    size_t count, capacity;
};

static enum rnet_status
take_line(void *context, const struct rnet_table_line *line, struct rnet_error *err)
{
    struct rnet_agents *agents = context;
    struct agent agent = {.opinion.evidence = RNET_EVIDENCE_NAME};
    enum rnet_status status;

    if (line->fields != 4)
        return rnet_table_refuse(err, line, "4 fields are needed, not %zu", line->fields);
    if ((status = rnet_table_usage(line, 0, &agent.opinion.usage, err)) != RNET_OK ||
        (status = rnet_table_confidence(line, 1, &agent.opinion.confidence, err)) != RNET_OK)
        return status;
    if (strlen(line->field[3]) >= sizeof agent.word)
        return rnet_table_refuse(err, line, "a word has at most %zu letters",
                                 sizeof agent.word - 1);
    rnet_table_note(line, RNET_TABLE_AGENTS, &agent.opinion);
    snprintf(agent.opinion.application, sizeof agent.opinion.application, "%s", line->field[2]);
    for (size_t i = 0; line->field[3][i] != '\0'; i++)
        agent.word[i] = line->field[3][i] == '_' ? ' ' : line->field[3][i];
    status =
        rnet_array_reserve(&agents->agents, &agents->capacity, agents->count + 1, sizeof agent);
    if (status != RNET_OK)
        return rnet_error_set(err, status, "%s: out of memory", line->file);
    memcpy((struct agent *)agents->agents + agents->count++, &agent, sizeof agent);
    return RNET_OK;
}

enum rnet_status
rnet_agents_new(const char *directory, struct rnet_agents **agents, struct rnet_error *err)
{
    struct rnet_agents *made = rnet_alloc_zero(1, sizeof *made);
    enum rnet_status status;

    if (made == NULL)
        return rnet_error_set(err, RNET_ENOMEM, "agents.txt: out of memory");
    status = rnet_table_read(directory, rnet_table_name(RNET_TABLE_AGENTS), take_line, made, err);
    if (status != RNET_OK) {
        rnet_agents_free(made);
        return status;
    }
    *agents = made;
    return RNET_OK;
}

void
rnet_agents_free(struct rnet_agents *agents)
{
    if (agents == NULL)
        return;
    rnet_free(agents->agents);
    rnet_free(agents);
}

void
rnet_agents_judge(const struct rnet_agents *agents, const char *agent, struct rnet_opinion *opinion)
{
    memset(opinion, 0, sizeof *opinion);
    for (size_t i = 0; i < agents->count; i++) {
        const struct agent *candidate = (const struct agent *)agents->agents + i;

        if (strstr(agent, candidate->word) == NULL)
            continue;
        *opinion = candidate->opinion;
        return;
    }
}
