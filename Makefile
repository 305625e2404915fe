# rta — build, test, install. `make help` lists the targets.
# Variants: make V=release|debug|san|cov (default release), each in its own build/V.
V ?= release
BUILD := build/$(V)
ifeq ($(origin CC),default)
CC := gcc
endif
PREFIX ?= /usr/local
DESTDIR ?=
JOBS ?= $(shell nproc 2>/dev/null || echo 2)
ROOT := $(CURDIR)

# A folder's programs are the files named here; its other files are parts that they share.
PROGRAMS_ingest := $(patsubst ingest/%.c,%,$(wildcard $(addprefix ingest/,$(addsuffix .c,\
    fetch read count map check load profile structure submit inbox bundle submission))))
PROGRAMS_aggregate := $(patsubst aggregate/%.c,%,$(wildcard $(addprefix aggregate/,$(addsuffix .c,\
    pull derive status remind revisions explain))))
PROGRAMS_report := $(patsubst report/%.c,%,$(wildcard report/table.c report/chart.c report/render.c report/build.c))
PROGRAMS_cli := $(patsubst cli/%.c,%,$(wildcard cli/rta.c cli/db.c cli/run.c cli/config.c))
FOLDERS := ingest aggregate report cli

WARN := -Wall -Wextra -Werror -Wconversion -Wshadow -Wcast-qual -Wstrict-prototypes \
        -Wmissing-prototypes -Wvla -Wformat=2 -Wswitch-enum -Wundef -Wwrite-strings
CFLAGS_release := -O2 -g -D_FORTIFY_SOURCE=2 -fstack-protector-strong
CFLAGS_debug := -O0 -g3
CFLAGS_san := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
CFLAGS_cov := -O0 -g --coverage
LDFLAGS_release := -Wl,-z,relro,-z,now
LDFLAGS_san := -fsanitize=address,undefined
LDFLAGS_cov := --coverage
# Asked when the first file is compiled, not before: `make check` may have to install it first.
PG_INCLUDE = $(eval PG_INCLUDE := $(shell pg_config --includedir 2>/dev/null))$(PG_INCLUDE)
# -iquote: our hash.h and the like are for "…" alone and never stand in for a system header.
override CPPFLAGS += -D_GNU_SOURCE -iquote lib $(if $(PG_INCLUDE),-isystem $(PG_INCLUDE))
override CFLAGS += -std=c17 $(WARN) $(CFLAGS_$(V))
override LDFLAGS += -Wl,--as-needed $(LDFLAGS_$(V))
# A faster inflate, where it is installed; zlib does it elsewhere. ISAL= builds without.
ISAL ?= $(if $(wildcard /usr/include/isa-l/igzip_lib.h),-lisal)
LIBS := -lpq -lcurl -ljansson -lyaml -lexpat -lminizip -lz $(ISAL) -lxxhash -lcrypto -lgmp

