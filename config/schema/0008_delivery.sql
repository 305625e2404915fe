-- Packets as they came in: what was in them, who proved to be their sender, and the answer. The
-- writer is `rta inbox`; docs/contracts/delivery.md is the manual. A packet is known by its SHA-256,
-- so that whatever is done twice with it is done once. The functions are the coordinator's; a
-- partner's analyst reads the rows of that partner (0007_rights.sql).

CREATE TABLE rta.delivery (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    packet_sha256 text NOT NULL UNIQUE CHECK (packet_sha256 ~ '^[0-9a-f]{64}$'),
    packet_name   text NOT NULL,
    folder        text NOT NULL,             -- whose door it came in by
    partner       text NOT NULL DEFAULT '',  -- of the sender; '' outside the region or not proved
    sender        text NOT NULL DEFAULT '',  -- '' until a signature proved it
    key_id        text NOT NULL DEFAULT '',
    sequence      integer,
    prev_hash     text NOT NULL DEFAULT '',
    chained       boolean NOT NULL DEFAULT false, -- answered for good: the number is used up
    file_name     text NOT NULL DEFAULT '',
    file_sha256   text NOT NULL DEFAULT '',
    file_bytes    bigint,
    manifest      jsonb,
    received_at   timestamptz NOT NULL,      -- as the coordinator says; else taken_at
    taken_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    received_by   text NOT NULL DEFAULT session_user,
    answered_at   timestamptz,
    state         text NOT NULL CHECK (state IN ('taken', 'held', 'accepted', 'refused')),
    code          text NOT NULL DEFAULT '',  -- why it was held or refused
    receipt       jsonb,
    receipt_text  text,                      -- the very bytes that the sender got
    submissions   integer[] NOT NULL DEFAULT '{}',
    CHECK (state = 'taken' OR receipt_text IS NOT NULL),
    CHECK (NOT chained OR state IN ('accepted', 'refused')),
    CHECK (NOT chained OR (sender <> '' AND sequence > 0))
);
CREATE UNIQUE INDEX delivery_chain ON rta.delivery (sender, key_id, sequence) WHERE chained;
CREATE INDEX delivery_partner ON rta.delivery (partner, received_at);
COMMENT ON TABLE rta.delivery IS 'Every packet that came in, with the answer to it';

-- What is known of a packet; no row when it is new.
CREATE FUNCTION rta.delivery_known(p_sha text)
RETURNS TABLE (state text, chained boolean, code text, receipt_text text, folder text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT d.state, d.chained, d.code, d.receipt_text, d.folder
    FROM rta.delivery d WHERE d.packet_sha256 = p_sha $$;

-- The end of a sender's chain of packets signed by one key: 0 and '' when it has not begun.
CREATE FUNCTION rta.delivery_last(p_sender text, p_key text)
RETURNS TABLE (sequence integer, packet_sha256 text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    (SELECT d.sequence, d.packet_sha256 FROM rta.delivery d
     WHERE d.sender = p_sender AND d.key_id = p_key AND d.chained
     ORDER BY d.sequence DESC LIMIT 1)
    UNION ALL SELECT 0, '' ORDER BY 1 DESC LIMIT 1 $$;

-- Was another packet of this name answered for good?
CREATE FUNCTION rta.delivery_named(p_name text, p_sha text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (SELECT FROM rta.delivery d
                   WHERE d.packet_name = p_name AND d.chained AND d.packet_sha256 <> p_sha) $$;

-- Note a packet before anything is done with its contents. p_row: the columns by name. Gives when
-- it came first, and when it was first noted.
CREATE FUNCTION rta.delivery_take(p_row jsonb)
RETURNS TABLE (received_at timestamptz, taken_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    r rta.delivery := jsonb_populate_record(NULL::rta.delivery, p_row);
BEGIN
    RETURN QUERY INSERT INTO rta.delivery AS d (packet_sha256, packet_name, folder, partner, sender,
        key_id, sequence, prev_hash, file_name, file_sha256, file_bytes, manifest, received_at,
        state)
    VALUES (r.packet_sha256, r.packet_name, r.folder, coalesce(r.partner, ''),
        coalesce(r.sender, ''), coalesce(r.key_id, ''), r.sequence, coalesce(r.prev_hash, ''),
        coalesce(r.file_name, ''), coalesce(r.file_sha256, ''), r.file_bytes, r.manifest,
        coalesce(r.received_at, clock_timestamp()), 'taken')
    ON CONFLICT (packet_sha256) DO UPDATE SET packet_name = excluded.packet_name,
        folder = excluded.folder, partner = excluded.partner, sender = excluded.sender,
        key_id = excluded.key_id, sequence = excluded.sequence, prev_hash = excluded.prev_hash,
        file_name = excluded.file_name, file_sha256 = excluded.file_sha256,
        file_bytes = excluded.file_bytes, manifest = excluded.manifest, state = 'taken', code = ''
        WHERE NOT d.chained
    RETURNING d.received_at, d.taken_at;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'packet % was answered for good', r.packet_sha256 USING ERRCODE = 'RT075';
    END IF;
END $$;

-- The answer. A packet that was answered for good keeps its answer.
CREATE FUNCTION rta.delivery_answer(p_sha text, p_state text, p_code text, p_chained boolean,
    p_receipt jsonb, p_receipt_text text, p_submissions integer[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE rta.delivery SET state = p_state, code = p_code, chained = p_chained,
        receipt = p_receipt, receipt_text = p_receipt_text, submissions = p_submissions,
        answered_at = clock_timestamp()
    WHERE packet_sha256 = p_sha AND NOT chained;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'packet % was not taken, or was answered for good', p_sha
            USING ERRCODE = 'RT075';
    END IF;
END $$;

-- The submission that was made of a file after its packet was noted: there is one when whoever
-- loaded it did not live to answer.
CREATE FUNCTION rta.delivery_loaded(p_sender text, p_file_sha text, p_since timestamptz)
RETURNS TABLE (id integer, version integer, structure text, rows_in bigint, rows_new bigint,
    rows_revised bigint, rows_unchanged bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT s.id, s.version, s.structure, s.rows_in, s.rows_new, s.rows_revised, s.rows_unchanged
    FROM rta.submission s
    WHERE s.sender = p_sender AND s.file_sha256 = p_file_sha AND s.loaded_at >= p_since
    ORDER BY s.id LIMIT 1 $$;

-- A packet that was answered at one door came in at another: its row stays, the audit remembers.
CREATE FUNCTION rta.delivery_elsewhere(p_sha text, p_folder text, p_name text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM rta.audit_put(session_user, 'refused', 'delivery:' || d.id, jsonb_build_object(
        'packet', p_name, 'folder', p_folder, 'reason', 'answered at the door of ' || d.folder))
    FROM rta.delivery d WHERE d.packet_sha256 = p_sha;
END $$;

DO $$
DECLARE
    f text;
BEGIN
    FOR f IN SELECT oid::regprocedure FROM pg_proc
             WHERE pronamespace = 'rta'::regnamespace AND proname LIKE 'delivery\_%' LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', f);
        IF to_regrole('rta_coordinator') IS NOT NULL THEN
            EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO rta_coordinator', f);
        END IF;
    END LOOP;
END $$;
