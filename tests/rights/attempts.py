"""What the security test tries: loads and decisions by bare SQL, and the table of attempts.

want: a pattern of SQLSTATEs, one of which must come; or "blind": whatever is answered, `secret` must
not be in it. The secrets: 424242, 424243 and secret-ba are BA's, 313131 and secret-al AL's, all of
them waiting for approval."""
from dataclasses import dataclass, field

EVERYBODY = ["anna", "boro", "rita", "cora", "adam", "nemo"]
NOT_COORDINATOR = ["anna", "boro", "rita", "adam", "nemo"]
ANALYSTS = ["anna", "boro"]
NOT_LOADER = ["rita", "adam", "nemo"]
DENIED = "42501|RT077"
SECRET = "424242|424243|secret-ba"
ESC = r"\x1b"


@dataclass
class Attempt:
    users: list
    name: str
    sql: str
    want: str = DENIED
    secret: str = field(default=SECRET)


# ---- a load by bare SQL: the words of rta load, each of which may be replaced by a lie ----

def load_script(sender, value=1, iccs="0101", src="f.csv", **lie):
    area = lie.get("area", sender.split("-")[0])
    w = {
        "structure": "CRIME", "area": area, "iccs": iccs, "value": value, "src": src,
        "sender": sender, "row_sender": lie.get("row_sender", sender),
        "partner": lie.get("partner", sender.split("-")[0]),
        "from_sub": lie.get("from_sub", ":sub"), "period": lie.get("period", 2022000),
        "series_id": lie.get("series_id", "(:kb - 1) * 256 + 1"),
        "lineage_id": lie.get("lineage_id", "(:lb - 1) * 256 + 1"),
        "reason": lie.get("reason", "test"), "tables": lie.get("tables", "('{' || :'tab' || '}')"),
        "said": lie.get("said", "{}"), "before": lie.get("before", ""),
        "between": lie.get("between", ""), "freq": lie.get("freq", "A"),
        "checked": lie.get("checked", "true"),
        "end": lie.get("end", """select rta.load_wait(jsonb_build_object('id', :sub, 'structure', 'CRIME',
            'partner', '%(partner)s', 'sender', '%(sender)s', 'reason', %(reason_sql)s,
            'file_name', 'f.csv', 'file_sha256', '', 'stream_seal', md5(random()::text), 'src_prefix',
            'f.csv', 'rows_in', 1, 'rows_delete', 0, 'rows_refused', 0, 'partial', false)
            || %(said_sql)s::jsonb, 'R', false, false, %(tables)s::text[], %(checked)s);"""),
    }
    w["reason_sql"] = "E'" + w["reason"].replace("'", "''") + "'"
    w["said_sql"] = "'" + w["said"].replace("'", "''") + "'"
    w["end"] = w["end"] % w
    return """begin; %(before)s
select submission as sub from rta.load_begin('%(structure)s') \\gset
select rta.load_block('series', 1) as kb \\gset
select rta.load_block('lineage', 1) as lb \\gset
select rta.load_table('CRIME', :sub, 2022, true) as tab \\gset
insert into pg_temp.rta_k (series_id, freq, ref_area, iccs, counted, oc_link, cy_link, unit_measure)
  values (%(series_id)s, '%(freq)s', '%(area)s', '%(iccs)s', 'OFF', '_T', '_T', 'NR');
insert into pg_temp.rta_l values (%(lineage_id)s, '%(row_sender)s', '%(src)s', 'A', 'Y');
insert into :tab (series_id, period, lineage_id, from_sub, value, src)
  values (%(series_id)s, %(period)s, %(lineage_id)s, %(from_sub)s, %(value)s, ':%(value)s');
insert into pg_temp.rta_v values ('%(area)s', 'A', %(period)s, 1);
%(between)s
select rta.load_lock();
select rta.load_reconcile('CRIME', :sub, %(tables)s::text[]);
%(end)s
commit;
select :sub as sub;
""" % w


def load(s, user, sender, **words):
    out = s.sql(user, load_script(sender, **words))
    return int(out.split("\n")[-1])


def decide(sub, step, reason="seen"):
    return "select state from rta.submission_decide(%s, '%s', '%s', rta.submission_digest(%s))" % (
        sub, step, reason, sub)


# ---- the attempts ----

