-- One structure in tables of its own: real columns for its dimensions, integers in the big tables.

-- A column list of dimensions: prefix '' or 's.'.
CREATE FUNCTION rta.dim_list(dims text[], prefix text, suffix text DEFAULT '') RETURNS text
LANGUAGE sql IMMUTABLE RETURN (
    SELECT string_agg(prefix || quote_ident(lower(d)) || suffix, ', ' ORDER BY n)
    FROM unnest(dims) WITH ORDINALITY AS t (d, n));

CREATE FUNCTION rta.structure_tables(tab text, dims text[]) RETURNS void
LANGUAGE plpgsql AS $$
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
END $$;

CREATE FUNCTION rta.structure_view(p_tab text, dims text[], lists text[]) RETURNS void
LANGUAGE plpgsql AS $$
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
END $$;

-- Make the tables of a structure, or check that they still fit it.
CREATE FUNCTION rta.structure_sync(p_id text, p_full_id text, p_name text, p_whole boolean,
    p_dims text[], p_lists text[], p_totals text[]) RETURNS boolean
LANGUAGE plpgsql AS $$
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

-- The table of one year, empty, and its key; not yet part of the structure.
CREATE FUNCTION rta.year_table(tab text, name text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE TABLE rta.%I (LIKE rta.%I)', name, tab || '_obs');
END $$;

-- Give a filled table of one year its key and join it to the structure. Readers go on meanwhile:
-- the parent is locked against other changes of its shape only.
CREATE FUNCTION rta.year_attach(tab text, name text, year integer) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    part text := tab || '_obs_' || year;
BEGIN
    EXECUTE format('ALTER TABLE rta.%I RENAME TO %I', name, part);
    EXECUTE format('ALTER TABLE rta.%I ADD PRIMARY KEY (series_id, period)', part);
    EXECUTE format('ALTER TABLE rta.%I ATTACH PARTITION rta.%I FOR VALUES FROM (%s) TO (%s)',
        tab || '_obs', part, year * 1000, (year + 1) * 1000);
END $$;

CREATE FUNCTION rta.year_there(tab text, year integer) RETURNS boolean
LANGUAGE sql STABLE RETURN to_regclass(format('rta.%I', tab || '_obs_' || year)) IS NOT NULL;

CREATE FUNCTION rta.year_make(tab text, year integer) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF NOT rta.year_there(tab, year) THEN
        PERFORM rta.year_table(tab, tab || '_make_' || year);
        PERFORM rta.year_attach(tab, tab || '_make_' || year, year);
    END IF;
END $$;

-- The code lists as the configuration has them, from pg_temp.t_code and t_label. Only what differs
-- is written; readers never see a list half done.
CREATE FUNCTION rta.code_sync() RETURNS void
LANGUAGE plpgsql AS $$
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
