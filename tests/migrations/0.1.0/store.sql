SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;
CREATE SCHEMA rta;
CREATE FUNCTION rta.as_of(p_structure text, p_version integer) RETURNS TABLE(series_id integer, period integer, lineage_id integer, from_sub integer, value numeric, obs_status text, conf_status text, comment text, nature text, src text, src_value text)
    LANGUAGE plpgsql STABLE
    AS $_$
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
END $_$;
CREATE FUNCTION rta.code_sync() RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
    DELETE FROM rta.code c WHERE NOT EXISTS (
        SELECT 1 FROM pg_temp.t_code t WHERE t.codelist = c.codelist AND t.code = c.code
            AND (t.*) IS NOT DISTINCT FROM (c.*));
    INSERT INTO rta.code SELECT * FROM pg_temp.t_code ON CONFLICT DO NOTHING;
    DELETE FROM rta.code_label c WHERE NOT EXISTS (
        SELECT 1 FROM pg_temp.t_label t WHERE t.codelist = c.codelist AND t.code = c.code
            AND t.lang = c.lang AND (t.*) IS NOT DISTINCT FROM (c.*));
    INSERT INTO rta.code_label SELECT * FROM pg_temp.t_label ON CONFLICT DO NOTHING;
END $$;
CREATE FUNCTION rta.dim_list(dims text[], prefix text, suffix text DEFAULT ''::text) RETURNS text
    LANGUAGE sql IMMUTABLE
    RETURN (SELECT string_agg(((dim_list.prefix || quote_ident(lower(t.d))) || dim_list.suffix), ', '::text ORDER BY t.n) AS string_agg FROM unnest(dim_list.dims) WITH ORDINALITY t(d, n));
CREATE FUNCTION rta.grant_all() RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF to_regrole('rta_reader') IS NOT NULL THEN
        GRANT USAGE ON SCHEMA rta TO rta_reader;
        GRANT SELECT ON ALL TABLES IN SCHEMA rta TO rta_reader;
    END IF;
    IF to_regrole('rta_coordinator') IS NOT NULL THEN
        GRANT USAGE ON SCHEMA rta TO rta_coordinator;
        GRANT SELECT ON ALL TABLES IN SCHEMA rta TO rta_coordinator;
    END IF;
END $$;
CREATE FUNCTION rta.load_apply(p_structure text, p_sub integer, p_act text, p_ordered boolean, p_suspect boolean, p_years integer[], p_tables text[], p_counts bigint[], p_sender text, OUT rows_new bigint, OUT rows_revised bigint, OUT rows_unchanged bigint, OUT rows_superseded bigint, OUT rows_deleted bigint, OUT over_sender bigint) RETURNS record
    LANGUAGE plpgsql
    AS $$
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
CREATE FUNCTION rta.load_begin(p_structure text) RETURNS TABLE(submission integer, series bigint, lineages bigint)
    LANGUAGE plpgsql
    AS $$
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
CREATE FUNCTION rta.load_cell(act text, col text) RETURNS text
    LANGUAGE sql IMMUTABLE
    RETURN CASE WHEN (act = 'R'::text) THEN ('s.'::text || col) ELSE format('coalesce(s.%s, o.%s)'::text, col, col) END;
CREATE FUNCTION rta.load_diff(p_tab text, p_from text, p_obs text, p_act text) RETURNS void
    LANGUAGE plpgsql
    AS $_$
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
END $_$;
CREATE FUNCTION rta.load_doubled(p_tables text[]) RETURNS boolean
    LANGUAGE plpgsql
    AS $$
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
SET default_tablespace = '';
SET default_table_access_method = heap;
CREATE TABLE rta.structure (
    id text NOT NULL,
    full_id text NOT NULL,
    name text NOT NULL,
    whole boolean NOT NULL,
    dims text[] NOT NULL,
    codelists text[] NOT NULL,
    totals text[] NOT NULL,
    tab text NOT NULL
);
CREATE FUNCTION rta.load_in_order(s rta.structure, p_sub integer, p_act text, p_years integer[], p_tables text[], p_sender text, OUT rows_new bigint, OUT rows_revised bigint, OUT rows_unchanged bigint, OUT rows_superseded bigint, OUT rows_deleted bigint, OUT over_sender bigint) RETURNS record
    LANGUAGE plpgsql
    AS $_$
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
END $_$;
CREATE FUNCTION rta.load_lock() RETURNS void
    LANGUAGE sql
    AS $$ SELECT pg_advisory_xact_lock(hashtextextended('rta.publish', 0)) $$;
CREATE FUNCTION rta.load_publish(p jsonb, OUT version integer, OUT published_at timestamp with time zone) RETURNS record
    LANGUAGE plpgsql
    AS $$
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
CREATE FUNCTION rta.load_reconcile(p_structure text, p_tables text[]) RETURNS void
    LANGUAGE plpgsql
    AS $$
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
CREATE FUNCTION rta.load_repeat(p_structure text, p_seal text, p_sender text) RETURNS TABLE(submission integer, version integer, published_at timestamp with time zone, later bigint)
    LANGUAGE sql STABLE
    AS $$
    SELECT s.id, s.version, s.published_at, (
        SELECT count(*) FROM rta.submission n
        WHERE n.structure = p_structure AND n.version > s.version
          AND (n.sender = p_sender OR n.over_sender > 0)
          AND n.rows_new + n.rows_revised + n.rows_deleted > 0)
    FROM rta.submission s
    WHERE s.structure = p_structure AND s.stream_seal = p_seal AND p_seal <> ''
      AND s.sender = p_sender AND s.state = 'published'
    ORDER BY s.version DESC LIMIT 1 $$;
CREATE FUNCTION rta.load_runs(p_tab text, p_dims text[], p_sender text) RETURNS void
    LANGUAGE plpgsql
    AS $$
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
CREATE FUNCTION rta.load_runs_diff(p_tab text, p_sub integer) RETURNS void
    LANGUAGE plpgsql
    AS $_$
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
END $_$;
CREATE FUNCTION rta.load_table(p_structure text, p_sub integer, p_year integer) RETURNS text
    LANGUAGE plpgsql
    AS $$
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
CREATE FUNCTION rta.load_write(p_tab text, p_obs text, p_sub integer, p_sender text, OUT rows_new bigint, OUT rows_revised bigint, OUT rows_deleted bigint, OUT over_sender bigint) RETURNS record
    LANGUAGE plpgsql
    AS $_$
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
END $_$;
CREATE FUNCTION rta.period_text(freq text, code integer) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE freq WHEN 'A'::text THEN ((code / 1000))::text WHEN 'M'::text THEN ((((code / 1000))::text || '-'::text) || lpad(((code % 1000))::text, 2, '0'::text)) WHEN 'W'::text THEN ((((code / 1000))::text || '-W'::text) || lpad(((code % 1000))::text, 2, '0'::text)) WHEN 'D'::text THEN ((make_date((code / 1000), 1, 1) + ((code % 1000) - 1)))::text ELSE (((((code / 1000))::text || '-'::text) || freq) || ((code % 1000))::text) END;
CREATE FUNCTION rta.run_base(p_tab text, p_first bigint, p_last bigint) RETURNS void
    LANGUAGE plpgsql
    AS $_$