def reading(ids):
    """Other people's unpublished figures, through everything that can be asked."""
    blind = [
        ("the waiting rows", "select * from rta.crime_wait"),
        ("the view", "select * from rta.crime"),
        ("the view of now", "select * from rta.crime_now"),
        ("submissions", "select * from rta.submission where id in (%(ba)s, %(accepted)s)"),
        ("receipts", "select * from rta.receipt where partner = 'BA'"),
        ("series", "select * from rta.crime_series where ref_area = 'BA'"),
        ("lineage", "select * from rta.lineage"),
        ("coverage", "select area from rta.coverage where submission in (%(ba)s, %(accepted)s)"),
        ("as-of, any version", "select * from rta.as_of('CRIME', 2147483647)"),
        ("changes", "select * from rta.submission_changes(%(ba)s)"),
        ("statistics", "select * from pg_stats where schemaname = 'rta'"),
        ("extended statistics", "select * from pg_stats_ext"),
        ("expression statistics", "select * from pg_stats_ext_exprs"),
        ("a cheap function that tells what it sees", "select rta.src_text(value::text, src)"
         " from rta.crime_wait where value::text <> '' and length(src) >= 0"),
        ("an error that tells what it saw", "select count(*) from rta.crime_wait"
         " where (src_value || value::text)::integer / 0 > 1"),
        ("a division that fails on the secret", "select 1 / (value - 424242) from rta.crime_wait"),
        ("a cast that fails on the secret", "select src_key::integer from rta.lineage"),
        ("a plan with estimates", "explain (verbose) select * from rta.crime_wait where src like 'sec%%'"),
        ("a plan that runs", "explain (analyze, verbose, buffers) select * from rta.lineage"),
        ("a join by keys", "select w.* from rta.crime_series k join rta.crime_wait w using (series_id)"),
        ("a lateral function", "select x.* from rta.submission s, lateral rta.submission_changes(s.id) x"),
        ("what others run", "select query from pg_stat_activity where usename <> current_user"),
        ("prepared transactions", "select * from pg_prepared_xacts"),
        ("a lock on it", "select relation::regclass from pg_locks where granted and 'secret-ba' = ''"),
        ("a cursor", "begin; declare c cursor for select * from rta.crime_wait; fetch all c; commit"),
        ("a copy out", "copy (select * from rta.crime_wait) to stdout"),
        ("a copy of lineage", "copy (select * from rta.lineage) to stdout"),
        ("row_to_json of everything", "select row_to_json(x) from rta.crime_wait x"),
        ("query_to_xml", "select query_to_xml('select * from rta.crime_wait', true, true, '')"),
        ("table_to_xml", "select table_to_xml('rta.crime_series', true, true, '')"),
        ("cursor_to_xml of lineage", "select query_to_xml('table rta.lineage', true, true, '')"),
        ("decisions or none", "do $$ begin perform * from rta.decision where submission = %(ba)s;"
         " if found then raise 'secret-ba'; end if; exception when insufficient_privilege then end $$"),
        ("findings or none", "do $$ begin perform * from rta.finding where submission = %(ba)s;"
         " if found then raise 'secret-ba'; end if; exception when insufficient_privilege then end $$"),
        ("its digest", "select case when rta.submission_digest(%(ba)s) is not null then 'secret-ba' end"),
        ("the version of a waiting one", "select rta.version_of('submission:%(ba)s')"),
    ]
    for name, sql in blind:
        yield Attempt(["anna", "rita"], "read " + name, sql % ids, "blind")
    yield Attempt(["boro"], "read the waiting rows of AL", "table rta.crime_wait", "blind", "313131|secret-al")
    yield Attempt(["boro"], "read the lineage of AL", "table rta.lineage", "blind", "313131|secret-al")
    yield Attempt(["boro"], "row security off", "set row_security = off; table rta.crime_wait")
    denied = [
        ("row security off, waiting rows", "set row_security = off; table rta.crime_wait"),
        ("row security off, submissions", "set row_security = off; table rta.submission"),
        ("a partition of the waiting rows", "select * from rta.crime_wait_%(ba)s"),
        ("rows that wait in order", "select * from rta.crime_waitrow"),
        ("deletions that wait", "select * from rta.crime_waitdel"),
        ("a sequence", "select last_value from rta.submission_id"),
        ("the statistics themselves", "select * from pg_statistic"),
        ("passwords", "select * from pg_authid"),
        ("the file settings", "select * from pg_file_settings"),
        ("who may come in", "select * from pg_hba_file_rules"),
        ("a file", "select pg_read_file('PG_VERSION')"),
        ("a binary file", "select pg_read_binary_file('PG_VERSION')"),
        ("a folder", "select pg_ls_dir('.')"),
        ("the log", "select pg_current_logfile()"),
        ("the folder of logs", "select * from pg_ls_logdir()"),
        ("a file by COPY", "create temp table x (t text); copy x from '/etc/passwd'"),
        ("the audit", "select rta.audit_put('rta', 'x', 'x', '{}')"),
    ]
    for name, sql in denied:
        yield Attempt(["anna", "rita", "nemo"], "read " + name, sql % ids)
    yield Attempt(["anna", "boro", "rita", "nemo"], "read the audit itself", "table rta.audit")
    yield Attempt(["nemo"], "read anything", "table rta.crime")
    yield Attempt(["nemo"], "read submissions", "table rta.submission")
    yield Attempt(["adam"], "read decisions", "table rta.decision")
    yield Attempt(["adam"], "read waiting rows as administrator", "table rta.crime_wait", "blind")


