-- What the jobs keep. A row is named by its site and slot (or by the day, hour, month it is about), so a job that runs
-- twice writes the same row twice; the later slot of the same subject holds.

CREATE TABLE IF NOT EXISTS ledger_checks (
  site_id UInt16,
  slot Sec,
  accepted UInt64,
  stored UInt64,
  buffered UInt64,
  dead_lettered UInt64,
  difference Int64,
  version UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (site_id, slot)
TTL slot + INTERVAL 90 DAY
{safe};

CREATE TABLE IF NOT EXISTS popular_configs_ranking (
  site_id UInt16,
  days UInt16,
  slot Sec,
  rank UInt16,
  config UInt64,
  model Label,
  parts Map(Label, Label),
  visitors UInt64,
  inquiries UInt64,
  value Nullable(Float64),
  lo Nullable(Float64),
  hi Nullable(Float64),
  price Nullable(Float64),
  version UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (site_id, days, slot, rank)
TTL slot + INTERVAL 7 DAY
{safe};

CREATE TABLE IF NOT EXISTS performance_hourly (
  site_id UInt16,
  hour Sec,
  metric Label,
  page Label,
  device Label,
  n UInt64,
  q Array(Float32),
  version UInt64
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(hour)
ORDER BY (site_id, metric, page, device, hour)
TTL hour + INTERVAL 25 MONTH
{safe};

CREATE TABLE IF NOT EXISTS daily_summary (
  site_id UInt16,
  day Date,
  visitors UInt64,
  sessions UInt64,
  page_views UInt64,
  configurations UInt64,
  inquiries UInt64,
  orders UInt64,
  revenue Float64,
  funnel Array(UInt64),
  version UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (site_id, day)
TTL day + INTERVAL 25 MONTH
{safe};

CREATE TABLE IF NOT EXISTS weekly_behaviour (
  site_id UInt16,
  week Date,
  kind Label,
  rank UInt16,
  subject String,
  n UInt64,
  value Nullable(Float64),
  lo Nullable(Float64),
  hi Nullable(Float64),
  version UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (site_id, week, kind, rank)
TTL week + INTERVAL 25 MONTH
{safe};

CREATE TABLE IF NOT EXISTS monthly_report (
  site_id UInt16,
  month Date,
  name Label,
  n UInt64,
  value Nullable(Float64),
  lo Nullable(Float64),
  hi Nullable(Float64),
  version UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (site_id, month, name)
TTL month + INTERVAL 25 MONTH
{safe};
