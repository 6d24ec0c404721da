# dnspolicy. `make demo` shows it, `make test` proves it, `make bench` measures it, `make` builds both programs into build/.
#
#   make deps                      installs what the build needs (Debian packages, by apt-get)
#   make install PREFIX= DESTDIR=  both programs, their manual pages and completions
#   make screenshots               pictures of the status page, into docs/screenshots/
#   make deb                       a Debian package of what is committed, in build/deb/
#   SAN=asan|tsan|fuzz             builds the same with sanitizers into build/SAN/
#   CC=clang BUILD=build/clang     another compiler, into another directory

VERSION  := 0.1.0
# A tree unpacked from a package has no git, and may lie within another's.
REVISION := $(shell cat .revision 2>/dev/null || git rev-parse --short=12 HEAD 2>/dev/null || echo unknown)
PREFIX   ?= /usr/local
DESTDIR  ?=
SAN      ?=
BUILD    := build$(if $(SAN),/$(SAN))
OBJ      := $(BUILD)/obj
PYTHON   ?= /usr/bin/python3
ifeq ($(SAN)$(origin CC),fuzzdefault)
CC       := clang
endif

LIBRARIES := libmicrohttpd ldns yaml-0.1 jansson zlib gnutls libcrypt libcrypto libssl libnghttp2
WARNINGS  := -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition \
             -Wpointer-arith -Wcast-qual -Wwrite-strings -Wformat=2 -Wundef -Wvla -Wimplicit-fallthrough \
             -Wnull-dereference -Wdouble-promotion -Werror
HARDEN    := -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fPIE
SAN_FLAGS_     := -O2 $(HARDEN)
SAN_FLAGS_asan := -O1 -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
SAN_FLAGS_tsan := -O1 -fsanitize=thread -fno-omit-frame-pointer
SAN_FLAGS_fuzz := -O1 -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer

CFLAGS   ?= -g
CPPFLAGS += -Iinclude -D_GNU_SOURCE
CPPFLAGS += -DDNSPOLICY_VERSION='"$(VERSION)"'
ALL_CFLAGS = -std=c11 -pthread $(WARNINGS) $(SAN_FLAGS_$(SAN)) $(shell pkg-config --cflags $(LIBRARIES)) $(CFLAGS)
ALL_LIBS   = $(shell pkg-config --libs $(LIBRARIES)) -lm
ALL_LDFLAGS = -pthread $(if $(SAN),,-pie -Wl$(comma)-z$(comma)relro$(comma)-z$(comma)now) $(LDFLAGS)
comma := ,
# V=1 shows the commands.
Q := $(if $(V),,@)
say = $(if $(V)$(findstring s,$(firstword -$(MAKEFLAGS))),,@printf '  %-4s %s\n' $(1) $@)

MODULES  := base dns config plan probe judge state views web app
PROGRAMS := dnspolicy_exporter dnspolicy
MAINS    := $(PROGRAMS:%=src/app/%.c)
SOURCES  := $(filter-out $(MAINS),$(foreach m,$(MODULES),$(wildcard src/$(m)/*.c)))
LIBRARY  := $(BUILD)/libdnspolicy.a
ASSETS   := $(wildcard src/views/assets/*)
UNIT     := $(patsubst tests/unit/%.c,$(BUILD)/tests/%,$(wildcard tests/unit/test_*.c))
TOOLS    := $(patsubst tests/tools/%.c,$(BUILD)/tools/%,$(wildcard tests/tools/*.c))
FUZZERS  := $(patsubst tests/fuzz/%.c,$(BUILD)/fuzzers/%,$(wildcard tests/fuzz/fuzz_*.c))

.PHONY: all deps demo test bench unit tools fuzzers man completion install uninstall deb kubernetes-rules clean format
all: $(PROGRAMS:%=$(BUILD)/%)

# Kept, or the next make would build them again: `make install` as root, say.
.SECONDARY: $(MAINS:%.c=$(OBJ)/%.o)
$(BUILD)/%: $(OBJ)/src/app/%.o $(LIBRARY)
	$(call say,LD)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(ALL_LIBS)
$(LIBRARY): $(SOURCES:%.c=$(OBJ)/%.o) $(ASSETS:%=$(OBJ)/%.o)
	$(call say,AR)
	$(Q)rm -f $@ && ar rcs $@ $^
$(OBJ)/%.o: %.c Makefile | needs
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<
# The status page's files as arrays: no string of C may be that long. A byte follows each, for none may be empty.
$(ASSETS:%=$(BUILD)/%.c): $(BUILD)/%.c: % Makefile
	@mkdir -p $(@D)
	$(call say,GEN)
	$(Q)name=asset_$(subst .,_,$(notdir $<)); { echo '#include "views/page_assets.h"'; \
	  echo "const unsigned char $$name[] = {"; od -An -v -tu1 $< | sed 's/[0-9][0-9]*/&,/g'; echo '0};'; \
	  echo "const size_t $${name}_len = sizeof($$name) - 1;"; } > $@.new && mv $@.new $@
$(ASSETS:%=$(OBJ)/%.o): $(OBJ)/%.o: $(BUILD)/%.c | needs
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(CPPFLAGS) -Isrc $(ALL_CFLAGS) -MMD -MP -c -o $@ $<
-include $(shell find $(BUILD)/obj $(BUILD)/tests -name '*.d' 2>/dev/null)

# Only what tells the revision is built anew when it changes.
TELLS_REVISION := $(patsubst %.c,$(OBJ)/%.o,$(shell grep -lr DNSPOLICY_REVISION src))
$(TELLS_REVISION): CPPFLAGS += -DDNSPOLICY_REVISION='"$(REVISION)"'
$(TELLS_REVISION): $(BUILD)/revision
$(BUILD)/revision: always
	@mkdir -p $(@D); echo $(REVISION) | cmp -s - $@ || echo $(REVISION) > $@

# What is missing is said once and clearly, before the compiler says it a hundred times.
.PHONY: needs always
needs:
	@pkg-config --exists $(LIBRARIES) || { \
	  echo "make: libraries are missing; 'make deps' installs them ($(LIBRARIES))" >&2; exit 1; }

unit: $(UNIT)
$(BUILD)/tests/%: tests/unit/%.c $(LIBRARY)
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(CPPFLAGS) -Isrc $(ALL_CFLAGS) -MMD -MP -MF $@.d $(ALL_LDFLAGS) -o $@ $< $(LIBRARY) -lcmocka $(ALL_LIBS)
tools: $(TOOLS)
$(BUILD)/tools/%: tests/tools/%.c
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^
$(BUILD)/bench/%: tests/bench/%.c $(LIBRARY)
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(ALL_LIBS)
$(BUILD)/container/%: packaging/container/%.c
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^
fuzzers: $(FUZZERS)
$(BUILD)/fuzzers/%: tests/fuzz/%.c $(LIBRARY)
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(CPPFLAGS) -Isrc $(ALL_CFLAGS) -fsanitize=fuzzer $(ALL_LDFLAGS) -o $@ $^ $(ALL_LIBS)

# The tables of the manual and of the shells' completions are the code's own.
PAGES := dnspolicy_exporter.8 dnspolicy.1 dnspolicy.yml.5
COMPLETIONS := dnspolicy.bash _dnspolicy dnspolicy.fish
man: $(PAGES:%=$(BUILD)/man/%)
completion: $(COMPLETIONS:%=$(BUILD)/completion/%)
TABLES := $(BUILD)/packaging/tables
$(TABLES): $(wildcard packaging/tables/*.c) packaging/tables/tables.h $(LIBRARY)
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $(filter-out %.h,$^) $(ALL_LIBS)
$(PAGES:%=$(BUILD)/man/%): $(BUILD)/%: packaging/%.in $(TABLES)
	@mkdir -p $(@D)
	$(call say,MAN)
	$(Q)$(TABLES) $(VERSION) < $< > $@.new && mv $@.new $@
$(COMPLETIONS:%=$(BUILD)/completion/%): $(BUILD)/%: packaging/%.in $(TABLES)
	@mkdir -p $(@D)
	$(call say,GEN)
	$(Q)$(TABLES) $(VERSION) < $< > $@.new && mv $@.new $@

deps:
	packaging/install-packages build
# A make of its own, so that it sees what was just installed.
demo:
	@packaging/install-packages build demo
	@$(MAKE) -s --no-print-directory -j$$(nproc) all
	@$(PYTHON) -B config/demo.py
test:
	@packaging/install-packages build package test browser
	@tests/run
bench:
	@packaging/install-packages build bench
	@$(MAKE) -s --no-print-directory -j$$(nproc) all $(BUILD)/tools/spread_responder $(BUILD)/bench/tsig_cost
	@$(PYTHON) -B tests/bench/run.py $(ROWS)

# Pictures of the status page, in light and dark and on a phone, into docs/screenshots/.
.PHONY: screenshots
screenshots:
	@packaging/install-packages build demo browser screenshots
	@$(MAKE) -s --no-print-directory -j$$(nproc) all
	@npm ci --prefix tests/browser --ignore-scripts --no-audit --no-fund --loglevel=error
	@node tests/browser/screenshots.mjs docs/screenshots

# Grafana's JSON from its source, after a change there.
.PHONY: dashboards
dashboards:
	$(PYTHON) -B dashboards/source/generate.py

# Where bash-completion, zsh and fish look; Debian has vendor-completions for zsh. Each finds a file by the program's name.
SHARE := $(DESTDIR)$(PREFIX)/share
BASH_COMPLETIONS := $(SHARE)/bash-completion/completions
FISH_COMPLETIONS := $(SHARE)/fish/vendor_completions.d
ZSH_COMPLETIONS  ?= zsh/site-functions

install: all man completion
	install -d $(DESTDIR)$(PREFIX)/bin
	install -m 755 $(PROGRAMS:%=$(BUILD)/%) $(DESTDIR)$(PREFIX)/bin
	for page in $(PAGES); do \
	  install -D -m 644 $(BUILD)/man/$$page $(SHARE)/man/man$${page##*.}/$$page; done
	install -D -m 644 $(BUILD)/completion/dnspolicy.bash $(BASH_COMPLETIONS)/dnspolicy
	ln -sf dnspolicy $(BASH_COMPLETIONS)/dnspolicy_exporter
	install -D -m 644 $(BUILD)/completion/_dnspolicy $(SHARE)/$(ZSH_COMPLETIONS)/_dnspolicy
	install -D -m 644 $(BUILD)/completion/dnspolicy.fish $(FISH_COMPLETIONS)/dnspolicy.fish
	ln -sf dnspolicy.fish $(FISH_COMPLETIONS)/dnspolicy_exporter.fish
uninstall:
	rm -f $(PROGRAMS:%=$(DESTDIR)$(PREFIX)/bin/%)
	for page in $(PAGES); do rm -f $(SHARE)/man/man$${page##*.}/$$page; done
	rm -f $(PROGRAMS:%=$(BASH_COMPLETIONS)/%) $(SHARE)/$(ZSH_COMPLETIONS)/_dnspolicy $(PROGRAMS:%=$(FISH_COMPLETIONS)/%.fish)
# The same rules for the Prometheus operator; a test holds them together.
kubernetes-rules:
	packaging/kubernetes/make-rules config/prometheus/dnspolicy-*.yml > packaging/kubernetes/prometheusrule.yaml.new
	mv packaging/kubernetes/prometheusrule.yaml.new packaging/kubernetes/prometheusrule.yaml
deb:
	@packaging/install-packages build package
	@packaging/make-deb $(BUILD)/deb $(VERSION) $(REVISION)
clean:
	rm -rf build
format:
	clang-format -i $$(git ls-files '*.c' '*.h')
