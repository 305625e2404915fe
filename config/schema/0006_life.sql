-- The life of a submission: received, checked, waiting for answers, accepted, approved by a second
-- person, published; sent back, withdrawn, superseded; embargoed. docs/contracts/store.md is the
-- manual. What waits is kept in tables beside the published observations, and publishing is one
-- row: rta.submission. Moving the rows ("settling") comes after and changes nothing for a reader.

-- ---- submissions ----

ALTER TABLE rta.submission DROP CONSTRAINT submission_state_check;
-- 'pending' was a name without a meaning: nothing could be kept waiting
UPDATE rta.submission SET state = 'withdrawn' WHERE state = 'pending'
    AND version IS NULL;
UPDATE rta.submission SET state = 'published' WHERE version IS NOT NULL;
ALTER TABLE rta.submission
    ADD CONSTRAINT submission_state_check CHECK (state IN ('received', 'checked', 'waiting',
        'accepted', 'approved', 'published', 'returned', 'withdrawn', 'superseded', 'refused')),
    ADD COLUMN embargo timestamptz,                    -- not to be published before
    ADD COLUMN base_version integer,                   -- the version that it was compared with
    ADD COLUMN reason_code text NOT NULL DEFAULT '',   -- code list REVISION_REASON
    ADD COLUMN settled boolean NOT NULL DEFAULT true,  -- its rows stand in _obs and _hist
    ADD COLUMN policy text NOT NULL DEFAULT 'auto',    -- auto | four-eyes
    ADD COLUMN answers boolean NOT NULL DEFAULT false, -- warnings want an answer before acceptance
    ADD COLUMN supersedes integer REFERENCES rta.submission (id),
    ADD COLUMN act text NOT NULL DEFAULT 'R',          -- R as it stands, O rows in order, T taken back
    ADD CONSTRAINT submission_published CHECK ((version IS NOT NULL)
        = (state IN ('published') OR (state = 'superseded' AND published_at IS NOT NULL)));
UPDATE rta.submission SET base_version = version - 1;
-- One at a time waits for being settled in each structure.
CREATE UNIQUE INDEX submission_unsettled ON rta.submission (structure)
    WHERE version IS NOT NULL AND NOT settled;
CREATE INDEX submission_open ON rta.submission (state) WHERE version IS NULL;

CREATE TABLE rta.decision (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    submission integer NOT NULL REFERENCES rta.submission (id),
    step       text NOT NULL,   -- load check ask answer accept approve publish return withdraw supersede
    from_state text NOT NULL,   -- '' at the first
    to_state   text NOT NULL,
    who        text NOT NULL DEFAULT session_user,
    at         timestamptz NOT NULL DEFAULT clock_timestamp(),
    reason     text NOT NULL DEFAULT '',
    digest     text NOT NULL,   -- rta.submission_digest: what was decided on
    embargo    timestamptz
);
CREATE INDEX decision_submission ON rta.decision (submission, id);
COMMENT ON TABLE rta.decision IS 'Every step of every submission: who, when, why, on exactly what';

CREATE FUNCTION rta.decision_frozen() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'decisions are never changed or deleted' USING ERRCODE = 'RT077';
END $$;
CREATE TRIGGER frozen BEFORE UPDATE OR DELETE OR TRUNCATE ON rta.decision
    FOR EACH STATEMENT EXECUTE FUNCTION rta.decision_frozen();

CREATE TABLE rta.finding (
    submission  integer NOT NULL REFERENCES rta.submission (id),
    n           integer NOT NULL,
    rule        text NOT NULL,
    level       text NOT NULL,  -- error (the row was refused), warning, question (of the coordinator)
    place       text NOT NULL,
    message     text NOT NULL,
    hint        text NOT NULL,
    answer      text,
    answered_by text,
    answered_at timestamptz,
    PRIMARY KEY (submission, n)
);
COMMENT ON TABLE rta.finding IS 'What was found in a delivery, and the sender''s answers';

CREATE TABLE rta.coverage (
    submission integer NOT NULL REFERENCES rta.submission (id),
    area       text COLLATE "C" NOT NULL,  -- '' where the structure has no areas
    freq       text COLLATE "C" NOT NULL,
    period     integer NOT NULL,
    rows       bigint NOT NULL,
    PRIMARY KEY (submission, area, freq, period)
);
CREATE INDEX coverage_where ON rta.coverage (area, freq, period);
COMMENT ON TABLE rta.coverage IS 'Which areas and periods a delivery speaks of, and in how many rows';

CREATE TABLE rta.sender (
    key     text PRIMARY KEY,
    partner text NOT NULL,      -- '' for a source outside the region
    outside boolean NOT NULL,
    areas   text[] NOT NULL     -- what it may send; {*} all
);
COMMENT ON TABLE rta.sender IS 'Who may send what; kept in step with config/region.yaml by rta db migrate';

-- The first line that fits rules. NULL fits everything.
CREATE TABLE rta.policy (
    ord       integer PRIMARY KEY,
    since     date,
    until     date,             -- the last day
    structure text,
    partner   text,
    sender    text,
    outside   boolean,
    mode      text NOT NULL CHECK (mode IN ('auto', 'four-eyes')),
    answers   boolean NOT NULL
);
COMMENT ON TABLE rta.policy IS 'Who publishes without approval; kept in step with config/policies/approval.yaml';

CREATE FUNCTION rta.policy_of(p_structure text, p_sender text, OUT mode text, OUT answers boolean)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    SELECT p.mode, p.answers INTO mode, answers
    FROM rta.policy p LEFT JOIN rta.sender s ON s.key = p_sender
    WHERE (p.since IS NULL OR p.since <= current_date)
      AND (p.until IS NULL OR p.until >= current_date)
      AND (p.structure IS NULL OR p.structure = p_structure)
      AND (p.sender IS NULL OR p.sender = p_sender)
      AND (p.partner IS NULL OR p.partner = s.partner)
      AND (p.outside IS NULL OR p.outside = s.outside)
    ORDER BY p.ord LIMIT 1;
    mode := coalesce(mode, 'four-eyes');
    answers := coalesce(answers, true);
END $$;

-- One line of the file: a row for each structure, partner and sender that it names ({}: all).
CREATE FUNCTION rta.policy_add(p_since date, p_until date, p_outside boolean, p_mode text,
    p_answers boolean, p_structures text[], p_partners text[], p_senders text[]) RETURNS void
LANGUAGE sql AS $$
    INSERT INTO rta.policy (ord, since, until, structure, partner, sender, outside, mode, answers)
    SELECT (SELECT coalesce(max(ord), 0) FROM rta.policy) + row_number() OVER (), p_since, p_until,
        s, p, d, p_outside, p_mode, p_answers
    FROM unnest(CASE WHEN p_structures = '{}' THEN ARRAY[NULL]::text[] ELSE p_structures END) s,
        unnest(CASE WHEN p_partners = '{}' THEN ARRAY[NULL]::text[] ELSE p_partners END) p,
        unnest(CASE WHEN p_senders = '{}' THEN ARRAY[NULL]::text[] ELSE p_senders END) d $$;

-- ---- tables of a structure ----

-- Former versions, one partition a year as the current ones have.
CREATE FUNCTION rta.hist_year(tab text, year integer) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    part text := tab || '_hist_' || year;
BEGIN
    IF to_regclass(format('rta.%I', part)) IS NULL THEN
        EXECUTE format('CREATE TABLE rta.%I (LIKE rta.%I)', part, tab || '_hist');
        EXECUTE format('ALTER TABLE rta.%I ATTACH PARTITION rta.%I FOR VALUES FROM (%s) TO (%s)',
            tab || '_hist', part, year * 1000, (year + 1) * 1000);
    END IF;
END $$;

