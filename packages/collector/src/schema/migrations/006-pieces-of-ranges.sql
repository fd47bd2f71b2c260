-- Views put the pieces at the ends of a range into their own text now.

DROP VIEW IF EXISTS visits_between;

DROP VIEW IF EXISTS configs_between;
