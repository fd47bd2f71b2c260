-- Wilson's 95 % interval of k of n; NULL without trials. SQL has no beta quantile.
CREATE OR REPLACE FUNCTION wilson_lo AS (k, n) -> if(n = 0, NULL, greatest(0, (k + 1.920729 - 1.959964 * sqrt(greatest(0, k * (n - k) / n) + 0.960365)) / (n + 3.841459)));
CREATE OR REPLACE FUNCTION wilson_hi AS (k, n) -> if(n = 0, NULL, least(1, (k + 1.920729 + 1.959964 * sqrt(greatest(0, k * (n - k) / n) + 0.960365)) / (n + 3.841459)));