LIB := $(BUILD)/librta.a
LIB_OBJ := $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard lib/*.c))
BINS := $(BUILD)/bin/rta $(foreach f,$(FOLDERS),$(addprefix $(BUILD)/bin/rta-,$(filter-out rta,$(PROGRAMS_$(f)))))
ARCHIVES := $(foreach f,$(FOLDERS),$(BUILD)/$(f).a)
UNIT := $(patsubst tests/unit/%.c,$(BUILD)/tests/%,$(wildcard tests/unit/test_*.c))
TOOLS := $(patsubst tests/bench/%.c,$(BUILD)/tools/%,$(wildcard tests/bench/*.c))

# What the scripts of tests/ need to know.
export ROOT BUILD V JOBS
export HEADER_CHECK = $(CC) -std=c17 -fsyntax-only $(WARN) $(CPPFLAGS)
export BIN := $(ROOT)/$(BUILD)/bin

.PHONY: all
all: $(BINS)

.PHONY: help
help:
	@sed -n 's/^#: //p' Makefile

#: make                 build all programs into build/release/bin
#: make demo            install what is missing, build, load six partners, write two reports
#: make check           install what is missing, build, run every test (V=san: with sanitizers)
#: make check-one T=X   one unit test (csv) or case (AREA or AREA/NAME)
#: make check-valgrind  unit tests under valgrind
#: make check-browser   the demo's reports in Chromium: axe, overflow, outside requests
#: make check-rights    seven hundred ways around the store's rights, all refused and audited
#: make check-sshd        OpenSSH without root: a server for each partner
#: make check-transport   files through a real OpenSSH and nginx, with kills (KILLS=60)
#: make check-year      a year of six partners against a model, then made again from the raw packets
#: make check-store      backups restored and compared, killed and cut off at many points
#: make check-distributed  a store over two workers answers as one server does; with kills
#: make check-kill      programs killed, the server stopped, at exact points (POINTS=12 SERVER=1)
#: make check-fault     one call after the other goes wrong in each program (FAULTS=1000 ONLY=)
#: make check-real DATA=FOLDER   read real deliveries from a folder
#: make check-flip      every byte of small workbooks turned, with sanitizers
#: make fuzz T=X SECONDS=60      fuzz one reader (clang)
#: make cov             line coverage of lib/ (at least 90 %)
#: make lint            the rules of the source tree
#: make format          clang-format over all C files
#: make messages        write docs/contracts/messages.md from the sources
#: make check-status    rta status over 40,000 cells, under half a second
#: make bench           the chain measured against copies, upserts, other loaders (ROWS= PAIRS=)
#: make check-fetch      rta fetch by SFTP and FTPS against real servers
#: make bench-life      approve, publish and as-of pulls measured (ROWS=1000000)
#: make bench-count     rta count measured against DuckDB's GROUP BY
#: make deps            install missing packages (Debian)
#: make install         PREFIX=/usr/local DESTDIR=; make uninstall
#: make dist            the source archive
#: make clean           remove build/

# ---- building ----------------------------------------------------------------------------------

$(BUILD)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -iquote $(dir $<) -MMD -MP -c -o $@ $<

$(BUILD)/obj/lib/gz_isal.o: override CPPFLAGS += $(if $(ISAL),-DRTA_ISAL)

$(LIB): $(LIB_OBJ)
	@rm -f $@
	$(AR) rcs $@ $^

define folder_rules
PARTS_$(1) := $$(patsubst %.c,$$(BUILD)/obj/%.o,$$(filter-out $$(patsubst %,$(1)/%.c,$$(PROGRAMS_$(1))),$$(wildcard $(1)/*.c)))
$$(BUILD)/$(1).a: $$(PARTS_$(1))
	@mkdir -p $$(@D)
	@rm -f $$@
	$$(AR) rcs $$@ $$^
$$(patsubst %,$$(BUILD)/bin/rta-%,$$(filter-out rta,$$(PROGRAMS_$(1)))): $$(BUILD)/bin/rta-%: $$(BUILD)/obj/$(1)/%.o $$(BUILD)/$(1).a $$(LIB)
	@mkdir -p $$(@D)
	$$(CC) $$(LDFLAGS) -o $$@ $$< $$(BUILD)/$(1).a $$(LIB) $$(LIBS)
endef
$(foreach f,$(FOLDERS),$(eval $(call folder_rules,$(f))))

$(BUILD)/bin/rta: $(BUILD)/obj/cli/rta.o $(BUILD)/cli.a $(LIB)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $< $(BUILD)/cli.a $(LIB) $(LIBS)

# Unit tests: tests/unit/test_X.c is one cmocka program.
$(BUILD)/tests/%: tests/unit/%.c $(LIB) $(ARCHIVES)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -iquote . -MMD -MP -MF $@.d $(LDFLAGS) -o $@ $< $(ARCHIVES) $(LIB) $(LIBS) -lcmocka

# It needs one archive only, and is built with sanitizers.
$(BUILD)/tests/flip_books: tests/unit/flip_books.c $(BUILD)/ingest.a $(LIB)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -iquote . $(LDFLAGS) -o $@ $< $(BUILD)/ingest.a $(LIB) $(LIBS)

$(BUILD)/tools/%: tests/bench/%.c $(LIB)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -iquote . -MMD -MP -MF $@.d $(LDFLAGS) -o $@ $< $(LIB) $(LIBS)

.PHONY: unit tools everything
unit: $(UNIT)
tools: $(TOOLS)
everything: all unit

# Make again, once the packages are there; the jobs are ours when the user named none.
AGAIN = +@$(MAKE) --no-print-directory -s $(if $(findstring -j,$(MAKEFLAGS)),,-j$(JOBS))

# ---- demo and tests ----------------------------------------------------------------------------

.PHONY: check-distributed deps demo check check-one check-valgrind check-browser check-rights check-store check-real lint format messages cov bench fuzz check-transport check-sshd
deps:
	@tests/deps build check

demo:
	@tests/deps build
	$(AGAIN) all
	@tests/demo.sh

check:
	@tests/deps build check
	$(AGAIN) everything
	@tests/check

check-one:
	$(AGAIN) everything
	@tests/check-one "$(T)"

check-valgrind:
	@tests/deps build check valgrind
	+@$(MAKE) --no-print-directory -s V=debug unit
	@BUILD=build/debug tests/run-unit --valgrind

check-store:
	@tests/deps build check
	$(AGAIN) all
	@tests/store/run

check-distributed:
	@tests/deps build check
	$(AGAIN) all
	@tests/distributed/run

$(BUILD)/tools/killer: tests/kill/killer.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $<

.PHONY: check-kill
check-kill:
	@tests/deps build check
	$(AGAIN) all $(BUILD)/tools/killer
	@TOOLS="$(ROOT)/$(BUILD)/tools" tests/kill/run

# Faults are preloaded into the programs as they are shipped.
$(BUILD)/tools/fault.so: tests/fault/fault.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -U_FORTIFY_SOURCE -fno-builtin -fPIC -shared -o $@ $<

.PHONY: check-fault
check-fault:
	@tests/deps build check
	$(AGAIN) all $(BUILD)/tools/fault.so
	@TOOLS="$(ROOT)/$(BUILD)/tools" tests/fault/run

check-browser:
	@tests/deps build browser
	$(AGAIN) all
	@tests/browser/run

check-rights:
	$(AGAIN) all
	@tests/rights/run

check-sshd:
	@tests/deps build check
	$(AGAIN) all
	@tests/transport/check-sshd.sh

check-transport:
	@tests/deps build transport
	$(AGAIN) all
	@tests/transport/check-transport.sh

check-real:
	@test -n "$(DATA)" || { echo "make check-real DATA=FOLDER" >&2; exit 64; }
	$(AGAIN) all $(BUILD)/tests/real_files $(BUILD)/tests/mustache_spec
	@tests/real/check-real.sh "$(DATA)"

.PHONY: check-flip
check-flip:
	@tests/deps build check
	+@$(MAKE) --no-print-directory -s V=san build/san/tests/flip_books
	@BUILD=build/san tests/flip.sh

lint:
	$(AGAIN) all
	@tests/run-lint

SOURCES = $(wildcard $(foreach f,lib $(FOLDERS) tests/unit tests/bench tests/fuzz,$(f)/*.[ch]))
format:
	clang-format -i $(SOURCES)

messages:
	@tests/lint/messages.sh --write

cov:
	@tests/deps build check cov
	+@$(MAKE) --no-print-directory -s V=cov everything
	@find build/cov -name '*.gcda' -delete
	@BUILD=build/cov BIN="$(ROOT)/build/cov/bin" tests/cov

bench:
	@tests/deps build
	$(AGAIN) all tools
	@TOOLS="$(ROOT)/$(BUILD)/tools" tests/bench/bench.sh $(or $(ROWS),1000000) $(PAIRS)

.PHONY: check-year
check-year:
	@tests/deps build check transport
	$(AGAIN) all
	@tests/year/run

.PHONY: check-fetch
check-fetch:
	@tests/deps build check transport
	$(AGAIN) all
	@tests/transport/check-fetch.sh

.PHONY: bench-life
bench-life:
	@tests/deps build
	$(AGAIN) all tools
	@TOOLS="$(ROOT)/$(BUILD)/tools" tests/bench/life.sh $(ROWS)

.PHONY: bench-count
bench-count:
	@tests/deps build node
	$(AGAIN) all tools
	@TOOLS="$(ROOT)/$(BUILD)/tools" tests/bench/count.sh $(RECORDS)

.PHONY: check-status
check-status:
	@tests/deps build
	$(AGAIN) all
	@tests/bench/status.sh

SECONDS ?= 60
fuzz:
	@tests/deps build fuzz
	+@tests/fuzz/run "$(T)" "$(SECONDS)"

# ---- installing --------------------------------------------------------------------------------

.PHONY: install uninstall dist man clean
SHARE := $(DESTDIR)$(PREFIX)/share
man: all
	@mkdir -p $(BUILD)/man
	@for b in $(BINS); do $$b --man >$(BUILD)/man/$${b##*/}.1 || exit 1; done

