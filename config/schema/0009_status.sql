-- Reminders that were written, so that none is written twice; and the moment that --as-of names,
-- for programs that ask what was known then and not only what was published.

CREATE TABLE rta.letter (
    id         integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    partner    text NOT NULL,
    lang       text NOT NULL,
    day        date NOT NULL,                -- the day that the letter speaks of
    made_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    made_by    text NOT NULL DEFAULT session_user,
    subject    text NOT NULL,
    body       text NOT NULL,                -- the whole letter, as it went out
    file_name  text NOT NULL UNIQUE,
    message_id text NOT NULL UNIQUE,         -- of the mail: the same one when it is sent again
    mail_to    text[] NOT NULL,              -- empty: not by mail
    written_at timestamptz,                  -- when its file was written
    mailed_at  timestamptz                   -- when the server took it
);
COMMENT ON TABLE rta.letter IS 'Reminders, with their whole text; rta remind writes and sends what is not marked yet';

CREATE TABLE rta.letter_item (
    letter     integer NOT NULL REFERENCES rta.letter (id),
    structure  text NOT NULL,
    partner    text NOT NULL,
    freq       text NOT NULL,
    period     integer NOT NULL,
    step       text NOT NULL,                -- T+30, T+37 …; answer = open warnings
    submission integer NOT NULL DEFAULT 0,   -- whose warnings are open
    PRIMARY KEY (structure, partner, freq, period, step, submission)
);
COMMENT ON TABLE rta.letter_item IS 'What a letter reminded of: never twice of the same step of the same period';

-- The letter and all it reminds of at once; NULL when another run was quicker with any of it.
-- p_items: rows of structure, freq, period, step, submission.
CREATE FUNCTION rta.letter_add(p_partner text, p_lang text, p_day date, p_subject text, p_body text,
    p_file text, p_message text, p_mail text[], p_items jsonb) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, rta, pg_temp AS $$
DECLARE
    n integer;
    done bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('rta.letter', 0));
    SELECT count(*) INTO done FROM rta.letter_item l
    JOIN jsonb_to_recordset(p_items) AS i (structure text, freq text, period integer, step text,
        submission integer) USING (structure, freq, period, step, submission)
    WHERE l.partner = p_partner;
    IF done > 0 OR jsonb_array_length(p_items) = 0 THEN
        RETURN NULL;
    END IF;
    INSERT INTO rta.letter (partner, lang, day, subject, body, file_name, message_id, mail_to)
    VALUES (p_partner, p_lang, p_day, p_subject, p_body, p_file, p_message, p_mail)
    RETURNING id INTO n;
    INSERT INTO rta.letter_item (letter, structure, partner, freq, period, step, submission)
    SELECT n, i.structure, p_partner, i.freq, i.period, i.step, i.submission
    FROM jsonb_to_recordset(p_items) AS i (structure text, freq text, period integer, step text,
        submission integer);
    PERFORM rta.audit_add('remind', 'letter:' || n,
        jsonb_build_object('partner', p_partner, 'file', p_file, 'items', p_items));
    RETURN n;
END $$;

-- p_what: written, mailed. Said once; saying it again changes nothing.
CREATE FUNCTION rta.letter_done(p_id integer, p_what text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, rta, pg_temp AS $$
BEGIN
    UPDATE rta.letter SET
        written_at = CASE WHEN p_what = 'written' THEN coalesce(written_at, clock_timestamp())
                          ELSE written_at END,
        mailed_at = CASE WHEN p_what = 'mailed' THEN coalesce(mailed_at, clock_timestamp())
                         ELSE mailed_at END
    WHERE id = p_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no letter %', p_id USING ERRCODE = 'RT065';
    END IF;
END $$;

REVOKE ALL ON FUNCTION rta.letter_add, rta.letter_done FROM PUBLIC;
DO $$
BEGIN
    IF to_regrole('rta_coordinator') IS NOT NULL THEN
        GRANT EXECUTE ON FUNCTION rta.letter_add, rta.letter_done TO rta_coordinator;
    END IF;
END $$;

-- What was taken back: few among many.
CREATE INDEX submission_taken_back ON rta.submission (supersedes) WHERE act = 'T';

-- 'version:7' and 'submission:12' are the moment of their publication, a day its end (UTC), '' now.
CREATE FUNCTION rta.moment_of(as_of text) RETURNS timestamptz
LANGUAGE plpgsql STABLE AS $$
DECLARE
    v integer := rta.version_of(as_of);  -- refuses what is none of these
BEGIN
    IF as_of = '' THEN
        RETURN clock_timestamp();
    ELSIF as_of ~ '^(version|submission):' THEN
        RETURN (SELECT published_at FROM rta.submission WHERE version = v);
    ELSIF length(as_of) = 10 THEN
        RETURN (as_of || ' 00:00:00Z')::timestamptz + interval '1 day - 1 microsecond';
    END IF;
    RETURN as_of::timestamptz;
END $$;
