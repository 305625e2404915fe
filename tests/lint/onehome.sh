#!/bin/sh
# One home each: exit, standard output and error, the environment (lib/stage*.c), memory (lib/mem.c);
# a shell nowhere. mem.c and arena.c may end the program: without memory nobody else can.
set -u
{ cat tests/lint/strip.awk; cat <<'AWK'
    function fault(what) { printf "%s:%d: %s: %s\n", FILENAME, FNR, what, $0 }
    function calls(names) { return (" " line) ~ ("[^a-zA-Z0-9_.>](" names ")[ ]*\\(") }
    function emit(text) {
        line = text
        kit = FILENAME ~ /^lib\/stage[a-z_]*\.c$/; memory = FILENAME == "lib/mem.c"
        last = memory || FILENAME == "lib/arena.c"
        if (calls("exit|_exit|_Exit|quick_exit|abort") && !kit && !last) fault("ends the program")
        if ((calls("printf|vprintf|fprintf|vfprintf|dprintf|puts|putchar|fputs|fputc|putc|fwrite|perror|psignal") ||
            (" " line) ~ /[^a-zA-Z0-9_](stdout|stderr)[^a-zA-Z0-9_]/ ||
            line ~ /write\([ ]*STD(OUT|ERR)_FILENO/) && !kit && !last) fault("writes to people")
        if (calls("getenv|secure_getenv|setenv|unsetenv|putenv|clearenv") && !kit) fault("the environment")
        if (calls("malloc|calloc|realloc|reallocarray|free|strdup|strndup|asprintf|vasprintf|aligned_alloc|posix_memalign|alloca") &&
            !memory) fault("memory")
        if (calls("system|popen|wordexp")) fault("a shell")
        if ((" " line " ") ~ /[^a-zA-Z0-9_](float|double|typeof|__typeof__|_Float[0-9]*)[^a-zA-Z0-9_]/ && FILENAME ~ /^(lib|ingest|aggregate)\// && FILENAME != "lib/binary64.c")
            fault("binary floating point")
        if (line ~ /^(static )?[a-z][a-z_0-9 ]*[ *][a-z_0-9]+(\[[^\]]*\])*( = .*)?;/ && line !~ /const|typedef|extern|^(return|struct [a-z_]+;|enum|union)/ && line !~ /\(/ && line !~ /^struct [a-z_0-9]+;/)
            fault("global state that can change")
    }
AWK
} >"$WORK/onehome.awk"
awk -f "$WORK/onehome.awk" $(find lib ingest aggregate report cli -name '*.c' 2>/dev/null)
