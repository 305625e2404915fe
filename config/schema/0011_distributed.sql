-- A store over several servers (`rta db init --distributed`, docs/scaling.md). The observations and
-- all their versions stand on workers, by the hash of their series, and are reached by
-- postgres_fdw; everything else (submissions, series, lineages, decisions, what waits) stays here.
-- A store without rows in rta.worker is not touched by any of this.
--
-- There is no commit in two phases. Workers commit first (postgres_fdw does so before the commit
-- here), and what they hold counts only when rta.submission says so: nothing on a worker is ever
-- overwritten, a version is added (from_sub) or ended (to_sub), and _obs and _hist are views that
-- leave out what no published and settled submission of the reader's own snapshot stands for.
-- A transaction that died between the commits is so never seen; the next writer undoes it.

CREATE TABLE rta.worker (
    n        integer PRIMARY KEY,   -- remainder of the hash
    name     text NOT NULL UNIQUE,  -- of the foreign server
    conninfo text NOT NULL          -- without password
);
COMMENT ON TABLE rta.worker IS 'Servers that hold the observations; none: they are here';

CREATE FUNCTION rta.is_far() RETURNS boolean
LANGUAGE sql STABLE AS $$ SELECT EXISTS (SELECT FROM rta.worker) $$;

-- Which submissions count on the workers: numbers up to top, but for those in holes.
CREATE VIEW rta.seen AS
    SELECT t.top, ARRAY(SELECT g FROM generate_series(1, t.top) g WHERE NOT EXISTS (
            SELECT FROM rta.submission f WHERE f.id = g AND f.version IS NOT NULL AND f.settled))
        AS holes
    FROM (SELECT coalesce(max(id), 0) AS top FROM rta.submission
          WHERE version IS NOT NULL AND settled) t;
COMMENT ON VIEW rta.seen IS 'Which submissions count on the workers of a distributed store';

CREATE FUNCTION rta.far_views(tab text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    cols text := 'o.series_id, o.period, o.lineage_id, o.from_sub, o.value, o.obs_status,
        o.conf_status, o.comment, o.nature, o.src, o.src_value';
    seen text := '(o.%1$s <= (SELECT s.top FROM rta.seen s)
        AND o.%1$s <> ALL ((SELECT s.holes FROM rta.seen s)::integer[]))';
    ended text := '(o.to_sub > (SELECT s.top FROM rta.seen s)
        OR o.to_sub = ANY ((SELECT s.holes FROM rta.seen s)::integer[]))';
BEGIN
    EXECUTE format('CREATE OR REPLACE VIEW rta.%I AS SELECT %s FROM rta.%I o WHERE %s
        AND (o.to_sub = 0 OR %s)', tab || '_obs', cols, tab || '_far', format(seen, 'from_sub'),
        ended);
    EXECUTE format('CREATE OR REPLACE VIEW rta.%I AS SELECT %s, o.to_sub FROM rta.%I o WHERE %s
        AND o.to_sub <> 0 AND %s', tab || '_hist', cols, tab || '_far', format(seen, 'from_sub'),
        format(seen, 'to_sub'));
    EXECUTE format('COMMENT ON VIEW rta.%I IS %L', tab || '_obs',
        'Current observations, on the workers');
    EXECUTE format('COMMENT ON VIEW rta.%I IS %L', tab || '_hist',
        'Former versions: current from the version of from_sub up to, without, that of to_sub');
END $$;

