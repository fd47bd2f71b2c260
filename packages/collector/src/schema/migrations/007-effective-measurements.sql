-- How many plain measurements a sampled hour is worth; hours from before were counted as if nothing had been sampled.

ALTER TABLE performance_hourly ADD COLUMN IF NOT EXISTS effective Float64 DEFAULT n;
