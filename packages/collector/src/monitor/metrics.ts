import { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Seconds; fine around the thresholds that alarm (50 ms, 100 ms, 500 ms). */
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** The collector's own numbers. Labels come from closed sets: never a path, key or person. */
export const createMetrics = () => {
  const registry = new Registry();
  const registers = [registry];
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[]) =>
    new Counter<L>({ name: `lintel_${name}`, help, labelNames: [...labelNames], registers });
  const gauge = <L extends string>(name: string, help: string, labelNames: readonly L[]) =>
    new Gauge<L>({ name: `lintel_${name}`, help, labelNames: [...labelNames], registers });
  const histogram = <L extends string>(name: string, help: string, labelNames: readonly L[]) =>
    new Histogram<L>({
      name: `lintel_${name}`,
      help,
      labelNames: [...labelNames],
      buckets: SECONDS,
      registers,
    });
  return {
    registry,
    requestSeconds: histogram('http_request_seconds', 'HTTP requests answered', [
      'route',
      'method',
      'status',
    ]),
    durableSeconds: histogram('durable_seconds', 'Time until a unit was durable', ['backend']),
    events: counter('ingest_events_total', 'Events by outcome', ['site', 'outcome']),
    rejected: counter('ingest_rejected_total', 'Refused events and requests', ['site', 'reason']),
    dependencySeconds: histogram('dependency_seconds', 'Calls of a dependency', ['dependency', 'class']),
    bufferRows: gauge('buffer_rows', 'Rows waiting', ['backend']),
    bufferBytes: gauge('buffer_bytes', 'Bytes waiting', ['backend']),
    bufferOldestSeconds: gauge('buffer_oldest_seconds', 'Age of the oldest waiting row', ['backend']),
    bufferFillRatio: gauge('buffer_fill_ratio', 'Share of the buffer in use', ['backend']),
    flushRows: counter('flush_rows_total', 'Rows stored', []),
    flushSeconds: histogram('flush_seconds', 'One sealed part, sent and read back', []),
    flushRetries: counter('flush_retries_total', 'Repeated inserts', ['class']),
    flushReinserts: counter(
      'flush_reinserts_total',
      'Inserts under a new token: the read-back found nothing',
      [],
    ),
    ledgerDifference: gauge('ledger_difference', 'accepted − stored − buffered − dead-lettered', ['site']),
    // with a label, because a gauge without one says 0 before anybody has set it
    visibleLag: gauge('visible_lag_seconds', 'Age of the newest canary when it was seen first, or more', [
      'site',
    ]),
    canaryAge: gauge('canary_age_seconds', 'Since the newest canary that was seen was sent', ['site']),
    deadLetters: counter('dead_letters_total', 'Rows cut out', ['reason']),
    replayBytes: gauge('replay_bytes', 'Committed since the last backup, kept on this host', []),
    replayMissed: counter('replay_missed_total', 'Rows that the replay log could not keep', []),
    backupAgeSeconds: gauge('backup_age_seconds', 'Since the last backup; absent before the first', [
      'database',
    ]),
    jobRuns: counter('job_runs_total', 'Runs of jobs', ['job', 'outcome']),
    engineRestarts: gauge('engine_restarts_total', 'Restarts of the embedded ClickHouse', []),
  };
};

export type Metrics = ReturnType<typeof createMetrics>;