def writing(ids):
    tables = ["submission", "decision", "finding", "coverage", "lineage", "audit", "audit_log", "sender",
              "policy", "structure", "code", "migration", "crime_series", "crime_obs", "crime_hist",
              "crime_wait"]
    for t in tables:
        yield Attempt(["anna", "cora"], "delete from " + t, "delete from rta." + t)
    for t in tables:
        yield Attempt(["anna", "rita", "cora", "adam"], "truncate " + t, "truncate rta.%s cascade" % t)
    for name, sql in [
        ("approve by hand", "update rta.submission set state = 'approved' where id = %(ba)s"),
        ("publish by hand", "update rta.submission set state = 'published', version = 99,"
         " published_at = now() where id = %(ba)s"),
        ("change a figure", "update rta.crime_obs set value = 0"),
        ("change history", "update rta.crime_hist set value = 0"),
        ("change a waiting figure", "update rta.crime_wait set value = 0"),
        ("change a decision", "update rta.decision set who = 'carl'"),
        ("change the audit", "update rta.audit set who = 'carl'"),
        ("change a lineage", "update rta.lineage set sender = 'AL-ASP'"),
        ("take a sender's areas", "update rta.sender set areas = '{*}'"),
        ("make the policy auto", "update rta.policy set mode = 'auto'"),
        ("change a code's label", "update rta.code set label = 'x'"),
        ("answer by hand", "update rta.finding set answer = 'x'"),
        ("insert a decision", "insert into rta.decision (submission, step, from_state, to_state, digest)"
         " values (%(ba)s, 'approve', 'accepted', 'approved', 'x')"),
        ("insert a figure", "insert into rta.crime_obs (series_id, period, lineage_id, from_sub, value)"
         " values (1, 2022000, 1, 1, 5)"),
        ("insert into the receipts", "insert into rta.receipt (submission) values (99)"),
        ("update through the receipts", "update rta.receipt set state = 'published'"),
        ("write the audit", "insert into rta.audit values (99, now(), 'carl', 'x', 'x', '{}', '', '')"),
        ("write the audit by its function", "select rta.audit_add('grant', 'anna', '{}')"),
        ("set a sequence back", "select setval('rta.submission_id', 1)"),
        ("take numbers", "select nextval('rta.crime_block')"),
        ("merge into submissions", "merge into rta.submission s using (select 1 as id) x on s.id = x.id"
         " when matched then update set state = 'approved'"),
        ("lock everybody out", "begin; lock table rta.submission in access exclusive mode"),
    ]:
        yield Attempt(["anna", "rita", "cora", "adam", "nemo"], name, sql % ids)
    for name, sql in [
        ("change a decision", "update rta.decision set who = 'carl'"),
        ("delete decisions", "delete from rta.decision"),
        ("truncate decisions", "truncate rta.decision"),
        ("change the audit", "update rta.audit set who = 'carl' where n = 1"),
        ("delete the audit", "delete from rta.audit"),
        ("truncate the audit", "truncate rta.audit"),
        ("delete submissions", "delete from rta.submission"),
        ("change a migration", "update rta.migration set sha256 = ''"),
        ("delete a finding", "delete from rta.finding"),
        ("decide in another's name", "insert into rta.decision (submission, step, from_state, to_state,"
         " digest, who) values (%(ba)s, 'approve', 'accepted', 'approved', 'x', 'carl')"),
    ]:
        yield Attempt(["rta"], "as the owner " + name, sql % ids, "RT077")
    yield Attempt(["rta"], "as the owner replicate without triggers",
                  "set session_replication_role = replica; delete from rta.decision")
    yield Attempt(["adam"], "as administrator and owner delete decisions",
                  "set role rta; delete from rta.decision")


