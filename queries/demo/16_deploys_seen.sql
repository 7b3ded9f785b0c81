-- What was deployed, and was a deploy taken back?
CREATE MATERIALIZED VIEW deploys_seen WITH (retention = '90 d') AS
SELECT ts, service, version, previous_version,
       CASE WHEN previous_version LIKE '%+hotfix%' THEN 'rollback'
            WHEN version LIKE '%+hotfix%' THEN 'hotfix'
            ELSE 'release' END AS kind
FROM deploys;
