-- A revision by part of a row (ACTION A, I, M, or a delete row that empties cells) keeps what it does
-- not say. That goes for the place in the source, too, which is kept without the name of the file
-- that its submission was read from: under the new submission it stands whole, or it would claim a
-- place in the new file.

-- The place as it can stand under any submission: see rta.src_text.
CREATE FUNCTION rta.src_whole(prefix text, src text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN (
    SELECT string_agg(CASE WHEN left(part, 1) NOT IN (':', '#') THEN part
                           WHEN left(prefix, 1) IN ('', ':', '#', '=') THEN '=' || prefix || part
                           ELSE prefix || part END, ';' ORDER BY n)
    FROM unnest(string_to_array(src, ';')) WITH ORDINALITY AS t (part, n));

CREATE OR REPLACE FUNCTION rta.run_base(p_tab text, p_first bigint, p_last bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('INSERT INTO pg_temp.rta_w
        SELECT o.series_id, o.period, o.lineage_id, o.value, o.obs_status, o.conf_status,
            o.comment, o.nature, rta.src_whole(f.src_prefix, o.src), o.src_value, false, false
        FROM rta.%I o JOIN (SELECT DISTINCT period, series_id FROM pg_temp.rta_g
            WHERE seq BETWEEN $1 AND $2) k USING (period, series_id)
            JOIN rta.submission f ON f.id = o.from_sub
        ON CONFLICT DO NOTHING', p_tab || '_obs') USING p_first, p_last;
END $$;

CREATE OR REPLACE FUNCTION rta.run_delete(p_tab text, p_dims text[], p_mask text, p_clear text,
    p_first bigint, p_last bigint, p_sender text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    cond text := 'd.seq BETWEEN $1 AND $2 AND d.mask = $3 AND d.clear = $4';
BEGIN
    FOR i IN 1 .. array_length(p_dims, 1) LOOP
        IF substr(p_mask, i, 1) = '1' THEN
            cond := cond || format(' AND s.%1$I = d.%1$I', lower(p_dims[i]));
        END IF;
    END LOOP;
    IF substr(p_mask, array_length(p_dims, 1) + 1, 1) = '1' THEN
        cond := cond || ' AND o.period = d.period';
    END IF;
    EXECUTE format('INSERT INTO pg_temp.rta_w
        SELECT o.series_id, o.period, o.lineage_id, o.value, o.obs_status, o.conf_status,
            o.comment, o.nature, rta.src_whole(f.src_prefix, o.src), o.src_value, false, false
        FROM pg_temp.rta_d d CROSS JOIN rta.%I s JOIN rta.%I o USING (series_id)
        JOIN rta.lineage l ON l.id = o.lineage_id AND l.sender = $5
        JOIN rta.submission f ON f.id = o.from_sub
        WHERE %s ON CONFLICT DO NOTHING', p_tab || '_series', p_tab || '_obs', cond)
        USING p_first, p_last, p_mask, p_clear, p_sender;
    EXECUTE format('UPDATE pg_temp.rta_w o SET gone = o.gone OR $4 = '''',
            value = CASE WHEN strpos($4, ''V'') = 0 THEN o.value END,
            obs_status = CASE WHEN strpos($4, ''S'') = 0 THEN o.obs_status END,
            conf_status = CASE WHEN strpos($4, ''C'') = 0 THEN o.conf_status END,
            comment = CASE WHEN strpos($4, ''T'') = 0 THEN o.comment END,
            nature = CASE WHEN strpos($4, ''N'') = 0 THEN o.nature END
        FROM pg_temp.rta_d d CROSS JOIN rta.%I s WHERE s.series_id = o.series_id AND %s',
        p_tab || '_series', cond) USING p_first, p_last, p_mask, p_clear;
END $$;
