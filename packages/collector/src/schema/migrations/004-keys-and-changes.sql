-- Wrapped keys of inquiries live in a database of their own, backed up apart: deleting a key row shreds the contact data.

CREATE DATABASE IF NOT EXISTS {keys};

CREATE TABLE IF NOT EXISTS {keys}.keys (
  site_id UInt16,
  key_id UUID,
  subject UUID,
  version UInt64,
  created Ms,
  email_index FixedString(16),
  wrapped String CODEC(NONE),
  gone UInt8
)
ENGINE = ReplacingMergeTree(version, gone)
ORDER BY (site_id, key_id)
{safe};

-- id = hash of rule, window and recipient: one message per window, however often it is asked for.
CREATE TABLE IF NOT EXISTS notifications (
  id UUID,
  site_id UInt16,
  rule Label,
  window Sec,
  recipient String,
  state Label,
  attempts UInt16,
  due Ms,
  subject String,
  body String CODEC(ZSTD(3)),
  error String,
  version UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY id
TTL window + INTERVAL 6 MONTH
{safe};

-- A job fills this one and replaces a site's segments at once.
CREATE TABLE IF NOT EXISTS segment_members_shadow AS segment_members;

-- What happened to the site itself, drawn as annotations: price changes, experiments, releases.
CREATE TABLE IF NOT EXISTS changes_log (
  site_id UInt16,
  at Ms,
  id String,
  kind Label,
  text String,
  version UInt64,
  gone UInt8
)
ENGINE = ReplacingMergeTree(version, gone)
ORDER BY (site_id, at, id)
TTL toDateTime(at) + INTERVAL 25 MONTH
{safe};
