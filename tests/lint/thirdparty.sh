#!/bin/sh
# A header of somebody else's library is included in one file of lib; all other <headers> are the C
# library's.
set -u
awk '
    BEGIN {
        home["libpq-fe.h"] = "^lib/db[a-z_]*\\.c$"; home["curl/curl.h"] = "^lib/(http|remote)[a-z_]*\\.c$"
        home["jansson.h"] = "^lib/json\\.c$"; home["yaml.h"] = "^lib/yaml\\.c$"
        home["zlib.h"] = "^lib/gz\\.c$"; home["xxhash.h"] = "^lib/hash(_xxh3)?\\.c$"
        home["isa-l/igzip_lib.h"] = "^lib/gz_isal\\.c$"
        home["xxh_x86dispatch.h"] = "^lib/hash_xxh3\\.c$"
        home["expat.h"] = "^lib/xml\\.c$"; home["minizip/unzip.h"] = "^lib/zip\\.c$"
        home["openssl/evp.h"] = "^lib/(hash|sign)\\.c$"; home["openssl/pem.h"] = "^lib/sign\\.c$"
        home["openssl/sha.h"] = "^lib/hash\\.c$"
        home["gmp.h"] = "^lib/ratio\\.c$"; home["iconv.h"] = "^lib/text[a-z_]*\\.c$"
        n = split("assert ctype dirent errno fcntl fnmatch glob grp immintrin emmintrin wmmintrin " \
            "arm_neon inttypes langinfo limits locale math poll pthread pwd regex sched setjmp signal " \
            "spawn stdalign stdarg stdbool stddef stdint stdio stdlib string strings termios time " \
            "unistd wchar wctype", w, " ")
        for (i = 1; i <= n; i++) libc[w[i] ".h"] = 1
    }
    match($0, /^[ \t]*#[ \t]*include[ \t]*<[^>]*>/) {
        name = $0; sub(/^[^<]*</, "", name); sub(/>.*/, "", name)
        if (name in home) { if (FILENAME !~ home[name]) printf "%s:%d: <%s> belongs to %s\n", FILENAME, FNR, name, home[name] }
        else if (!(name in libc) && name !~ /^sys\/[a-z]+\.h$/)
            printf "%s:%d: <%s> has no home; see tests/lint/thirdparty.sh\n", FILENAME, FNR, name
    }' $(find lib ingest aggregate report cli -name '*.[ch]' 2>/dev/null)
