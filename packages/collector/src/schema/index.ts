export { createClickHouse, type BoundValue, type ClickHouse, type QueryOptions } from './clickhouse.js';
export { rollupDefinitions } from './definitions.js';
export { JOB_TABLES, readerGrants, writerGrants, type JobTable } from './grants.js';
export { knownMigrations, migrate, SCHEMA_VERSION } from './migrate.js';
export { createPartitionReplacer, type PartitionReplacer } from './replace-partition.js';
export { retentionTtl } from './retention.js';
export { createRollups, type RebuildOptions, type Rebuilt, type Rollups } from './rollups.js';
export { createViewReader } from './view-reader.js';
