# Short ways to write deliveries and to look at the store, for the cases of load and pull.
begin() {
    echo 'STRUCTURE[;],STRUCTURE_ID,ACTION,FREQ,REF_AREA,ICCS,COUNTED,OC_LINK,CY_LINK,UNIT_MEASURE,TIME_PERIOD,OBS_VALUE,OBS_STATUS[],CONF_STATUS,COMMENT,NATURE,SENDER,SRC[],SRC_KEY[],SRC_VALUE[],GRADE,REVIEWED'
}
# row ACTION AREA ICCS PERIOD VALUE [STATUS [CONF [COMMENT]]]: an annual count of AL-ASP
row() {
    printf 'dataflow,WB:CRIME(1.0.0),%s,A,%s,%s,OFF,_T,_T,NR,%s,%s,%s,%s,%s,,%s,f.csv:%s:1,,,A,Y\n' \
        "$1" "$2" "$3" "$4" "$5" "${6:-}" "${7:-}" "${8:-}" "${SENDER:-AL-ASP}" "${LINE:=2}"
}
# gone AREA ICCS PERIOD [VALUE [STATUS]]: a delete row; empty dimensions are wildcards
gone() {
    printf 'dataflow,WB:CRIME(1.0.0),D,,%s,%s,,,,,%s,%s,%s,,,,AL-ASP,,,,,\n' \
        "$1" "$2" "$3" "${4:-}" "${5:-}"
}
load() { rta load --unsealed "$@" 2>&1 | grep -v 'rows in:'; }
# AREA ICCS PERIOD VALUE STATUS CONF COMMENT SUBMISSION
show() { rta pull CRIME "$@" --quiet | sed 1d | grep -v '^#seal' | cut -d, -f5,6,11-15,23; }
# the programs by their own names, which saves a process each
rta() {
    verb=$1
    shift
    "rta-$verb" "$@"
}
sql() { psql -XAtq -d "$RTA_DSN" "$@"; } # a third of the time of `rta db psql`
# until SQL-CONDITION: wait for it, ten seconds at most; says whether it came true
until_true() {
    sql -c "do \$\$ begin for i in 1 .. 200 loop
        if $1 then perform set_config('rta.seen', 't', false); exit; end if;
        perform pg_sleep(0.05); perform pg_stat_clear_snapshot(); end loop; end \$\$" \
        -c "select coalesce(current_setting('rta.seen', true), 'f')"
}
# loads N: N loaders of this database are connected; waiting: N of them wait for more rows
loads() { echo "(select count(*) = $1 from pg_stat_activity where application_name = 'rta-load' and datname = current_database())"; }
waiting() { echo "(select count(*) = $1 from pg_stat_activity where application_name = 'rta-load' and state like 'idle in%' and datname = current_database())"; }
