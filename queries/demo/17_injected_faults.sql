-- What really is wrong with the fleet: the answer sheet for all other queries.
CREATE MATERIALIZED VIEW injected_faults WITH (retention = '90 d') AS
SELECT ts, until, fault, target, severity, description
FROM faults;
