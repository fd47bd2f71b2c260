import path from 'node:path';

import { renderXml } from './xml.js';

export interface ConfigFileOptions {
  dir: string;
  httpPort: number;
  tcpPort: number;
  displayName: string;
  /** Hard limit of the engine's memory, bytes. */
  memoryBytes: number;
}

const MIB = 2 ** 20;

/** Merges and mutations run on this many threads; the engine shares its machine with what it serves. */
const POOL_SIZE = 4;

/** Two weeks of logs have filled disks elsewhere (107 GiB of system tables beside 0.2 GiB of data, openreplay#4515). */
const log = (table: string): { [name: string]: string | number } => ({
  database: 'system',
  table,
  partition_by: 'event_date',
  ttl: 'event_date + INTERVAL 3 DAY DELETE',
  flush_interval_milliseconds: 7500,
});

/** `config.xml` of `clickhouse local`: what is not named here does not run (no interserver, MySQL, PostgreSQL port…). */
export const renderConfigFile = (options: ConfigFileOptions): string => {
  const { dir } = options;
  return renderXml({
    clickhouse: {
      // `clickhouse local` takes the level from here; <logger><level> is read by the server only.
      'log-level': 'warning',
      logger: { log: path.join(dir, 'logs', 'clickhouse.log'), size: '10M', count: 3, console: 0 },
      users_config: path.join(dir, 'users.xml'),
      listen_host: '127.0.0.1',
      http_port: options.httpPort,
      tcp_port: options.tcpPort,
      display_name: options.displayName,
      timezone: 'UTC',

      max_server_memory_usage: options.memoryBytes,
      mark_cache_size: 64 * MIB,
      index_mark_cache_size: 16 * MIB,
      uncompressed_cache_size: 0,
      index_uncompressed_cache_size: 0,
      mmap_cache_size: 128,
      compiled_expression_cache_size: 16 * MIB,
      query_cache: { max_size_in_bytes: 16 * MIB },
      max_concurrent_queries: 200,
      max_connections: 512,

      background_pool_size: POOL_SIZE,
      background_move_pool_size: 1,
      background_fetches_pool_size: 1,
      background_common_pool_size: 2,
      background_buffer_flush_schedule_pool_size: 1,
      background_message_broker_schedule_pool_size: 1,
      background_distributed_schedule_pool_size: 1,
      merge_tree: {
        old_parts_lifetime: 60,
        // The defaults (20, 8, 25) are more than the pool has; the engine refuses to start with them.
        number_of_free_entries_in_pool_to_execute_mutation: POOL_SIZE,
        number_of_free_entries_in_pool_to_lower_max_size_of_merge: POOL_SIZE,
        number_of_free_entries_in_pool_to_execute_optimize_entire_partition: POOL_SIZE,
      },

      // A log without a section here is off: metric, asynchronous metric, text, trace, processors profile…
      query_log: log('query_log'),
      part_log: log('part_log'),

      user_files_path: path.join(dir, 'data', 'user_files') + path.sep,
      backups: { allowed_path: path.join(dir, 'backups') + path.sep },
      // Empty = no host at all: url(), s3() and remote() reach nothing, whoever asks.
      remote_url_allow_hosts: {},
      send_crash_reports: { enabled: 'false' },
      access_control_improvements: {
        users_without_row_policies_can_read_rows: 'false',
        on_cluster_queries_require_cluster_grant: 'true',
        select_from_system_db_requires_grant: 'true',
        select_from_information_schema_requires_grant: 'true',
        settings_constraints_replace_previous: 'true',
        table_engines_require_grant: 'true',
      },
      http_handlers: {
        rule: [
          { url: '/ping', methods: 'GET,HEAD', handler: { type: 'ping' } },
          { url: '/', handler: { type: 'dynamic_query_handler', query_param_name: 'query' } },
        ],
      },
    },
  });
};