def structure_of(ids):
    """Tables, triggers, functions: their shape."""
    for name, sql in [
        ("disable triggers", "alter table rta.decision disable trigger all"),
        ("drop a trigger", "drop trigger decision_right on rta.decision"),
        ("disable row security", "alter table rta.submission disable row level security"),
        ("drop a policy", "drop policy seen on rta.submission"),
        ("add a policy", "create policy mine on rta.submission for select using (true)"),
        ("drop a table", "drop table rta.audit"),
        ("own a table", "alter table rta.submission owner to current_user"),
        ("rename a table", "alter table rta.audit rename to audit_old"),
        ("add a column", "alter table rta.submission add column x int"),
        ("make a table in rta", "create table rta.x (i int)"),
        ("make a view in rta", "create view rta.x as select 1"),
        ("make a table in public", "create table public.x (i int)"),
        ("make a function in rta", "create function rta.x() returns int language sql as 'select 1'"),
        ("make a function in public", "create function public.x() returns int language sql as 'select 1'"),
        ("make a function in pg_catalog", "create function pg_catalog.x() returns int language sql as 'select 1'"),
        ("replace a function", "create or replace function rta.rank() returns text language sql as"
         " $$select 'owner'$$"),
        ("loosen a function", "alter function rta.rank() security invoker"),
        ("make a schema", "create schema mine"),
        ("make an operator", "create operator rta.<> (leftarg = int, rightarg = int, function = int4eq)"),
        ("make a type in rta", "create type rta.x as (i int)"),
        ("make a rule", "create rule x as on insert to rta.audit do instead nothing"),
        ("make a trigger", "create trigger x before insert on rta.decision for each row execute"
         " function rta.frozen()"),
        ("make an index with a function of one's own", "create index on rta.submission ((state || ''))"),
        ("make an event trigger", "create event trigger x on ddl_command_start execute function rta.frozen()"),
        ("make an extension", "create extension dblink"),
        ("make a foreign server", "create foreign data wrapper x"),
        ("load a library", "load '/tmp/x.so'"),
        ("make a C function", "create function public.x() returns int language c as '/tmp/x.so', 'x'"),
        ("grant execution to oneself", "grant execute on function rta.audit_put to current_user"),
        ("drop the schema", "drop schema rta cascade"),
        ("drop the database", "drop database rta"),
        ("make a database", "create database x"),
        ("make a tablespace", "create tablespace x location '/tmp'"),
        ("change a system setting", "alter system set log_statement = 'all'"),
        ("log nothing of oneself", "set log_min_messages = panic"),
        ("preload a library", "set session_preload_libraries = 'x'"),
        ("change the database's settings", "alter database rta set search_path = 'x'"),
        ("reload", "select pg_reload_conf()"),
        ("rotate the log", "select pg_rotate_logfile()"),
        ("subscribe", "create subscription x connection 'dbname=rta' publication x"),
        ("publish everything", "create publication x for all tables"),
    ]:
        yield Attempt(["anna", "cora", "adam"], name, sql)
    yield Attempt(["anna", "rita"], "grant to oneself", "grant select on rta.audit to current_user")
    yield Attempt(["anna", "cora"], "change default privileges",
                  "alter default privileges for role rta grant all on tables to public")


def becoming(ids):
    for other in ["rta", "rta_server", "rta_coordinator", "carl", "boro", "rta_analyst_ba", "rta_admin",
                  "pg_read_all_data", "pg_execute_server_program"]:
        for user in ["anna", "rita"]:
            if user != other:
                yield Attempt([user], "become " + other, "set role " + other)
    yield Attempt(["cora"], "become the owner", "set role rta")
    yield Attempt(["cora"], "become an analyst", "set role rta_analyst_ba")
    yield Attempt(["adam"], "become the superuser", "set role rta_server")
    for user in ["anna", "cora", "adam", "rta"]:
        yield Attempt([user], "be another from the beginning", "set session authorization carl")
        yield Attempt([user], "make a superuser", "create role x superuser login")
        yield Attempt([user], "join the coordinators", "grant rta_coordinator to " + user)
        yield Attempt([user], "run a program", "copy (select 1) to program 'id'")
        yield Attempt([user], "write a file", "copy (select 1) to '/tmp/rta-rights-x'")
        yield Attempt([user], "read a program", "create temp table x (t text); copy x from program 'id'")
        yield Attempt([user], "import a file", "select lo_import('/etc/passwd')")
        yield Attempt([user], "export a file", "select lo_export(1, '/tmp/rta-rights-x')")
        yield Attempt([user], "change one's own rank", "alter role %s superuser" % user)
        yield Attempt([user], "change another's password", "alter role carl password 'x'")
    yield Attempt(["adam"], "run a program as the owner", "set role rta; copy (select 1) to program 'id'")
    yield Attempt(["adam"], "approve as administrator", decide(ids["accepted"], "approve"))
    yield Attempt(["adam"], "approve as the owner, being administrator",
                  "set role rta; " + decide(ids["accepted"], "approve"))