CREATE FUNCTION rta.life_tables(tab text, dims text[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE TABLE rta.%I (LIKE rta.%I, to_sub integer NOT NULL)
        PARTITION BY RANGE (period)', tab || '_hist', tab || '_obs');
    EXECUTE format('CREATE INDEX ON rta.%I (series_id, period)', tab || '_hist');
    EXECUTE format('CREATE INDEX ON rta.%I USING brin (to_sub)', tab || '_hist');
    EXECUTE format('COMMENT ON TABLE rta.%I IS %L', tab || '_hist',
        'Former versions: current from the version of from_sub up to, without, that of to_sub');
    -- what: n new, r revised, c cells emptied, d observation ended, u unchanged
    -- blank: cells that the delivery left as they are (1 value, 2 obs_status, 4 conf_status,
    -- 8 comment, 16 nature); they hold what the store has
    EXECUTE format('CREATE TABLE rta.%I (LIKE rta.%I, what "char" NOT NULL,
        blank smallint NOT NULL) PARTITION BY LIST (from_sub)', tab || '_wait', tab || '_obs');
    EXECUTE format('COMMENT ON TABLE rta.%I IS %L', tab || '_wait',
        'Observations of submissions that wait, or are published and not settled yet');
    -- rows as they came, of deliveries whose order matters: for comparing them once more
    EXECUTE format('CREATE TABLE rta.%I (LIKE rta.%I, seq bigint NOT NULL, act text NOT NULL)',
        tab || '_waitrow', tab || '_obs');
    EXECUTE format('CREATE INDEX ON rta.%I (from_sub)', tab || '_waitrow');
    EXECUTE format('CREATE TABLE rta.%I (from_sub integer NOT NULL, seq bigint NOT NULL, mask text,
        clear text, period integer, %s)', tab || '_waitdel',
        rta.dim_list(dims, '', ' text COLLATE "C"'));
    EXECUTE format('CREATE INDEX ON rta.%I (from_sub)', tab || '_waitdel');
    -- which submission brought it; NULL: it was there before submissions had a life
    EXECUTE format('ALTER TABLE rta.%I ADD COLUMN first_sub integer', tab || '_series');
    EXECUTE format('CREATE INDEX ON rta.%I (first_sub)', tab || '_series');
END $$;

ALTER TABLE rta.lineage ADD COLUMN first_sub integer;
CREATE INDEX lineage_first ON rta.lineage (first_sub);

CREATE OR REPLACE FUNCTION rta.structure_tables(tab text, dims text[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE TABLE rta.%I (series_id integer PRIMARY KEY, %s, UNIQUE (%s))',
        tab || '_series', rta.dim_list(dims, '', ' text COLLATE "C" NOT NULL'),
        rta.dim_list(dims, ''));
    EXECUTE format('CREATE SEQUENCE rta.%I', tab || '_block');
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
    EXECUTE format('COMMENT ON TABLE rta.%I IS %L', tab || '_series',
        'Every combination of codes that was ever loaded');
    EXECUTE format('COMMENT ON TABLE rta.%I IS %L', tab || '_obs',
        'Current observations; one partition a year');
    PERFORM rta.life_tables(tab, dims);
END $$;

CREATE OR REPLACE FUNCTION rta.year_attach(tab text, name text, year integer) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    part text := tab || '_obs_' || year;
BEGIN
    EXECUTE format('ALTER TABLE rta.%I RENAME TO %I', name, part);
    IF to_regclass(format('rta.%I', name || '_pkey')) IS NULL THEN
        EXECUTE format('ALTER TABLE rta.%I ADD PRIMARY KEY (series_id, period)', part);
    ELSE -- rta.load_keyed gave it one
        EXECUTE format('ALTER INDEX rta.%I RENAME TO %I', name || '_pkey', part || '_pkey');
    END IF;
    EXECUTE format('ALTER TABLE rta.%I ATTACH PARTITION rta.%I FOR VALUES FROM (%s) TO (%s)',
        tab || '_obs', part, year * 1000, (year + 1) * 1000);
    PERFORM rta.hist_year(tab, year);
END $$;

-- Stores that were there before.
DO $$
DECLARE
    s rta.structure;
    y integer;
BEGIN
    FOR s IN SELECT * FROM rta.structure LOOP
        EXECUTE format('ALTER TABLE rta.%I RENAME TO %I', s.tab || '_hist', s.tab || '_former');
        EXECUTE format('DROP INDEX rta.%I', s.tab || '_hist_series_id_period_idx');
        PERFORM rta.life_tables(s.tab, s.dims);
        FOR y IN EXECUTE format('SELECT substring(c.relname FROM ''\d+$'')::integer FROM pg_inherits i
            JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = %L::regclass
            UNION SELECT DISTINCT period / 1000 FROM rta.%I', 'rta.' || s.tab || '_obs',
            s.tab || '_former')
        LOOP
            PERFORM rta.hist_year(s.tab, y);
        END LOOP;
        EXECUTE format('INSERT INTO rta.%I SELECT * FROM rta.%I', s.tab || '_hist',
            s.tab || '_former');
        EXECUTE format('DROP TABLE rta.%I', s.tab || '_former');
        -- as far as its rows can still be told
        EXECUTE format('INSERT INTO rta.coverage
            SELECT o.from_sub, %s, s.freq, o.period, count(*)
            FROM (SELECT series_id, period, from_sub FROM rta.%I
                  UNION ALL SELECT series_id, period, from_sub FROM rta.%I) o
            JOIN rta.%I s USING (series_id) GROUP BY 1, 2, 3, 4',
            CASE WHEN 'REF_AREA' = ANY (s.dims) THEN 's.ref_area' ELSE '''''' END,
            s.tab || '_obs', s.tab || '_hist', s.tab || '_series');
    END LOOP;
END $$;

-- ---- reading ----

-- The submission of a structure that is published and not settled, by a version; NULL: none.
CREATE FUNCTION rta.unsettled(p_structure text, p_version integer DEFAULT 2147483647)
RETURNS integer LANGUAGE sql STABLE AS $$
    SELECT id FROM rta.submission WHERE structure = p_structure AND version <= p_version
        AND version IS NOT NULL AND NOT settled $$;

-- rta.<tab>_now: the columns of _obs, as everybody shall see them.
CREATE FUNCTION rta.now_view(p_id text, p_tab text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format($f$CREATE OR REPLACE VIEW rta.%1$I AS
        SELECT o.series_id, o.period, o.lineage_id, o.from_sub, o.value, o.obs_status,
            o.conf_status, o.comment, o.nature, o.src, o.src_value
        FROM rta.%2$I o WHERE NOT EXISTS (SELECT FROM rta.%3$I w
            WHERE w.from_sub = (SELECT f.id FROM rta.submission f WHERE f.structure = %4$L
                    AND f.version IS NOT NULL AND NOT f.settled)
              AND w.series_id = o.series_id AND w.period = o.period AND w.what <> 'u')
        UNION ALL
        SELECT w.series_id, w.period, w.lineage_id, w.from_sub, w.value, w.obs_status,
            w.conf_status, w.comment, w.nature, w.src, w.src_value
        FROM rta.%3$I w WHERE w.what IN ('n', 'r', 'c')
          AND w.from_sub = (SELECT f.id FROM rta.submission f WHERE f.structure = %4$L
                    AND f.version IS NOT NULL AND NOT f.settled)$f$,
        p_tab || '_now', p_tab || '_obs', p_tab || '_wait', p_id);
    EXECUTE format('COMMENT ON VIEW rta.%I IS %L', p_tab || '_now',
        'Current observations, also those of a submission that is published and not settled yet');
END $$;

CREATE OR REPLACE FUNCTION rta.structure_view(p_tab text, dims text[], lists text[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    cols text := '';
    joins text := '';
    d text;
BEGIN
    PERFORM rta.now_view((SELECT id FROM rta.structure WHERE tab = p_tab), p_tab);
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
        p_tab, cols, p_tab || '_now', p_tab || '_series', joins);
    EXECUTE format('COMMENT ON VIEW rta.%I IS %L', p_tab, 'Current figures with labels');
END $$;

CREATE OR REPLACE FUNCTION rta.as_of(p_structure text, p_version integer)
RETURNS TABLE (series_id integer, period integer, lineage_id integer, from_sub integer,
    value numeric, obs_status text, conf_status text, comment text, nature text, src text,
    src_value text)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    t text := (SELECT tab FROM rta.structure WHERE id = p_structure);
BEGIN
    RETURN QUERY EXECUTE format('SELECT o.* FROM rta.%1$I o JOIN rta.submission f ON f.id = o.from_sub
            WHERE f.version <= $1 AND NOT EXISTS (SELECT FROM rta.%3$I w WHERE w.from_sub = $2
                AND w.series_id = o.series_id AND w.period = o.period AND w.what <> ''u'')
        UNION ALL SELECT h.series_id, h.period, h.lineage_id, h.from_sub, h.value, h.obs_status,
            h.conf_status, h.comment, h.nature, h.src, h.src_value
        FROM rta.%2$I h JOIN rta.submission f ON f.id = h.from_sub
            JOIN rta.submission t ON t.id = h.to_sub
            WHERE f.version <= $1 AND t.version > $1
        UNION ALL SELECT w.series_id, w.period, w.lineage_id, w.from_sub, w.value, w.obs_status,
            w.conf_status, w.comment, w.nature, w.src, w.src_value
        FROM rta.%3$I w WHERE w.from_sub = $2 AND w.what IN (''n'', ''r'', ''c'')',
        t || '_obs', t || '_hist', t || '_wait')
        USING p_version, rta.unsettled(p_structure, p_version);
END $$;

CREATE OR REPLACE VIEW rta.receipt AS
    SELECT id AS submission, version, state, structure, partner, sender, reason, received_at,
        published_at, file_name, file_sha256, rows_in, rows_new, rows_revised, rows_unchanged,
        rows_deleted, rows_refused, partial, reason_code, embargo, supersedes
    FROM rta.submission;

CREATE OR REPLACE FUNCTION rta.status()
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
            (SELECT count(*) FROM rta.%I)', s.tab || '_series', s.tab || '_now', s.tab || '_hist')
            INTO series, observations, former;
        SELECT sum(pg_total_relation_size(c.oid))::bigint INTO bytes FROM pg_class c
        WHERE c.relnamespace = 'rta'::regnamespace AND c.relkind = 'r'
          AND (c.relname IN (s.tab || '_series', s.tab || '_waitrow', s.tab || '_waitdel')
               OR c.relname ~ ('^' || s.tab || '_(obs|hist|wait)_\d+$'));
        RETURN NEXT;
    END LOOP;
END $$;

-- ---- what was decided on ----

CREATE FUNCTION rta.submission_digest(p_id integer) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT encode(sha256(convert_to(jsonb_build_array(s.id, s.structure, s.partner, s.sender,
        s.reason, s.reason_code, extract(epoch FROM s.received_at)::text, s.file_name,
        s.file_sha256, s.stream_seal, s.rows_in, s.rows_new, s.rows_revised, s.rows_unchanged,
        s.rows_superseded, s.rows_delete, s.rows_deleted, s.rows_refused, s.over_sender,
        s.base_version, s.supersedes,
        (SELECT jsonb_agg(jsonb_build_array(f.n, f.rule, f.level, f.place, f.message, f.hint,
             f.answer, f.answered_by) ORDER BY f.n) FROM rta.finding f WHERE f.submission = s.id)
        )::text, 'UTF8')), 'hex')
    FROM rta.submission s WHERE s.id = p_id $$;

CREATE FUNCTION rta.decision_add(p_id integer, p_step text, p_from text, p_to text,
    p_reason text DEFAULT '', p_embargo timestamptz DEFAULT NULL) RETURNS void
LANGUAGE sql AS $$
    INSERT INTO rta.decision (submission, step, from_state, to_state, reason, digest, embargo)
    VALUES (p_id, p_step, p_from, p_to, coalesce(p_reason, ''), rta.submission_digest(p_id),
        p_embargo) $$;

INSERT INTO rta.decision (submission, step, from_state, to_state, who, at, reason, digest)
SELECT id, 'load', '', state, loaded_by, loaded_at, '', rta.submission_digest(id)
FROM rta.submission ORDER BY id;

-- ---- loading ----
-- `rta load` calls in its one transaction: load_begin, load_table for each year met (then COPY),
-- load_lock, load_repeat, load_reconcile, then load_apply and load_publish (policy auto), or
-- load_wait (it waits for approval). pg_temp.rta_v and rta_f hold coverage and findings.

DROP FUNCTION rta.load_begin(text);
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
    EXECUTE format('CREATE TEMP TABLE rta_k (series_id integer, %s) ON COMMIT DROP',
        rta.dim_list(s.dims, '', ' text COLLATE "C"'));
    CREATE TEMP TABLE rta_l (id integer, sender text, src_key text, grade text, reviewed text)
        ON COMMIT DROP;
    EXECUTE format('CREATE TEMP TABLE rta_g (LIKE rta.%I, seq bigint, act text) ON COMMIT DROP',
        s.tab || '_obs');
    EXECUTE format('CREATE TEMP TABLE rta_d (seq bigint, mask text, clear text, period integer, %s)
        ON COMMIT DROP', rta.dim_list(s.dims, '', ' text COLLATE "C"'));
    CREATE TEMP TABLE rta_v (area text COLLATE "C", freq text COLLATE "C", period integer,
        rows bigint) ON COMMIT DROP;
    CREATE TEMP TABLE rta_f (n integer, rule text, level text, place text, message text,
        hint text) ON COMMIT DROP;
    submission := nextval('rta.submission_id');
    EXECUTE format('SELECT count(*) FROM rta.%I', s.tab || '_series') INTO series;
    SELECT count(*) INTO lineages FROM rta.lineage;
    RETURN NEXT;
END $$;

-- Where to copy the rows of a year: what waits, and a year that the store has, into a temporary
-- table to be compared; else straight into the table that will become its partition.
DROP FUNCTION rta.load_table(text, integer, integer);
CREATE FUNCTION rta.load_table(p_structure text, p_sub integer, p_year integer, p_waits boolean)
RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    t text := (SELECT tab FROM rta.structure WHERE id = p_structure);
    name text;
BEGIN
    IF p_waits OR rta.year_there(t, p_year) THEN
        EXECUTE format('CREATE TEMP TABLE %I (LIKE rta.%I) ON COMMIT DROP', 'rta_s_' || p_year,
            t || '_obs');
        RETURN 'pg_temp.rta_s_' || p_year;
    END IF;
    name := t || '_load_' || p_sub || '_' || p_year;
    PERFORM rta.year_table(t, name);
    RETURN format('rta.%I', name);
END $$;

-- The last submission of the very same stream that is published or still on its way, and how many
-- later ones changed what its sender had sent: loading it once more would take those changes back.
DROP FUNCTION rta.load_repeat(text, text, text);
CREATE FUNCTION rta.load_repeat(p_structure text, p_seal text, p_sender text)
RETURNS TABLE (submission integer, version integer, published_at timestamptz, later bigint,
    state text)
LANGUAGE sql STABLE AS $$
    SELECT s.id, s.version, s.published_at, (
        SELECT count(*) FROM rta.submission n
        WHERE n.structure = p_structure AND n.version > s.version
          AND (n.sender = p_sender OR n.over_sender > 0)
          AND n.rows_new + n.rows_revised + n.rows_deleted > 0), s.state
    FROM rta.submission s
    WHERE s.structure = p_structure AND s.stream_seal = p_seal AND p_seal <> ''
      AND s.sender = p_sender
      AND (s.state = 'published'
           OR s.state IN ('received', 'checked', 'waiting', 'accepted', 'approved'))
    ORDER BY s.version IS NULL DESC, s.version DESC, s.id DESC LIMIT 1 $$;

DROP FUNCTION rta.load_reconcile(text, text[]);
CREATE FUNCTION rta.load_reconcile(p_structure text, p_sub integer, p_tables text[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    s rta.structure;
    t text;
    n bigint;
BEGIN
    SELECT * INTO s FROM rta.structure WHERE id = p_structure;
    PERFORM rta.settle_structure(p_structure);
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
    EXECUTE format('INSERT INTO rta.%I (series_id, %s, first_sub)
        SELECT series_id, %s, $1 FROM pg_temp.rta_k',
        s.tab || '_series', rta.dim_list(s.dims, ''), rta.dim_list(s.dims, '')) USING p_sub;
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
    INSERT INTO rta.lineage (id, sender, src_key, grade, reviewed, first_sub)
    SELECT id, sender, src_key, grade, reviewed, p_sub FROM pg_temp.rta_l;
END $$;

-- Series and lineages that an unpublished submission brought and p_sub, about to be published, has
-- too become p_sub's. p_from: where its rows stand; NULL: in _wait.
CREATE FUNCTION rta.first_move(p_tab text, p_sub integer) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    sub rta.submission;
    open integer[];
BEGIN
    SELECT * INTO sub FROM rta.submission WHERE id = p_sub;
    SELECT array_agg(id) INTO open FROM rta.submission WHERE version IS NULL AND id <> p_sub;
    IF open IS NULL THEN
        RETURN;
    END IF;
    EXECUTE format('UPDATE rta.%1$I s SET first_sub = $1 WHERE s.first_sub = ANY ($2)
            AND EXISTS (SELECT FROM rta.%2$I w WHERE w.from_sub = $1 AND w.series_id = s.series_id)',
        p_tab || '_series', p_tab || '_wait') USING p_sub, open;
    IF EXISTS (SELECT FROM rta.lineage l WHERE l.first_sub = ANY (open) AND l.sender = sub.sender) THEN
        EXECUTE format('UPDATE rta.lineage l SET first_sub = $1 WHERE l.first_sub = ANY ($2)
            AND l.sender = $3
            AND l.id IN (SELECT lineage_id FROM rta.%I w WHERE w.from_sub = $1)', p_tab || '_wait')
            USING p_sub, open, sub.sender;
    END IF;
END $$;

-- The same for a delivery that is loaded directly: by the current observations that it wrote.
CREATE FUNCTION rta.first_move_direct(p_tab text, p_sub integer) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    open integer[];
BEGIN
    SELECT array_agg(id) INTO open FROM rta.submission WHERE version IS NULL AND id <> p_sub;
    IF open IS NULL THEN
        RETURN;
    END IF;
    EXECUTE format('UPDATE rta.%2$I s SET first_sub = $1 WHERE s.first_sub = ANY ($2)
            AND (SELECT true FROM rta.%1$I o
                 WHERE o.series_id = s.series_id AND o.from_sub = $1 LIMIT 1)',
        p_tab || '_obs', p_tab || '_series') USING p_sub, open;
    IF EXISTS (SELECT FROM rta.lineage l JOIN rta.submission f ON f.id = p_sub
            WHERE l.first_sub = ANY (open) AND l.sender = f.sender) THEN
        EXECUTE format('UPDATE rta.lineage l SET first_sub = $1 WHERE l.first_sub = ANY ($2)
            AND l.id IN (SELECT DISTINCT lineage_id FROM rta.%I WHERE from_sub = $1)',
            p_tab || '_obs') USING p_sub, open;
    END IF;
END $$;

-- Statistics of what was copied cost as much as half the comparison: few rows get them, many are
-- never looked up one by one.
CREATE FUNCTION rta.load_plan(p_from text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    few boolean := pg_relation_size(to_regclass(p_from)) < 1000000;
BEGIN
    IF few THEN
        EXECUTE format('ANALYZE %s', p_from);
    END IF;
    PERFORM set_config('enable_nestloop', CASE WHEN few THEN 'on' ELSE 'off' END, true);
END $$;

CREATE OR REPLACE FUNCTION rta.load_diff(p_tab text, p_from text, p_obs text, p_act text)
RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    DROP TABLE IF EXISTS pg_temp.rta_c;
    PERFORM rta.load_plan(p_from);
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
    PERFORM set_config('enable_nestloop', 'on', true);
END $$;

-- Give tables that will be partitions their keys. false: an observation stands twice in one of them,
-- and none got a key. To look for that before would cost as much as the keys.
CREATE FUNCTION rta.load_keyed(p_tables text[]) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY p_tables LOOP
        EXECUTE format('ALTER TABLE %s ADD PRIMARY KEY (series_id, period)', t);
    END LOOP;
    RETURN true;
EXCEPTION WHEN unique_violation THEN
    RETURN false;
END $$;

-- Does any observation stand twice? In tables to be compared it is looked for.
CREATE FUNCTION rta.load_twice(p_tables text[]) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    seen text[] := (SELECT coalesce(array_agg(t), '{}') FROM unnest(p_tables) t
        WHERE t LIKE 'pg_temp.%');
    fresh text[] := (SELECT coalesce(array_agg(t), '{}') FROM unnest(p_tables) t
        WHERE t NOT LIKE 'pg_temp.%');
BEGIN
    RETURN rta.load_doubled(seen) OR NOT rta.load_keyed(fresh);
END $$;

-- A row of rta.submission from what the loader says of it.
CREATE FUNCTION rta.load_record(p jsonb) RETURNS rta.submission
LANGUAGE plpgsql AS $$
DECLARE
    s rta.submission;
    old rta.submission;
    rule record;
BEGIN
    s := jsonb_populate_record(NULL::rta.submission, p);
    s.received_at := coalesce(s.received_at, date_trunc('milliseconds', clock_timestamp()));
    IF s.received_at > clock_timestamp() + interval '1 minute' THEN
        RAISE EXCEPTION 'received in the future: %', s.received_at USING ERRCODE = 'RT064';
    END IF;
    SELECT * INTO rule FROM rta.policy_of(s.structure, s.sender);
    s.policy := rule.mode;
    s.answers := rule.answers;
    s.reason_code := coalesce(s.reason_code, '');
    s.act := coalesce(s.act, 'R');
    s.version := NULL;
    s.published_at := NULL;
    s.embargo := NULL;
    s.loaded_at := clock_timestamp();
    s.loaded_by := session_user;
    IF s.supersedes IS NOT NULL THEN
        SELECT * INTO old FROM rta.submission WHERE id = s.supersedes;
        IF NOT FOUND OR old.structure <> s.structure OR old.sender <> s.sender THEN
            RAISE EXCEPTION 'submission % is no delivery of % to %', s.supersedes, s.sender,
                s.structure USING ERRCODE = 'RT065',
                HINT = 'a delivery supersedes an earlier one of the same sender and structure';
        END IF;
    END IF;
    RETURN s;
END $$;

-- Coverage, findings and the first step of a submission that was just recorded.
CREATE FUNCTION rta.load_recorded(p_id integer, p_state text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    old rta.submission;
BEGIN
    INSERT INTO rta.coverage SELECT p_id, area, freq, period, sum(rows) FROM pg_temp.rta_v
        GROUP BY area, freq, period;
    INSERT INTO rta.finding (submission, n, rule, level, place, message, hint)
        SELECT p_id, n, rule, level, place, message, hint FROM pg_temp.rta_f;
    PERFORM rta.decision_add(p_id, 'load', '', p_state);
    SELECT o.* INTO old FROM rta.submission o JOIN rta.submission s ON s.supersedes = o.id
        WHERE s.id = p_id;
    IF old.version IS NULL AND old.state NOT IN ('superseded', 'withdrawn') THEN
        UPDATE rta.submission SET state = 'superseded' WHERE id = old.id;
        PERFORM rta.decision_add(old.id, 'supersede', old.state, 'superseded',
            'superseded by submission ' || p_id);
    END IF;
END $$;

-- Record and publish at once, where the policy lets a sender do so. Moments of publication never
-- go back, so that a moment names one version.
CREATE OR REPLACE FUNCTION rta.load_publish(p jsonb, OUT version integer,
    OUT published_at timestamptz)
LANGUAGE plpgsql AS $$
DECLARE
    s rta.submission;
BEGIN
    s := rta.load_record(p);
    IF s.policy <> 'auto' THEN
        RAISE EXCEPTION 'what % sends to % is published by approval', s.sender, s.structure
            USING ERRCODE = 'RT077', HINT = 'load it with --pending';
    END IF;
    SELECT coalesce(max(x.version), 0) + 1, greatest(s.received_at, max(x.published_at))
    INTO s.version, s.published_at FROM rta.submission x;
    s.state := 'published';
    s.settled := true;
    s.base_version := s.version - 1;
    INSERT INTO rta.submission SELECT s.*;
    PERFORM rta.load_recorded(s.id, s.state);
    PERFORM rta.first_move_direct((SELECT tab FROM rta.structure WHERE id = s.structure), s.id);
    version := s.version;
    published_at := s.published_at;
END $$;

-- Rows in order of appearance, from the tables of the years where only repetition made order
-- matter.
CREATE FUNCTION rta.load_gather(p_act text, p_tables text[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY p_tables LOOP
        EXECUTE format('INSERT INTO pg_temp.rta_g SELECT *, row_number() OVER (ORDER BY ctid), $1
            FROM %s', t) USING p_act;
        EXECUTE format('DROP TABLE %s', t);
    END LOOP;
END $$;

-- What the runs (pg_temp.rta_w) leave behind, compared with the store, into the waiting table.
CREATE FUNCTION rta.wait_from_runs(p_tab text, p_sub integer) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    ANALYZE pg_temp.rta_w;
    EXECUTE format('INSERT INTO rta.%I SELECT w.series_id, w.period, w.lineage_id, $1, w.value,
            w.obs_status, w.conf_status, w.comment, w.nature, w.src, w.src_value,
            CASE WHEN o.series_id IS NULL THEN ''n'' WHEN w.gone THEN ''d''
                 WHEN (w.value, w.obs_status, w.conf_status, w.comment, w.nature)
                     IS NOT DISTINCT FROM
                      (o.value, o.obs_status, o.conf_status, o.comment, o.nature) THEN ''u''
                 WHEN w.touched THEN ''r'' ELSE ''c'' END, 0
        FROM pg_temp.rta_w w LEFT JOIN rta.%I o
            ON o.period = w.period AND o.series_id = w.series_id
        WHERE CASE WHEN o.series_id IS NULL THEN NOT w.gone
                   WHEN w.gone OR w.touched THEN true
                   ELSE (w.value, w.obs_status, w.conf_status, w.comment, w.nature)
                       IS DISTINCT FROM
                       (o.value, o.obs_status, o.conf_status, o.comment, o.nature) END',
        p_tab || '_wait_' || p_sub, p_tab || '_obs') USING p_sub;
END $$;

-- The forecast: the accounts that a submission will have when it is published on the present state.
CREATE FUNCTION rta.wait_count(p_id integer) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    sub rta.submission;
    t text;
    c record;
BEGIN
    SELECT * INTO sub FROM rta.submission WHERE id = p_id;
    t := (SELECT tab FROM rta.structure WHERE id = sub.structure);
    EXECUTE format('SELECT count(*) FILTER (WHERE w.what = ''n'') AS n,
            count(*) FILTER (WHERE w.what = ''r'') AS r, count(*) FILTER (WHERE w.what = ''u'') AS u,
            count(*) FILTER (WHERE w.what IN (''c'', ''d'')) AS d
        FROM rta.%I w', t || '_wait_' || p_id) INTO c;
    UPDATE rta.submission SET rows_new = c.n, rows_revised = c.r, rows_unchanged = c.u,
        rows_delete = CASE WHEN act = 'T' THEN c.d ELSE rows_delete END,
        rows_deleted = c.d,
        rows_in = CASE WHEN act = 'T' THEN c.n + c.r + c.u + c.d ELSE rows_in END,
        rows_superseded = CASE WHEN act = 'T' THEN 0
            ELSE rows_in - rows_delete - c.n - c.r - c.u END,
        base_version = (SELECT coalesce(max(version), 0) FROM rta.submission)
    WHERE id = p_id;
    IF c.r + c.d > 0 THEN
        EXECUTE format('UPDATE rta.submission SET over_sender = (SELECT count(*) FROM rta.%I w
                JOIN rta.%I o ON o.period = w.period AND o.series_id = w.series_id
                JOIN rta.lineage l ON l.id = o.lineage_id
                WHERE w.what IN (''r'', ''c'', ''d'') AND l.sender <> $2) WHERE id = $1',
            t || '_wait_' || p_id, t || '_obs') USING p_id, sub.sender;
    ELSE
        UPDATE rta.submission SET over_sender = 0 WHERE id = p_id;
    END IF;
END $$;

CREATE FUNCTION rta.wait_attach(p_tab text, p_sub integer) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE rta.%I ADD PRIMARY KEY (series_id, period)',
        p_tab || '_wait_' || p_sub);
    EXECUTE format('ALTER TABLE rta.%I ATTACH PARTITION rta.%I FOR VALUES IN (%s)',
        p_tab || '_wait', p_tab || '_wait_' || p_sub, p_sub);
    EXECUTE format('ANALYZE rta.%I', p_tab || '_wait_' || p_sub);
END $$;

-- The observations of a year, to be compared with; NULL: the store has none.
CREATE FUNCTION rta.year_rows(p_tab text, p_year integer) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN to_regclass(format('rta.%I', p_tab || '_obs_' || p_year)) IS NOT NULL
        THEN format('rta.%I', p_tab || '_obs_' || p_year)
        WHEN rta.year_there(p_tab, p_year)
        THEN format('(SELECT * FROM rta.%I WHERE period >= %s AND period < %s)', p_tab || '_obs',
            p_year * 1000, (p_year + 1) * 1000) END $$;

-- Each observation once, all of one kind and year: set-wise.
CREATE FUNCTION rta.wait_from_table(p_tab text, p_sub integer, p_act text, p_from text)
RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    obs text := rta.year_rows(p_tab, substring(p_from FROM '[0-9]+$')::integer);
    blank text := CASE WHEN p_act = 'R' THEN '0' ELSE '(s.value IS NULL)::integer
            + 2 * (s.obs_status IS NULL)::integer + 4 * (s.conf_status IS NULL)::integer
            + 8 * (s.comment IS NULL)::integer + 16 * (s.nature IS NULL)::integer' END;
BEGIN
    IF obs IS NULL THEN
        EXECUTE format('INSERT INTO rta.%I SELECT s.series_id, s.period, s.lineage_id, s.from_sub,
                s.value, s.obs_status, s.conf_status, s.comment, s.nature, s.src, s.src_value,
                ''n'', %s FROM %s s', p_tab || '_wait_' || p_sub, blank, p_from);
        EXECUTE format('DROP TABLE %s', p_from);
        RETURN;
    END IF;
    PERFORM rta.load_plan(p_from);
    EXECUTE format($f$INSERT INTO rta.%I
        SELECT series_id, period, lineage_id, from_sub, value, obs_status, conf_status, comment,
            nature, src, src_value,
            CASE WHEN NOT was THEN 'n'
                 WHEN (value, obs_status, conf_status, comment, nature)
                     IS NOT DISTINCT FROM (o1, o2, o3, o4, o5) THEN 'u' ELSE 'r' END, blank
        FROM (SELECT s.series_id, s.period, s.lineage_id, s.from_sub, %s AS value,
                  %s AS obs_status, %s AS conf_status, %s AS comment, %s AS nature, s.src,
                  s.src_value, o.series_id IS NOT NULL AS was, o.value AS o1, o.obs_status AS o2,
                  o.conf_status AS o3, o.comment AS o4, o.nature AS o5, %s AS blank
              FROM %s s LEFT JOIN %s o ON o.period = s.period AND o.series_id = s.series_id) x$f$,
        p_tab || '_wait_' || p_sub, rta.load_cell(p_act, 'value'),
        rta.load_cell(p_act, 'obs_status'), rta.load_cell(p_act, 'conf_status'),
        rta.load_cell(p_act, 'comment'), rta.load_cell(p_act, 'nature'), blank, p_from, obs);
    PERFORM set_config('enable_nestloop', 'on', true);
    EXECUTE format('DROP TABLE %s', p_from);
END $$;

-- In place of load_apply and load_publish: everything into the waiting tables.
CREATE FUNCTION rta.load_wait(p jsonb, p_act text, p_ordered boolean, p_suspect boolean,
    p_tables text[], p_checked boolean, OUT rows_new bigint, OUT rows_revised bigint,
    OUT rows_unchanged bigint, OUT rows_superseded bigint, OUT rows_deleted bigint,
    OUT over_sender bigint, OUT base_version integer, OUT state text)
LANGUAGE plpgsql AS $$
DECLARE
    sub rta.submission;
    s rta.structure;
    t text;
BEGIN
    sub := rta.load_record(p);
    SELECT * INTO s FROM rta.structure WHERE id = sub.structure;
    PERFORM rta.settle_structure(s.id);
    PERFORM rta.wait_make(s.tab, sub.id);
    IF p_ordered OR (p_suspect AND rta.load_doubled(p_tables)) THEN
        sub.act := 'O';
        PERFORM rta.load_gather(p_act, p_tables);
        PERFORM rta.load_runs(s.tab, s.dims, sub.sender);
        PERFORM rta.wait_from_runs(s.tab, sub.id);
        EXECUTE format('INSERT INTO rta.%I SELECT * FROM pg_temp.rta_g', s.tab || '_waitrow');
        EXECUTE format('INSERT INTO rta.%I SELECT $1, * FROM pg_temp.rta_d', s.tab || '_waitdel')
            USING sub.id;
    ELSE
        sub.act := 'R';
        FOREACH t IN ARRAY p_tables LOOP
            PERFORM rta.wait_from_table(s.tab, sub.id, p_act, t);
        END LOOP;
    END IF;
    PERFORM rta.wait_attach(s.tab, sub.id);
    sub.settled := false;
    -- the loader's accounts are filled in below; until then they close in the plainest way
    sub.rows_new := sub.rows_in - sub.rows_delete;
    sub.rows_revised := 0; sub.rows_unchanged := 0; sub.rows_superseded := 0;
    sub.rows_deleted := 0; sub.over_sender := 0;
    sub.state := CASE
        WHEN sub.answers AND EXISTS (SELECT FROM pg_temp.rta_f WHERE level = 'warning') THEN 'waiting'
        WHEN p_checked THEN 'checked' ELSE 'received' END;
    INSERT INTO rta.submission SELECT sub.*;
    PERFORM rta.wait_count(sub.id);
    PERFORM rta.load_recorded(sub.id, sub.state);
    SELECT x.rows_new, x.rows_revised, x.rows_unchanged, x.rows_superseded, x.rows_deleted,
        x.over_sender, x.base_version, x.state
    INTO rows_new, rows_revised, rows_unchanged, rows_superseded, rows_deleted, over_sender,
        base_version, state
    FROM rta.submission x WHERE x.id = sub.id;
END $$;

-- ---- settling ----

-- New rows of years that the store lacks: into tables without a key, which get it when they are
-- full and then become the partitions of their years. Gives these years.
CREATE FUNCTION rta.settle_years(p_tab text, p_sub integer, p_years integer[]) RETURNS integer[]
LANGUAGE plpgsql AS $$
DECLARE
    fresh integer[] := (SELECT array_agg(y) FROM unnest(p_years) y
        WHERE NOT rta.year_there(p_tab, y));
    whole text := p_tab || '_settle_' || p_sub;
    part text;
    y integer;
BEGIN
    IF fresh IS NULL THEN
        RETURN '{}';
    END IF;
    EXECUTE format('CREATE TABLE rta.%I (LIKE rta.%I) PARTITION BY RANGE (period)', whole,
        p_tab || '_obs');
    FOREACH y IN ARRAY fresh LOOP
        EXECUTE format('CREATE TABLE rta.%I PARTITION OF rta.%I FOR VALUES FROM (%s) TO (%s)',
            whole || '_' || y, whole, y * 1000, (y + 1) * 1000);
    END LOOP;
    EXECUTE format('INSERT INTO rta.%I SELECT series_id, period, lineage_id, from_sub, value,
            obs_status, conf_status, comment, nature, src, src_value
        FROM rta.%I WHERE what = ''n'' AND period / 1000 = ANY ($1)', whole,
        p_tab || '_wait_' || p_sub) USING fresh;
    FOREACH y IN ARRAY fresh LOOP
        part := whole || '_' || y;
        EXECUTE format('ALTER TABLE rta.%I DETACH PARTITION rta.%I', whole, part);
        PERFORM rta.year_attach(p_tab, part, y);
    END LOOP;
    EXECUTE format('DROP TABLE rta.%I', whole);
    RETURN fresh;
END $$;

-- Old versions go to _hist; p_where: the periods that are touched, so that other years are not read.
CREATE FUNCTION rta.settle_ends(p_tab text, p_sub integer, p_where text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    w text := format('rta.%I', p_tab || '_wait_' || p_sub);
    o text := format('rta.%I', p_tab || '_obs');
BEGIN
    EXECUTE format('INSERT INTO rta.%I SELECT o.*, $1 FROM %s o JOIN %s w
        ON o.period = w.period AND o.series_id = w.series_id
        WHERE w.what IN (''r'', ''c'', ''d'') AND %s', p_tab || '_hist', o, w, p_where)
        USING p_sub;
    EXECUTE format('DELETE FROM %s o USING %s w WHERE w.what = ''d'' AND o.period = w.period
        AND o.series_id = w.series_id AND %s', o, w, p_where);
    EXECUTE format('UPDATE %s o SET lineage_id = w.lineage_id, from_sub = w.from_sub,
            value = w.value, obs_status = w.obs_status, conf_status = w.conf_status,
            comment = w.comment, nature = w.nature, src = w.src, src_value = w.src_value
        FROM %s w WHERE w.what IN (''r'', ''c'') AND o.period = w.period
            AND o.series_id = w.series_id AND %s', o, w, p_where);
END $$;

CREATE FUNCTION rta.settle_rows(p_tab text, p_sub integer) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    w text := format('rta.%I', p_tab || '_wait_' || p_sub);
    has record; -- ends and news: how many; lo and hi: where the ends are
BEGIN
    EXECUTE format('SELECT coalesce(sum(n) FILTER (WHERE what <> ''n''), 0) AS ends,
            coalesce(sum(n) FILTER (WHERE what = ''n''), 0) AS news,
            min(y) FILTER (WHERE what <> ''n'') * 1000 AS lo,
            (max(y) FILTER (WHERE what <> ''n'') + 1) * 1000 AS hi,
            array_agg(y) FILTER (WHERE what = ''n'') AS years
        FROM (SELECT what, period / 1000 AS y, count(*) AS n FROM %s WHERE what <> ''u''
              GROUP BY 1, 2) x', w) INTO has;
    -- there are no statistics of what waits; many rows are not looked up one by one
    PERFORM set_config('enable_nestloop',
        CASE WHEN has.ends + has.news > 20000 THEN 'off' ELSE 'on' END, true);
    IF has.ends > 0 THEN
        PERFORM rta.settle_ends(p_tab, p_sub, format('o.period >= %s AND o.period < %s', has.lo,
            has.hi));
    END IF;
    IF has.news > 0 THEN
        EXECUTE format('INSERT INTO rta.%I SELECT series_id, period, lineage_id, from_sub, value,
                obs_status, conf_status, comment, nature, src, src_value
            FROM %s WHERE what = ''n'' AND NOT period / 1000 = ANY ($1)', p_tab || '_obs', w)
            USING rta.settle_years(p_tab, p_sub, has.years);
    END IF;
    PERFORM set_config('enable_nestloop', 'on', true);
END $$;

-- Within the caller's transaction, which holds the lock of publication.
CREATE FUNCTION rta.settle_structure(p_structure text) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    sub integer;
BEGIN
    PERFORM rta.load_lock();
    sub := rta.unsettled(p_structure);
    IF sub IS NULL THEN
        RETURN 0;
    END IF;
    PERFORM rta.settle_rows((SELECT tab FROM rta.structure WHERE id = p_structure), sub);
    UPDATE rta.submission SET settled = true WHERE id = sub;
    RETURN 1;
END $$;

-- Everything that is published and not settled; how many submissions that were. Run twice, or after
-- it was killed, it gives the same.
CREATE FUNCTION rta.settle() RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    s text;
    n integer := 0;
BEGIN
    IF EXISTS (SELECT FROM rta.submission WHERE version IS NOT NULL AND NOT settled) THEN
        FOR s IN SELECT structure FROM rta.submission
                 WHERE version IS NOT NULL AND NOT settled ORDER BY version LOOP
            n := n + rta.settle_structure(s);
        END LOOP;
    END IF;
    RETURN n;
END $$;

-- The waiting tables that nobody needs any more. In a transaction of its own: a reader that holds
-- its structure's _wait (LOCK TABLE … IN ACCESS SHARE MODE, before its snapshot) is not disturbed,
-- the table stays for the next time.
CREATE FUNCTION rta.sweep() RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    r record;
    n integer := 0;
BEGIN
    SET LOCAL lock_timeout = '200ms';
    FOR r IN
        SELECT s.tab, f.id FROM rta.submission f JOIN rta.structure s ON s.id = f.structure
        WHERE ((f.version IS NOT NULL AND f.settled)
               OR f.state IN ('withdrawn', 'refused')
               OR (f.state = 'superseded' AND f.version IS NULL))
          AND to_regclass(format('rta.%I', s.tab || '_wait_' || f.id)) IS NOT NULL
    LOOP
        BEGIN
            EXECUTE format('DROP TABLE rta.%I', r.tab || '_wait_' || r.id);
            EXECUTE format('DELETE FROM rta.%I WHERE from_sub = $1', r.tab || '_waitrow') USING r.id;
            EXECUTE format('DELETE FROM rta.%I WHERE from_sub = $1', r.tab || '_waitdel') USING r.id;
            n := n + 1;
        EXCEPTION WHEN lock_not_available THEN
            NULL;
        END;
    END LOOP;
    RETURN n;
END $$;

-- ---- the desk ----

-- Compare what waits once more with the present state; true when the forecast or a row of it
-- changed.
CREATE FUNCTION rta.wait_compare(p_id integer) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    sub rta.submission;
    was rta.submission;
    s rta.structure;
    w text;
    changed bigint := 0;
BEGIN
    SELECT * INTO was FROM rta.submission WHERE id = p_id;
    SELECT * INTO s FROM rta.structure WHERE id = was.structure;
    w := s.tab || '_wait_' || p_id;
    PERFORM set_config('enable_nestloop', CASE WHEN was.rows_in > 20000 THEN 'off' ELSE 'on' END,
        true);
    IF was.act = 'R' THEN
        EXECUTE format($f$UPDATE rta.%1$I w SET value = x.v1, obs_status = x.v2, conf_status = x.v3,
                comment = x.v4, nature = x.v5, what = x.now
            FROM (SELECT series_id, period, v1, v2, v3, v4, v5,
                      CASE WHEN NOT there THEN 'n'
                           WHEN (v1, v2, v3, v4, v5) IS NOT DISTINCT FROM (o1, o2, o3, o4, o5)
                           THEN 'u' ELSE 'r' END::"char" AS now
                  FROM (SELECT c.series_id, c.period, o.series_id IS NOT NULL AS there,
                      CASE WHEN c.blank & 1 <> 0 THEN o.value ELSE c.value END AS v1,
                      CASE WHEN c.blank & 2 <> 0 THEN o.obs_status ELSE c.obs_status END AS v2,
                      CASE WHEN c.blank & 4 <> 0 THEN o.conf_status ELSE c.conf_status END AS v3,
                      CASE WHEN c.blank & 8 <> 0 THEN o.comment ELSE c.comment END AS v4,
                      CASE WHEN c.blank & 16 <> 0 THEN o.nature ELSE c.nature END AS v5,
                      o.value AS o1, o.obs_status AS o2, o.conf_status AS o3, o.comment AS o4,
                      o.nature AS o5
                      FROM rta.%1$I c LEFT JOIN rta.%2$I o
                          ON o.period = c.period AND o.series_id = c.series_id) y) x
            WHERE x.series_id = w.series_id AND x.period = w.period
              AND (x.v1, x.v2, x.v3, x.v4, x.v5, x.now) IS DISTINCT FROM
                  (w.value, w.obs_status, w.conf_status, w.comment, w.nature, w.what)$f$,
            w, s.tab || '_obs');
        GET DIAGNOSTICS changed = ROW_COUNT;
    ELSE
        EXECUTE format('CREATE TEMP TABLE rta_old ON COMMIT DROP AS TABLE rta.%I', w);
        EXECUTE format('DELETE FROM rta.%I', w);
        IF was.act = 'T' THEN
            PERFORM rta.take_back_rows(s.tab, p_id, was.supersedes);
        ELSE
            EXECUTE format('CREATE TEMP TABLE rta_g ON COMMIT DROP AS
                SELECT * FROM rta.%I WHERE from_sub = %s', s.tab || '_waitrow', p_id);
            EXECUTE format('CREATE TEMP TABLE rta_d ON COMMIT DROP AS
                SELECT * FROM rta.%I WHERE from_sub = %s', s.tab || '_waitdel', p_id);
            PERFORM rta.load_runs(s.tab, s.dims, was.sender);
            PERFORM rta.wait_from_runs(s.tab, p_id);
            DROP TABLE pg_temp.rta_g, pg_temp.rta_d, pg_temp.rta_w;
        END IF;
        EXECUTE format('SELECT count(*) FROM (
            (TABLE rta.%1$I EXCEPT TABLE pg_temp.rta_old)
            UNION ALL (TABLE pg_temp.rta_old EXCEPT TABLE rta.%1$I)) x', w) INTO changed;
        DROP TABLE pg_temp.rta_old;
    END IF;
    PERFORM rta.wait_count(p_id);
    PERFORM set_config('enable_nestloop', 'on', true);
    SELECT * INTO sub FROM rta.submission WHERE id = p_id;
    RETURN changed > 0 OR (sub.rows_new, sub.rows_revised, sub.rows_unchanged, sub.rows_deleted,
        sub.over_sender) IS DISTINCT FROM (was.rows_new, was.rows_revised, was.rows_unchanged,
        was.rows_deleted, was.over_sender);
END $$;

-- Is the forecast still true? That is: no submission published since it was made touched an
-- observation that this one speaks of. (A delete row with wildcards speaks of all that its sender
-- sent.)
CREATE FUNCTION rta.submission_fits(p_id integer) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
DECLARE
    sub rta.submission;
    t text;
    since integer[];
    touched boolean;
BEGIN
    SELECT * INTO sub FROM rta.submission WHERE id = p_id;
    t := (SELECT tab FROM rta.structure WHERE id = sub.structure);
    SELECT array_agg(f.id) INTO since FROM rta.submission f
    WHERE f.structure = sub.structure AND f.version > sub.base_version
      AND f.rows_new + f.rows_revised + f.rows_deleted > 0
      AND (f.rows_deleted > 0 OR sub.rows_delete > 0 OR EXISTS (
          SELECT FROM rta.coverage a JOIN rta.coverage b USING (area, freq, period)
          WHERE a.submission = f.id AND b.submission = p_id));
    IF since IS NULL THEN
        RETURN true;
    END IF;
    IF sub.rows_delete > 0 AND sub.act = 'O' AND EXISTS (SELECT FROM rta.submission f
            WHERE f.id = ANY (since) AND f.sender = sub.sender) THEN
        RETURN false;
    END IF;
    EXECUTE format('SELECT EXISTS (SELECT FROM rta.%1$I w JOIN rta.%2$I o
                ON o.series_id = w.series_id AND o.period = w.period
            WHERE w.from_sub = $1 AND o.from_sub = ANY ($2))
        OR EXISTS (SELECT FROM rta.%1$I w JOIN rta.%3$I h
                ON h.series_id = w.series_id AND h.period = w.period
            WHERE w.from_sub = $1 AND h.to_sub = ANY ($2))
        OR EXISTS (SELECT FROM rta.%1$I w JOIN rta.%1$I v
                ON v.series_id = w.series_id AND v.period = w.period
            WHERE w.from_sub = $1 AND v.from_sub = rta.unsettled($3)
              AND v.from_sub = ANY ($2) AND v.what <> ''u'')',
        t || '_wait', t || '_obs', t || '_hist') INTO touched USING p_id, since, sub.structure;
    RETURN NOT touched;
END $$;

CREATE FUNCTION rta.look_again(p_id integer, p_why text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'submission % is not what was shown: %; look again', p_id, p_why
        USING ERRCODE = 'RT065', HINT = format(
            'compare it once more with `rta submission check %s`, look at it, then decide', p_id);
END $$;

CREATE FUNCTION rta.open_warnings(p_id integer) RETURNS bigint
LANGUAGE sql STABLE AS $$
    SELECT count(*) FROM rta.finding f JOIN rta.submission s ON s.id = f.submission
    WHERE f.submission = p_id AND f.answer IS NULL
      AND (f.level = 'question' OR (f.level = 'warning' AND s.answers)) $$;

-- Has this person a part in the submission already? NULL: none.
CREATE FUNCTION rta.has_part(p_id integer, p_who text) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN s.loaded_by = p_who THEN 'loaded it'
        WHEN EXISTS (SELECT FROM rta.decision d WHERE d.submission = p_id AND d.who = p_who
            AND d.step = 'accept') THEN 'accepted it'
        WHEN EXISTS (SELECT FROM rta.finding f WHERE f.submission = p_id
            AND f.answered_by = p_who) THEN 'answered for its sender' END
    FROM rta.submission s WHERE s.id = p_id $$;

-- The sender's answer to a finding (p_n), to all of a rule (p_rule), or to all that are open.
CREATE FUNCTION rta.submission_answer(p_id integer, p_n integer, p_rule text, p_answer text)
RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    sub rta.submission;
    n integer;
    now_state text;
BEGIN
    SELECT * INTO sub FROM rta.submission WHERE id = p_id FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no submission %', p_id USING ERRCODE = 'RT065';
    END IF;
    IF sub.state NOT IN ('received', 'checked', 'waiting') THEN
        RAISE EXCEPTION 'submission % is %: it takes no answers', p_id, sub.state
            USING ERRCODE = 'RT065';
    END IF;
    IF coalesce(btrim(p_answer), '') = '' THEN
        RAISE EXCEPTION 'an answer without words' USING ERRCODE = 'RT064';
    END IF;
    UPDATE rta.finding f SET answer = p_answer, answered_by = session_user,
        answered_at = clock_timestamp()
    WHERE f.submission = p_id AND f.level IN ('warning', 'question')
      AND CASE WHEN p_n IS NOT NULL THEN f.n = p_n
               WHEN p_rule IS NOT NULL THEN f.rule = p_rule ELSE f.answer IS NULL END;
    GET DIAGNOSTICS n = ROW_COUNT;
    IF n = 0 THEN
        RAISE EXCEPTION 'submission % has no such finding to answer', p_id USING ERRCODE = 'RT065';
    END IF;
    now_state := CASE WHEN rta.open_warnings(p_id) = 0 AND sub.state = 'waiting' THEN 'checked'
        ELSE sub.state END;
    UPDATE rta.submission SET state = now_state WHERE id = p_id;
    PERFORM rta.decision_add(p_id, 'answer', sub.state, now_state, p_answer);
    RETURN n;
END $$;

-- From which states a step may be taken.
CREATE FUNCTION rta.step_from(p_step text) RETURNS text[]
LANGUAGE sql IMMUTABLE RETURN CASE p_step
    WHEN 'check' THEN ARRAY['received', 'checked', 'waiting', 'accepted', 'approved']
    WHEN 'ask' THEN ARRAY['received', 'checked', 'waiting', 'accepted']
    WHEN 'accept' THEN ARRAY['received', 'checked', 'waiting']
    WHEN 'approve' THEN ARRAY['accepted']
    WHEN 'publish' THEN ARRAY['approved']
    WHEN 'return' THEN ARRAY['received', 'checked', 'waiting', 'accepted', 'approved']
    WHEN 'withdraw' THEN ARRAY['received', 'checked', 'waiting', 'accepted', 'approved', 'returned']
    END;

CREATE FUNCTION rta.decide_check(sub rta.submission) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    before text := rta.submission_digest(sub.id);
    moved boolean;
BEGIN
    PERFORM rta.settle_structure(sub.structure);
    -- a forecast that fits is left as it is: what was decided on it stands
    moved := NOT rta.submission_fits(sub.id) AND rta.wait_compare(sub.id);
    IF sub.state IN ('accepted', 'approved') AND NOT moved
       AND before = rta.submission_digest(sub.id) THEN
        RETURN sub.state;
    END IF;
    RETURN CASE WHEN rta.open_warnings(sub.id) > 0 THEN 'waiting' ELSE 'checked' END;
END $$;

CREATE FUNCTION rta.decide_ask(sub rta.submission, p_reason text) RETURNS text
LANGUAGE plpgsql AS $$
BEGIN
    -- a question said again after a crash is not a second one
    IF EXISTS (SELECT FROM rta.finding f WHERE f.submission = sub.id AND f.rule = 'ASK'
               AND f.message = p_reason AND f.answer IS NULL) THEN
        RAISE EXCEPTION 'submission % was asked this already', sub.id USING ERRCODE = 'RT065',
            HINT = 'the answer is open; ask something else, or return it';
    END IF;
    INSERT INTO rta.finding (submission, n, rule, level, place, message, hint)
    SELECT sub.id, coalesce(max(f.n), 0) + 1, 'ASK', 'question', '', p_reason, ''
    FROM rta.finding f WHERE f.submission = sub.id;
    RETURN 'waiting';
END $$;

CREATE FUNCTION rta.decide_approve(sub rta.submission, p_embargo timestamptz) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    part text := rta.has_part(sub.id, session_user);
BEGIN
    IF part IS NOT NULL THEN
        RAISE EXCEPTION 'submission % wants a second person: % %', sub.id, session_user, part
            USING ERRCODE = 'RT077', HINT = 'somebody else approves what one person accepted';
    END IF;
    -- what came long before it was entered is history, and so is its embargo
    IF p_embargo <= (CASE WHEN sub.received_at < sub.loaded_at - interval '1 day'
            THEN sub.received_at ELSE clock_timestamp() END) THEN
        RAISE EXCEPTION 'an embargo until % is over already',
            to_char(p_embargo AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
            USING ERRCODE = 'RT064', HINT = 'name a moment to come, or approve without an embargo';
    END IF;
    UPDATE rta.submission SET embargo = p_embargo WHERE id = sub.id;
    RETURN 'approved';
END $$;

CREATE FUNCTION rta.decide_publish(sub rta.submission, p_at timestamptz) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    last record;
    moment timestamptz := coalesce(p_at, date_trunc('milliseconds', clock_timestamp()));
BEGIN
    PERFORM rta.settle_structure(sub.structure);
    IF sub.embargo > moment THEN
        RAISE EXCEPTION 'submission % may not be published before %', sub.id,
            to_char(sub.embargo AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
            USING ERRCODE = 'RT075';
    END IF;
    SELECT d.digest, d.who INTO last FROM rta.decision d
    WHERE d.submission = sub.id AND d.step = 'approve' ORDER BY d.id DESC LIMIT 1;
    IF last.digest IS DISTINCT FROM rta.submission_digest(sub.id) THEN
        PERFORM rta.look_again(sub.id, 'it is not what was approved');
    END IF;
    IF NOT rta.submission_fits(sub.id) THEN
        PERFORM rta.look_again(sub.id, 'figures that it speaks of were published meanwhile');
    END IF;
    IF p_at > clock_timestamp() OR p_at < sub.received_at
       OR p_at < (SELECT max(published_at) FROM rta.submission) THEN
        RAISE EXCEPTION 'submission % cannot have been published at %', sub.id, p_at
            USING ERRCODE = 'RT064', HINT = 'a moment after its receipt and after the publication'
            ' before it, and not in the future';
    END IF;
    UPDATE rta.submission SET state = 'published',
        version = (SELECT coalesce(max(x.version), 0) + 1 FROM rta.submission x),
        published_at = (SELECT greatest(moment, max(x.published_at)) FROM rta.submission x)
    WHERE id = sub.id;
    PERFORM rta.first_move((SELECT tab FROM rta.structure WHERE id = sub.structure), sub.id);
    IF sub.act = 'T' THEN
        UPDATE rta.submission SET state = 'superseded'
        WHERE id = sub.supersedes AND state = 'published';
        IF FOUND THEN
            PERFORM rta.decision_add(sub.supersedes, 'supersede', 'published', 'superseded',
                'taken back by submission ' || sub.id);
        END IF;
    END IF;
    RETURN 'published';
END $$;

-- One step of a submission. p_digest: what the person was shown; where it is given, it must be
-- what the submission is now. RT064 usage, RT065 not now or look again, RT077 not by you, RT075
-- embargoed. p_at: only for the history of another store, see docs/contracts/store.md.
CREATE FUNCTION rta.submission_decide(p_id integer, p_step text, p_reason text DEFAULT '',
    p_digest text DEFAULT NULL, p_embargo timestamptz DEFAULT NULL, p_at timestamptz DEFAULT NULL)
RETURNS TABLE (state text, version integer)
LANGUAGE plpgsql AS $$
DECLARE
    sub rta.submission;
    next text;
BEGIN
    IF rta.step_from(p_step) IS NULL THEN
        RAISE EXCEPTION 'there is no step %', p_step USING ERRCODE = 'RT064';
    END IF;
    PERFORM rta.load_lock();
    SELECT * INTO sub FROM rta.submission f WHERE f.id = p_id FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no submission %', p_id USING ERRCODE = 'RT065';
    END IF;
    IF NOT sub.state = ANY (rta.step_from(p_step)) THEN
        RAISE EXCEPTION 'submission % is %: there is nothing to %', p_id, sub.state, p_step
            USING ERRCODE = 'RT065', HINT = 'it can be done with one that is '
                || array_to_string(rta.step_from(p_step), ', ');
    END IF;
    IF p_step IN ('ask', 'return', 'withdraw') AND coalesce(btrim(p_reason), '') = '' THEN
        RAISE EXCEPTION 'to % takes a reason', p_step USING ERRCODE = 'RT064';
    END IF;
    IF p_step = 'approve' AND p_digest IS NULL THEN
        RAISE EXCEPTION 'an approval says of what: its digest' USING ERRCODE = 'RT064';
    END IF;
    IF p_digest IS NOT NULL AND p_digest <> rta.submission_digest(p_id) THEN
        PERFORM rta.look_again(p_id, 'its digest is another');
    END IF;
    IF p_step IN ('accept', 'approve') AND NOT rta.submission_fits(p_id) THEN
        PERFORM rta.look_again(p_id, 'figures that it speaks of were published meanwhile');
    END IF;
    IF p_step = 'accept' AND rta.open_warnings(p_id) > 0 THEN
        RAISE EXCEPTION 'submission % has % findings without an answer', p_id,
            rta.open_warnings(p_id) USING ERRCODE = 'RT065',
            HINT = 'the sender answers with `rta submission answer`';
    END IF;
    next := CASE p_step
        WHEN 'check' THEN rta.decide_check(sub)
        WHEN 'ask' THEN rta.decide_ask(sub, p_reason)
        WHEN 'accept' THEN 'accepted'
        WHEN 'approve' THEN rta.decide_approve(sub, p_embargo)
        WHEN 'publish' THEN rta.decide_publish(sub, p_at)
        WHEN 'return' THEN 'returned'
        WHEN 'withdraw' THEN 'withdrawn' END;
    UPDATE rta.submission f SET state = next,
        embargo = CASE WHEN next IN ('approved', 'published') THEN f.embargo END -- part of an approval
    WHERE f.id = p_id AND f.state <> next;
    PERFORM rta.decision_add(p_id, p_step, sub.state, next, p_reason, p_embargo);
    RETURN QUERY SELECT f.state, f.version FROM rta.submission f WHERE f.id = p_id;
END $$;

-- ---- taking back what was published ----

-- What p_old changed and nobody changed since, as it was before: former versions come back, what
-- p_old brought goes. Places in the source stand whole, because they are of several files.
CREATE FUNCTION rta.take_back_rows(p_tab text, p_sub integer, p_old integer) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format($f$INSERT INTO rta.%1$I
        SELECT o.series_id, o.period, coalesce(h.lineage_id, o.lineage_id), $1,
            h.value, h.obs_status, h.conf_status, h.comment, h.nature,
            regexp_replace(rta.src_text(f.src_prefix, h.src), '(^|;)([:#=])', '\1=\2', 'g'),
            h.src_value, CASE WHEN h.series_id IS NULL THEN 'd' ELSE 'r' END, 0
        FROM rta.%2$I o LEFT JOIN rta.%3$I h
            ON h.series_id = o.series_id AND h.period = o.period AND h.to_sub = $2
        LEFT JOIN rta.submission f ON f.id = h.from_sub
        WHERE o.from_sub = $2
        UNION ALL
        SELECT h.series_id, h.period, h.lineage_id, $1, h.value, h.obs_status, h.conf_status,
            h.comment, h.nature,
            regexp_replace(rta.src_text(f.src_prefix, h.src), '(^|;)([:#=])', '\1=\2', 'g'),
            h.src_value, 'n', 0
        FROM rta.%3$I h JOIN rta.submission f ON f.id = h.from_sub
        WHERE h.to_sub = $2
          AND NOT EXISTS (SELECT FROM rta.%2$I o
              WHERE o.series_id = h.series_id AND o.period = h.period)
          AND NOT EXISTS (SELECT FROM rta.%3$I n JOIN rta.submission nf ON nf.id = n.from_sub
              WHERE n.series_id = h.series_id AND n.period = h.period
                AND nf.version >= (SELECT version FROM rta.submission WHERE id = $2))$f$,
        p_tab || '_wait_' || p_sub, p_tab || '_obs', p_tab || '_hist') USING p_sub, p_old;
END $$;

-- A new submission that takes back what a published one did; it waits for two persons like any
-- other. Gives its number. p_at: its true moment, for the history of another store.
CREATE FUNCTION rta.submission_take_back(p_id integer, p_reason text,
    p_at timestamptz DEFAULT NULL) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    old rta.submission;
    sub rta.submission;
    t text;
BEGIN
    PERFORM rta.load_lock();
    SELECT * INTO old FROM rta.submission WHERE id = p_id;
    IF NOT FOUND OR old.state <> 'published' THEN
        RAISE EXCEPTION 'submission % is %, not published', p_id,
            coalesce(old.state, 'not there') USING ERRCODE = 'RT065';
    END IF;
    IF coalesce(btrim(p_reason), '') = '' THEN
        RAISE EXCEPTION 'to withdraw takes a reason' USING ERRCODE = 'RT064';
    END IF;
    IF p_at > clock_timestamp() OR p_at < old.published_at THEN
        RAISE EXCEPTION 'submission % cannot have been withdrawn at %', p_id, p_at
            USING ERRCODE = 'RT064', HINT = 'a moment after its publication, not in the future';
    END IF;
    IF EXISTS (SELECT FROM rta.submission WHERE supersedes = p_id AND act = 'T'
            AND state IN ('received', 'checked', 'waiting', 'accepted', 'approved')) THEN
        RAISE EXCEPTION 'submission % is being withdrawn already', p_id USING ERRCODE = 'RT065',
            HINT = 'by submission ' || (SELECT max(id) FROM rta.submission WHERE supersedes = p_id
                AND act = 'T');
    END IF;
    PERFORM rta.settle_structure(old.structure);
    t := (SELECT tab FROM rta.structure WHERE id = old.structure);
    sub := old;
    sub.id := nextval('rta.submission_id');
    sub.version := NULL; sub.published_at := NULL; sub.embargo := NULL;
    sub.state := 'checked'; sub.settled := false; sub.act := 'T'; sub.supersedes := p_id;
    sub.policy := 'four-eyes'; sub.answers := false; sub.reason := p_reason;
    sub.reason_code := 'error';
    sub.received_at := coalesce(p_at, date_trunc('milliseconds', clock_timestamp()));
    sub.loaded_at := clock_timestamp(); sub.loaded_by := session_user;
    sub.file_name := ''; sub.file_sha256 := ''; sub.stream_seal := ''; sub.src_prefix := '';
    sub.rows_in := 0; sub.rows_new := 0; sub.rows_revised := 0; sub.rows_unchanged := 0;
    sub.rows_superseded := 0; sub.rows_delete := 0; sub.rows_deleted := 0; sub.rows_refused := 0;
    sub.over_sender := 0; sub.partial := false;
    INSERT INTO rta.submission SELECT sub.*;
    PERFORM rta.wait_make(t, sub.id);
    PERFORM rta.take_back_rows(t, sub.id, p_id);
    PERFORM rta.wait_attach(t, sub.id);
    PERFORM rta.wait_count(sub.id);
    INSERT INTO rta.coverage SELECT sub.id, area, freq, period, rows FROM rta.coverage
        WHERE submission = p_id;
    PERFORM rta.decision_add(sub.id, 'load', '', sub.state, p_reason);
    RETURN sub.id;
END $$;

-- What a submission changes or changed: observations before and after. what: n r c d.
CREATE FUNCTION rta.submission_changes(p_id integer)
RETURNS TABLE (series_id integer, period integer, what text, old_value numeric, new_value numeric,
    old_status text, new_status text, old_conf text, new_conf text, old_comment text,
    new_comment text, old_nature text, new_nature text, src text)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    sub rta.submission;
    t text;
BEGIN
    SELECT * INTO sub FROM rta.submission WHERE id = p_id;
    t := (SELECT tab FROM rta.structure WHERE id = sub.structure);
    IF NOT sub.settled THEN
        RETURN QUERY EXECUTE format('SELECT k.series_id, k.period, k.what::text, o.value, w.value,
                o.obs_status, w.obs_status, o.conf_status, w.conf_status, o.comment, w.comment,
                o.nature, w.nature, CASE WHEN k.what <> ''d'' THEN rta.src_text($2, w.src) END
            FROM rta.%1$I k LEFT JOIN rta.%2$I o
                ON o.series_id = k.series_id AND o.period = k.period
            LEFT JOIN rta.%1$I w ON w.from_sub = $1 AND w.series_id = k.series_id
                AND w.period = k.period AND k.what <> ''d''
            WHERE k.from_sub = $1 AND k.what <> ''u''', t || '_wait', t || '_obs')
            USING p_id, sub.src_prefix;
        RETURN;
    END IF;
    RETURN QUERY EXECUTE format('SELECT x.series_id, x.period,
            CASE WHEN h.series_id IS NULL THEN ''n'' ELSE ''r'' END, h.value, x.value,
            h.obs_status, x.obs_status, h.conf_status, x.conf_status, h.comment, x.comment,
            h.nature, x.nature, rta.src_text($2, x.src)
        FROM (SELECT o.* FROM rta.%1$I o WHERE o.from_sub = $1
              UNION ALL SELECT n.series_id, n.period, n.lineage_id, n.from_sub, n.value,
                  n.obs_status, n.conf_status, n.comment, n.nature, n.src, n.src_value
              FROM rta.%2$I n WHERE n.from_sub = $1) x
        LEFT JOIN rta.%2$I h ON h.series_id = x.series_id AND h.period = x.period
            AND h.to_sub = $1
        UNION ALL
        SELECT h.series_id, h.period, ''d'', h.value, NULL, h.obs_status, NULL, h.conf_status,
            NULL, h.comment, NULL, h.nature, NULL, NULL
        FROM rta.%2$I h WHERE h.to_sub = $1
          AND NOT EXISTS (SELECT FROM rta.%1$I o WHERE o.series_id = h.series_id
              AND o.period = h.period AND o.from_sub = $1)
          AND NOT EXISTS (SELECT FROM rta.%2$I n WHERE n.series_id = h.series_id
              AND n.period = h.period AND n.from_sub = $1)', t || '_obs', t || '_hist')
        USING p_id, sub.src_prefix;
END $$;
