export { createClickHouse, type BoundValue, type ClickHouse, type QueryOptions } from './clickhouse.js';
export { JOB_TABLES, readerGrants, writerGrants, type JobTable } from './grants.js';
export { migrate, SCHEMA_VERSION } from './migrate.js';
export { createPartitionReplacer, type PartitionReplacer } from './replace-partition.js';
export { createRollups, type RebuildOptions, type Rebuilt, type Rollups } from './rollups.js';
export { createViewReader } from './view-reader.js';