BEGIN
    EXECUTE format('INSERT INTO pg_temp.rta_w
        SELECT o.series_id, o.period, o.lineage_id, o.value, o.obs_status, o.conf_status,
            o.comment, o.nature, o.src, o.src_value, false, false
        FROM rta.%I o JOIN (SELECT DISTINCT period, series_id FROM pg_temp.rta_g
            WHERE seq BETWEEN $1 AND $2) k USING (period, series_id)
        ON CONFLICT DO NOTHING', p_tab || '_obs') USING p_first, p_last;
END $_$;
CREATE FUNCTION rta.run_delete(p_tab text, p_dims text[], p_mask text, p_clear text, p_first bigint, p_last bigint, p_sender text) RETURNS void
    LANGUAGE plpgsql
    AS $_$
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
END $_$;
CREATE FUNCTION rta.run_merge(p_first bigint, p_last bigint) RETURNS void
    LANGUAGE plpgsql
    AS $$
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
CREATE FUNCTION rta.run_replace(p_first bigint, p_last bigint) RETURNS void
    LANGUAGE plpgsql
    AS $$
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
CREATE FUNCTION rta.src_text(prefix text, src text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (SELECT COALESCE(string_agg(CASE WHEN ("left"(t.part, 1) = ANY (ARRAY[':'::text, '#'::text])) THEN (src_text.prefix || t.part) WHEN ("left"(t.part, 1) = '='::text) THEN substr(t.part, 2) ELSE t.part END, ';'::text ORDER BY t.n), ''::text) AS "coalesce" FROM unnest(string_to_array(src_text.src, ';'::text)) WITH ORDINALITY t(part, n));
CREATE FUNCTION rta.status() RETURNS TABLE(structure text, version integer, submission integer, published_at timestamp with time zone, submissions bigint, series bigint, observations bigint, former bigint, bytes bigint)
    LANGUAGE plpgsql STABLE
    AS $_$
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
END $_$;
CREATE FUNCTION rta.structure_sync(p_id text, p_full_id text, p_name text, p_whole boolean, p_dims text[], p_lists text[], p_totals text[]) RETURNS boolean
    LANGUAGE plpgsql
    AS $$
DECLARE
    old rta.structure;
    t text := lower(p_id);
BEGIN
    IF NOT 'FREQ' = ANY (p_dims) THEN
        RAISE EXCEPTION 'structure % has no dimension FREQ', p_id USING ERRCODE = 'RT078',
            HINT = 'a period can only be kept together with its frequency';
    END IF;
    SELECT * INTO old FROM rta.structure WHERE id = p_id;
    IF FOUND AND old.dims <> p_dims THEN
        RAISE EXCEPTION 'structure % has other dimensions than its tables (%)', p_id,
            array_to_string(old.dims, ' ') USING ERRCODE = 'RT078',
            HINT = 'give the new structure an id of its own, or write a migration';
    END IF;
    INSERT INTO rta.structure AS s
    VALUES (p_id, p_full_id, p_name, p_whole, p_dims, p_lists, p_totals, t)
    ON CONFLICT (id) DO UPDATE SET full_id = excluded.full_id, name = excluded.name,
        whole = excluded.whole, codelists = excluded.codelists, totals = excluded.totals;
    IF old.id IS NULL THEN
        PERFORM rta.structure_tables(t, p_dims);
    END IF;
    PERFORM rta.structure_view(t, p_dims, p_lists);
    RETURN old.id IS NULL;
END $$;
CREATE FUNCTION rta.structure_tables(tab text, dims text[]) RETURNS void
    LANGUAGE plpgsql
    AS $_$
BEGIN
    EXECUTE format('CREATE TABLE rta.%I (series_id integer PRIMARY KEY, %s, UNIQUE (%s))',
        tab || '_series', rta.dim_list(dims, '', ' text COLLATE "C" NOT NULL'),
        rta.dim_list(dims, ''));
    EXECUTE format('CREATE SEQUENCE rta.%I', tab || '_block');
    -- fixed width first; the key by series first is built faster than by period; what is not
    -- given is NULL, which costs neither room nor time
    EXECUTE format($f$CREATE TABLE rta.%I (
        series_id   integer NOT NULL,
        period      integer NOT NULL,
        lineage_id  integer NOT NULL,
        from_sub    integer NOT NULL,
        value       numeric,
        obs_status  text,
        conf_status text,
        comment     text,
        nature      text,
        src         text,
        src_value   text,
        PRIMARY KEY (series_id, period)
    ) PARTITION BY RANGE (period)$f$, tab || '_obs');
    EXECUTE format('CREATE TABLE rta.%I (LIKE rta.%I, to_sub integer NOT NULL)',
        tab || '_hist', tab || '_obs');
    EXECUTE format('CREATE INDEX ON rta.%I (series_id, period)', tab || '_hist');
    EXECUTE format('COMMENT ON TABLE rta.%I IS %L', tab || '_series',
        'Every combination of codes that was ever loaded');
    EXECUTE format('COMMENT ON TABLE rta.%I IS %L', tab || '_obs',
        'Current observations; one partition a year');
    EXECUTE format('COMMENT ON TABLE rta.%I IS %L', tab || '_hist',
        'Former versions: current from the version of from_sub up to, without, that of to_sub');
END $_$;
CREATE FUNCTION rta.structure_view(p_tab text, dims text[], lists text[]) RETURNS void
    LANGUAGE plpgsql
    AS $_$
DECLARE
    cols text := '';
    joins text := '';
    d text;
BEGIN
    FOR i IN 1 .. array_length(dims, 1) LOOP
        d := quote_ident(lower(dims[i]));
        cols := cols || format('s.%s, ', d);
        IF lists[i] <> '' THEN
            cols := cols || format('c%s.label AS %I, ', i, lower(dims[i]) || '_label');
            joins := joins || format(' LEFT JOIN rta.code c%s ON c%s.codelist = %L AND c%s.code = s.%s',
                i, i, lists[i], i, d);
        END IF;
    END LOOP;
    EXECUTE format($f$CREATE OR REPLACE VIEW rta.%I AS
        SELECT %s rta.period_text(s.freq, o.period) AS time_period, o.period / 1000 AS year,
            o.value AS obs_value, o.obs_status, o.conf_status, o.comment, o.nature,
            l.sender, rta.src_text(f.src_prefix, o.src) AS src, l.src_key, o.src_value,
            l.grade, l.reviewed, o.from_sub AS submission, f.version, f.received_at
        FROM rta.%I o
        JOIN rta.%I s USING (series_id)
        JOIN rta.lineage l ON l.id = o.lineage_id
        JOIN rta.submission f ON f.id = o.from_sub %s$f$,
        p_tab, cols, p_tab || '_obs', p_tab || '_series', joins);
    EXECUTE format('COMMENT ON VIEW rta.%I IS %L', p_tab, 'Current figures with labels');
END $_$;
CREATE FUNCTION rta.version_of(as_of text) RETURNS integer
    LANGUAGE plpgsql STABLE
    AS $_$
DECLARE
    v integer;
    moment timestamptz;
BEGIN
    IF as_of = '' THEN
        RETURN (SELECT coalesce(max(version), 0) FROM rta.submission);
    ELSIF as_of ~ '^version:[0-9]{1,9}$' THEN
        v := substr(as_of, 9)::integer;
        IF v > (SELECT coalesce(max(version), 0) FROM rta.submission) THEN
            RAISE EXCEPTION 'there is no version %', v USING ERRCODE = 'RT065';
        END IF;
        RETURN v;
    ELSIF as_of ~ '^submission:[0-9]{1,9}$' THEN
        SELECT version INTO v FROM rta.submission WHERE id = substr(as_of, 12)::integer;
        IF v IS NULL THEN
            RAISE EXCEPTION 'there is no published submission %', substr(as_of, 12)
                USING ERRCODE = 'RT065';
        END IF;
        RETURN v;
    ELSIF as_of ~ '^\d{4}-\d\d-\d\d$' THEN
        moment := (as_of || ' 00:00:00Z')::timestamptz + interval '1 day - 1 microsecond';
    ELSIF as_of ~ '^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?$' THEN
        moment := as_of::timestamptz;
    ELSE
        RAISE EXCEPTION 'not a moment: %', as_of USING ERRCODE = 'RT064',
            HINT = 'write 2026-01-31, 2026-01-31T12:00:00Z, version:7 or submission:12';
    END IF;
    RETURN (SELECT coalesce(max(version), 0) FROM rta.submission WHERE published_at <= moment);
END $_$;
CREATE FUNCTION rta.year_attach(tab text, name text, year integer) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
    part text := tab || '_obs_' || year;
BEGIN
    EXECUTE format('ALTER TABLE rta.%I RENAME TO %I', name, part);
    EXECUTE format('ALTER TABLE rta.%I ADD PRIMARY KEY (series_id, period)', part);
    EXECUTE format('ALTER TABLE rta.%I ATTACH PARTITION rta.%I FOR VALUES FROM (%s) TO (%s)',
        tab || '_obs', part, year * 1000, (year + 1) * 1000);
END $$;
CREATE FUNCTION rta.year_make(tab text, year integer) RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF NOT rta.year_there(tab, year) THEN
        PERFORM rta.year_table(tab, tab || '_make_' || year);
        PERFORM rta.year_attach(tab, tab || '_make_' || year, year);
    END IF;
END $$;
CREATE FUNCTION rta.year_table(tab text, name text) RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
    EXECUTE format('CREATE TABLE rta.%I (LIKE rta.%I)', name, tab || '_obs');
END $$;
CREATE FUNCTION rta.year_there(tab text, year integer) RETURNS boolean
    LANGUAGE sql STABLE
    RETURN (to_regclass(format('rta.%I'::text, ((tab || '_obs_'::text) || year))) IS NOT NULL);
CREATE TABLE rta.code (
    codelist text NOT NULL,
    code text NOT NULL,
    parent text,
    ord integer NOT NULL,
    depth integer NOT NULL,
    label text NOT NULL,
    valid_from text NOT NULL,
    valid_to text NOT NULL,
    note text NOT NULL
);
CREATE TABLE rta.code_label (
    codelist text NOT NULL,
    code text NOT NULL,
    lang text NOT NULL,
    label text NOT NULL
);
CREATE TABLE rta.crime_obs (
    series_id integer NOT NULL,
    period integer NOT NULL,
    lineage_id integer NOT NULL,
    from_sub integer NOT NULL,
    value numeric,
    obs_status text,
    conf_status text,
    comment text,
    nature text,
    src text,
    src_value text
)
PARTITION BY RANGE (period);
CREATE TABLE rta.crime_series (
    series_id integer NOT NULL,
    freq text NOT NULL COLLATE pg_catalog."C",
    ref_area text NOT NULL COLLATE pg_catalog."C",
    iccs text NOT NULL COLLATE pg_catalog."C",
    counted text NOT NULL COLLATE pg_catalog."C",
    oc_link text NOT NULL COLLATE pg_catalog."C",
    cy_link text NOT NULL COLLATE pg_catalog."C",
    unit_measure text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE rta.lineage (
    id integer NOT NULL,
    sender text NOT NULL,
    src_key text NOT NULL,
    grade text NOT NULL,
    reviewed text NOT NULL
);
CREATE TABLE rta.submission (
    id integer NOT NULL,
    version integer,
    state text NOT NULL,
    structure text NOT NULL,
    partner text NOT NULL,
    sender text NOT NULL,
    reason text NOT NULL,
    received_at timestamp with time zone NOT NULL,
    published_at timestamp with time zone,
    loaded_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    loaded_by text DEFAULT SESSION_USER NOT NULL,
    file_name text NOT NULL,
    file_sha256 text NOT NULL,
    stream_seal text NOT NULL,
    src_prefix text NOT NULL,
    rows_in bigint NOT NULL,
    rows_new bigint NOT NULL,
    rows_revised bigint NOT NULL,
    rows_unchanged bigint NOT NULL,
    rows_superseded bigint NOT NULL,
    rows_delete bigint NOT NULL,
    rows_deleted bigint NOT NULL,
    rows_refused bigint NOT NULL,
    over_sender bigint NOT NULL,
    partial boolean NOT NULL,
    CONSTRAINT submission_check CHECK (((version IS NULL) = (published_at IS NULL))),
    CONSTRAINT submission_check1 CHECK ((rows_in = ((((rows_new + rows_revised) + rows_unchanged) + rows_superseded) + rows_delete))),
    CONSTRAINT submission_state_check CHECK ((state = ANY (ARRAY['published'::text, 'pending'::text, 'refused'::text, 'withdrawn'::text])))
);
CREATE VIEW rta.crime AS
 SELECT s.freq,
    c1.label AS freq_label,
    s.ref_area,
    c2.label AS ref_area_label,
    s.iccs,
    c3.label AS iccs_label,
    s.counted,
    c4.label AS counted_label,
    s.oc_link,
    c5.label AS oc_link_label,
    s.cy_link,
    c6.label AS cy_link_label,
    s.unit_measure,
    c7.label AS unit_measure_label,
    rta.period_text(s.freq, o.period) AS time_period,
    (o.period / 1000) AS year,
    o.value AS obs_value,
    o.obs_status,
    o.conf_status,
    o.comment,
    o.nature,
    l.sender,
    rta.src_text(f.src_prefix, o.src) AS src,
    l.src_key,
    o.src_value,
    l.grade,
    l.reviewed,
    o.from_sub AS submission,
    f.version,
    f.received_at
   FROM ((((((((((rta.crime_obs o
     JOIN rta.crime_series s USING (series_id))
     JOIN rta.lineage l ON ((l.id = o.lineage_id)))
     JOIN rta.submission f ON ((f.id = o.from_sub)))
     LEFT JOIN rta.code c1 ON (((c1.codelist = 'FREQ'::text) AND (c1.code = s.freq))))
     LEFT JOIN rta.code c2 ON (((c2.codelist = 'AREA'::text) AND (c2.code = s.ref_area))))
     LEFT JOIN rta.code c3 ON (((c3.codelist = 'ICCS'::text) AND (c3.code = s.iccs))))
     LEFT JOIN rta.code c4 ON (((c4.codelist = 'COUNTED'::text) AND (c4.code = s.counted))))
     LEFT JOIN rta.code c5 ON (((c5.codelist = 'YNU'::text) AND (c5.code = s.oc_link))))
     LEFT JOIN rta.code c6 ON (((c6.codelist = 'YNU'::text) AND (c6.code = s.cy_link))))
     LEFT JOIN rta.code c7 ON (((c7.codelist = 'UNIT'::text) AND (c7.code = s.unit_measure))));
CREATE SEQUENCE rta.crime_block
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
CREATE TABLE rta.crime_hist (
    series_id integer NOT NULL,
    period integer NOT NULL,
    lineage_id integer NOT NULL,
    from_sub integer NOT NULL,
    value numeric,
    obs_status text,
    conf_status text,
    comment text,
    nature text,
    src text,
    src_value text,
    to_sub integer NOT NULL
);
CREATE TABLE rta.crime_obs_2018 (
    series_id integer NOT NULL,
    period integer NOT NULL,
    lineage_id integer NOT NULL,
    from_sub integer NOT NULL,
    value numeric,
    obs_status text,
    conf_status text,
    comment text,
    nature text,
    src text,
    src_value text
);
CREATE TABLE rta.crime_obs_2019 (
    series_id integer NOT NULL,
    period integer NOT NULL,
    lineage_id integer NOT NULL,
    from_sub integer NOT NULL,
    value numeric,
    obs_status text,
    conf_status text,
    comment text,
    nature text,
    src text,
    src_value text
);
CREATE TABLE rta.crime_obs_2020 (
    series_id integer NOT NULL,
    period integer NOT NULL,
    lineage_id integer NOT NULL,
    from_sub integer NOT NULL,
    value numeric,
    obs_status text,
    conf_status text,
    comment text,
    nature text,
    src text,
    src_value text
);
CREATE TABLE rta.crime_obs_2021 (
    series_id integer NOT NULL,
    period integer NOT NULL,
    lineage_id integer NOT NULL,
    from_sub integer NOT NULL,
    value numeric,
    obs_status text,
    conf_status text,
    comment text,
    nature text,
    src text,
    src_value text
);
CREATE TABLE rta.crime_obs_2022 (
    series_id integer NOT NULL,
    period integer NOT NULL,
    lineage_id integer NOT NULL,
    from_sub integer NOT NULL,
    value numeric,
    obs_status text,
    conf_status text,
    comment text,
    nature text,
    src text,
    src_value text
);
CREATE TABLE rta.crime_obs_2023 (
    series_id integer NOT NULL,
    period integer NOT NULL,
    lineage_id integer NOT NULL,
    from_sub integer NOT NULL,
    value numeric,
    obs_status text,
    conf_status text,
    comment text,
    nature text,
    src text,
    src_value text
);
CREATE SEQUENCE rta.lineage_block
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
CREATE TABLE rta.migration (
    n integer NOT NULL,
    name text NOT NULL,
    sha256 text NOT NULL,
    applied_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);
CREATE TABLE rta.pop_obs (
    series_id integer NOT NULL,
    period integer NOT NULL,
    lineage_id integer NOT NULL,
    from_sub integer NOT NULL,
    value numeric,
    obs_status text,
    conf_status text,
    comment text,
    nature text,
    src text,
    src_value text
)
PARTITION BY RANGE (period);
CREATE TABLE rta.pop_series (
    series_id integer NOT NULL,
    freq text NOT NULL COLLATE pg_catalog."C",
    ref_area text NOT NULL COLLATE pg_catalog."C",
    sex text NOT NULL COLLATE pg_catalog."C",
    pop_source text NOT NULL COLLATE pg_catalog."C",
    pop_vintage text NOT NULL COLLATE pg_catalog."C"
);
CREATE VIEW rta.pop AS
 SELECT s.freq,
    c1.label AS freq_label,
    s.ref_area,
    c2.label AS ref_area_label,
    s.sex,
    c3.label AS sex_label,
    s.pop_source,
    c4.label AS pop_source_label,
    s.pop_vintage,
    rta.period_text(s.freq, o.period) AS time_period,
    (o.period / 1000) AS year,
    o.value AS obs_value,
    o.obs_status,
    o.conf_status,
    o.comment,
    o.nature,
    l.sender,
    rta.src_text(f.src_prefix, o.src) AS src,
    l.src_key,
    o.src_value,
    l.grade,
    l.reviewed,
    o.from_sub AS submission,
    f.version,
    f.received_at
   FROM (((((((rta.pop_obs o
     JOIN rta.pop_series s USING (series_id))
     JOIN rta.lineage l ON ((l.id = o.lineage_id)))
     JOIN rta.submission f ON ((f.id = o.from_sub)))
     LEFT JOIN rta.code c1 ON (((c1.codelist = 'FREQ'::text) AND (c1.code = s.freq))))
     LEFT JOIN rta.code c2 ON (((c2.codelist = 'AREA'::text) AND (c2.code = s.ref_area))))
     LEFT JOIN rta.code c3 ON (((c3.codelist = 'SEX'::text) AND (c3.code = s.sex))))
     LEFT JOIN rta.code c4 ON (((c4.codelist = 'POP_SOURCE'::text) AND (c4.code = s.pop_source))));
CREATE SEQUENCE rta.pop_block
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
CREATE TABLE rta.pop_hist (
    series_id integer NOT NULL,
    period integer NOT NULL,
    lineage_id integer NOT NULL,
    from_sub integer NOT NULL,
    value numeric,
    obs_status text,
    conf_status text,
    comment text,
    nature text,
    src text,
    src_value text,
    to_sub integer NOT NULL
);
CREATE TABLE rta.pop_obs_2020 (
    series_id integer NOT NULL,
    period integer NOT NULL,
    lineage_id integer NOT NULL,
    from_sub integer NOT NULL,
    value numeric,
    obs_status text,
    conf_status text,
    comment text,
    nature text,
    src text,
    src_value text
);
CREATE TABLE rta.pop_obs_2021 (
    series_id integer NOT NULL,
    period integer NOT NULL,
    lineage_id integer NOT NULL,
    from_sub integer NOT NULL,
    value numeric,
    obs_status text,
    conf_status text,
    comment text,
    nature text,
    src text,
    src_value text
);
CREATE TABLE rta.pop_obs_2022 (
    series_id integer NOT NULL,
    period integer NOT NULL,
    lineage_id integer NOT NULL,
    from_sub integer NOT NULL,
    value numeric,
    obs_status text,
    conf_status text,
    comment text,
    nature text,
    src text,
    src_value text
);
CREATE VIEW rta.receipt AS
 SELECT submission.id AS submission,
    submission.version,
    submission.state,
    submission.structure,
    submission.partner,
    submission.sender,
    submission.reason,
    submission.received_at,
    submission.published_at,
    submission.file_name,
    submission.file_sha256,
    submission.rows_in,
    submission.rows_new,
    submission.rows_revised,
    submission.rows_unchanged,
    submission.rows_deleted,
    submission.rows_refused,
    submission.partial
   FROM rta.submission;
CREATE SEQUENCE rta.submission_id
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
CREATE TABLE rta.terror_obs (
    series_id integer NOT NULL,
    period integer NOT NULL,
    lineage_id integer NOT NULL,
    from_sub integer NOT NULL,
    value numeric,
    obs_status text,
    conf_status text,
    comment text,
    nature text,
    src text,
    src_value text
)
PARTITION BY RANGE (period);
CREATE TABLE rta.terror_series (
    series_id integer NOT NULL,
    freq text NOT NULL COLLATE pg_catalog."C",
    ref_area text NOT NULL COLLATE pg_catalog."C",
    te_measure text NOT NULL COLLATE pg_catalog."C",
    te_type text NOT NULL COLLATE pg_catalog."C",
    te_stage text NOT NULL COLLATE pg_catalog."C",
    te_outcome text NOT NULL COLLATE pg_catalog."C"
);
CREATE VIEW rta.terror AS
 SELECT s.freq,
    c1.label AS freq_label,
    s.ref_area,
    c2.label AS ref_area_label,
    s.te_measure,
    c3.label AS te_measure_label,
    s.te_type,
    c4.label AS te_type_label,
    s.te_stage,
    c5.label AS te_stage_label,
    s.te_outcome,
    c6.label AS te_outcome_label,
    rta.period_text(s.freq, o.period) AS time_period,
    (o.period / 1000) AS year,
    o.value AS obs_value,
    o.obs_status,
    o.conf_status,
    o.comment,
    o.nature,
    l.sender,
    rta.src_text(f.src_prefix, o.src) AS src,
    l.src_key,
    o.src_value,
    l.grade,
    l.reviewed,
    o.from_sub AS submission,
    f.version,
    f.received_at
   FROM (((((((((rta.terror_obs o
     JOIN rta.terror_series s USING (series_id))
     JOIN rta.lineage l ON ((l.id = o.lineage_id)))
     JOIN rta.submission f ON ((f.id = o.from_sub)))
     LEFT JOIN rta.code c1 ON (((c1.codelist = 'FREQ'::text) AND (c1.code = s.freq))))
     LEFT JOIN rta.code c2 ON (((c2.codelist = 'AREA'::text) AND (c2.code = s.ref_area))))
     LEFT JOIN rta.code c3 ON (((c3.codelist = 'TE_MEASURE'::text) AND (c3.code = s.te_measure))))
     LEFT JOIN rta.code c4 ON (((c4.codelist = 'TE_TYPE'::text) AND (c4.code = s.te_type))))
     LEFT JOIN rta.code c5 ON (((c5.codelist = 'TE_STAGE'::text) AND (c5.code = s.te_stage))))
     LEFT JOIN rta.code c6 ON (((c6.codelist = 'TE_OUTCOME'::text) AND (c6.code = s.te_outcome))));
CREATE SEQUENCE rta.terror_block
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
CREATE TABLE rta.terror_hist (
    series_id integer NOT NULL,
    period integer NOT NULL,
    lineage_id integer NOT NULL,
    from_sub integer NOT NULL,
    value numeric,
    obs_status text,
    conf_status text,
    comment text,
    nature text,
    src text,
    src_value text,
    to_sub integer NOT NULL
);
ALTER TABLE ONLY rta.crime_obs ATTACH PARTITION rta.crime_obs_2018 FOR VALUES FROM (2018000) TO (2019000);
ALTER TABLE ONLY rta.crime_obs ATTACH PARTITION rta.crime_obs_2019 FOR VALUES FROM (2019000) TO (2020000);
ALTER TABLE ONLY rta.crime_obs ATTACH PARTITION rta.crime_obs_2020 FOR VALUES FROM (2020000) TO (2021000);
ALTER TABLE ONLY rta.crime_obs ATTACH PARTITION rta.crime_obs_2021 FOR VALUES FROM (2021000) TO (2022000);
ALTER TABLE ONLY rta.crime_obs ATTACH PARTITION rta.crime_obs_2022 FOR VALUES FROM (2022000) TO (2023000);
ALTER TABLE ONLY rta.crime_obs ATTACH PARTITION rta.crime_obs_2023 FOR VALUES FROM (2023000) TO (2024000);
ALTER TABLE ONLY rta.pop_obs ATTACH PARTITION rta.pop_obs_2020 FOR VALUES FROM (2020000) TO (2021000);
ALTER TABLE ONLY rta.pop_obs ATTACH PARTITION rta.pop_obs_2021 FOR VALUES FROM (2021000) TO (2022000);
ALTER TABLE ONLY rta.pop_obs ATTACH PARTITION rta.pop_obs_2022 FOR VALUES FROM (2022000) TO (2023000);
INSERT INTO rta.crime_hist VALUES
	(1, 2022000, 1, 1, 57, 'B;P', NULL, NULL, NULL, ':4:1', NULL, 5),
	(1, 2021000, 1, 1, 53, 'P', NULL, NULL, NULL, ':3:1', NULL, 6),
	(6, 2022000, 1, 1, 12.50, NULL, NULL, NULL, NULL, ':9:1', NULL, 6),
	(1, 2021000, 1, 6, 53, NULL, NULL, NULL, NULL, ':3:1', NULL, 7),
	(1, 2020000, 1, 1, 50, NULL, NULL, NULL, NULL, ':2:1', NULL, 8),
	(1, 2021000, 1, 7, 53, 'E', NULL, NULL, NULL, ':2:1', NULL, 8),
	(2, 2022000, 1, 1, 0, NULL, NULL, NULL, NULL, ':5:1', NULL, 8),
	(3, 2022000, 1, 1, NULL, 'O', NULL, 'not collected', NULL, ':6:1', NULL, 8),
	(4, 2022000, 1, 1, 'NaN', 'M', NULL, NULL, NULL, ':7:1', NULL, 8),
	(5, 2022000, 1, 1, NULL, NULL, 'C', NULL, NULL, ':8:1', NULL, 8),
	(1, 2022000, 1, 5, 58, NULL, NULL, 'corrected', NULL, ':2:1', NULL, 8),
	(6, 2022000, 1, 7, 13, NULL, NULL, NULL, NULL, ':2:1', NULL, 8),
	(769, 2022000, 1, 7, 1, NULL, NULL, NULL, NULL, ':2:1', NULL, 8),
	(513, 2023001, 513, 3, 9, NULL, NULL, 'a remark', NULL, '#Sheet 1!B11', '09', 8),
	(513, 2023002, 513, 3, 9, NULL, NULL, 'a remark', NULL, '#Sheet 1!B11', '09', 8),
	(514, 2023001, 513, 3, 9, NULL, NULL, 'a remark', NULL, '#Sheet 1!B11', '09', 8),
	(515, 2023001, 513, 3, 9, NULL, NULL, 'a remark', NULL, '#Sheet 1!B11', '09', 8),
	(516, 2023007, 513, 3, 9, NULL, NULL, 'a remark', NULL, '#Sheet 1!B11', '09', 8),
	(517, 2023060, 513, 3, 9, NULL, NULL, 'a remark', NULL, '#Sheet 1!B11', '09', 8);
INSERT INTO rta.crime_obs_2018 VALUES
	(2, 2018000, 1, 10, 3, NULL, NULL, NULL, NULL, ':2:1', NULL);
INSERT INTO rta.crime_obs_2019 VALUES
	(1, 2019000, 1, 8, 5, NULL, NULL, NULL, NULL, ':2:1', NULL);
INSERT INTO rta.crime_obs_2020 VALUES
	(1, 2020000, 1025, 9, 51, NULL, NULL, 'l''ete; 100%25', NULL, ':2:1', NULL);
INSERT INTO rta.crime_obs_2022 VALUES
	(257, 2022000, 257, 2, 16, NULL, NULL, NULL, NULL, ':2:1', NULL),
	(258, 2022000, 257, 2, 7, NULL, NULL, NULL, NULL, ':2:1', NULL),
	(1, 2022000, 1, 8, 57, NULL, NULL, NULL, NULL, ':2:1', NULL),
	(4, 2022000, 1, 11, 'NaN', 'M', NULL, NULL, NULL, ':7:1', NULL),
	(3, 2022000, 1, 11, NULL, 'O', NULL, 'not collected', NULL, ':6:1', NULL),
	(5, 2022000, 1, 11, NULL, NULL, 'C', NULL, NULL, ':8:1', NULL);
INSERT INTO rta.crime_obs_2023 VALUES
	(513, 2023001, 513, 11, 9, 'P', NULL, 'a remark', NULL, 'book.xlsx#Sheet 1!B9', '09');
INSERT INTO rta.crime_series VALUES
	(1, 'A', 'AL', '0101', 'OFF', '_T', '_T', 'NR'),
	(2, 'A', 'AL', '0102', 'OFF', '_T', '_T', 'NR'),
	(3, 'A', 'AL', '0301', 'OFF', '_T', '_T', 'NR'),
	(4, 'A', 'AL', '0401', 'OFF', '_T', '_T', 'NR'),
	(5, 'A', 'AL', '0501', 'OFF', '_T', '_T', 'NR'),
	(6, 'A', 'AL', '0601', 'OFF', '_T', '_T', 'NR'),
	(257, 'A', 'ME', '0101', 'OFF', '_T', '_T', 'NR'),
	(258, 'A', 'ME', '0102', 'OFF', '_T', '_T', 'NR'),
	(513, 'Q', 'AL', '0101', 'OFF', '_T', '_T', 'NR'),
	(514, 'M', 'AL', '0101', 'OFF', '_T', '_T', 'NR'),
	(515, 'S', 'AL', '0101', 'OFF', '_T', '_T', 'NR'),
	(516, 'W', 'AL', '0101', 'OFF', '_T', '_T', 'NR'),
	(517, 'D', 'AL', '0101', 'OFF', '_T', '_T', 'NR'),
	(769, 'A', 'AL', '0103', 'OFF', '_T', '_T', 'NR');
INSERT INTO rta.lineage VALUES
	(1, 'AL-ASP', '', 'A', 'Y'),
	(257, 'ME-UP', '', 'A', 'Y'),
	(513, 'AL-ASP', 'OFFENCE=Vrasje', 'B', 'N'),
	(769, 'ESTAT', 'geo=AL', 'A', 'Y'),
	(770, 'ESTAT', 'geo=ME', 'A', 'Y'),
	(1025, 'ESTAT', '', 'A', 'Y');
INSERT INTO rta.migration VALUES
	(1, '0001_store', '1d99a118da763e416a784b33014d487d1ef459d13e96132de3786b853c6dee7d', '2026-11-22 23:33:25.258957+00'),
	(2, '0002_structure', 'd431070ff83cfe2bdf7dceeba97b72ebb788f5994dd0fa6101b28ee3442613c9', '2026-11-22 23:33:25.263515+00'),
	(3, '0003_load', '4ec8f6e2922e924cc64e7d7a0ec19d78128fdb785f5d06aa3c4a0c6a4490e28e', '2026-11-22 23:33:25.269139+00'),
	(4, '0004_read', '7771f15398afba5b24df51c6a1f79506cb414af0cf42e78136a5a6dbc8752df1', '2026-11-22 23:33:25.271193+00'),
	(5, '0005_roles', '842e76434c39660f70d444336576bcfcba43071464f8958c88a30bd53e982989', '2026-11-22 23:33:25.274282+00');
INSERT INTO rta.pop_obs_2020 VALUES
	(1, 2020000, 769, 4, 2845955, NULL, NULL, NULL, NULL, ':2:3', NULL);
INSERT INTO rta.pop_obs_2021 VALUES
	(1, 2021000, 769, 4, 2829741, NULL, NULL, NULL, NULL, ':3:3', NULL),
	(2, 2021000, 770, 4, 620739, NULL, NULL, NULL, NULL, ':4:3', NULL);
INSERT INTO rta.pop_obs_2022 VALUES
	(2, 2022000, 770, 4, 617683, NULL, NULL, NULL, NULL, ':5:3', NULL);
INSERT INTO rta.pop_series VALUES
	(1, 'A', 'AL', '_T', 'ESTAT_TPS00001', '2020-04'),
	(2, 'A', 'ME', '_T', 'ESTAT_TPS00001', '2020-04');
INSERT INTO rta.structure VALUES
	('CRIME', 'WB:CRIME(1.0.0)', 'Police-recorded offences', false, '{FREQ,REF_AREA,ICCS,COUNTED,OC_LINK,CY_LINK,UNIT_MEASURE}', '{FREQ,AREA,ICCS,COUNTED,YNU,YNU,UNIT}', '{"","","","",_T,_T,""}', 'crime'),
	('POP', 'WB:POP(1.0.0)', 'Population on 1 January', true, '{FREQ,REF_AREA,SEX,POP_SOURCE,POP_VINTAGE}', '{FREQ,AREA,SEX,POP_SOURCE,""}', '{"","",_T,"",""}', 'pop'),
	('TERROR', 'WB:TERROR(1.0.0)', 'Terrorism - attacks, arrests and court results', true, '{FREQ,REF_AREA,TE_MEASURE,TE_TYPE,TE_STAGE,TE_OUTCOME}', '{FREQ,AREA,TE_MEASURE,TE_TYPE,TE_STAGE,TE_OUTCOME}', '{"","","",_T,_T,_T}', 'terror');
INSERT INTO rta.submission VALUES
	(1, 1, 'published', 'CRIME', 'AL', 'AL-ASP', 'first delivery', '2024-01-10 00:00:00+00', '2024-01-10 00:00:00+00', '2026-11-22 23:33:25.484042+00', 'rta', 'f.csv', '', '', 'f.csv', 8, 8, 0, 0, 0, 0, 0, 0, 0, false),
	(2, 2, 'published', 'CRIME', 'ME', 'ME-UP', 'first delivery', '2024-01-11 00:00:00+00', '2024-01-11 00:00:00+00', '2026-11-22 23:33:25.618258+00', 'rta', 'f.csv', '', '', 'f.csv', 2, 2, 0, 0, 0, 0, 0, 0, 0, false),
	(3, 3, 'published', 'CRIME', 'AL', 'AL-ASP', 'other frequencies', '2024-02-01 00:00:00+00', '2024-02-01 00:00:00+00', '2026-11-22 23:33:25.753026+00', 'rta', 'book.xlsx', '', '', 'book.xlsx', 6, 6, 0, 0, 0, 0, 0, 0, 0, false),
	(4, 4, 'published', 'POP', '', 'ESTAT', 'population', '2024-02-05 00:00:00+00', '2024-02-05 00:00:00+00', '2026-11-22 23:33:25.930285+00', 'rta', 'p.tsv', '', '', 'p.tsv', 4, 4, 0, 0, 0, 0, 0, 0, 0, false),
	(5, 5, 'published', 'CRIME', 'AL', 'AL-ASP', 'a correction', '2024-02-10 12:00:00+00', '2024-02-10 12:00:00+00', '2026-11-22 23:33:26.078971+00', 'rta', 'f.csv', '', '', 'f.csv', 2, 0, 1, 1, 0, 0, 0, 0, 0, false),
	(6, 6, 'published', 'CRIME', 'AL', 'AL-ASP', 'deleted', '2024-03-10 00:00:00+00', '2024-03-10 00:00:00+00', '2026-11-22 23:33:26.27695+00', 'rta', '', '', '', '', 2, 0, 0, 0, 0, 2, 2, 0, 0, false),
	(7, 7, 'published', 'CRIME', 'AL', 'AL-ASP', 'in order', '2024-04-10 00:00:00+00', '2024-04-10 00:00:00+00', '2026-11-22 23:33:26.492605+00', 'rta', 'f.csv', '', '', 'f.csv', 3, 2, 1, 0, 0, 0, 0, 0, 0, false),
	(8, 8, 'published', 'CRIME', 'AL', 'AL-ASP', 'all anew', '2024-05-10 00:00:00+00', '2024-05-10 00:00:00+00', '2026-11-22 23:33:26.665979+00', 'rta', 'f.csv', '', '', 'f.csv', 4, 1, 1, 0, 1, 1, 14, 0, 0, false),
	(9, 9, 'published', 'CRIME', '', 'ESTAT', 'published abroad', '2024-06-01 00:00:00+00', '2024-06-01 00:00:00+00', '2026-11-22 23:33:26.843644+00', 'rta', 'f.csv', '', '', 'f.csv', 1, 1, 0, 0, 0, 0, 0, 0, 0, false),
	(10, 10, 'published', 'CRIME', 'AL', 'AL-ASP', 'a late one', '2024-06-02 00:00:00+00', '2024-06-02 00:00:00+00', '2026-11-22 23:33:26.988733+00', 'rta', 'f.csv', '', '', 'f.csv', 1, 1, 0, 0, 0, 0, 0, 0, 0, false),
	(11, 11, 'published', 'CRIME', 'AL', 'AL-ASP', 'in part', '2024-06-03 00:00:00+00', '2024-06-03 00:00:00+00', '2026-11-22 23:33:27.140528+00', 'rta', 'f.csv', '', '8f94683840da4691f09781d7e735b007', 'f.csv', 4, 4, 0, 0, 0, 0, 0, 1, 0, true),
	(901, NULL, 'refused', 'CRIME', 'AL', 'AL-ASP', 'refused', '2024-01-10 00:00:00+00', NULL, '2026-11-22 23:33:25.484042+00', 'rta', 'f.csv', '', '', 'f.csv', 8, 8, 0, 0, 0, 0, 0, 0, 0, false),
	(902, NULL, 'withdrawn', 'CRIME', 'AL', 'AL-ASP', 'withdrawn', '2024-01-10 00:00:00+00', NULL, '2026-11-22 23:33:25.484042+00', 'rta', 'f.csv', '', '', 'f.csv', 8, 8, 0, 0, 0, 0, 0, 0, 0, false),
	(903, NULL, 'pending', 'CRIME', 'AL', 'AL-ASP', 'pending', '2024-01-10 00:00:00+00', NULL, '2026-11-22 23:33:25.484042+00', 'rta', 'f.csv', '', '', 'f.csv', 8, 8, 0, 0, 0, 0, 0, 0, 0, false);
SELECT pg_catalog.setval('rta.crime_block', 4, true);
SELECT pg_catalog.setval('rta.lineage_block', 5, true);
SELECT pg_catalog.setval('rta.pop_block', 1, true);
SELECT pg_catalog.setval('rta.submission_id', 11, true);
SELECT pg_catalog.setval('rta.terror_block', 1, false);
ALTER TABLE ONLY rta.code_label
    ADD CONSTRAINT code_label_pkey PRIMARY KEY (codelist, code, lang);
ALTER TABLE ONLY rta.code
    ADD CONSTRAINT code_pkey PRIMARY KEY (codelist, code);
ALTER TABLE ONLY rta.crime_obs
    ADD CONSTRAINT crime_obs_pkey PRIMARY KEY (series_id, period);
ALTER TABLE ONLY rta.crime_obs_2018
    ADD CONSTRAINT crime_obs_2018_pkey PRIMARY KEY (series_id, period);
ALTER TABLE ONLY rta.crime_obs_2019
    ADD CONSTRAINT crime_obs_2019_pkey PRIMARY KEY (series_id, period);
ALTER TABLE ONLY rta.crime_obs_2020
    ADD CONSTRAINT crime_obs_2020_pkey PRIMARY KEY (series_id, period);
ALTER TABLE ONLY rta.crime_obs_2021
    ADD CONSTRAINT crime_obs_2021_pkey PRIMARY KEY (series_id, period);
ALTER TABLE ONLY rta.crime_obs_2022
    ADD CONSTRAINT crime_obs_2022_pkey PRIMARY KEY (series_id, period);
ALTER TABLE ONLY rta.crime_obs_2023
    ADD CONSTRAINT crime_obs_2023_pkey PRIMARY KEY (series_id, period);
ALTER TABLE ONLY rta.crime_series
    ADD CONSTRAINT crime_series_freq_ref_area_iccs_counted_oc_link_cy_link_uni_key UNIQUE (freq, ref_area, iccs, counted, oc_link, cy_link, unit_measure);
ALTER TABLE ONLY rta.crime_series
    ADD CONSTRAINT crime_series_pkey PRIMARY KEY (series_id);
ALTER TABLE ONLY rta.lineage
    ADD CONSTRAINT lineage_pkey PRIMARY KEY (id);
ALTER TABLE ONLY rta.migration
    ADD CONSTRAINT migration_pkey PRIMARY KEY (n);
ALTER TABLE ONLY rta.pop_obs
    ADD CONSTRAINT pop_obs_pkey PRIMARY KEY (series_id, period);
ALTER TABLE ONLY rta.pop_obs_2020
    ADD CONSTRAINT pop_obs_2020_pkey PRIMARY KEY (series_id, period);
ALTER TABLE ONLY rta.pop_obs_2021
    ADD CONSTRAINT pop_obs_2021_pkey PRIMARY KEY (series_id, period);
ALTER TABLE ONLY rta.pop_obs_2022
    ADD CONSTRAINT pop_obs_2022_pkey PRIMARY KEY (series_id, period);
ALTER TABLE ONLY rta.pop_series
    ADD CONSTRAINT pop_series_freq_ref_area_sex_pop_source_pop_vintage_key UNIQUE (freq, ref_area, sex, pop_source, pop_vintage);
ALTER TABLE ONLY rta.pop_series
    ADD CONSTRAINT pop_series_pkey PRIMARY KEY (series_id);
ALTER TABLE ONLY rta.structure
    ADD CONSTRAINT structure_full_id_key UNIQUE (full_id);
ALTER TABLE ONLY rta.structure
    ADD CONSTRAINT structure_pkey PRIMARY KEY (id);
ALTER TABLE ONLY rta.structure
    ADD CONSTRAINT structure_tab_key UNIQUE (tab);
ALTER TABLE ONLY rta.submission
    ADD CONSTRAINT submission_pkey PRIMARY KEY (id);
ALTER TABLE ONLY rta.submission
    ADD CONSTRAINT submission_version_key UNIQUE (version);
ALTER TABLE ONLY rta.terror_obs
    ADD CONSTRAINT terror_obs_pkey PRIMARY KEY (series_id, period);
ALTER TABLE ONLY rta.terror_series
    ADD CONSTRAINT terror_series_freq_ref_area_te_measure_te_type_te_stage_te__key UNIQUE (freq, ref_area, te_measure, te_type, te_stage, te_outcome);
ALTER TABLE ONLY rta.terror_series
    ADD CONSTRAINT terror_series_pkey PRIMARY KEY (series_id);
CREATE INDEX crime_hist_series_id_period_idx ON rta.crime_hist USING btree (series_id, period);
CREATE INDEX lineage_key ON rta.lineage USING btree (hashtextextended(src_key, (0)::bigint));
CREATE INDEX pop_hist_series_id_period_idx ON rta.pop_hist USING btree (series_id, period);
CREATE INDEX submission_seal ON rta.submission USING btree (structure, stream_seal);
CREATE INDEX terror_hist_series_id_period_idx ON rta.terror_hist USING btree (series_id, period);
ALTER INDEX rta.crime_obs_pkey ATTACH PARTITION rta.crime_obs_2018_pkey;
ALTER INDEX rta.crime_obs_pkey ATTACH PARTITION rta.crime_obs_2019_pkey;
ALTER INDEX rta.crime_obs_pkey ATTACH PARTITION rta.crime_obs_2020_pkey;
ALTER INDEX rta.crime_obs_pkey ATTACH PARTITION rta.crime_obs_2021_pkey;
ALTER INDEX rta.crime_obs_pkey ATTACH PARTITION rta.crime_obs_2022_pkey;
ALTER INDEX rta.crime_obs_pkey ATTACH PARTITION rta.crime_obs_2023_pkey;
ALTER INDEX rta.pop_obs_pkey ATTACH PARTITION rta.pop_obs_2020_pkey;
ALTER INDEX rta.pop_obs_pkey ATTACH PARTITION rta.pop_obs_2021_pkey;
ALTER INDEX rta.pop_obs_pkey ATTACH PARTITION rta.pop_obs_2022_pkey;
ALTER TABLE ONLY rta.submission
    ADD CONSTRAINT submission_structure_fkey FOREIGN KEY (structure) REFERENCES rta.structure(id);
