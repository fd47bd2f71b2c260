export { createClickHouse, type BoundValue, type ClickHouse, type QueryOptions } from './clickhouse.js';
export { readerGrants, writerGrants } from './grants.js';
export { migrate, SCHEMA_VERSION } from './migrate.js';
export { createRollups, type RebuildOptions, type Rebuilt, type Rollups } from './rollups.js';
export { createViewReader } from './view-reader.js';
