# offboard: `make` builds into build/ as the calling user. See README.md.

SHELL	 = /bin/bash
CC	?= gcc
BUILD	?= build
PREFIX	?= /usr
PAMDIR	?= $(PREFIX)/lib/$(shell $(CC) -dumpmachine 2>/dev/null)/security
UNITDIR	?= $(if $(filter /usr,$(PREFIX)),/lib,$(PREFIX)/lib)/systemd/system
VERSION	 = 0.1.0

WARN	 = -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes \
	   -Wmissing-prototypes -Wwrite-strings -Wpointer-arith -Wcast-qual \
	   -Wformat=2 -Wvla -Wundef -Werror
HARDEN	 = -D_FORTIFY_SOURCE=2 -fstack-protector-strong \
	   -fstack-clash-protection -fcf-protection
LINK	 = -Wl,-z,relro,-z,now,-z,noexecstack,--as-needed
SOLINK	 = -Wl,-z,defs,-z,noseparate-code
# SAN=1: the same under AddressSanitizer and UBSan.
ifeq ($(SAN),1)
HARDEN	 = -fsanitize=address,undefined -fno-sanitize-recover=all \
	   -fno-omit-frame-pointer
LINK	 =
SOLINK	 =
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

all: $(PROGRAMS)

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

# Fewer segments to map: every login pays for the dlopen, and it is a sixth
# of the whole check.
$(BUILD)/pam_offboard.so: $(PAMOBJ) plugin/pam/pam_offboard.map
	@echo "  LD $@"; $(CC) $(ALLFLAGS) $(LINK) $(SOLINK) -shared \
	    -Wl,--version-script=plugin/pam/pam_offboard.map -o $@ $(PAMOBJ) -lpam

$(BUILD)/sandbox: $(BOXOBJ)
	@echo "  LD $@"; $(CC) $(ALLFLAGS) $(LINK) -pie -o $@ $^ -lmicrohttpd -ljson-c

include tests/tests.mk

deps:
	@dist/deps run

# The packages first: what is compiled depends on them being there.
run:
	@dist/deps run
	@$(MAKE) --no-print-directory -j2 all $(BUILD)/sandbox $(TDIR)/pamtry
	@BUILD=$(BUILD) ONCE=$(ONCE) PORT=$(PORT) tests/demo/run.sh

test:
	@dist/deps test
	@$(MAKE) --no-print-directory -j2 tests
	@$(MAKE) --no-print-directory -j2 SAN=1 BUILD=$(BUILD)/san tests
	@BUILD=$(BUILD) tests/all.sh

# What takes longer: every end-to-end test once more on the sanitized build.
soak:
	@dist/deps test
	@$(MAKE) --no-print-directory -j2 tests
	@$(MAKE) --no-print-directory -j2 SAN=1 BUILD=$(BUILD)/san tests
	@BUILD=$(CURDIR)/$(BUILD)/san TEST_TIMEOUT=1200 EVERY=1 tests/run \
	    tests/providers/test_*.py tests/after/test_*.py tests/faults/test_*.py \
	    tests/web/test_web.py tests/pam/test_hostd.sh

bench:
	@dist/deps test
	@$(MAKE) --no-print-directory -j2 tests $(TDIR)/bench_pam $(TDIR)/bare
	@BUILD=$(BUILD) /usr/bin/python3 tests/bench/bench.py

INSTALL_ = install -D -m
install: all
	$(INSTALL_) 755 $(BUILD)/offboard $(DESTDIR)$(PREFIX)/bin/offboard
	$(INSTALL_) 755 $(BUILD)/offboardd $(DESTDIR)$(PREFIX)/sbin/offboardd
	$(INSTALL_) 755 $(BUILD)/offboard-hostd \
	    $(DESTDIR)$(PREFIX)/sbin/offboard-hostd
	$(INSTALL_) 755 $(BUILD)/offboard.fcgi \
	    $(DESTDIR)$(PREFIX)/lib/offboard/offboard.fcgi
	$(INSTALL_) 644 $(BUILD)/pam_offboard.so \
	    $(DESTDIR)$(PAMDIR)/pam_offboard.so
	for f in style.css favicon.svg 50x.html 429.html; do \
	    $(INSTALL_) 644 www/$$f \
	    $(DESTDIR)$(PREFIX)/share/offboard/www/$$f || exit 1; done
	for f in man/*.[1-8]; do $(INSTALL_) 644 $$f \
	    $(DESTDIR)$(PREFIX)/share/man/man$${f##*.}/$${f##*/} || exit 1; \
	    done
	for f in dist/systemd/*; do $(INSTALL_) 644 $$f \
	    $(DESTDIR)$(UNITDIR)/$${f##*/} || exit 1; done
	$(INSTALL_) 644 dist/pam-configs/offboard \
	    $(DESTDIR)$(PREFIX)/share/pam-configs/offboard
	for f in README.md INSTALL dist/nginx/offboard.conf; do \
	    $(INSTALL_) 644 $$f \
	    $(DESTDIR)$(PREFIX)/share/doc/offboard/$${f##*/} || exit 1; done
	$(INSTALL_) 755 dist/command/gitlab \
	    $(DESTDIR)$(PREFIX)/share/doc/offboard/command/gitlab

# For tests/warnings.sh: the other compiler with the same warnings.
print-flags: export FLAGS = $(filter-out -MMD -MP,$(BASIC)) $(WARN)
print-flags:
	@printf '%s\n' "$$FLAGS"

clean:
	rm -rf $(BUILD)

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)

.PHONY: print-flags all clean deps run test soak bench install
.DELETE_ON_ERROR:
