# What `make test` builds and runs. A test program prints TAP; tests/run
# counts. The C tests run a second time under ASan and UBSan.

TDIR	 = $(BUILD)/tests
TLIB	 = $(LIB)
CTESTS	 = $(patsubst tests/unit/%.c,$(TDIR)/%,$(wildcard tests/unit/test_*.c))
WEBTESTS = $(patsubst tests/web/%.c,$(TDIR)/%,$(wildcard tests/web/test_*.c))
PAMTOOLS = $(patsubst tests/pam/%.c,$(TDIR)/%,$(wildcard tests/pam/*try.c))
CGILIB	 = $(filter-out $(BUILD)/o/cgi/main.o,$(CGIOBJ))

$(TDIR)/test_%: tests/unit/test_%.c $(LIB)
	@mkdir -p $(@D)
	@echo "  LD $@"; $(CC) $(ALLFLAGS) -fPIE -pie $(LINK) -o $@ $< $(LIB) \
	    -lcmocka $(COMMON) -lcurl

$(WEBTESTS): $(TDIR)/test_%: tests/web/test_%.c $(CGILIB) $(LIB)
	@mkdir -p $(@D)
	@echo "  LD $@"; $(CC) $(ALLFLAGS) -fPIE -pie $(LINK) -o $@ $< $(CGILIB) \
	    $(LIB) -lcmocka -lfcgi $(COMMON)

$(TDIR)/test_pam $(TDIR)/bench_pam: $(TDIR)/%: $(LIB)
	@mkdir -p $(@D)
	@echo "  LD $@"; $(CC) $(ALLFLAGS) -fPIE -pie $(LINK) -o $@ \
	    $(wildcard tests/pam/$*.c tests/bench/$*.c) $(LIB) -lpam -ldl

$(PAMTOOLS): $(TDIR)/%: tests/pam/%.c $(LIB)
	@mkdir -p $(@D)
	@echo "  LD $@"; $(CC) $(ALLFLAGS) -fPIE -pie $(LINK) -o $@ $< $(LIB) \
	    -lpam $(COMMON)

$(TDIR)/seed: tests/web/seed.c $(LIB)
	@mkdir -p $(@D)
	@echo "  LD $@"; $(CC) $(ALLFLAGS) -fPIE -pie $(LINK) -o $@ $< $(LIB) \
	    $(COMMON)

# The floor of the list page: the same seam to FastCGI, and nothing behind it.
$(TDIR)/bare: tests/bench/bare.c $(BUILD)/o/cgi/fcgi.o $(BUILD)/o/cgi/listen.o \
	    $(LIB)
	@mkdir -p $(@D)
	@echo "  LD $@"; $(CC) $(ALLFLAGS) -fPIE -pie $(LINK) -o $@ $^ -lfcgi \
	    $(COMMON)

# Preloaded into a worker that is to die; never sanitized itself.
$(TDIR)/deadly.so: tests/faults/deadly.c
	@mkdir -p $(@D)
	@echo "  LD $@"; $(CC) $(BASIC) $(WARN) -Wno-pedantic -fPIC -shared \
	    -o $@ $< -ldl

CPROGRAMS = $(CTESTS) $(WEBTESTS) $(TDIR)/test_pam $(PAMTOOLS) $(TDIR)/seed
tests: all $(BUILD)/sandbox $(CPROGRAMS) $(TDIR)/deadly.so
.PHONY: tests
