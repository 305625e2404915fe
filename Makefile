# rta — build, test, install. Variants: make V=release|debug|san|cov (default release).
V ?= release
BUILD := build/$(V)
CC ?= gcc
PREFIX ?= /usr/local
DESTDIR ?=

PROGRAMS_ingest := $(patsubst ingest/%.c,%,$(wildcard ingest/fetch.c ingest/read.c ingest/map.c ingest/check.c ingest/load.c))
PROGRAMS_aggregate := $(patsubst aggregate/%.c,%,$(wildcard aggregate/pull.c aggregate/derive.c))
PROGRAMS_report := $(patsubst report/%.c,%,$(wildcard report/table.c report/chart.c report/render.c report/build.c))
PROGRAMS_cli := $(patsubst cli/%.c,%,$(wildcard cli/rta.c cli/db.c cli/run.c cli/config.c))
FOLDERS := ingest aggregate report cli

WARN := -Wall -Wextra -Werror -Wconversion -Wshadow -Wcast-qual -Wstrict-prototypes \
        -Wmissing-prototypes -Wvla -Wformat=2 -Wswitch-enum -Wundef -Wwrite-strings
# -iquote: our hash.h and the like are for "…" alone and never stand in for a system header.
CPPFLAGS += -D_GNU_SOURCE -iquote lib
CFLAGS_release := -O2 -g -D_FORTIFY_SOURCE=2 -fstack-protector-strong
CFLAGS_debug := -O0 -g3
CFLAGS_san := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
CFLAGS_cov := -O0 -g --coverage
LDFLAGS_release := -Wl,-z,relro,-z,now
LDFLAGS_san := -fsanitize=address,undefined
LDFLAGS_cov := --coverage
override CFLAGS += -std=c17 $(WARN) $(CFLAGS_$(V))
override LDFLAGS += -Wl,--as-needed $(LDFLAGS_$(V))
PG_INCLUDE := $(shell pg_config --includedir 2>/dev/null)
override CPPFLAGS += $(if $(PG_INCLUDE),-isystem $(PG_INCLUDE))
LIBS := -lpq -lcurl -ljansson -lyaml -lz -lxxhash -lcrypto -lgmp

LIB := $(BUILD)/librta.a
LIB_OBJ := $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard lib/*.c))
BINS := $(BUILD)/bin/rta $(foreach f,$(FOLDERS),$(addprefix $(BUILD)/bin/rta-,$(filter-out rta,$(PROGRAMS_$(f)))))

.PHONY: all clean
all: $(BINS)

$(BUILD)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -iquote $(dir $<) -MMD -MP -c -o $@ $<

$(LIB): $(LIB_OBJ)
	@rm -f $@
	$(AR) rcs $@ $^

# A folder's programs are the files named above; its other files are parts that they share.
define folder_rules
PARTS_$(1) := $$(patsubst %.c,$$(BUILD)/obj/%.o,$$(filter-out $$(patsubst %,$(1)/%.c,$$(PROGRAMS_$(1))),$$(wildcard $(1)/*.c)))
$$(BUILD)/$(1).a: $$(PARTS_$(1))
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
UNIT := $(patsubst tests/unit/%.c,$(BUILD)/tests/%,$(wildcard tests/unit/test_*.c))
$(BUILD)/tests/%: tests/unit/%.c $(LIB) $(foreach f,$(FOLDERS),$(BUILD)/$(f).a)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -I. $(LDFLAGS) -o $@ $< $(foreach f,$(FOLDERS),$(BUILD)/$(f).a) $(LIB) $(LIBS) -lcmocka
.PHONY: unit
unit: $(UNIT)
	@for t in $(UNIT); do $$t || exit 1; done

clean:
	rm -rf build

-include $(shell find build -name '*.d' 2>/dev/null)
