-- Who sells in category 10 from Oregon, Idaho or California? Persons and auctions that match, whichever comes first.
CREATE MATERIALIZED VIEW q3 WITH (state_ttl = '1 d') AS
SELECT p.name, p.city, p.state, a.id
FROM auction AS a INNER JOIN person AS p ON a.seller = p.id
WHERE a.category = 10 AND (p.state = 'OR' OR p.state = 'ID' OR p.state = 'CA');
