-- Who may do what, and the proof of what was done. Part one: the audit, a chain of hashes that only
-- grows. Part two: roles, row-level security and the guarded functions. docs/contracts/store.md and
-- docs/deploy/roles.md are the manual.

-- ---- the chain ----

CREATE TABLE rta.audit (
    n      bigint PRIMARY KEY,
    at     timestamptz NOT NULL,
    who    text NOT NULL,        -- the login
    action text NOT NULL,
    object text NOT NULL,
    detail jsonb NOT NULL,
    prev   text NOT NULL,        -- hash of n - 1; '' at the first
    hash   text NOT NULL         -- sha256 of rta.audit_text
);
CREATE INDEX audit_object ON rta.audit (object, n);
CREATE UNIQUE INDEX audit_taken ON rta.audit ((detail ->> 'taken')) WHERE action = 'refused';
COMMENT ON TABLE rta.audit IS 'What was done and what was refused, chained by hash; rta db verify proves it';

-- How far a log of the server was read; first: sha256 of its first line, because names come again.
CREATE TABLE rta.audit_log (
    file  text NOT NULL,
    first text NOT NULL,
    bytes bigint NOT NULL,
    at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (file, first)
);

-- One way to write an entry, whatever the session: rta db verify has the same words of its own.
CREATE FUNCTION rta.audit_text(n bigint, at timestamptz, who text, action text, object text,
    detail jsonb, prev text) RETURNS text
LANGUAGE sql STABLE RETURN
    jsonb_build_array(n, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), who,
        action, object, detail, prev)::text;

-- The lock is held to the commit, so that the order of the chain is the order of commits.
CREATE FUNCTION rta.audit_put(p_who text, p_action text, p_object text, p_detail jsonb)
RETURNS bigint LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    a rta.audit;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('rta.audit', 0));
    SELECT x.n + 1, x.hash INTO a.n, a.prev FROM rta.audit x ORDER BY x.n DESC LIMIT 1;
    a.n := coalesce(a.n, 1);
    a.prev := coalesce(a.prev, '');
    a.at := clock_timestamp();
    a.who := p_who;
    a.action := p_action;
    a.object := p_object;
    a.detail := coalesce(p_detail, '{}');
    a.hash := encode(sha256(convert_to(rta.audit_text(a.n, a.at, a.who, a.action, a.object,
        a.detail, a.prev), 'UTF8')), 'hex');
    INSERT INTO rta.audit SELECT a.*;
    RETURN a.n;
END $$;

CREATE FUNCTION rta.audit_add(p_action text, p_object text, p_detail jsonb DEFAULT '{}')
RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT rta.audit_put(session_user, p_action, p_object, p_detail) $$;

-- A refusal from the server's log, once: true when it was not there yet. Of an owner only denials
-- count; of others also what ran into a constraint.
CREATE FUNCTION rta.audit_refusal(p_who text, p_state text, p_key text, p_object text, p_detail jsonb)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT (p_state IN ('42501', 'RT077') OR p_state LIKE '28%' OR (p_state LIKE '23%'
            AND p_who <> (SELECT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname = 'rta')))
       OR EXISTS (SELECT FROM rta.audit WHERE action = 'refused' AND detail ->> 'taken' = p_key) THEN
        RETURN false;
    END IF;
    PERFORM rta.audit_put(p_who, 'refused', p_object, p_detail
        || jsonb_build_object('taken', p_key, 'state', p_state, 'by', session_user));
    RETURN true;
END $$;

CREATE FUNCTION rta.audit_read(p_file text, p_first text, p_bytes bigint) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO rta.audit_log VALUES (p_file, p_first, p_bytes)
    ON CONFLICT (file, first) DO UPDATE SET bytes = greatest(excluded.bytes, rta.audit_log.bytes),
        at = clock_timestamp() $$;

-- ---- what is never changed, what is always written down ----

CREATE FUNCTION rta.frozen() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION '% of % is not allowed, whoever asks', lower(tg_op), tg_table_name
        USING ERRCODE = 'RT077', HINT = 'what was recorded stays';
END $$;

-- A row as it is now, at the commit: the lock of the chain is then the last one taken.
CREATE FUNCTION rta.audit_row() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    row jsonb := to_jsonb(new);
BEGIN
    IF tg_op = 'UPDATE' AND row = to_jsonb(old) THEN
        RETURN NULL;
    END IF;
    PERFORM rta.audit_put(session_user, tg_table_name || '.' || lower(tg_op), tg_table_name || ':'
        || (SELECT string_agg(row ->> k, '/' ORDER BY i)
            FROM unnest(string_to_array(tg_argv[0], ',')) WITH ORDINALITY AS t (k, i)), row);
    RETURN NULL;
END $$;