def deciding(ids):
    steps = ["check", "ask", "accept", "approve", "publish", "return"]
    for step in steps:
        yield Attempt(NOT_COORDINATOR, "%s what waits" % step, decide(ids["ba"], step))
    yield Attempt(["anna"], "withdraw another partner's", decide(ids["ba"], "withdraw"))
    yield Attempt(["anna"], "take back another partner's", "select rta.submission_take_back(%s, 'x')" % ids["ba"])
    yield Attempt(["boro"], "take back what AL published",
                  "select rta.submission_take_back(%s, 'x')" % ids["published"])
    yield Attempt(["anna"], "answer for another partner",
                  "select rta.submission_answer(%s, 1, null, 'x')" % ids["ba"])
    yield Attempt(["anna"], "ask whether one is there that is not",
                  "select rta.submission_decide(99999, 'withdraw', 'x')")
    yield Attempt(["cora"], "approve what one accepted", decide(ids["accepted"], "approve"))
    yield Attempt(["boro"], "approve what one loaded", decide(ids["accepted"], "approve"))
    yield Attempt(["cora"], "publish in the past",
                  "select rta.submission_decide(%s, 'publish', '', null, null, '2020-01-01')" % ids["accepted"])
    yield Attempt(["carl"], "approve by an old digest", "select rta.submission_decide(%s, 'approve', '', '%s')"
                  % (ids["accepted"], ids["shown"]), "RT065")
    yield Attempt(["carl"], "approve without saying of what",
                  "select rta.submission_decide(%s, 'approve')" % ids["accepted"], "RT064")
    yield Attempt(["carl"], "replay an approval of what is published",
                  decide(ids["published"], "approve"), "RT065")
    yield Attempt(["carl"], "replay a publication", decide(ids["published"], "publish"), "RT065")
    yield Attempt(["carl"], "publish what nobody approved", decide(ids["accepted"], "publish"), "RT065")
    for f in ["submission_decide_in(%(ba)s, 'accept', '', null, null, null)",
              "submission_answer_in(%(ba)s, 1, null, 'x')", "submission_take_back_in(%(published)s, 'x')",
              "decision_add(%(ba)s, 'approve', 'accepted', 'approved')", "load_publish_in('{}')",
              "load_record('{}')", "settle_rows('crime', %(ba)s)", "wait_count(%(ba)s)",
              "load_write('crime', 'rta.crime_obs', 1, 'x')", "load_diff('crime', 'pg_authid', 'x', 'R')",
              "structure_tables('x', '{A}')", "year_attach('crime', 'audit', 1999)",
              "year_table('crime', 'x')", "code_sync()", "grant_all()", "audit_refusal('a','42501','x','x','{}')",
              "audit_read('x', 'x', 0)", "guard_rows('x', 'true')", "audit_table('x', 'x', '')",
              "wait_make('crime', 77)", "first_move('crime', 1)"]:
        yield Attempt(["anna", "rita"], "call an inner function", "select rta." + f % ids)