-- Foreign partitions of one table, one a worker.
CREATE FUNCTION rta.far_parts(name text, far_name text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    w rta.worker;
BEGIN
    FOR w IN SELECT * FROM rta.worker ORDER BY n LOOP
        EXECUTE format('CREATE FOREIGN TABLE rta.%I PARTITION OF rta.%I FOR VALUES WITH
            (MODULUS %s, REMAINDER %s) SERVER %I OPTIONS (schema_name ''rta_far'', table_name %L)',
            name || '_' || w.n, name, (SELECT count(*) FROM rta.worker), w.n, w.name, far_name);
    END LOOP;
END $$;

-- In place of the big tables that structure_tables just made: empty, nothing hangs on them.
CREATE FUNCTION rta.far_tables(tab text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('DROP TABLE rta.%I, rta.%I', tab || '_hist', tab || '_obs');
    EXECUTE format('CREATE TABLE rta.%I (series_id integer NOT NULL, period integer NOT NULL,
        lineage_id integer NOT NULL, from_sub integer NOT NULL, value numeric, obs_status text,
        conf_status text, comment text, nature text, src text, src_value text,
        to_sub integer NOT NULL) PARTITION BY HASH (series_id)', tab || '_far');
    EXECUTE format('COMMENT ON TABLE rta.%I IS %L', tab || '_far',
        'Every version of every observation, on the workers, also what counts for nothing: read '
        'the views');
    EXECUTE format('CREATE TABLE rta.%I (series_id integer NOT NULL, period integer NOT NULL,
        from_sub integer NOT NULL, to_sub integer NOT NULL) PARTITION BY HASH (series_id)',
        tab || '_end');
    EXECUTE format('COMMENT ON TABLE rta.%I IS %L', tab || '_end',
        'To end a version on a worker, insert it here; always empty');
    PERFORM rta.far_parts(tab || '_far', tab);
    PERFORM rta.far_parts(tab || '_end', tab || '_end');
    PERFORM rta.far_views(tab);
END $$;

ALTER FUNCTION rta.structure_tables(text, text[]) RENAME TO structure_tables_in;
CREATE FUNCTION rta.structure_tables(tab text, dims text[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM rta.structure_tables_in(tab, dims);
    IF rta.is_far() THEN
        PERFORM rta.far_tables(tab);
    END IF;
END $$;

-- What readers may: they read the views, which read with the owner's rights. After grant_all.
CREATE FUNCTION rta.far_grant() RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    s rta.structure;
BEGIN
    IF rta.is_far() THEN
        FOR s IN SELECT * FROM rta.structure LOOP
            EXECUTE format('ALTER VIEW rta.%I SET (security_invoker = false)', s.tab || '_obs');
            EXECUTE format('ALTER VIEW rta.%I SET (security_invoker = false)', s.tab || '_hist');
        END LOOP;
    END IF;
END $$;

-- ---- on a worker ----

CREATE FUNCTION rta.far_store() RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT left(md5(sha256 || ' ' || extract(epoch FROM applied_at)), 16)
    FROM rta.migration WHERE n = 1 $$;

-- What worker p_n needs, as a script to be run there by the programs; run again, it does nothing.
-- rta_far.turn has one row: whose worker this is, and which submissions the last transaction that
-- was committed here wrote.
CREATE FUNCTION rta.far_script(p_n integer) RETURNS text
LANGUAGE plpgsql STABLE AS $f$
DECLARE
    s rta.structure;
    sql text;
BEGIN
    sql := format($s$
        CREATE SCHEMA IF NOT EXISTS rta_far;
        CREATE TABLE IF NOT EXISTS rta_far.turn (store text NOT NULL, n integer NOT NULL,
            workers integer NOT NULL, subs integer[] NOT NULL, one boolean PRIMARY KEY
            DEFAULT true CHECK (one));
        INSERT INTO rta_far.turn VALUES (%1$L, %2$s, %3$s, '{}') ON CONFLICT DO NOTHING;
        DO $d$ BEGIN
            IF NOT EXISTS (SELECT FROM rta_far.turn WHERE store = %1$L AND n = %2$s
                    AND workers = %3$s) THEN
                RAISE EXCEPTION 'the worker holds a part of another store' USING ERRCODE = 'RT078',
                    HINT = 'give every store databases of its own on the workers';
            END IF;
        END $d$;
        CREATE OR REPLACE FUNCTION rta_far.end_version() RETURNS trigger LANGUAGE plpgsql AS $d$
        DECLARE
            k bigint;
        BEGIN
            EXECUTE format('UPDATE rta_far.%%I SET to_sub = $1 WHERE series_id = $2 AND period = $3
                AND from_sub = $4 AND to_sub = 0', TG_ARGV[0])
                USING new.to_sub, new.series_id, new.period, new.from_sub;
            GET DIAGNOSTICS k = ROW_COUNT;
            IF k <> 1 THEN
                RAISE EXCEPTION 'version %% of observation %% %% is not there to be ended',
                    new.from_sub, new.series_id, new.period;
            END IF;
            RETURN NULL;
        END $d$;
        $s$, rta.far_store(), p_n, (SELECT count(*) FROM rta.worker));
    FOR s IN SELECT * FROM rta.structure ORDER BY id LOOP
        sql := sql || format($s$
        CREATE TABLE IF NOT EXISTS rta_far.%1$I (series_id integer NOT NULL,
            period integer NOT NULL, lineage_id integer NOT NULL, from_sub integer NOT NULL,
            value numeric, obs_status text, conf_status text, comment text, nature text, src text,
            src_value text, to_sub integer NOT NULL, PRIMARY KEY (series_id, period, from_sub));
        CREATE INDEX IF NOT EXISTS %2$I ON rta_far.%1$I (period);
        CREATE INDEX IF NOT EXISTS %3$I ON rta_far.%1$I USING brin (from_sub);
        CREATE INDEX IF NOT EXISTS %4$I ON rta_far.%1$I (to_sub) WHERE to_sub <> 0;
        CREATE TABLE IF NOT EXISTS rta_far.%5$I (series_id integer NOT NULL,
            period integer NOT NULL, from_sub integer NOT NULL, to_sub integer NOT NULL);
        CREATE OR REPLACE TRIGGER end_version BEFORE INSERT ON rta_far.%5$I
            FOR EACH ROW EXECUTE FUNCTION rta_far.end_version(%1$L);
        $s$, s.tab, s.tab || '_by_period', s.tab || '_by_from', s.tab || '_by_to',
            s.tab || '_end');
    END LOOP;
    RETURN sql;
END $f$;

CREATE TABLE rta.far_turn (store text, n integer, workers integer, subs integer[])
    PARTITION BY LIST (n);
COMMENT ON TABLE rta.far_turn IS 'What each worker committed last';

-- The connection that the programs made (foreign server p_name) becomes worker p_n.
CREATE FUNCTION rta.far_add(p_n integer, p_name text, p_conninfo text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM rta.structure) THEN
        RAISE EXCEPTION 'the store has its tables already' USING ERRCODE = 'RT078',
            HINT = 'a store is laid out over several servers when it is made: make a new one and'
            ' load the deliveries once more, in their order';
    END IF;
    INSERT INTO rta.worker VALUES (p_n, p_name, p_conninfo);
    EXECUTE format('CREATE FOREIGN TABLE rta.%I PARTITION OF rta.far_turn FOR VALUES IN (%s)
        SERVER %I OPTIONS (schema_name ''rta_far'', table_name ''turn'')', 'far_turn_' || p_n, p_n,
        p_name);
END $$;

-- ---- writing ----

-- Before the first write of p_sub to the workers, under the lock of publication. Its row in turn
-- is taken on every worker: a transaction whose commit is still under way there (its coordinator
-- died) is waited for, and when it succeeds, this one fails with 40001 and is to be tried again.
-- What a dead one left is undone on all of them: versions that it brought go, those that it ended
-- are current again. A reader sees no difference.
CREATE FUNCTION rta.far_begin(p_sub integer) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    dead integer[];
    s rta.structure;
BEGIN
    IF to_regclass('pg_temp.rta_turn') IS NOT NULL THEN
        IF NOT EXISTS (SELECT FROM pg_temp.rta_turn WHERE sub = p_sub) THEN
            INSERT INTO pg_temp.rta_turn VALUES (p_sub);
            UPDATE rta.far_turn SET subs = subs || p_sub;
        END IF;
        RETURN;
    END IF;
    PERFORM rta.load_lock();
    CREATE TEMP TABLE rta_turn (sub integer) ON COMMIT DROP;
    INSERT INTO pg_temp.rta_turn VALUES (p_sub);
    SELECT array_agg(DISTINCT x) INTO dead FROM rta.far_turn t, unnest(t.subs) x
    WHERE NOT EXISTS (SELECT FROM rta.submission f WHERE f.id = x AND f.version IS NOT NULL
        AND f.settled);
    UPDATE rta.far_turn SET subs = ARRAY[p_sub];
    IF dead IS NOT NULL THEN
        FOR s IN SELECT * FROM rta.structure LOOP
            EXECUTE format('DELETE FROM rta.%I WHERE from_sub = ANY (%L::integer[])',
                s.tab || '_far', dead);
            EXECUTE format('UPDATE rta.%I SET to_sub = 0 WHERE to_sub = ANY (%L::integer[])',
                s.tab || '_far', dead);
        END LOOP;
    END IF;
END $$;

-- A year is there as soon as the structure is.
CREATE OR REPLACE FUNCTION rta.year_there(tab text, year integer) RETURNS boolean
LANGUAGE sql STABLE RETURN rta.is_far()
    OR to_regclass(format('rta.%I', tab || '_obs_' || year)) IS NOT NULL;

-- End the versions of pg_temp.rta_e, then write new ones (p_rows: a query of their columns).
CREATE FUNCTION rta.far_write(p_tab text, p_sub integer, p_rows text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM rta.far_begin(p_sub);
    EXECUTE format('INSERT INTO rta.%I SELECT series_id, period, from_sub, $1 FROM pg_temp.rta_e',
        p_tab || '_end') USING p_sub;
    EXECUTE format('INSERT INTO rta.%I SELECT x.*, 0 FROM (%s) x', p_tab || '_far', p_rows);
    DROP TABLE pg_temp.rta_e;
END $$;

ALTER FUNCTION rta.load_write(text, text, integer, text) RENAME TO load_write_in;
CREATE FUNCTION rta.load_write(p_tab text, p_obs text, p_sub integer, p_sender text,
    OUT rows_new bigint, OUT rows_revised bigint, OUT rows_deleted bigint, OUT over_sender bigint)
LANGUAGE plpgsql AS $$
BEGIN
    IF NOT rta.is_far() THEN
        SELECT w.rows_new, w.rows_revised, w.rows_deleted, w.over_sender
        INTO rows_new, rows_revised, rows_deleted, over_sender
        FROM rta.load_write_in(p_tab, p_obs, p_sub, p_sender) w;
        RETURN;
    END IF;
    SELECT count(*) FILTER (WHERE NOT was), count(*) FILTER (WHERE was AND NOT gone AND touched),
        count(*) FILTER (WHERE was AND (gone OR NOT touched))
    INTO rows_new, rows_revised, rows_deleted FROM pg_temp.rta_c;
    ANALYZE pg_temp.rta_c;
    CREATE TEMP TABLE rta_e (series_id integer, period integer, from_sub integer,
        lineage_id integer) ON COMMIT DROP;
    over_sender := 0;
    IF rows_revised + rows_deleted > 0 THEN
        EXECUTE format('INSERT INTO pg_temp.rta_e SELECT o.series_id, o.period, o.from_sub,
            o.lineage_id FROM %s o JOIN pg_temp.rta_c c ON o.period = c.period
            AND o.series_id = c.series_id WHERE c.was', p_obs);
        SELECT count(*) INTO over_sender FROM pg_temp.rta_e e
        JOIN rta.lineage l ON l.id = e.lineage_id WHERE l.sender <> p_sender;
    END IF;
    IF rows_new + rows_revised + rows_deleted > 0 THEN
        PERFORM rta.far_write(p_tab, p_sub, 'SELECT series_id, period, lineage_id, from_sub, value,
            obs_status, conf_status, comment, nature, src, src_value FROM pg_temp.rta_c
            WHERE NOT gone');
    ELSE
        DROP TABLE pg_temp.rta_e;
    END IF;
END $$;

ALTER FUNCTION rta.settle_rows(text, integer) RENAME TO settle_rows_in;
CREATE FUNCTION rta.settle_rows(p_tab text, p_sub integer) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    w text := format('rta.%I', p_tab || '_wait_' || p_sub);
    ends bigint;
BEGIN
    IF NOT rta.is_far() THEN
        PERFORM rta.settle_rows_in(p_tab, p_sub);
        RETURN;
    END IF;
    EXECUTE format('CREATE TEMP TABLE rta_e ON COMMIT DROP AS
        SELECT o.series_id, o.period, o.from_sub FROM rta.%I o JOIN %s w ON o.period = w.period
        AND o.series_id = w.series_id WHERE w.what IN (''r'', ''c'', ''d'')', p_tab || '_obs', w);
    EXECUTE format('SELECT count(*) FROM %s WHERE what IN (''r'', ''c'', ''d'')', w) INTO ends;
    IF ends <> (SELECT count(*) FROM pg_temp.rta_e) THEN
        RAISE EXCEPTION 'submission % ends what is not there', p_sub;
    END IF;
    PERFORM rta.far_write(p_tab, p_sub, format('SELECT series_id, period, lineage_id, from_sub,
        value, obs_status, conf_status, comment, nature, src, src_value FROM %s
        WHERE what IN (''n'', ''r'', ''c'')', w));
END $$;

-- As before, but that the table of a year is a part of a view where the observations are far.
CREATE OR REPLACE FUNCTION rta.load_apply_in(p_structure text, p_sub integer, p_act text,
    p_ordered boolean, p_suspect boolean, p_years integer[], p_tables text[], p_counts bigint[],
    p_sender text, OUT rows_new bigint, OUT rows_revised bigint, OUT rows_unchanged bigint,
    OUT rows_superseded bigint, OUT rows_deleted bigint, OUT over_sender bigint)
LANGUAGE plpgsql AS $$
DECLARE
    s rta.structure;
    w record;
    obs text;
    far boolean := rta.is_far();
BEGIN
    SELECT * INTO s FROM rta.structure WHERE id = p_structure;
    IF p_ordered OR (p_suspect AND rta.load_twice(p_tables)) THEN
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
        obs := CASE WHEN far THEN format('(SELECT * FROM rta.%I WHERE period >= %s AND period < %s)',
                s.tab || '_obs', p_years[i] * 1000, (p_years[i] + 1) * 1000)
            ELSE format('rta.%I', s.tab || '_obs_' || p_years[i]) END;
        PERFORM rta.load_diff(s.tab, p_tables[i], obs, p_act);
        SELECT * INTO w FROM rta.load_write(s.tab, obs, p_sub, p_sender);
        rows_new := rows_new + w.rows_new;
        rows_revised := rows_revised + w.rows_revised;
        rows_unchanged := rows_unchanged + p_counts[i] - w.rows_new - w.rows_revised;
        over_sender := over_sender + w.over_sender;
        EXECUTE format('DROP TABLE %s', p_tables[i]);
    END LOOP;
END $$;
