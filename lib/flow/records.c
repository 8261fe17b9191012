/* The memory of live flows and the lists they are on. */
#include "flow/table.h"

struct flow_depend *
flow_table_depend(struct rnet_flow_table *table)
{
    return table->depend;
}

struct flow_record *
flow_table_record(struct rnet_flow_table *table, uint32_t place, uint64_t id)
{
    struct flow_record *record = table_record(table, place);

    /* The ids of records on the free list are 0. */
    return record->id == id ? record : NULL;
}

enum rnet_status
table_ensure_free_record(struct rnet_flow_table *table)
{
    struct flow_record *slab;
    enum rnet_status status;

    if (table->free_records != FLOW_NO_RECORD)
        return RNET_OK;
    status = rnet_array_reserve((void **)&table->slabs, &table->slab_capacity,
                                (size_t)table->slab_count + 1, sizeof(struct flow_record *));
    if (status != RNET_OK)
        return status;
    slab = rnet_alloc_zero(FLOW_SLAB_RECORDS, sizeof *slab);
    if (slab == NULL)
        return RNET_ENOMEM;
    table->slabs[table->slab_count] = slab;
    for (uint32_t i = FLOW_SLAB_RECORDS; i-- > 0;) {
        slab[i].chain = table->free_records;
        table->free_records = table->slab_count * FLOW_SLAB_RECORDS + i;
    }
    table->slab_count++;
    return RNET_OK;
}

void
table_queue_leave(struct rnet_flow_table *table, uint32_t index)
{
    struct flow_record *record = table_record(table, index);
    struct flow_list *queue = &table->queues[record->queue];

    if (record->older != FLOW_NO_RECORD)
        table_record(table, record->older)->newer = record->newer;
    else
        queue->first = record->newer;
    if (record->newer != FLOW_NO_RECORD)
        table_record(table, record->newer)->older = record->older;
    else
        queue->last = record->older;
}

void
table_queue_join(struct rnet_flow_table *table, uint32_t index, enum flow_queue which)
{
    struct flow_record *record = table_record(table, index);
    struct flow_list *queue = &table->queues[which];

    record->queue = (uint8_t)which;
    record->older = queue->last;
    record->newer = FLOW_NO_RECORD;
    if (queue->last != FLOW_NO_RECORD)
        table_record(table, queue->last)->newer = index;
    else
        queue->first = index;
    queue->last = index;
}

void
table_born_join(struct rnet_flow_table *table, uint32_t index)
{
    struct flow_record *record = table_record(table, index);

    record->born_before = table->born.last;
    record->born_after = FLOW_NO_RECORD;
    if (table->born.last != FLOW_NO_RECORD)
        table_record(table, table->born.last)->born_after = index;
    else
        table->born.first = index;
    table->born.last = index;
}

void
table_born_leave(struct rnet_flow_table *table, uint32_t index)
{
    const struct flow_record *record = table_record(table, index);

    if (record->born_before != FLOW_NO_RECORD)
        table_record(table, record->born_before)->born_after = record->born_after;
    else
        table->born.first = record->born_after;
    if (record->born_after != FLOW_NO_RECORD)
        table_record(table, record->born_after)->born_before = record->born_before;
    else
        table->born.last = record->born_before;
}
