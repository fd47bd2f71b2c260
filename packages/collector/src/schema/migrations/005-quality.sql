-- What is wrong with the rows of a day, so that every answer can say it without counting them again.

CREATE TABLE IF NOT EXISTS quality_daily (
  site_id UInt16,
  day Date,
  stored UInt64,
  bots UInt64,
  without_visitor UInt64,
  late UInt64,
  skewed UInt64,
  duplicates UInt64,
  streams UInt64,
  generated UInt64,
  captured UInt64,
  version UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (site_id, day)
TTL day + INTERVAL 25 MONTH
{safe};