def loading(ids):
    def lie(name, users=("anna",), want=DENIED, sender="AL-ASP", **words):
        return Attempt(list(users), "load: " + name, load_script(sender, **words), want)

    yield lie("as a reader", NOT_LOADER)
    yield lie("as another partner's sender", sender="BA-MS")
    yield lie("as another partner's sender, own areas", sender="BA-MS", area="AL")
    yield lie("rows of another sender", row_sender="BA-MS")
    yield lie("rows of a sender that nobody knows", row_sender="XX-YY")
    yield lie("another partner's area", area="BA")
    yield lie("another partner's name", partner="BA")
    yield lie("as the statistical office", sender="ESTAT", partner="", area="AL")
    yield lie("rows of another submission", from_sub=str(ids["ba"]))
    yield lie("rows of a published submission", from_sub=str(ids["published"]))
    yield lie("a number of another's series", series_id="1")
    yield lie("a number that was never given out", series_id="2000000000")
    yield lie("a lineage's number of another's", lineage_id="1")
    yield lie("a code that is none", iccs="XXXX")
    yield lie("a code with an escape", iccs="01\x1b[31m")
    yield lie("a period that is none", period=2022013)
    yield lie("a year that is none", period=7)
    yield lie("a frequency that is none", freq="Z")
    yield lie("a reason with an escape", reason=ESC + "[2J")
    yield lie("a reason with a mark of direction", reason=r"\u202e")
    yield lie("a reason with a line end", reason=r"a\nb")
    yield lie("a reason of a megabyte", reason="x" * 100000, want="RT065")
    for k in ["file_name", "file_sha256", "stream_seal", "src_prefix", "reason_code"]:
        yield lie("an escape in " + k, said='{"%s": "\\u001b[31m"}' % k)
    yield lie("to have come in last year", said='{"received_at": "2020-01-01"}')
    yield lie("another submission's number", said='{"id": %s}' % ids["ba"])
    yield lie("another structure", said='{"structure": "POP"}')
    yield lie("to supersede another partner's", said='{"supersedes": %s}' % ids["ba"], want="RT065")
    for name, t in [("a table of the store", "'{rta.audit}'"), ("a catalogue", "'{pg_catalog.pg_authid}'"),
                    ("SQL", "'{\"rta.audit; drop table rta.audit\"}'"),
                    ("a subquery", "'{\"(select 1) x\"}'"), ("another's waiting rows", "'{rta.crime_wait_%s}'"
                                                             % ids["ba"])]:
        yield lie(name + " for a table", tables=t, users=["anna", "cora"])
    yield lie("published at once", want=DENIED, end="""select rta.load_apply('CRIME', :sub, 'R', false,
        false, '{2022}', %(tables)s::text[], '{1}', 'AL-ASP');""")
    yield lie("published without being applied", users=["anna", "cora"],
              end="select rta.load_publish(jsonb_build_object('id', :sub, 'structure', 'CRIME',"
              " 'partner', 'AL', 'sender', 'AL-ASP', 'rows_in', 5, 'rows_new', 5));")
    yield lie("without being reconciled", between="""select rta.load_wait(jsonb_build_object('id', :sub,
        'structure', 'CRIME', 'partner', 'AL', 'sender', 'AL-ASP'), 'R', false, false, '{}', true);""")
    yield lie("rows after the check", end="insert into pg_temp.rta_g (series_id) values (1);")
    yield lie("a look at the loader's own tables", between="table pg_temp.rta_load;")
    yield lie("a change of the loader's own tables", between="update pg_temp.rta_load set sub = 1;")
    yield lie("a drop of the loader's own tables", between="drop table pg_temp.rta_load;")
    yield lie("a trigger on the loader's own tables",
              between="create trigger x before insert on pg_temp.rta_k for each row execute function"
              " suppress_redundant_updates_trigger();")
    yield lie("by a view in place of a table", before="create temp view rta_k as select 1;")
    for t in ["rta_load", "rta_g", "rta_c", "rta_w", "rta_old", "rta_load_key"]:
        yield lie("with a table of one's own: " + t, before="create temp table %s (i int);" % t)
    yield lie("with a function of one's own", before="create function pg_temp.lower(text) returns text"
              " language sql as $$select 'x'$$;")
    yield lie("with a type of one's own", before="create type pg_temp.text as (i int);")
    yield lie("with an operator of one's own", before="create operator pg_temp.= (leftarg = text,"
              " rightarg = text, function = textne);")
    yield lie("with a cast of one's own", before="create cast (text as integer) with inout as implicit;")
    for f in ["load_table('CRIME', 1, 2022, true)", "load_reconcile('CRIME', 1, '{}')",
              "load_apply('CRIME', 1, 'R', false, false, '{}', '{}', '{}', 'AL-ASP')",
              "load_wait('{\"id\": 1, \"structure\": \"CRIME\"}', 'R', false, false, '{}', true)",
              "load_publish('{\"id\": 1, \"structure\": \"CRIME\"}')"]:
        yield Attempt(["anna", "cora"], "load: out of turn", "select rta." + f)
        yield Attempt(["rita"], "load: out of turn", "select rta." + f)


EVIL = """create function pg_temp.evil() returns int language plpgsql as
  $$ begin update rta.submission set state = 'approved'; return 1; end $$;
create temp view %s as select pg_temp.evil() as sub, 'CRIME'::text as structure, 'x'::text as name,
  2022 as year, 1::bigint as block, 'series'::text as kind, null::jsonb as counts, 'AL-ASP'::text as sender,
  1 as series_id, 1 as lineage_id, 1 as from_sub, 2022000 as period, 1::bigint as seq, 'R'::text as act,
  1 as id, ''::text as src_key;
"""


