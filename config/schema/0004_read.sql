-- For people and programs that read: the state of the store, versions of one observation.

CREATE VIEW rta.receipt AS
    SELECT id AS submission, version, state, structure, partner, sender, reason, received_at,
        published_at, file_name, file_sha256, rows_in, rows_new, rows_revised, rows_unchanged,
        rows_deleted, rows_refused, partial
    FROM rta.submission;
COMMENT ON VIEW rta.receipt IS 'Deliveries, for reading';

-- Everything of a structure as it was at a version: the columns of rta.<tab>_obs.
CREATE FUNCTION rta.as_of(p_structure text, p_version integer)
RETURNS TABLE (series_id integer, period integer, lineage_id integer, from_sub integer,
    value numeric, obs_status text, conf_status text, comment text, nature text, src text,
    src_value text)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    t text := (SELECT tab FROM rta.structure WHERE id = p_structure);
BEGIN
    RETURN QUERY EXECUTE format('SELECT o.* FROM rta.%1$I o JOIN rta.submission f ON f.id = o.from_sub
            WHERE f.version <= $1
        UNION ALL SELECT h.series_id, h.period, h.lineage_id, h.from_sub, h.value, h.obs_status,
            h.conf_status, h.comment, h.nature, h.src, h.src_value
        FROM rta.%2$I h JOIN rta.submission f ON f.id = h.from_sub
            JOIN rta.submission t ON t.id = h.to_sub
            WHERE f.version <= $1 AND t.version > $1', t || '_obs', t || '_hist')
        USING p_version;
END $$;

-- One row a structure.
CREATE FUNCTION rta.status()
RETURNS TABLE (structure text, version integer, submission integer, published_at timestamptz,
    submissions bigint, series bigint, observations bigint, former bigint, bytes bigint)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    s rta.structure;
BEGIN
    FOR s IN SELECT * FROM rta.structure ORDER BY id LOOP
        structure := s.id;
        SELECT f.version, f.id, f.published_at INTO version, submission, published_at
        FROM rta.submission f WHERE f.structure = s.id AND f.version IS NOT NULL
        ORDER BY f.version DESC LIMIT 1;
        SELECT count(*) INTO submissions FROM rta.submission f WHERE f.structure = s.id;
        EXECUTE format('SELECT (SELECT count(*) FROM rta.%I), (SELECT count(*) FROM rta.%I),
            (SELECT count(*) FROM rta.%I)', s.tab || '_series', s.tab || '_obs', s.tab || '_hist')
            INTO series, observations, former;
        SELECT sum(pg_total_relation_size(c.oid))::bigint INTO bytes FROM pg_class c
        WHERE c.relnamespace = 'rta'::regnamespace AND c.relkind = 'r'
          AND (c.relname IN (s.tab || '_series', s.tab || '_hist')
               OR c.relname ~ ('^' || s.tab || '_obs_\d+$'));
        RETURN NEXT;
    END LOOP;
END $$;
