-- A user's groups in a tenant lie in one row, so that a request reads and writes one row: a JSON array in the
-- order in which clients see them, or null when there are none. A number is the key of a group in which the user
-- is an ordinary member, at the position that the element has. Others are [group_pk, position, owner, external].
ALTER TABLE tenant_access ADD COLUMN groups TEXT;

UPDATE tenant_access AS a SET groups = (
    SELECT '[' || group_concat(iif(kind = 'MEMBER' AND external = 0 AND position = place, group_pk,
                                   json_array(group_pk, position, kind = 'OWNER', external))) || ']'
    FROM (SELECT *, row_number() OVER (ORDER BY position, group_pk) - 1 AS place FROM memberships m
          WHERE m.user_pk = a.user_pk AND m.tenant_pk = a.tenant_pk ORDER BY place));

DROP TABLE memberships;

-- Shows the memberships as rows. Without trust in the schema SQLite allows json_each in a view, but no
-- other function of JSON.
CREATE VIEW memberships AS
SELECT a.user_pk, a.tenant_pk,
    iif(e.type = 'array', CAST(substr(e.value, 2) AS INTEGER), e.value) AS group_pk,
    iif(e.type = 'array' AND substr(e.value, -4, 1) = '1', 'OWNER', 'MEMBER') AS kind,
    e.type = 'array' AND substr(e.value, -2, 1) = '1' AS external,
    iif(e.type = 'array', CAST(substr(e.value, instr(e.value, ',') + 1) AS INTEGER), e.key) AS position
FROM tenant_access a JOIN json_each(a.groups) e;
