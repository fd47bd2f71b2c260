-- Tables of the side lanes and the jobs: a repeated row is harmless, the highest version of a key holds.

CREATE TABLE IF NOT EXISTS inquiries (
  site_id UInt16,
  inquiry_id UUID,
  version UInt64,
  created Ms,
  status Label,
  subject UUID,
  stream Nullable(UUID),
  visitor UInt64,
  session UInt64,
  config_hash UInt64,
  price_cents Int64,
  currency Label,
  sealed String CODEC(NONE),
  email_index FixedString(16),
  assigned String,
  gone UInt8
)
ENGINE = ReplacingMergeTree(version, gone)
ORDER BY (site_id, inquiry_id)
{safe};

CREATE TABLE IF NOT EXISTS orders (
  site_id UInt16,
  order_id String,
  version UInt64,
  placed Ms,
  status Label,
  inquiry_id Nullable(UUID),
  visitor UInt64,
  config_hash UInt64,
  amount_cents Int64,
  currency Label,
  source Label,
  gone UInt8
)
ENGINE = ReplacingMergeTree(version, gone)
ORDER BY (site_id, order_id)
{safe};

CREATE TABLE IF NOT EXISTS catalogue (
  site_id UInt16,
  kind Enum8('model' = 1, 'group' = 2, 'option' = 3),
  id Label,
  version UInt64,
  valid_from Sec,
  parent Label,
  title Map(Label, String),
  price_cents Int64,
  currency Label,
  meta String CODEC(ZSTD(3)),
  gone UInt8
)
ENGINE = ReplacingMergeTree(version, gone)
ORDER BY (site_id, kind, id, valid_from)
{safe};

CREATE TABLE IF NOT EXISTS dead_letters (
  id UUID,
  site_id UInt16,
  at Ms,
  batch UInt64,
  stream UUID,
  seq UInt32,
  visitor UInt64,
  type Label,
  code Int32,
  reason Label,
  error String CODEC(ZSTD(3)),
  raw String CODEC(ZSTD(6)),
  state Enum8('open' = 1, 'replayed' = 2, 'discarded' = 3),
  version UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (site_id, id)
TTL toDateTime(at) + INTERVAL 6 MONTH
{safe};

CREATE TABLE IF NOT EXISTS job_runs (
  job Label,
  slot Sec,
  fence UInt64,
  host Label,
  state Label,
  started Ms,
  ms UInt32,
  rows UInt64,
  result_hash UInt64,
  error String,
  version UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (job, slot)
TTL slot + INTERVAL 6 MONTH
{safe};

-- The collector's own numbers every five seconds, and refusals by reason.
CREATE TABLE IF NOT EXISTS monitor (
  at Sec,
  host Label,
  name Label,
  label Label,
  site_id UInt16,
  value Float64,
  p50 Float32,
  p95 Float32,
  p99 Float32,
  n UInt64
)
ENGINE = ReplacingMergeTree
ORDER BY (name, label, site_id, at, host)
TTL at + INTERVAL 90 DAY
{safe};

CREATE TABLE IF NOT EXISTS audit (
  writer String,
  n UInt64,
  prev FixedString(32),
  at Ms,
  actor String,
  via Label,
  action Label,
  target String,
  before String,
  after String,
  address String,
  request String,
  outcome Label,
  hash FixedString(32)
)
ENGINE = ReplacingMergeTree
ORDER BY (writer, n)
TTL toDateTime(at) + INTERVAL 36 MONTH
{safe};

CREATE TABLE IF NOT EXISTS erasures (
  id UUID,
  site_id UInt16,
  subject FixedString(32),
  asked Sec,
  done Nullable(Sec),
  watermark UInt64,
  rows Map(Label, UInt64),
  receipt String CODEC(ZSTD(3)),
  version UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (site_id, id)
{safe};

CREATE TABLE IF NOT EXISTS forecast_log (
  site_id UInt16,
  made Sec,
  model Label,
  horizon UInt16,
  target Date,
  n UInt32,
  mean Float64,
  q Array(Float64),
  inputs_hash UInt64,
  actual Nullable(Float64),
  version UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (site_id, model, horizon, target, made)
{safe};

-- Written by a job; a whole site is replaced at once.
CREATE TABLE IF NOT EXISTS segment_members (
  site_id UInt16,
  segment Label,
  visitor UInt64
)
ENGINE = MergeTree
PARTITION BY site_id
ORDER BY (site_id, segment, visitor)
{safe};

-- What LINTEL_SITES says, for views that need every configured site or its time zone. `migrate` keeps it.
CREATE TABLE IF NOT EXISTS site_settings (
  site_id UInt16,
  version UInt64,
  name String,
  time_zone Label,
  currency Label,
  gone UInt8
)
ENGINE = ReplacingMergeTree(version, gone)
ORDER BY site_id
{safe};
