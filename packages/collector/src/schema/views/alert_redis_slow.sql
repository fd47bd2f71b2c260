-- Alert redis-slow: p95 of Redis operations, ms, above 50. Below 20 operations, and without Redis: 0.
SELECT 'redis' AS service, if(sum(n) / 3 < 20, 0, toFloat64(quantileExactWeighted(0.95)(part.1, toUInt64(n * part.2)))) AS value
FROM (
  SELECT n, p50, p95, p99
  FROM monitor FINAL
  WHERE name = 'dependency_seconds' AND startsWith(label, 'redis') AND at >= toDateTime($A) AND at < toDateTime($Z)
)
ARRAY JOIN [(p50, 50), (p95, 45), (p99, 5)] AS part