def temporary(ids):
    """Where somebody gave everybody back the right to temporary tables: objects of one's own in the
    place of the loader's, and code in them that would run with the owner's rights."""
    calls = ["load_begin('CRIME')", "load_block('series', 1)", "load_block('lineage', 1)",
             "load_table('CRIME', 1, 2022, true)", "load_reconcile('CRIME', 1, '{x}')",
             "load_apply('CRIME', 1, 'R', false, false, '{2022}', '{x}', '{1}', 'AL-ASP')",
             "load_wait('{\"id\": 1, \"structure\": \"CRIME\"}', 'R', false, false, '{x}', true)",
             "load_publish('{\"id\": 1, \"structure\": \"CRIME\"}')"]
    for name in ["rta_load", "rta_g", "rta_k", "rta_l", "rta_d", "rta_load_table", "rta_load_block"]:
        for f in calls:
            yield Attempt(["anna", "cora"], "a view of one's own as %s, %s" % (name, f.split("(")[0]),
                          EVIL % name + "select rta." + f)
    for name in ["rta_load", "rta_c", "rta_w", "rta_km", "rta_lm", "rta_load_key", "rta_old"]:
        yield Attempt(["anna"], "load: with a table of one's own: " + name, load_script(
            "AL-ASP", before="create temp table %s (series_id int);" % name), DENIED + "|42P07")
        yield Attempt(["anna"], "load: with a view of one's own: " + name, load_script(
            "AL-ASP", before=EVIL % name), DENIED + "|42P07")
    for what in ["create function pg_temp.lower(text) returns text language sql as $$select 'owner'$$;",
                 "create function pg_temp.rank() returns text language sql as $$select 'owner'$$;",
                 "create table pg_temp.pg_roles as select session_user as rolname, true as rolsuper;",
                 "create table pg_temp.submission as select 1 as id;",
                 "create function pg_temp.ne(text, text) returns boolean language sql as $$select false$$;"
                 " create operator pg_temp.<> (leftarg = text, rightarg = text, function = pg_temp.ne);",
                 "create type pg_temp.jsonb as (i int);"]:
        yield Attempt(["anna"], "load for another: with " + what[:40], load_script(
            "BA-MS", before=what + " set search_path = pg_temp, pg_catalog, rta;"), DENIED + "|22P02")
        yield Attempt(["anna"], "approve: with " + what[:40], what
                      + " set search_path = pg_temp, pg_catalog, rta; " + decide(ids["accepted"], "approve"))


def packets(ids):
    """The desk's packets: whose they are, what was answered."""
    for f in ["delivery_known('x')", "delivery_last('AL-ASP', 'k')", "delivery_take('{}')",
              "delivery_answer('x', 'accepted', '', true, '{}', '', '{}')",
              "delivery_loaded('AL-ASP', 'x', now())", "purge_add('x', 'x', 1, 'x')"]:
        yield Attempt(["anna", "rita", "adam", "nemo"], "packets: " + f.split("(")[0], "select rta." + f)
    yield Attempt(["cora"], "packets: delete one that was not answered", "select rta.purge_add('x', 'x', 1, 'x')")
    for sql in ["update rta.delivery set state = 'accepted'", "delete from rta.delivery",
                "insert into rta.delivery (packet_sha256) values ('x')", "truncate rta.delivery cascade",
                "update rta.purge set file = ''", "delete from rta.purge", "insert into rta.purge values ('x')"]:
        yield Attempt(["anna", "cora", "adam"], "packets: " + sql[:30], sql)
    for sql in ["delete from rta.delivery", "delete from rta.purge", "truncate rta.purge"]:
        yield Attempt(["rta"], "packets: as the owner " + sql, sql, "RT077")
    yield Attempt(["anna"], "packets: read another partner's", "table rta.delivery", "blind", "BA-MS|secret-ba")
    yield Attempt(["rita"], "packets: read any", "table rta.delivery")


