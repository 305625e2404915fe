-- The store: what is the same for every structure. The writer is `rta load`, the readers are
-- `rta pull` and whoever speaks SQL; docs/contracts/store.md is the manual.

CREATE TABLE rta.structure (
    id        text PRIMARY KEY,
    full_id   text NOT NULL UNIQUE,
    name      text NOT NULL,
    whole     boolean NOT NULL,          -- values are counts
    dims      text[] NOT NULL,           -- in order, TIME_PERIOD left out
    codelists text[] NOT NULL,           -- of the dimensions; '' = free text
    totals    text[] NOT NULL,           -- code that means all of it; '' = none
    tab       text NOT NULL UNIQUE       -- rta.<tab>_series, _obs, _hist and the view rta.<tab>
);
COMMENT ON TABLE rta.structure IS 'Data structures in use; kept in step with config/structures by rta db migrate';

CREATE TABLE rta.code (
    codelist   text NOT NULL,
    code       text NOT NULL,
    parent     text,
    ord        integer NOT NULL,         -- order in the list
    depth      integer NOT NULL,
    label      text NOT NULL,            -- English
    valid_from text NOT NULL,
    valid_to   text NOT NULL,
    note       text NOT NULL,
    PRIMARY KEY (codelist, code)
);
COMMENT ON TABLE rta.code IS 'Code lists of config/codelists, for labels and hierarchies';

CREATE TABLE rta.code_label (
    codelist text NOT NULL,
    code     text NOT NULL,
    lang     text NOT NULL,
    label    text NOT NULL,
    PRIMARY KEY (codelist, code, lang)
);
COMMENT ON TABLE rta.code_label IS 'Labels of the codes in every language that has one';

-- Where a figure came from, once for all the figures that share it.
CREATE TABLE rta.lineage (
    id       integer PRIMARY KEY,
    sender   text NOT NULL,
    src_key  text NOT NULL,              -- the sender's own codes
    grade    text NOT NULL,              -- comparability A … E
    reviewed text NOT NULL               -- Y, N, ''
);
CREATE INDEX lineage_key ON rta.lineage (hashtextextended(src_key, 0));
COMMENT ON TABLE rta.lineage IS 'Sender, sender''s own codes, comparability grade and review of a figure';
-- Numbers are given out in blocks of 256: a loader takes as many as it needs before it knows
-- whether it will be allowed to commit, and disturbs nobody.
CREATE SEQUENCE rta.lineage_block;
CREATE SEQUENCE rta.submission_id;

CREATE TABLE rta.submission (
    id              integer PRIMARY KEY, -- the number on the receipt
    version         integer UNIQUE,      -- the state of the store after it; given at publication
    state           text NOT NULL CHECK (state IN ('published', 'pending', 'refused', 'withdrawn')),
    structure       text NOT NULL REFERENCES rta.structure (id),
    partner         text NOT NULL,       -- '' for a source outside the region
    sender          text NOT NULL,
    reason          text NOT NULL,
    received_at     timestamptz NOT NULL,
    published_at    timestamptz,
    loaded_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    loaded_by       text NOT NULL DEFAULT session_user,
    file_name       text NOT NULL,
    file_sha256     text NOT NULL,
    stream_seal     text NOT NULL,
    src_prefix      text NOT NULL,       -- see rta.src_text
    rows_in         bigint NOT NULL,
    rows_new        bigint NOT NULL,
    rows_revised    bigint NOT NULL,
    rows_unchanged  bigint NOT NULL,
    rows_superseded bigint NOT NULL,     -- said again, or deleted, later in the same delivery
    rows_delete     bigint NOT NULL,     -- delete rows
    rows_deleted    bigint NOT NULL,     -- observations that they ended
    rows_refused    bigint NOT NULL,     -- refused before the store, by check
    over_sender     bigint NOT NULL,     -- revised figures that another sender had sent
    partial         boolean NOT NULL,
    CHECK ((version IS NULL) = (published_at IS NULL)),
    CHECK (rows_in = rows_new + rows_revised + rows_unchanged + rows_superseded + rows_delete)
);
CREATE INDEX submission_seal ON rta.submission (structure, stream_seal);
COMMENT ON TABLE rta.submission IS 'Every delivery that was loaded: who, when, why, which file, and its accounting';

-- The period as it stands in a stream, from the store's number (year * 1000 + index).
CREATE FUNCTION rta.period_text(freq text, code integer) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
    CASE freq
        WHEN 'A' THEN (code / 1000)::text
        WHEN 'M' THEN (code / 1000)::text || '-' || lpad((code % 1000)::text, 2, '0')
        WHEN 'W' THEN (code / 1000)::text || '-W' || lpad((code % 1000)::text, 2, '0')
        WHEN 'D' THEN (make_date(code / 1000, 1, 1) + (code % 1000 - 1))::text
        ELSE (code / 1000)::text || '-' || freq || (code % 1000)::text
    END;

-- Places in the source. What begins with the submission's prefix (the file's name) is kept without
-- it: ":12:4" and "#Sheet1!B4" belong to the prefix, "=…" is a place that begins like one of those.
CREATE FUNCTION rta.src_text(prefix text, src text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN (
    SELECT coalesce(string_agg(CASE WHEN left(part, 1) IN (':', '#') THEN prefix || part
                                    WHEN left(part, 1) = '=' THEN substr(part, 2)
                                    ELSE part END, ';' ORDER BY n), '')
    FROM unnest(string_to_array(src, ';')) WITH ORDINALITY AS t (part, n));

-- What may a version be called: 'version:7', 'submission:12', a day (its end, UTC) or a moment.
-- Gives the version, 0 when nothing was published by then.
CREATE FUNCTION rta.version_of(as_of text) RETURNS integer
LANGUAGE plpgsql STABLE AS $$
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
END $$;
