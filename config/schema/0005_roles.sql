-- Roles without login, to be granted to people. They are made only where that is permitted: on a
-- borrowed server its administrator makes them, and the next statements find them. Row-level
-- security comes with approval; until then a reader sees what is published, which is everything.

DO $$
DECLARE
    r text;
BEGIN
    FOREACH r IN ARRAY ARRAY['rta_reader', 'rta_analyst', 'rta_coordinator', 'rta_admin'] LOOP
        IF to_regrole(r) IS NULL
           AND (SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN', r);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL; -- another database of the same server was migrated at the same moment
            END;
        END IF;
    END LOOP;
END $$;

-- Called by every migration, because structures bring tables of their own.
CREATE FUNCTION rta.grant_all() RETURNS void
LANGUAGE plpgsql AS $$
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
