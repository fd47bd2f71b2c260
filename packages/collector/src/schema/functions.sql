-- Wilson's 95 % interval of k of n; NULL without trials. SQL has no beta quantile.
CREATE OR REPLACE FUNCTION wilson_lo AS (k, n) -> if(n = 0, NULL, greatest(0, (k + 1.920729 - 1.959964 * sqrt(greatest(0, k * (n - k) / n) + 0.960365)) / (n + 3.841459)));
CREATE OR REPLACE FUNCTION wilson_hi AS (k, n) -> if(n = 0, NULL, least(1, (k + 1.920729 + 1.959964 * sqrt(greatest(0, k * (n - k) / n) + 0.960365)) / (n + 3.841459)));
-- Best possible WAPE of the revenue of n expected orders: the table of questions/noise-floor.ts, straight in logs between
-- its points.
CREATE OR REPLACE FUNCTION noise_floor AS (n) -> multiIf(
  n <= 1, least(1, 0.81 / sqrt(greatest(n, 0.1))),
  n <= 2, 0.81 * pow(0.58 / 0.81, log(n) / log(2)),
  n <= 3, 0.58 * pow(0.48 / 0.58, log(n / 2) / log(3 / 2)),
  n <= 5, 0.48 * pow(0.37 / 0.48, log(n / 3) / log(5 / 3)),
  n <= 10, 0.37 * pow(0.26 / 0.37, log(n / 5) / log(2)),
  n <= 20, 0.26 * pow(0.19 / 0.26, log(n / 10) / log(2)),
  n <= 50, 0.19 * pow(0.12 / 0.19, log(n / 20) / log(2.5)),
  n <= 100, 0.12 * pow(0.08 / 0.12, log(n / 50) / log(2)),
  0.08 * sqrt(100 / n));