def texts(ids):
    """SQL and escapes in every text that a function takes."""
    bad = ["'; drop table rta.audit; --", "$$; select 1; $$", "%I%s%L", "\\\\x1b]0;x\\\\x07"]
    for t in bad:
        lit = "'" + t.replace("'", "''") + "'"
        for f, want in [("load_begin(%s)", "RT078"), ("version_of(%s)", "RT064"),
                        ("submission_decide(%d, %%s)" % ids["al"], "RT064|RT077"),
                        ("as_of(%s, 1)", "22004|42P01|42601|P0001|RT0..|42703")]:
            yield Attempt(["anna"], "SQL in the text of " + f.split("(")[0], "select rta." + f % lit, want)
    for step, user in [("accept", "cora"), ("return", "cora"), ("withdraw", "boro"), ("ask", "carl")]:
        yield Attempt([user], "an escape in the reason of " + step,
                      "select rta.submission_decide(%s, '%s', E'\\x1b[31m')" % (ids["ba"], step), "RT077")
    yield Attempt(["boro"], "an escape in an answer",
                  "select rta.submission_answer(%s, 1, null, E'\\u202e')" % ids["ba"], "RT077")
    yield Attempt(["anna"], "a role's name with an escape", "set role E'\\x1b[31m'", "42601|22023|42704")


def table(ids):
    for part in (reading, writing, structure_of, becoming, deciding, loading, packets, texts):
        yield from part(ids)


# ---- what must go on working ----

def lawful(s, judge, ids):
    def may(name, user, sql, want):
        ok, out, errors = s.psql(user, sql)
        judge.say(ok and want in out, "lawful: " + name, "%s %s" % (out[:300], errors))

    may("a reader reads what is published", "rita", "select obs_value from rta.crime", "11")
    may("an analyst reads his own that waits", "anna", "select value from rta.crime_wait", "313131")
    may("and its series", "anna", "select iccs from rta.crime_series", "0103")
    may("a coordinator reads all", "cora", "select value from rta.crime_wait", "424242")
    may("a second person approves", "carl", decide(ids["accepted"], "approve"), "approved")
    may("and publishes", "carl", decide(ids["accepted"], "publish"), "published")
    may("it is there for readers at once", "rita", "select obs_value from rta.crime", "424243")
    may("settling changes nothing", "cora", "select rta.settle(); select rta.sweep()", "1")
    may("it is still there", "rita", "select obs_value from rta.crime", "424243")
    may("an analyst withdraws his own", "anna", decide(ids["al"], "withdraw"), "withdrawn")


TAMPERING = [
    ("an entry was changed", "alter table rta.audit disable trigger user; update rta.audit set who = 'x'"
     " where n = 3; alter table rta.audit enable always trigger rta_frozen", "audit:3"),
    ("an entry was cut out", "alter table rta.audit disable trigger user; delete from rta.audit"
     " where n = 3; alter table rta.audit enable always trigger rta_frozen", "audit:4"),
    ("a trigger is off", "alter table rta.decision disable trigger rta_frozen", "decision"),
    ("a trigger of recording is gone", "drop trigger audit on rta.submission", "submission"),
    ("a submission was changed unseen", "alter table rta.submission disable trigger user;"
     " update rta.submission set file_sha256 = 'x' where id = 1; alter table rta.submission enable always"
     " trigger audit; alter table rta.submission enable always trigger rta_frozen", "submission:1"),
    ("a decision was changed unseen", "alter table rta.decision disable trigger user;"
     " update rta.decision set who = 'carl' where id = 1; alter table rta.decision enable always trigger"
     " audit; alter table rta.decision enable always trigger rta_frozen; alter table rta.decision enable"
     " always trigger decision_right", "decision:1"),
    ("a figure was deleted", "delete from rta.crime_obs where from_sub = 1", "submission:1"),
    ("a figure was added", "insert into rta.crime_obs (series_id, period, lineage_id, from_sub, value)"
     " select series_id, 2022000, lineage_id, from_sub, 5 from rta.crime_obs, (values (77)) x limit 0;"
     " insert into rta.crime_hist (series_id, period, lineage_id, from_sub, to_sub, value)"
     " select series_id, period, lineage_id, from_sub, from_sub, 5 from rta.crime_obs where from_sub = 1",
     "submission:1"),
    ("a series is gone", "delete from rta.crime_series where series_id in (select series_id from"
     " rta.crime_obs where from_sub = 1)", "crime_obs"),
    ("a lineage is gone", "delete from rta.lineage where id in (select lineage_id from rta.crime_obs"
     " where from_sub = 1)", "crime_obs"),
    ("row security is off", "alter table rta.submission disable row level security", "submission"),
    ("a view tells what its owner sees", "alter view rta.receipt reset (security_invoker)", "receipt"),
    ("a sender may send more", "update rta.sender set areas = '{*}' where key = 'AL-ASP'", "sender"),
    ("a policy is looser", "update rta.policy set mode = 'auto'", "policy"),
    ("everybody may read what comes", "alter default privileges for role rta grant select on tables to public",
     "default privileges"),
    ("a function runs in the caller's path", "alter function rta.settle() reset search_path", "settle"),
]