-- The row of a table has its word in the chain: its key, and what is never done to it.
CREATE FUNCTION rta.audit_table(p_table text, p_key text, p_frozen text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    t regclass := to_regclass(format('rta.%I', p_table));
BEGIN
    IF t IS NULL THEN
        RETURN;
    END IF;
    IF p_key <> '' AND NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = t AND tgname = 'audit') THEN
        -- findings come by the thousand and are in the digest; what counts is who answers them
        EXECUTE format('CREATE CONSTRAINT TRIGGER audit AFTER %s ON %s DEFERRABLE
            INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION rta.audit_row(%L)',
            CASE p_table WHEN 'finding' THEN 'UPDATE' ELSE 'INSERT OR UPDATE' END, t, p_key);
        EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER audit', t);
    END IF;
    IF p_frozen <> '' AND NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = t
                                      AND tgname = 'rta_frozen') THEN
        EXECUTE format('CREATE TRIGGER rta_frozen BEFORE %s ON %s FOR EACH STATEMENT
            EXECUTE FUNCTION rta.frozen()', p_frozen, t);
        EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER rta_frozen', t);
    END IF;
END $$;

-- A table that follows the configuration, as a whole when it is another than before.
CREATE FUNCTION rta.audit_config(p_table text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    now_rows jsonb;
BEGIN
    EXECUTE format('SELECT coalesce(jsonb_agg(to_jsonb(x) ORDER BY to_jsonb(x)), ''[]'') FROM rta.%I x',
        p_table) INTO now_rows;
    IF now_rows IS DISTINCT FROM (SELECT detail -> 'rows' FROM rta.audit WHERE action = 'config'
            AND object = p_table ORDER BY n DESC LIMIT 1) THEN
        PERFORM rta.audit_put(session_user, 'config', p_table, jsonb_build_object('rows', now_rows));
    END IF;
END $$;

-- Called by every migration: later ones bring tables that belong here too.
CREATE FUNCTION rta.audit_all() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM rta.audit_table('audit', '', 'UPDATE OR DELETE OR TRUNCATE');
    PERFORM rta.audit_table('decision', 'id', 'UPDATE OR DELETE OR TRUNCATE');
    PERFORM rta.audit_table('submission', 'id', 'DELETE OR TRUNCATE');
    PERFORM rta.audit_table('finding', 'submission,n', 'DELETE OR TRUNCATE');
    PERFORM rta.audit_table('migration', 'n', 'UPDATE OR DELETE OR TRUNCATE');
    PERFORM rta.audit_table('delivery', 'id', 'DELETE OR TRUNCATE');
    PERFORM rta.audit_table('purge', 'packet_sha256', 'UPDATE OR DELETE OR TRUNCATE');
    PERFORM rta.audit_config('sender');
    PERFORM rta.audit_config('policy');
END $$;

-- ---- who is asking ----
-- A person is the login (session_user): SET ROLE changes what is permitted, never who it was.

-- owner: the store's own login, or a superuser; else coordinator, analyst, or '' for a reader.
CREATE FUNCTION rta.rank() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE
        WHEN EXISTS (SELECT FROM pg_roles WHERE rolname = session_user AND rolsuper)
            OR session_user = (SELECT pg_get_userbyid(nspowner) FROM pg_namespace
                               WHERE nspname = 'rta') THEN 'owner'
        WHEN pg_has_role(session_user, to_regrole('rta_coordinator')::oid, 'member')
            THEN 'coordinator'
        WHEN pg_has_role(session_user, to_regrole('rta_analyst')::oid, 'member') THEN 'analyst'
        ELSE '' END $$;

-- The partners for whom the login is an analyst: rta_analyst_al is for AL.
CREATE FUNCTION rta.my_partners() RETURNS text[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(array_agg(DISTINCT p.partner), '{}') FROM rta.sender p
    WHERE p.partner <> '' AND pg_has_role(session_user,
        to_regrole(quote_ident('rta_analyst_' || lower(p.partner)))::oid, 'member') $$;

CREATE FUNCTION rta.sees_all() RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT rta.rank() IN ('owner', 'coordinator') $$;

-- A text that somebody gives: no control characters, no marks of direction, of bounded length.
CREATE FUNCTION rta.plain_text(p_what text, p_text text, p_max integer DEFAULT 2000) RETURNS void
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF length(p_text) > p_max THEN
        RAISE EXCEPTION '% is longer than % characters', p_what, p_max USING ERRCODE = 'RT065';
    END IF;
    IF p_text ~ '[\u0001-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]' THEN
        RAISE EXCEPTION '% has control characters', p_what USING ERRCODE = 'RT077',
            HINT = 'write it on one line, in letters';
    END IF;
END $$;

-- ---- decisions ----
-- The last word on who may take a step, whatever function took it.
CREATE FUNCTION rta.decision_right() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    rank text := rta.rank();
    sub rta.submission;
BEGIN
    IF new.who <> session_user THEN
        RAISE EXCEPTION 'nobody decides in the name of another' USING ERRCODE = 'RT077';
    END IF;
    new.at := clock_timestamp();
    IF rank = 'owner' THEN
        RETURN new;
    END IF;
    PERFORM rta.plain_text('the reason', new.reason);
    IF rank = 'coordinator' THEN
        RETURN new;
    END IF;
    SELECT * INTO sub FROM rta.submission WHERE id = new.submission;
    IF rank <> 'analyst' OR NOT sub.partner = ANY (rta.my_partners())
       OR new.step NOT IN ('load', 'answer', 'withdraw', 'supersede')
       OR (new.step = 'withdraw' AND sub.version IS NOT NULL) THEN
        RAISE EXCEPTION '% may not % submission %', session_user, new.step, new.submission
            USING ERRCODE = 'RT077', HINT = 'a coordinator decides';
    END IF;
    RETURN new;
END $$;
CREATE TRIGGER decision_right BEFORE INSERT ON rta.decision
    FOR EACH ROW EXECUTE FUNCTION rta.decision_right();
ALTER TABLE rta.decision ENABLE ALWAYS TRIGGER decision_right;

-- ---- loading, guarded ----
-- The functions that do the work keep their words and get the ending _in; those of the old names
-- stand in front of them with the owner's rights. A session's own tables are the owner's, and
-- nothing is read that somebody else made: pg_temp.rta_load is the memory of one load.

-- Asked before anything of pg_temp is read: a view that the caller made would run with our rights.
CREATE FUNCTION rta.load_owned() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM pg_class c WHERE c.relnamespace = pg_my_temp_schema()
            AND c.relname LIKE 'rta\_%' AND (c.relowner <> current_user::regrole
                OR c.relkind NOT IN ('r', 'i', 't') OR c.relhastriggers OR c.relhasrules
                OR c.relrowsecurity))
       OR to_regclass('pg_temp.rta_load') IS NULL THEN
        RAISE EXCEPTION 'no load is under way here' USING ERRCODE = 'RT077';
    END IF;
END $$;

CREATE FUNCTION rta.load_guard(p_structure text, p_sub integer, p_tables text[])
RETURNS rta.structure LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    s rta.structure;
    t text;
    mine boolean := false;
BEGIN
    PERFORM rta.load_owned();
    SELECT * INTO s FROM rta.structure WHERE id = p_structure;
    SELECT true INTO mine FROM pg_temp.rta_load l WHERE l.sub = p_sub AND l.structure = p_structure;
    IF s.id IS NULL OR mine IS NOT TRUE THEN
        RAISE EXCEPTION 'submission % is not the one that is loaded here', p_sub
            USING ERRCODE = 'RT077';
    END IF;
    FOREACH t IN ARRAY coalesce(p_tables, '{}') LOOP
        SELECT count(*) = 1 INTO mine FROM pg_temp.rta_load_table x WHERE x.name = t;
        IF mine THEN -- a name that is ours: now it may be looked up
            SELECT count(*) = 1 INTO mine FROM pg_class c WHERE c.oid = to_regclass(t)
                AND c.relkind = 'r' AND c.relowner = current_user::regrole AND NOT c.relispartition;
        END IF;
        IF NOT mine THEN
            RAISE EXCEPTION '% is no table of this load', quote_literal(left(t, 80))
                USING ERRCODE = 'RT077';
        END IF;
    END LOOP;
    RETURN s;
END $$;

ALTER FUNCTION rta.load_begin(text) RENAME TO load_begin_in;
CREATE FUNCTION rta.load_begin(p_structure text)
RETURNS TABLE (submission integer, series bigint, lineages bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    s rta.structure;
    t text;
BEGIN
    IF EXISTS (SELECT FROM pg_class WHERE relnamespace = pg_my_temp_schema()
               AND relname LIKE 'rta\_%') THEN
        RAISE EXCEPTION 'tables of another load are in the way' USING ERRCODE = 'RT077';
    END IF;
    SELECT x.submission, x.series, x.lineages INTO submission, series, lineages
    FROM rta.load_begin_in(p_structure) x;
    SELECT * INTO s FROM rta.structure WHERE id = p_structure;
    CREATE TEMP TABLE rta_load ON COMMIT DROP AS
        SELECT load_begin.submission AS sub, p_structure AS structure, NULL::jsonb AS counts,
            NULL::text AS sender;
    CREATE TEMP TABLE rta_load_table (name text PRIMARY KEY, year integer UNIQUE) ON COMMIT DROP;
    CREATE TEMP TABLE rta_load_block (kind text, block bigint) ON COMMIT DROP;
    IF rta.rank() <> 'owner' THEN
        FOREACH t IN ARRAY ARRAY['rta_k', 'rta_l', 'rta_g', 'rta_d', 'rta_v', 'rta_f'] LOOP
            EXECUTE format('GRANT INSERT ON pg_temp.%I TO %I', t, session_user);
        END LOOP;
        -- how many there are to be seen: the others are not told of
        IF NOT rta.sees_all() THEN
            EXECUTE format('SELECT count(*) FROM rta.%I k WHERE k.first_sub IS NULL OR EXISTS (
                SELECT FROM rta.submission f WHERE f.id = k.first_sub AND f.version IS NOT NULL)',
                s.tab || '_series') INTO series;
            SELECT count(*) INTO lineages FROM rta.lineage k WHERE k.first_sub IS NULL OR EXISTS (
                SELECT FROM rta.submission f WHERE f.id = k.first_sub AND f.version IS NOT NULL);
        END IF;
    END IF;
    RETURN NEXT;
END $$;

-- Numbers for new series and lineages, remembered: nobody uses those of another loader.
CREATE FUNCTION rta.load_block(p_kind text, p_n integer) RETURNS SETOF bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    l record;
    seq regclass;
BEGIN
    PERFORM rta.load_owned();
    SELECT x.sub, s.tab INTO l FROM pg_temp.rta_load x JOIN rta.structure s ON s.id = x.structure;
    seq := CASE WHEN p_kind = 'lineage' THEN 'rta.lineage_block'::regclass
        ELSE to_regclass(format('rta.%I', l.tab || '_block')) END;
    RETURN QUERY WITH b AS (INSERT INTO pg_temp.rta_load_block
            SELECT p_kind, nextval(seq) FROM generate_series(1, least(greatest(p_n, 1), 64))
            RETURNING block)
        SELECT block FROM b;
END $$;

ALTER FUNCTION rta.load_table(text, integer, integer, boolean) RENAME TO load_table_in;
CREATE FUNCTION rta.load_table(p_structure text, p_sub integer, p_year integer, p_waits boolean)
RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    name text;
BEGIN
    PERFORM rta.load_guard(p_structure, p_sub, '{}');
    IF p_year NOT BETWEEN 1000 AND 9999 THEN
        RAISE EXCEPTION 'no year: %', p_year USING ERRCODE = 'RT065';
    END IF;
    name := rta.load_table_in(p_structure, p_sub, p_year, p_waits OR rta.rank() = 'analyst');
    INSERT INTO pg_temp.rta_load_table VALUES (name, p_year);
    IF rta.rank() <> 'owner' THEN
        EXECUTE format('GRANT INSERT ON %s TO %I', name, session_user);
    END IF;
    RETURN name;
END $$;

CREATE OR REPLACE FUNCTION rta.load_lock() RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    SELECT pg_advisory_xact_lock(hashtextextended('rta.publish', 0)) $$;

ALTER FUNCTION rta.load_reconcile(text, integer, text[]) RENAME TO load_reconcile_in;
CREATE FUNCTION rta.load_reconcile(p_structure text, p_sub integer, p_tables text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    s rta.structure := rta.load_guard(p_structure, p_sub, p_tables);
    t text;
BEGIN
    -- from now on nobody copies anything more
    IF rta.rank() <> 'owner' THEN
        FOREACH t IN ARRAY ARRAY['pg_temp.rta_k', 'pg_temp.rta_l', 'pg_temp.rta_g',
            'pg_temp.rta_d', 'pg_temp.rta_v', 'pg_temp.rta_f']
            || (SELECT coalesce(array_agg(x.name), '{}') FROM pg_temp.rta_load_table x) LOOP
            EXECUTE format('REVOKE ALL ON %s FROM %I', t, session_user);
        END LOOP;
        PERFORM rta.load_check(s, p_sub);
    END IF;
    PERFORM rta.load_reconcile_in(p_structure, p_sub, p_tables);
END $$;

-- Is the period one of the frequency? The store's number, as rta.period_text reads it.
CREATE FUNCTION rta.period_fits(freq text, code integer) RETURNS boolean
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT code BETWEEN 1000000 AND 9999999 AND CASE freq WHEN 'A' THEN code % 1000 = 0
        WHEN 'M' THEN code % 1000 BETWEEN 1 AND 12 WHEN 'W' THEN code % 1000 BETWEEN 1 AND 53
        WHEN 'D' THEN code % 1000 BETWEEN 1 AND 366 WHEN 'Q' THEN code % 1000 BETWEEN 1 AND 4
        WHEN 'S' THEN code % 1000 BETWEEN 1 AND 2 ELSE code % 1000 BETWEEN 1 AND 366 END $$;

CREATE FUNCTION rta.load_deny(p_bad boolean, p_text text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF p_bad THEN
        RAISE EXCEPTION '%', p_text USING ERRCODE = 'RT077',
            HINT = 'nothing was changed; what each role may is in docs/contracts/store.md';
    END IF;
END $$;

-- What rta load makes sure of is asked again of everybody who is not the owner: he may not have
-- used it. One sender who is known and his; his areas; codes of the lists; periods of the
-- frequency; numbers from his blocks; the rows of this submission alone.
CREATE FUNCTION rta.load_check(s rta.structure, p_sub integer) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    who rta.sender;
    bad boolean;
    may text[];
    rows text;
BEGIN
    SELECT x.* INTO who FROM rta.sender x WHERE x.key = (SELECT min(l.sender) FROM (
        SELECT sender FROM pg_temp.rta_l UNION ALL SELECT l.sender FROM rta.lineage l
        WHERE l.id IN (SELECT lineage_id FROM pg_temp.rta_g)) l);
    rows := (SELECT coalesce(string_agg(format('SELECT series_id, period, lineage_id, from_sub'
            ' FROM %s', x.name), ' UNION ALL '), 'SELECT 0, 0, 0, 0 WHERE false')
        || ' UNION ALL SELECT series_id, period, lineage_id, from_sub FROM pg_temp.rta_g'
        FROM pg_temp.rta_load_table x);
    EXECUTE format('CREATE TEMP TABLE rta_load_key ON COMMIT DROP AS
        SELECT DISTINCT series_id, period / 1 AS period, lineage_id, from_sub FROM (%s) x', rows);
    SELECT EXISTS (SELECT FROM pg_temp.rta_load_key k WHERE k.from_sub IS DISTINCT FROM p_sub)
        INTO bad;
    PERFORM rta.load_deny(bad, 'rows of another submission');
    -- lineages: known ones or new ones, all of one sender
    SELECT x.* INTO who FROM rta.sender x WHERE x.key = (
        SELECT min(y.sender) FROM (SELECT sender FROM pg_temp.rta_l UNION ALL
            SELECT l.sender FROM rta.lineage l JOIN pg_temp.rta_load_key k ON k.lineage_id = l.id) y);
    IF who.key IS NULL THEN -- deletions alone: told when it is recorded
        PERFORM rta.load_deny(EXISTS (SELECT FROM pg_temp.rta_load_key), 'a sender that nobody knows');
    END IF;
    SELECT EXISTS (SELECT FROM pg_temp.rta_l WHERE sender IS DISTINCT FROM who.key)
        OR EXISTS (SELECT FROM pg_temp.rta_load_key k LEFT JOIN rta.lineage l ON l.id = k.lineage_id
            LEFT JOIN pg_temp.rta_l n ON n.id = k.lineage_id
            WHERE coalesce(l.sender, n.sender) IS DISTINCT FROM who.key) INTO bad;
    PERFORM rta.load_deny(bad AND (who.key IS NOT NULL
        OR EXISTS (SELECT FROM pg_temp.rta_l)), 'rows of more than one sender');
    SELECT EXISTS (SELECT id FROM pg_temp.rta_l EXCEPT SELECT (b.block - 1) * 256 + g
            FROM pg_temp.rta_load_block b, generate_series(1, 256) g WHERE b.kind = 'lineage')
        OR EXISTS (SELECT series_id FROM pg_temp.rta_k EXCEPT SELECT (b.block - 1) * 256 + g
            FROM pg_temp.rta_load_block b, generate_series(1, 256) g WHERE b.kind <> 'lineage')
        INTO bad;
    PERFORM rta.load_deny(bad, 'numbers that were not given out here');
    UPDATE pg_temp.rta_load SET sender = who.key;
    may := CASE WHEN cardinality(who.areas) = 0 THEN ARRAY[who.partner] ELSE who.areas END;
    PERFORM rta.load_check_codes(s, who.key, may);
END $$;

CREATE FUNCTION rta.load_check_codes(s rta.structure, p_sender text, p_areas text[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    bad boolean;
BEGIN
    FOR i IN 1 .. array_length(s.dims, 1) LOOP
        IF s.codelists[i] <> '' THEN
            EXECUTE format('SELECT EXISTS (SELECT FROM pg_temp.rta_k k WHERE NOT EXISTS (SELECT
                FROM rta.code c WHERE c.codelist = $1 AND c.code = k.%I))', lower(s.dims[i]))
                INTO bad USING s.codelists[i];
            PERFORM rta.load_deny(bad, format('a code that is not in %s', s.codelists[i]));
        END IF;
    END LOOP;
    EXECUTE format('SELECT EXISTS (SELECT FROM pg_temp.rta_load_key x
            LEFT JOIN pg_temp.rta_k n ON n.series_id = x.series_id
            LEFT JOIN rta.%I o ON o.series_id = x.series_id
        WHERE NOT coalesce(rta.period_fits(coalesce(n.freq, o.freq), x.period), false))',
        s.tab || '_series') INTO bad;
    PERFORM rta.load_deny(bad, 'a period that does not belong to its frequency');
    IF 'REF_AREA' = ANY (s.dims) AND NOT '*' = ANY (p_areas) THEN
        EXECUTE format('SELECT EXISTS (SELECT FROM pg_temp.rta_k WHERE NOT ref_area = ANY ($1))
            OR EXISTS (SELECT FROM pg_temp.rta_load_key x JOIN rta.%I o USING (series_id)
                WHERE NOT o.ref_area = ANY ($1))
            OR EXISTS (SELECT FROM pg_temp.rta_v WHERE area <> '''' AND NOT area = ANY ($1))',
            s.tab || '_series') INTO bad USING p_areas;
        PERFORM rta.load_deny(bad, format('%s may not send figures of that area', p_sender));
    END IF;
END $$;

-- The rows that wait to be applied, and the delete rows.
CREATE FUNCTION rta.load_counted(OUT rows_in bigint, OUT rows_delete bigint)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    t text;
    n bigint;
BEGIN
    SELECT count(*) INTO rows_delete FROM pg_temp.rta_d;
    SELECT count(*) + rows_delete INTO rows_in FROM pg_temp.rta_g;
    FOR t IN SELECT name FROM pg_temp.rta_load_table LOOP
        EXECUTE format('SELECT count(*) FROM %s', t) INTO n;
        rows_in := rows_in + n;
    END LOOP;
END $$;

-- What the loader says of a delivery, as far as it is his to say.
CREATE FUNCTION rta.load_said(p jsonb, p_counts jsonb) RETURNS jsonb
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    l record;
    who rta.sender;
    k text;
BEGIN
    IF rta.rank() = 'owner' THEN
        RETURN p;
    END IF;
    SELECT * INTO l FROM pg_temp.rta_load;
    SELECT * INTO who FROM rta.sender WHERE key = p ->> 'sender';
    PERFORM rta.load_deny(who.key IS NULL OR who.key <> coalesce(l.sender, who.key)
        OR p ->> 'partner' <> who.partner, 'the sender is not the one of the rows');
    PERFORM rta.load_deny(NOT rta.sees_all() AND NOT who.partner = ANY (rta.my_partners()),
        format('%s may not load for %s', session_user, p ->> 'sender'));
    PERFORM rta.load_deny(NOT rta.sees_all() AND p ->> 'received_at' IS NOT NULL,
        'only a coordinator says when a delivery came in');
    FOR k IN SELECT jsonb_object_keys(p) LOOP
        PERFORM rta.plain_text(k, p ->> k);
    END LOOP;
    RETURN (SELECT jsonb_object_agg(e.key, e.value) FROM jsonb_each(p) e WHERE e.key IN ('structure',
            'partner', 'sender', 'reason', 'received_at', 'file_name', 'file_sha256', 'stream_seal',
            'src_prefix', 'rows_refused', 'partial', 'reason_code', 'supersedes'))
        || p_counts || jsonb_build_object('id', l.sub, 'structure', l.structure);
END $$;

ALTER FUNCTION rta.load_apply(text, integer, text, boolean, boolean, integer[], text[], bigint[],
    text) RENAME TO load_apply_in;
CREATE FUNCTION rta.load_apply(p_structure text, p_sub integer, p_act text, p_ordered boolean,
    p_suspect boolean, p_years integer[], p_tables text[], p_counts bigint[], p_sender text,
    OUT rows_new bigint, OUT rows_revised bigint, OUT rows_unchanged bigint,
    OUT rows_superseded bigint, OUT rows_deleted bigint, OUT over_sender bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    c record;
    n bigint;
    counts bigint[] := p_counts;
    mine boolean := rta.rank() = 'owner';
BEGIN
    PERFORM rta.load_guard(p_structure, p_sub, p_tables);
    IF NOT mine THEN
        PERFORM rta.load_deny(NOT rta.sees_all(), format('what %s loads is published by approval',
            session_user));
        SELECT x.sender INTO c FROM pg_temp.rta_load x;
        PERFORM rta.load_deny(c.sender <> p_sender, 'the sender is not the one of the rows');
        PERFORM rta.load_deny(p_tables IS DISTINCT FROM (SELECT array_agg(x.name ORDER BY i)
                FROM unnest(p_years) WITH ORDINALITY AS y (year, i)
                JOIN pg_temp.rta_load_table x USING (year))
            OR cardinality(p_tables) <> (SELECT count(*) FROM pg_temp.rta_load_table),
            'other tables than those of the load');
        SELECT * INTO c FROM rta.load_counted();
        counts := '{}';
        FOR i IN 1 .. coalesce(array_length(p_tables, 1), 0) LOOP
            EXECUTE format('SELECT count(*) FROM %s', p_tables[i]) INTO n;
            counts := counts || n;
        END LOOP;
        p_suspect := true;
    END IF;
    SELECT x.* INTO rows_new, rows_revised, rows_unchanged, rows_superseded, rows_deleted,
        over_sender
    FROM rta.load_apply_in(p_structure, p_sub, p_act, p_ordered, p_suspect, p_years, p_tables,
        counts, p_sender) x;
    IF NOT mine THEN
        UPDATE pg_temp.rta_load x SET sender = p_sender, counts = jsonb_build_object('rows_in', c.rows_in,
            'rows_delete', c.rows_delete, 'rows_new', rows_new, 'rows_revised', rows_revised,
            'rows_unchanged', rows_unchanged, 'rows_superseded', rows_superseded,
            'rows_deleted', rows_deleted, 'over_sender', over_sender);
    END IF;
END $$;

ALTER FUNCTION rta.load_publish(jsonb) RENAME TO load_publish_in;
CREATE FUNCTION rta.load_publish(p jsonb, OUT version integer, OUT published_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    l record;
BEGIN
    IF rta.rank() <> 'owner' THEN
        PERFORM rta.load_guard(p ->> 'structure', (p ->> 'id')::integer, '{}');
        SELECT * INTO l FROM pg_temp.rta_load;
        PERFORM rta.load_deny(NOT rta.sees_all() OR l.counts IS NULL,
            format('what %s loads is published by approval', session_user));
        p := rta.load_said(p, l.counts);
    END IF;
    SELECT x.version, x.published_at INTO version, published_at FROM rta.load_publish_in(p) x;
    DROP TABLE IF EXISTS pg_temp.rta_load;
END $$;

ALTER FUNCTION rta.load_wait(jsonb, text, boolean, boolean, text[], boolean)
    RENAME TO load_wait_in;
CREATE FUNCTION rta.load_wait(p jsonb, p_act text, p_ordered boolean, p_suspect boolean,
    p_tables text[], p_checked boolean, OUT rows_new bigint, OUT rows_revised bigint,
    OUT rows_unchanged bigint, OUT rows_superseded bigint, OUT rows_deleted bigint,
    OUT over_sender bigint, OUT base_version integer, OUT state text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    c record;
BEGIN
    PERFORM rta.load_guard(p ->> 'structure', (p ->> 'id')::integer, p_tables);
    IF rta.rank() <> 'owner' THEN
        PERFORM rta.load_deny(to_regclass('pg_temp.rta_load_key') IS NULL,
            'the rows were not reconciled');
        PERFORM rta.load_deny(cardinality(p_tables) <> (SELECT count(*) FROM pg_temp.rta_load_table),
            'other tables than those of the load');
        SELECT * INTO c FROM rta.load_counted();
        p := rta.load_said(p, jsonb_build_object('rows_in', c.rows_in, 'rows_delete',
            c.rows_delete));
        p_suspect := true;
        p_checked := p_checked AND rta.sees_all();
    END IF;
    SELECT x.* INTO rows_new, rows_revised, rows_unchanged, rows_superseded, rows_deleted,
        over_sender, base_version, state
    FROM rta.load_wait_in(p, p_act, p_ordered, p_suspect, p_tables, p_checked) x;
    DROP TABLE IF EXISTS pg_temp.rta_load;
END $$;

-- ---- deciding, guarded ----

-- Who is not to see a submission learns no more than that there is none.
CREATE FUNCTION rta.submission_mine(p_id integer) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT rta.sees_all() AND NOT EXISTS (SELECT FROM rta.submission s WHERE s.id = p_id
            AND s.partner = ANY (rta.my_partners())) THEN
        RAISE EXCEPTION 'there is no submission % of yours', p_id USING ERRCODE = 'RT077';
    END IF;
END $$;

ALTER FUNCTION rta.submission_decide(integer, text, text, text, timestamptz, timestamptz)
    RENAME TO submission_decide_in;
CREATE FUNCTION rta.submission_decide(p_id integer, p_step text, p_reason text DEFAULT '',
    p_digest text DEFAULT NULL, p_embargo timestamptz DEFAULT NULL, p_at timestamptz DEFAULT NULL)
RETURNS TABLE (state text, version integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM rta.submission_mine(p_id);
    IF rta.rank() <> 'owner' THEN
        PERFORM rta.load_deny(NOT rta.sees_all() AND p_step <> 'withdraw',
            format('%s may not %s submission %s', session_user, p_step, p_id));
        PERFORM rta.load_deny(p_at IS NOT NULL, 'nobody publishes in the past');
        PERFORM rta.plain_text('the reason', p_reason);
    END IF;
    RETURN QUERY SELECT x.state, x.version
        FROM rta.submission_decide_in(p_id, p_step, p_reason, p_digest, p_embargo, p_at) x;
END $$;

ALTER FUNCTION rta.submission_answer(integer, integer, text, text) RENAME TO submission_answer_in;
CREATE FUNCTION rta.submission_answer(p_id integer, p_n integer, p_rule text, p_answer text)
RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM rta.submission_mine(p_id);
    IF rta.rank() <> 'owner' THEN
        PERFORM rta.plain_text('the answer', p_answer);
    END IF;
    RETURN rta.submission_answer_in(p_id, p_n, p_rule, p_answer);
END $$;

ALTER FUNCTION rta.submission_take_back(integer, text, timestamptz)
    RENAME TO submission_take_back_in;
CREATE FUNCTION rta.submission_take_back(p_id integer, p_reason text,
    p_at timestamptz DEFAULT NULL) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM rta.submission_mine(p_id);
    IF rta.rank() <> 'owner' THEN
        PERFORM rta.load_deny(p_at IS NOT NULL, 'nobody withdraws in the past');
        PERFORM rta.plain_text('the reason', p_reason);
    END IF;
    RETURN rta.submission_take_back_in(p_id, p_reason, p_at);
END $$;

ALTER FUNCTION rta.settle() SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
ALTER FUNCTION rta.sweep() SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
ALTER FUNCTION rta.policy_of(text, text) RENAME TO policy_of_in;
-- What an analyst loads waits, whatever the policy says of the sender.
CREATE FUNCTION rta.policy_of(p_structure text, p_sender text, OUT mode text, OUT answers boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE WHEN rta.rank() = 'analyst' THEN 'four-eyes' ELSE x.mode END, x.answers
    FROM rta.policy_of_in(p_structure, p_sender) x $$;

-- Nothing is to be learnt about what waits from the planner's statistics: there are none.
CREATE FUNCTION rta.no_statistics(p_table regclass) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    EXECUTE (SELECT format('ALTER TABLE %s ', p_table)
            || string_agg(format('ALTER COLUMN %I SET STATISTICS 0', attname), ', ')
        FROM pg_attribute WHERE attrelid = p_table AND attnum > 0 AND NOT attisdropped);
END $$;

-- What one submission brings until it is settled (0006_life.sql).
CREATE FUNCTION rta.wait_make(p_tab text, p_sub integer) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE TABLE rta.%I (LIKE rta.%I, CHECK (from_sub = %s))',
        p_tab || '_wait_' || p_sub, p_tab || '_wait', p_sub);
    PERFORM rta.no_statistics(to_regclass(format('rta.%I', p_tab || '_wait_' || p_sub)));
END $$;

-- ---- row-level security ----

CREATE FUNCTION rta.guard_rows(p_table text, p_using text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    t regclass := to_regclass(format('rta.%I', p_table));
BEGIN
    IF t IS NULL OR EXISTS (SELECT FROM pg_policy WHERE polrelid = t AND polname = 'seen') THEN
        RETURN;
    END IF;
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY seen ON %s FOR SELECT USING (%s)', t, p_using);
END $$;

-- Who sees a submission sees what belongs to it: the others ask rta.submission, whose own policy
-- answers. The functions stand in sub-selects to be asked once a query.
CREATE FUNCTION rta.guard_all() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    s rta.structure;
    seen text := ' IN (SELECT f.id FROM rta.submission f)';
BEGIN
    PERFORM rta.guard_rows('submission', 'version IS NOT NULL OR (SELECT rta.sees_all())
        OR partner = ANY ((SELECT rta.my_partners())::text[])');
    PERFORM rta.guard_rows('coverage', 'submission' || seen);
    PERFORM rta.guard_rows('decision', '(SELECT rta.sees_all()) OR submission IN (SELECT f.id
        FROM rta.submission f WHERE f.partner = ANY ((SELECT rta.my_partners())::text[]))');
    PERFORM rta.guard_rows('finding', '(SELECT rta.sees_all()) OR submission IN (SELECT f.id
        FROM rta.submission f WHERE f.partner = ANY ((SELECT rta.my_partners())::text[]))');
    PERFORM rta.guard_rows('delivery', '(SELECT rta.sees_all())
        OR partner = ANY ((SELECT rta.my_partners())::text[])');
    PERFORM rta.guard_rows('letter', '(SELECT rta.sees_all())
        OR partner = ANY ((SELECT rta.my_partners())::text[])');
    PERFORM rta.guard_rows('letter_item', '(SELECT rta.sees_all())
        OR partner = ANY ((SELECT rta.my_partners())::text[])');
    PERFORM rta.guard_rows('lineage', 'first_sub IS NULL OR first_sub' || seen
        || ' OR sender IN (SELECT k.key FROM rta.sender k
            WHERE k.partner = ANY ((SELECT rta.my_partners())::text[]))');
    PERFORM rta.guard_rows('audit', '(SELECT rta.sees_all())
        OR pg_has_role(session_user, ''rta_admin'', ''member'')');
    FOR s IN SELECT * FROM rta.structure LOOP
        PERFORM rta.guard_rows(s.tab || '_wait', 'from_sub' || seen);
        PERFORM rta.guard_rows(s.tab || '_waitrow', '(SELECT rta.sees_all())');
        PERFORM rta.guard_rows(s.tab || '_waitdel', '(SELECT rta.sees_all())');
        PERFORM rta.guard_rows(s.tab || '_series', format('first_sub IS NULL OR first_sub' || seen
            || ' OR EXISTS (SELECT FROM rta.%I w WHERE w.series_id = %I.series_id)',
            s.tab || '_wait', s.tab || '_series'));
        IF (SELECT attstattarget FROM pg_attribute WHERE attnum = 1
                AND attrelid = to_regclass(format('rta.%I', s.tab || '_wait'))) <> 0 THEN
            PERFORM rta.no_statistics(to_regclass(format('rta.%I', s.tab || '_wait')));
        END IF;
    END LOOP;
END $$;

-- ---- grants ----

CREATE FUNCTION rta.grant_list(p_what text, p_names text[], p_roles text[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    r text;
    o text;
BEGIN
    FOREACH r IN ARRAY p_roles LOOP
        CONTINUE WHEN to_regrole(r) IS NULL;
        IF p_what = 'SELECT' THEN
            FOR o IN SELECT format('GRANT SELECT ON rta.%I TO %I', c.relname, r)
                FROM pg_class c WHERE c.relnamespace = 'rta'::regnamespace
                  AND c.relname = ANY (p_names) AND c.relkind IN ('r', 'p', 'v')
                  AND NOT coalesce(has_table_privilege(r, c.oid, 'SELECT'), false)
            LOOP EXECUTE o; END LOOP;
        ELSE
            FOR o IN SELECT format('GRANT EXECUTE ON FUNCTION %s TO %I', p.oid::regprocedure, r)
                FROM pg_proc p WHERE p.pronamespace = 'rta'::regnamespace
                  AND p.proname = ANY (p_names)
            LOOP EXECUTE o; END LOOP;
        END IF;
    END LOOP;
END $$;

-- Called by every migration, because structures and later migrations bring tables and functions of
-- their own. What is not named here is the coordinator's to read and nobody's to run, unless its
-- own migration grants it.
CREATE OR REPLACE FUNCTION rta.grant_all() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    everybody text[] := ARRAY['rta_reader', 'rta_analyst', 'rta_coordinator', 'rta_admin'];
    loaders text[] := ARRAY['rta_analyst', 'rta_coordinator'];
    o text;
BEGIN
    PERFORM rta.audit_all();
    PERFORM rta.guard_all();
    FOR o IN SELECT format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', oid::regprocedure) FROM pg_proc
             WHERE pronamespace = 'rta'::regnamespace
               AND has_function_privilege('public', oid, 'EXECUTE')
    LOOP EXECUTE o; END LOOP;
    FOR o IN SELECT format('ALTER VIEW rta.%I SET (security_invoker = true)', relname)
             FROM pg_class WHERE relnamespace = 'rta'::regnamespace AND relkind = 'v'
               AND NOT coalesce(reloptions::text[] @> ARRAY['security_invoker=true'], false)
    LOOP EXECUTE o; END LOOP;
    FOREACH o IN ARRAY everybody LOOP
        CONTINUE WHEN to_regrole(o) IS NULL;
        EXECUTE format('GRANT USAGE ON SCHEMA rta TO %I', o);
    END LOOP;
    -- nobody has tables of his own beside the owner's functions
    IF has_database_privilege('public', current_database(), 'TEMPORARY') THEN
        EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
    END IF;
    PERFORM rta.grant_list('SELECT', ARRAY['structure', 'code', 'code_label', 'migration', 'sender',
        'submission', 'receipt', 'coverage', 'lineage'] || (SELECT coalesce(array_agg(tab || x), '{}')
        FROM rta.structure, unnest(ARRAY['', '_now', '_series', '_obs', '_hist', '_wait']) x),
        everybody);
    PERFORM rta.grant_list('SELECT', ARRAY['decision', 'finding', 'delivery', 'policy', 'letter',
        'letter_item'], loaders);
    PERFORM rta.grant_list('SELECT', ARRAY['audit', 'audit_log'],
        ARRAY['rta_coordinator', 'rta_admin']);
    PERFORM rta.grant_list('SELECT', (SELECT array_agg(relname::text) FROM pg_class
        WHERE relnamespace = 'rta'::regnamespace AND relkind IN ('r', 'p', 'v')
          AND NOT relispartition), ARRAY['rta_coordinator']);
    PERFORM rta.grant_list('EXECUTE', ARRAY['period_text', 'src_text', 'version_of', 'moment_of',
        'as_of', 'status', 'unsettled', 'rank', 'my_partners', 'sees_all', 'dim_list'], everybody);
    PERFORM rta.grant_list('EXECUTE', ARRAY['load_begin', 'load_block', 'load_table', 'load_lock',
        'load_repeat', 'load_reconcile', 'load_apply', 'load_publish', 'load_wait', 'policy_of',
        'settle', 'sweep', 'submission_decide', 'submission_answer', 'submission_take_back',
        'submission_changes', 'submission_digest', 'submission_fits', 'open_warnings', 'has_part',
        'step_from'], loaders);
    PERFORM rta.grant_list('EXECUTE', ARRAY['purge_add'], ARRAY['rta_coordinator']);
    PERFORM rta.grant_list('EXECUTE', ARRAY['audit_refusal', 'audit_read'],
        ARRAY['rta_coordinator', 'rta_admin']);
END $$;

-- ---- what is kept, and how long ----

-- Raw packets that were deleted by rule (config/policies/retention.yaml). rta.delivery keeps its
-- row, its hashes and its receipt.
CREATE TABLE rta.purge (
    packet_sha256 text PRIMARY KEY,
    file          text NOT NULL,     -- where it was; '' when it was not there any more
    bytes         bigint,
    rule          text NOT NULL,     -- the line that ruled
    at            timestamptz NOT NULL DEFAULT clock_timestamp(),
    who           text NOT NULL DEFAULT session_user
);
COMMENT ON TABLE rta.purge IS 'Raw packets that were deleted by the rules of retention';

-- In the transaction in which the file goes. Only a packet that was answered for good is deleted.
CREATE FUNCTION rta.purge_add(p_sha text, p_file text, p_bytes bigint, p_rule text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM rta.delivery d WHERE d.packet_sha256 = p_sha AND d.chained
            AND d.answered_at IS NOT NULL) THEN
        RAISE EXCEPTION 'packet % was not answered for good', left(p_sha, 64)
            USING ERRCODE = 'RT077';
    END IF;
    INSERT INTO rta.purge (packet_sha256, file, bytes, rule) VALUES (p_sha, p_file, p_bytes, p_rule);
END $$;

-- ---- what there is already ----
-- A later migration that writes to a table with the trigger `audit` and then alters it says SET
-- CONSTRAINTS ALL IMMEDIATE between.

DO $$
DECLARE
    r text;
BEGIN
    FOREACH r IN ARRAY ARRAY['rta_reader', 'rta_coordinator'] LOOP
        IF to_regrole(r) IS NOT NULL THEN
            EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA rta FROM %I', r);
        END IF;
    END LOOP;
END $$;

CREATE FUNCTION rta.audit_baseline(p_table text, p_key text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $$
BEGIN
    EXECUTE format('SELECT rta.audit_put(session_user, %L, %L || x.%I, to_jsonb(x))
        FROM rta.%I x ORDER BY x.%I', p_table || '.baseline', p_table || ':', p_key, p_table, p_key);
END $$;
SELECT rta.audit_baseline('migration', 'n');
SELECT rta.audit_baseline('submission', 'id');
SELECT rta.audit_baseline('decision', 'id');
DROP FUNCTION rta.audit_baseline(text, text);
SELECT rta.grant_all();