install: man
	install -d $(DESTDIR)$(PREFIX)/bin $(SHARE)/rta $(SHARE)/man/man1 $(SHARE)/bash-completion/completions
	install -m 755 $(BINS) $(DESTDIR)$(PREFIX)/bin
	cp -R config $(wildcard templates) $(SHARE)/rta/
	install -m 644 $(patsubst $(BUILD)/bin/%,$(BUILD)/man/%.1,$(BINS)) $(SHARE)/man/man1
	$(BUILD)/bin/rta --completion >$(SHARE)/bash-completion/completions/rta

uninstall:
	rm -f $(patsubst $(BUILD)/bin/%,$(DESTDIR)$(PREFIX)/bin/%,$(BINS))
	rm -f $(patsubst $(BUILD)/bin/%,$(SHARE)/man/man1/%.1,$(BINS)) $(SHARE)/bash-completion/completions/rta
	rm -rf $(SHARE)/rta

VERSION = $(shell sed -n 's/^\#define RTA_VERSION "\(.*\)"/\1/p' lib/stage.h)
dist:
	@mkdir -p build
	git archive --format=tar.gz --prefix=rta-$(VERSION)/ -o build/rta-$(VERSION).tar.gz HEAD
	@echo build/rta-$(VERSION).tar.gz

clean:
	rm -rf build

-include $(shell find build -name '*.d' 2>/dev/null)
