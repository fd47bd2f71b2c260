-- The events, the receipts of their batches, and the days whose roll-ups may be believed.

CREATE TABLE IF NOT EXISTS events (
  site_id UInt16,
  ts Ms CODEC(Delta(8), ZSTD(1)),
  received Sec CODEC(Delta(4), ZSTD(1)),
  -- client clock = ts + skew_ms
  skew_ms Int64 CODEC(T64, ZSTD(1)),
  stream UUID CODEC(ZSTD(1)),
  seq UInt32 CODEC(Delta(4), ZSTD(1)),
  batch UInt64 CODEC(ZSTD(1)),
  sdk Label,
  type Label,
  name Label,
  kind Label,
  visitor UInt64 CODEC(ZSTD(1)),
  session UInt64 CODEC(ZSTD(1)),
  consent Enum8('none' = 0, 'statistics' = 1, 'all' = 2),
  consent_text Label,
  bot UInt16 CODEC(ZSTD(1)),
  path String CODEC(ZSTD(3)),
  route Label,
  view UInt32 CODEC(ZSTD(1)),
  after UInt32 CODEC(ZSTD(1)),
  rate Float32,
  ref_host Label,
  channel Label,
  source Label,
  medium Label,
  campaign Label,
  country Label,
  region Label,
  language Label,
  device Label,
  browser Label,
  os Label,
  model Label,
  option_group Label,
  option Label,
  config_hash UInt64 CODEC(ZSTD(1)),
  parts Map(Label, Label),
  price_cents Int64 CODEC(ZSTD(1)),
  currency Label,
  -- order or inquiry id
  ref String CODEC(ZSTD(1)),
  experiment Label,
  variant Label,
  value Float64 CODEC(ZSTD(1)),
  duration_ms UInt32 CODEC(ZSTD(1)),
  depth UInt8,
  -- repeats of an error
  times UInt16,
  element String CODEC(ZSTD(3)),
  label Label,
  -- place in the element's box, 0…32767
  ex UInt16,
  ey UInt16,
  px UInt16,
  py UInt32,
  box Array(UInt32),
  vw UInt16,
  vh UInt16,
  dh UInt32,
  fixed Bool,
  host Label,
  method Label,
  status UInt16,
  failure Label,
  ttfb_ms Float32,
  bytes UInt32,
  fingerprint UInt64 CODEC(ZSTD(1)),
  message String CODEC(ZSTD(3)) TTL toDateTime(ts) + INTERVAL 6 MONTH,
  stack String CODEC(ZSTD(6)) TTL toDateTime(ts) + INTERVAL 6 MONTH,
  props Map(Label, String) CODEC(ZSTD(3)),
  INDEX i_batch batch TYPE minmax GRANULARITY 16,
  INDEX i_stream stream TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX i_visitor visitor TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX i_session session TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX i_config config_hash TYPE bloom_filter(0.01) GRANULARITY 2
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(ts)
PRIMARY KEY (site_id, toDate(ts), type, visitor)
ORDER BY (site_id, toDate(ts), type, visitor, ts)
TTL toDateTime(ts) + INTERVAL 14 MONTH
{safe};

CREATE TABLE IF NOT EXISTS ingest_batches (
  batch UInt64,
  site_id UInt16,
  n UInt64,
  first_ts Ms,
  last_ts Ms,
  inserted Sec DEFAULT now()
)
ENGINE = MergeTree
ORDER BY (batch, site_id)
TTL inserted + INTERVAL 14 MONTH
{safe};

-- One row per mark: the highest version of (rollup, day) holds. `build` names the rows of `<rollup>_days` that are the
-- day; `built` is when the mark may be believed. A dirty mark has clean = 0.
CREATE TABLE IF NOT EXISTS clean_days (
  rollup Label,
  day Date,
  build UInt64,
  built Ms,
  version UInt64,
  clean UInt8
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (rollup, day)
{safe};
