/** The few numbers that a table shows, as one JSON line after the mark. */
export const handleSummary = ({ metrics }) => {
  const of = (name, value) => metrics[name]?.values?.[value] ?? 0;
  const failed = Object.entries(metrics).flatMap(([name, { thresholds = {} }]) =>
    Object.entries(thresholds)
      .filter(([, { ok }]) => !ok)
      .map(([threshold]) => `${name} ${threshold}`),
  );
  const statuses = Object.fromEntries(
    Object.entries(metrics)
      .filter(([name]) => name.startsWith('answers_'))
      .map(([name, { values }]) => [name.slice('answers_'.length), values.count]),
  );
  const summary = {
    requests: of('http_reqs', 'count'),
    perSecond: of('http_reqs', 'rate'),
    p50Ms: of('http_req_duration', 'med'),
    p95Ms: of('http_req_duration', 'p(95)'),
    p99Ms: of('http_req_duration', 'p(99)'),
    dropped: of('dropped_iterations', 'count'),
    checks: of('checks', 'rate'),
    statuses,
    failed,
  };
  return { stdout: `\n#summary ${JSON.stringify(summary)}\n` };
};

export const TREND_STATS = ['med', 'p(95)', 'p(99)', 'max'];
