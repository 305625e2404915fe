-- What `rta load` calls, all in its one transaction, in this order: load_begin, load_table for each
-- year met (then COPY), load_lock, load_repeat, load_reconcile, load_apply, load_publish.
-- Until load_lock two loaders share nothing but sequences; nothing is visible before the commit.

CREATE FUNCTION rta.load_begin(p_structure text)
RETURNS TABLE (submission integer, series bigint, lineages bigint)
LANGUAGE plpgsql AS $$
DECLARE
    s rta.structure;
BEGIN
    SELECT * INTO s FROM rta.structure WHERE id = p_structure;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the store has no structure %', p_structure USING ERRCODE = 'RT078',
            HINT = 'bring the store up to date with `rta db migrate`';
    END IF;
    -- new series, new lineages, rows in order of appearance (only when order matters), deletions
    EXECUTE format('CREATE TEMP TABLE rta_k (series_id integer, %s) ON COMMIT DROP',
        rta.dim_list(s.dims, '', ' text COLLATE "C"'));
    CREATE TEMP TABLE rta_l (id integer, sender text, src_key text, grade text, reviewed text)
        ON COMMIT DROP;
    EXECUTE format('CREATE TEMP TABLE rta_g (LIKE rta.%I, seq bigint, act text) ON COMMIT DROP',
        s.tab || '_obs');
    EXECUTE format('CREATE TEMP TABLE rta_d (seq bigint, mask text, clear text, period integer, %s)
        ON COMMIT DROP', rta.dim_list(s.dims, '', ' text COLLATE "C"'));
    submission := nextval('rta.submission_id');
    EXECUTE format('SELECT count(*) FROM rta.%I', s.tab || '_series') INTO series;
    SELECT count(*) INTO lineages FROM rta.lineage;
    RETURN NEXT;
END $$;

-- Where to copy the rows of a year: a year that the store does not have yet goes straight into the
-- table that will become its partition, others into a temporary table to be compared.
CREATE FUNCTION rta.load_table(p_structure text, p_sub integer, p_year integer) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    t text := (SELECT tab FROM rta.structure WHERE id = p_structure);
    name text;
BEGIN
    IF rta.year_there(t, p_year) THEN
        EXECUTE format('CREATE TEMP TABLE %I (LIKE rta.%I) ON COMMIT DROP', 'rta_s_' || p_year,
            t || '_obs');
        RETURN 'pg_temp.rta_s_' || p_year;
    END IF;
    name := t || '_load_' || p_sub || '_' || p_year;
    PERFORM rta.year_table(t, name);
    RETURN format('rta.%I', name);
END $$;

-- One publication at a time. The order of versions is the order of commits.
CREATE FUNCTION rta.load_lock() RETURNS void
LANGUAGE sql AS $$ SELECT pg_advisory_xact_lock(hashtextextended('rta.publish', 0)) $$;

-- The last published submission of the very same stream, and how many later ones changed what its
-- sender had sent: loading it once more would take those changes back.
CREATE FUNCTION rta.load_repeat(p_structure text, p_seal text, p_sender text)
RETURNS TABLE (submission integer, version integer, published_at timestamptz, later bigint)
LANGUAGE sql STABLE AS $$
    SELECT s.id, s.version, s.published_at, (
        SELECT count(*) FROM rta.submission n
        WHERE n.structure = p_structure AND n.version > s.version
          AND (n.sender = p_sender OR n.over_sender > 0)
          AND n.rows_new + n.rows_revised + n.rows_deleted > 0)
    FROM rta.submission s
    WHERE s.structure = p_structure AND s.stream_seal = p_seal AND p_seal <> ''
      AND s.sender = p_sender AND s.state = 'published'
    ORDER BY s.version DESC LIMIT 1 $$;

-- Another loader may have published a series or a lineage that we took for new: use its number.
CREATE FUNCTION rta.load_reconcile(p_structure text, p_tables text[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    s rta.structure;
    t text;
    n bigint;
BEGIN
    SELECT * INTO s FROM rta.structure WHERE id = p_structure;
    EXECUTE format('CREATE TEMP TABLE rta_km ON COMMIT DROP AS
        SELECT k.series_id AS ours, s.series_id AS theirs FROM pg_temp.rta_k k
        JOIN rta.%I s USING (%s)', s.tab || '_series', rta.dim_list(s.dims, ''));
    GET DIAGNOSTICS n = ROW_COUNT;
    IF n > 0 THEN
        FOREACH t IN ARRAY p_tables || 'pg_temp.rta_g'::text LOOP
            EXECUTE format('UPDATE %s x SET series_id = m.theirs FROM pg_temp.rta_km m
                WHERE x.series_id = m.ours', t);
        END LOOP;
        DELETE FROM pg_temp.rta_k k USING pg_temp.rta_km m WHERE k.series_id = m.ours;
    END IF;
    EXECUTE format('INSERT INTO rta.%I (series_id, %s) SELECT series_id, %s FROM pg_temp.rta_k',
        s.tab || '_series', rta.dim_list(s.dims, ''), rta.dim_list(s.dims, ''));
    CREATE TEMP TABLE rta_lm ON COMMIT DROP AS
        SELECT n.id AS ours, l.id AS theirs FROM pg_temp.rta_l n JOIN rta.lineage l
            ON hashtextextended(l.src_key, 0) = hashtextextended(n.src_key, 0)
            AND (l.src_key, l.sender, l.grade, l.reviewed)
                = (n.src_key, n.sender, n.grade, n.reviewed);
    GET DIAGNOSTICS n = ROW_COUNT;
    IF n > 0 THEN
        FOREACH t IN ARRAY p_tables || 'pg_temp.rta_g'::text LOOP
            EXECUTE format('UPDATE %s x SET lineage_id = m.theirs FROM pg_temp.rta_lm m
                WHERE x.lineage_id = m.ours', t);
        END LOOP;
        DELETE FROM pg_temp.rta_l l USING pg_temp.rta_lm m WHERE l.id = m.ours;
    END IF;
    INSERT INTO rta.lineage SELECT * FROM pg_temp.rta_l;
END $$;

-- ---- rows of one kind, each observation once: set-wise ----

-- What a row says about a cell: R says it all, M says nothing where it is empty.
CREATE FUNCTION rta.load_cell(act text, col text) RETURNS text
LANGUAGE sql IMMUTABLE RETURN
    CASE WHEN act = 'R' THEN 's.' || col ELSE format('coalesce(s.%s, o.%s)', col, col) END;

-- pg_temp.rta_c: what is new or differs, with `was` = the store has it.
CREATE FUNCTION rta.load_diff(p_tab text, p_from text, p_obs text, p_act text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    DROP TABLE IF EXISTS pg_temp.rta_c;
    EXECUTE format('ANALYZE %s', p_from);
    EXECUTE format($f$CREATE TEMP TABLE rta_c ON COMMIT DROP AS
        SELECT series_id, period, lineage_id, from_sub, value, obs_status, conf_status, comment,
            nature, src, src_value, was, false AS gone, true AS touched
        FROM (SELECT s.series_id, s.period, s.lineage_id, s.from_sub, %s AS value,
                  %s AS obs_status, %s AS conf_status, %s AS comment, %s AS nature,
                  s.src, s.src_value, o.series_id IS NOT NULL AS was,
                  o.value AS o1, o.obs_status AS o2, o.conf_status AS o3, o.comment AS o4,
                  o.nature AS o5
              FROM %s s LEFT JOIN %s o ON o.period = s.period AND o.series_id = s.series_id) x
        WHERE NOT was OR (value, obs_status, conf_status, comment, nature)
            IS DISTINCT FROM (o1, o2, o3, o4, o5)$f$,
        rta.load_cell(p_act, 'value'), rta.load_cell(p_act, 'obs_status'),
        rta.load_cell(p_act, 'conf_status'), rta.load_cell(p_act, 'comment'),
        rta.load_cell(p_act, 'nature'), p_from, p_obs);
END $$;

-- Write pg_temp.rta_c: close the old versions, then write the new ones.
CREATE FUNCTION rta.load_write(p_tab text, p_obs text, p_sub integer, p_sender text,
    OUT rows_new bigint, OUT rows_revised bigint, OUT rows_deleted bigint, OUT over_sender bigint)
LANGUAGE plpgsql AS $$
BEGIN
    SELECT count(*) FILTER (WHERE NOT was), count(*) FILTER (WHERE was AND NOT gone AND touched),
        count(*) FILTER (WHERE was AND (gone OR NOT touched))
    INTO rows_new, rows_revised, rows_deleted FROM pg_temp.rta_c;
    over_sender := 0;
    IF rows_revised + rows_deleted > 0 THEN
        ANALYZE pg_temp.rta_c;
        EXECUTE format('SELECT count(*) FROM pg_temp.rta_c c
            JOIN %s o ON o.period = c.period AND o.series_id = c.series_id
            JOIN rta.lineage l ON l.id = o.lineage_id WHERE c.was AND l.sender <> $1', p_obs)
            INTO over_sender USING p_sender;
        EXECUTE format('INSERT INTO rta.%I SELECT o.*, $1 FROM %s o JOIN pg_temp.rta_c c
            ON o.period = c.period AND o.series_id = c.series_id WHERE c.was',
            p_tab || '_hist', p_obs) USING p_sub;
    END IF;
    IF rows_deleted > 0 THEN
        EXECUTE format('DELETE FROM %s o USING pg_temp.rta_c c
            WHERE c.was AND c.gone AND o.period = c.period AND o.series_id = c.series_id', p_obs);
    END IF;
    IF rows_revised + rows_deleted > 0 THEN
        EXECUTE format('UPDATE %s o SET lineage_id = c.lineage_id, from_sub = c.from_sub,
                value = c.value, obs_status = c.obs_status, conf_status = c.conf_status,
                comment = c.comment, nature = c.nature, src = c.src, src_value = c.src_value
            FROM pg_temp.rta_c c WHERE c.was AND NOT c.gone AND o.period = c.period
                AND o.series_id = c.series_id', p_obs);
    END IF;
    IF rows_new > 0 THEN
        EXECUTE format('INSERT INTO %s (series_id, period, lineage_id, from_sub, value, obs_status,
                conf_status, comment, nature, src, src_value)
            SELECT series_id, period, lineage_id, from_sub, value, obs_status, conf_status,
                comment, nature, src, src_value FROM pg_temp.rta_c WHERE NOT was', p_obs);
    END IF;
END $$;

-- ---- deletions, repeated observations, mixed actions: in order of appearance ----

CREATE FUNCTION rta.run_replace(p_first bigint, p_last bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO pg_temp.rta_w AS w
    SELECT DISTINCT ON (period, series_id) series_id, period, lineage_id, value, obs_status,
        conf_status, comment, nature, src, src_value, false, true
    FROM pg_temp.rta_g WHERE seq BETWEEN p_first AND p_last ORDER BY period, series_id, seq DESC
    ON CONFLICT (period, series_id) DO UPDATE SET lineage_id = excluded.lineage_id,
        value = excluded.value, obs_status = excluded.obs_status,
        conf_status = excluded.conf_status, comment = excluded.comment, nature = excluded.nature,
        src = excluded.src, src_value = excluded.src_value, gone = false, touched = true;
END $$;

-- The state in the store of the observations that a run of M rows touches for the first time.
CREATE FUNCTION rta.run_base(p_tab text, p_first bigint, p_last bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('INSERT INTO pg_temp.rta_w
        SELECT o.series_id, o.period, o.lineage_id, o.value, o.obs_status, o.conf_status,
            o.comment, o.nature, o.src, o.src_value, false, false
        FROM rta.%I o JOIN (SELECT DISTINCT period, series_id FROM pg_temp.rta_g
            WHERE seq BETWEEN $1 AND $2) k USING (period, series_id)
        ON CONFLICT DO NOTHING', p_tab || '_obs') USING p_first, p_last;
END $$;

CREATE FUNCTION rta.run_merge(p_first bigint, p_last bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO pg_temp.rta_w AS w
    SELECT series_id, period, (array_agg(lineage_id ORDER BY seq DESC))[1],
        (array_agg(value ORDER BY seq DESC) FILTER (WHERE value IS NOT NULL))[1],
        (array_agg(obs_status ORDER BY seq DESC) FILTER (WHERE obs_status IS NOT NULL))[1],
        (array_agg(conf_status ORDER BY seq DESC) FILTER (WHERE conf_status IS NOT NULL))[1],
        (array_agg(comment ORDER BY seq DESC) FILTER (WHERE comment IS NOT NULL))[1],
        (array_agg(nature ORDER BY seq DESC) FILTER (WHERE nature IS NOT NULL))[1],
        (array_agg(src ORDER BY seq DESC))[1], (array_agg(src_value ORDER BY seq DESC))[1],
        false, true
    FROM pg_temp.rta_g WHERE seq BETWEEN p_first AND p_last GROUP BY series_id, period
    ON CONFLICT (period, series_id) DO UPDATE SET lineage_id = excluded.lineage_id,
        value = coalesce(excluded.value, CASE WHEN NOT w.gone THEN w.value END),
        obs_status = coalesce(excluded.obs_status, CASE WHEN NOT w.gone THEN w.obs_status END),
        conf_status = coalesce(excluded.conf_status, CASE WHEN NOT w.gone THEN w.conf_status END),
        comment = coalesce(excluded.comment, CASE WHEN NOT w.gone THEN w.comment END),
        nature = coalesce(excluded.nature, CASE WHEN NOT w.gone THEN w.nature END),
        src = excluded.src, src_value = excluded.src_value, gone = false, touched = true;
END $$;

-- A run of D rows with the same wildcards and the same cells to empty ('' = the observation goes).
-- A sender deletes only what it sent itself.
CREATE FUNCTION rta.run_delete(p_tab text, p_dims text[], p_mask text, p_clear text,
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
            o.comment, o.nature, o.src, o.src_value, false, false
        FROM pg_temp.rta_d d CROSS JOIN rta.%I s JOIN rta.%I o USING (series_id)
        JOIN rta.lineage l ON l.id = o.lineage_id AND l.sender = $5
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

-- Runs of equal actions, one after the other, into pg_temp.rta_w: what the delivery leaves behind.
CREATE FUNCTION rta.load_runs(p_tab text, p_dims text[], p_sender text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    r record;
    m record;
BEGIN
    CREATE TEMP TABLE rta_w (series_id integer, period integer, lineage_id integer, value numeric,
        obs_status text, conf_status text, comment text, nature text, src text, src_value text,
        gone boolean, touched boolean, PRIMARY KEY (period, series_id)) ON COMMIT DROP;
    CREATE INDEX ON pg_temp.rta_g (seq);
    ANALYZE pg_temp.rta_g;
    ANALYZE pg_temp.rta_d;
    FOR r IN
        SELECT act, min(seq) AS first, max(seq) AS last FROM (
            SELECT seq, act, sum(turn) OVER (ORDER BY seq) AS run FROM (
                SELECT seq, act, (act IS DISTINCT FROM lag(act) OVER (ORDER BY seq))::integer AS turn
                FROM (SELECT seq, act FROM pg_temp.rta_g
                      UNION ALL SELECT seq, 'D' FROM pg_temp.rta_d) a) b) c
        GROUP BY run, act ORDER BY first
    LOOP
        IF r.act = 'R' THEN
            PERFORM rta.run_replace(r.first, r.last);
        ELSIF r.act = 'M' THEN
            PERFORM rta.run_base(p_tab, r.first, r.last);
            PERFORM rta.run_merge(r.first, r.last);
        ELSE
            FOR m IN SELECT DISTINCT mask, clear FROM pg_temp.rta_d
                     WHERE seq BETWEEN r.first AND r.last ORDER BY mask, clear
            LOOP
                PERFORM rta.run_delete(p_tab, p_dims, m.mask, m.clear, r.first, r.last, p_sender);
            END LOOP;
        END IF;
    END LOOP;
END $$;

-- pg_temp.rta_c from what the runs left behind.
CREATE FUNCTION rta.load_runs_diff(p_tab text, p_sub integer) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    y integer;
BEGIN
    FOR y IN SELECT DISTINCT period / 1000 FROM pg_temp.rta_w WHERE NOT gone LOOP
        PERFORM rta.year_make(p_tab, y);
    END LOOP;
    ANALYZE pg_temp.rta_w;
    EXECUTE format('CREATE TEMP TABLE rta_c ON COMMIT DROP AS
        SELECT w.series_id, w.period, w.lineage_id, $1 AS from_sub, w.value, w.obs_status,
            w.conf_status, w.comment, w.nature, w.src, w.src_value,
            o.series_id IS NOT NULL AS was, w.gone, w.touched
        FROM pg_temp.rta_w w LEFT JOIN rta.%I o
            ON o.period = w.period AND o.series_id = w.series_id
        WHERE CASE WHEN o.series_id IS NULL THEN NOT w.gone
                   WHEN w.gone THEN true
                   ELSE (w.value, w.obs_status, w.conf_status, w.comment, w.nature)
                       IS DISTINCT FROM
                       (o.value, o.obs_status, o.conf_status, o.comment, o.nature) END',
        p_tab || '_obs') USING p_sub;
END $$;

-- ---- the whole ----

CREATE FUNCTION rta.load_in_order(s rta.structure, p_sub integer, p_act text, p_years integer[],
    p_tables text[], p_sender text, OUT rows_new bigint, OUT rows_revised bigint,
    OUT rows_unchanged bigint, OUT rows_superseded bigint, OUT rows_deleted bigint,
    OUT over_sender bigint)
LANGUAGE plpgsql AS $$
DECLARE
    kept bigint;
BEGIN
    -- what was copied before order began to matter: one action; the heap keeps its order
    FOR i IN 1 .. coalesce(array_length(p_years, 1), 0) LOOP
        EXECUTE format('INSERT INTO pg_temp.rta_g SELECT *, row_number() OVER (ORDER BY ctid), $1
            FROM %s', p_tables[i]) USING p_act;
        EXECUTE format('DROP TABLE %s', p_tables[i]);
    END LOOP;
    PERFORM rta.load_runs(s.tab, s.dims, p_sender);
    PERFORM rta.load_runs_diff(s.tab, p_sub);
    SELECT w.rows_new, w.rows_revised, w.rows_deleted, w.over_sender
    INTO rows_new, rows_revised, rows_deleted, over_sender
    FROM rta.load_write(s.tab, format('rta.%I', s.tab || '_obs'), p_sub, p_sender) w;
    SELECT count(*) FILTER (WHERE touched AND NOT gone) INTO kept FROM pg_temp.rta_w;
    rows_unchanged := kept - rows_new - rows_revised;
    rows_superseded := (SELECT count(*) FROM pg_temp.rta_g) - kept;
END $$;

-- Does any observation stand twice?
CREATE FUNCTION rta.load_doubled(p_tables text[]) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    t text;
    twice boolean;
BEGIN
    FOREACH t IN ARRAY p_tables LOOP
        EXECUTE format('SELECT EXISTS (SELECT 1 FROM %s GROUP BY period, series_id
            HAVING count(*) > 1)', t) INTO twice;
        IF twice THEN
            RETURN true;
        END IF;
    END LOOP;
    RETURN false;
END $$;

CREATE FUNCTION rta.load_apply(p_structure text, p_sub integer, p_act text, p_ordered boolean,
    p_suspect boolean, p_years integer[], p_tables text[], p_counts bigint[], p_sender text, OUT rows_new bigint,
    OUT rows_revised bigint, OUT rows_unchanged bigint, OUT rows_superseded bigint,
    OUT rows_deleted bigint, OUT over_sender bigint)
LANGUAGE plpgsql AS $$
DECLARE
    s rta.structure;
    w record;
    obs text;
BEGIN
    SELECT * INTO s FROM rta.structure WHERE id = p_structure;
    IF p_ordered OR (p_suspect AND rta.load_doubled(p_tables)) THEN
        SELECT x.* INTO rows_new, rows_revised, rows_unchanged, rows_superseded, rows_deleted,
            over_sender
        FROM rta.load_in_order(s, p_sub, p_act, p_years, p_tables, p_sender) x;
        RETURN;
    END IF;
    rows_new := 0; rows_revised := 0; rows_unchanged := 0; rows_superseded := 0;
    rows_deleted := 0; over_sender := 0;
    FOR i IN 1 .. coalesce(array_length(p_years, 1), 0) LOOP
        IF p_tables[i] NOT LIKE 'pg_temp.%' AND NOT rta.year_there(s.tab, p_years[i]) THEN
            PERFORM rta.year_attach(s.tab, substr(p_tables[i], 5), p_years[i]);
            rows_new := rows_new + p_counts[i];
            CONTINUE;
        END IF;
        obs := format('rta.%I', s.tab || '_obs_' || p_years[i]);
        PERFORM rta.load_diff(s.tab, p_tables[i], obs, p_act);
        SELECT * INTO w FROM rta.load_write(s.tab, obs, p_sub, p_sender);
        rows_new := rows_new + w.rows_new;
        rows_revised := rows_revised + w.rows_revised;
        rows_unchanged := rows_unchanged + p_counts[i] - w.rows_new - w.rows_revised;
        over_sender := over_sender + w.over_sender;
        EXECUTE format('DROP TABLE %s', p_tables[i]);
    END LOOP;
END $$;

-- Record and publish. Moments of publication never go back, so that a moment names one version.
CREATE FUNCTION rta.load_publish(p jsonb, OUT version integer, OUT published_at timestamptz)
LANGUAGE plpgsql AS $$
DECLARE
    s rta.submission;
BEGIN
    s := jsonb_populate_record(NULL::rta.submission, p);
    s.received_at := coalesce(s.received_at, date_trunc('milliseconds', clock_timestamp()));
    IF s.received_at > clock_timestamp() + interval '1 minute' THEN
        RAISE EXCEPTION 'received in the future: %', s.received_at USING ERRCODE = 'RT064';
    END IF;
    SELECT coalesce(max(x.version), 0) + 1, greatest(s.received_at, max(x.published_at))
    INTO s.version, s.published_at FROM rta.submission x;
    s.state := 'published';
    s.loaded_at := clock_timestamp();
    s.loaded_by := session_user;
    INSERT INTO rta.submission SELECT s.*;
    version := s.version;
    published_at := s.published_at;
END $$;
