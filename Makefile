# offboard: `make` builds into build/ as the calling user. See README.md.

SHELL	 = /bin/bash
CC	?= gcc
BUILD	?= build
PREFIX	?= /usr
SYSCONF	?= /etc
PAMDIR	?= $(PREFIX)/lib/$(shell $(CC) -dumpmachine 2>/dev/null)/security
VERSION	 = 0.1.0

WARN	 = -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes \
	   -Wmissing-prototypes -Wwrite-strings -Wpointer-arith -Wcast-qual \
	   -Wformat=2 -Wvla -Wundef -Werror
HARDEN	 = -D_FORTIFY_SOURCE=2 -fstack-protector-strong \
	   -fstack-clash-protection -fcf-protection
LINK	 = -Wl,-z,relro,-z,now,-z,noexecstack,--as-needed
# SAN=1: the same under AddressSanitizer and UBSan.
ifeq ($(SAN),1)
HARDEN	 = -fsanitize=address,undefined -fno-sanitize-recover=all \
	   -fno-omit-frame-pointer
LINK	 =
endif
BASIC	 = -std=gnu17 -D_GNU_SOURCE -g -O2 -MMD -MP -pthread \
	   -DVERSION='"$(VERSION)"' -Iproviders/base -Iproviders/linux \
	   -include providers/base/banned.h
CFLAGS	?=
ALLFLAGS = $(BASIC) $(WARN) $(HARDEN) $(CFLAGS)

LIBDIRS	 = base record net linux engine systems
LIBSRC	 = $(foreach d,$(LIBDIRS),$(wildcard providers/$(d)/*.c)) \
	   $(wildcard providers/*.c)
LIBOBJ	 = $(LIBSRC:%.c=$(BUILD)/o/%.o) $(BUILD)/o/schema.o
LIB	 = $(BUILD)/liboffboard.a

CMDOBJ	 = $(patsubst %.c,$(BUILD)/o/%.o,$(filter-out %/offboardd.c,\
	   $(wildcard providers/cmd/*.c)))
DOBJ	 = $(BUILD)/o/providers/cmd/offboardd.o
CGIOBJ	 = $(patsubst %.c,$(BUILD)/o/%.o,$(wildcard cgi/*.c))
HOSTOBJ	 = $(patsubst %.c,$(BUILD)/o/%.o,$(wildcard plugin/host/*.c))
PAMSRC	 = $(wildcard plugin/pam/*.c) providers/linux/denylist_read.c \
	   providers/linux/siphash.c providers/linux/crc32c.c
PAMOBJ	 = $(PAMSRC:%.c=$(BUILD)/pic/%.o)
BOXOBJ	 = $(patsubst %.c,$(BUILD)/o/%.o,$(wildcard tests/sandbox/*.c))

PROGRAMS = $(BUILD)/offboard $(BUILD)/offboardd $(BUILD)/offboard.fcgi \
	   $(BUILD)/offboard-hostd $(BUILD)/pam_offboard.so
COMMON	 = -lsqlite3 -ljson-c -lcrypto -linih

all: $(BUILD)/offboard $(BUILD)/offboardd

$(BUILD)/o/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC $<"; $(CC) $(ALLFLAGS) -fPIE -c -o $@ $<

$(BUILD)/pic/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC $<"; $(CC) $(ALLFLAGS) -fPIC -fvisibility=hidden -c -o $@ $<

$(BUILD)/schema.c: providers/record/schema.sql
	@mkdir -p $(@D)
	@{ echo '/* Made from schema.sql. */'; \
	echo 'extern const char schema_sql[];'; \
	echo 'const char schema_sql[] ='; \
	sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/^/"/' -e 's/$$/\\n"/' $<; \
	echo ';'; } >$@

$(BUILD)/o/schema.o: $(BUILD)/schema.c
	@mkdir -p $(@D)
	@$(CC) $(BASIC) $(HARDEN) -Wno-overlength-strings -fPIE -c -o $@ $<

$(LIB): $(LIBOBJ)
	@rm -f $@
	@ar rcs $@ $^

$(BUILD)/offboard: $(CMDOBJ) $(LIB)
	@echo "  LD $@"; $(CC) $(ALLFLAGS) $(LINK) -pie -o $@ $^ $(COMMON) -lcurl

$(BUILD)/offboardd: $(DOBJ) $(LIB)
	@echo "  LD $@"; $(CC) $(ALLFLAGS) $(LINK) -pie -o $@ $^ $(COMMON) -lcurl

# No -lcurl: the web program has no network, and the link proves it.
$(BUILD)/offboard.fcgi: $(CGIOBJ) $(LIB)
	@echo "  LD $@"; $(CC) $(ALLFLAGS) $(LINK) -pie -o $@ $^ -lfcgi $(COMMON)

$(BUILD)/offboard-hostd: $(HOSTOBJ) $(LIB)
	@echo "  LD $@"; $(CC) $(ALLFLAGS) $(LINK) -pie -o $@ $^ -ljson-c -lcrypto -linih -lcurl

$(BUILD)/pam_offboard.so: $(PAMOBJ) plugin/pam/pam_offboard.map
	@echo "  LD $@"; $(CC) $(ALLFLAGS) $(LINK) -Wl,-z,defs -shared \
	    -Wl,--version-script=plugin/pam/pam_offboard.map -o $@ $(PAMOBJ) -lpam

$(BUILD)/sandbox: $(BOXOBJ)
	@echo "  LD $@"; $(CC) $(ALLFLAGS) $(LINK) -pie -o $@ $^ -lmicrohttpd -ljson-c

include tests/tests.mk

clean:
	rm -rf $(BUILD)

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)

.PHONY: all clean deps run test bench install check soak
.DELETE_ON_ERROR:
