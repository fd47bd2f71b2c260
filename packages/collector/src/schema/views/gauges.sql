-- Dashboard: levels of the collector by time: buffer, queues, lag. The largest value of each bucket over all processes.
SELECT
  toStartOfInterval(at, toIntervalSecond({step:UInt32})) AS time,
  toString(name) AS name,
  toString(label) AS labels,
  max(value) AS value
FROM monitor FINAL
WHERE at >= toDateTime($A)
  AND at < toDateTime($Z)
  AND match(name, '^(buffer_|ledger_difference|engine_restarts|visible_lag|canary_age|capture_ratio|queue_|backup_|job_late|threshold_breached)')
GROUP BY time, name, labels
ORDER BY time, name, labels
