# One word per task. Every task installs what it is missing (Debian 12; needs only Swift 6.3).
.PHONY: setup setup-build build test lint format demo demo-cluster api-check bench bench-cluster bench-scale bench-sign-in fuzz units-check example soak release install clean

SWIFT ?= swift
SOURCES = Package.swift Sources Benchmarks Tests Examples

setup:
	@Scripts/setup.sh
	@Scripts/setup-python.sh

# What only tests need is left out.
setup-build:
	@Scripts/setup.sh build

build: setup-build
	$(SWIFT) build

test: setup
	@Scripts/test.sh

lint: setup-build
	$(SWIFT) format lint --strict --parallel --recursive $(SOURCES)
	@Scripts/lint-repo.sh

format:
	$(SWIFT) format format --in-place --parallel --recursive $(SOURCES)

demo: setup-build
	$(SWIFT) build
	@Scripts/demo.sh

demo-cluster: setup-build
	$(SWIFT) build
	@Scripts/demo-cluster.sh

release: setup-build
	$(SWIFT) build --configuration release --static-swift-stdlib

# Puts everything in place: make release, then make install [PREFIX=/usr] [DESTDIR=…]. Starts nothing, adds no user.
PREFIX ?= /usr/local
BIN ?= .build/release
SYSCONFDIR ?= /etc
STAGE = $(DESTDIR)$(PREFIX)
# With PREFIX=/usr, where libpam looks for modules: Debian has a folder for each kind of machine.
PAMDIR ?= $(STAGE)/lib/$(notdir $(patsubst %/libpam.so.0,%,$(firstword $(wildcard /usr/lib/*-linux-gnu/libpam.so.0))))/security

install:
	install -d $(STAGE)/bin $(STAGE)/sbin $(STAGE)/share/man/man1 $(STAGE)/share/man/man8 $(STAGE)/lib/systemd/system \
	  $(STAGE)/lib/sysusers.d $(STAGE)/lib/tmpfiles.d $(STAGE)/share/bash-completion/completions \
	  $(STAGE)/share/zsh/site-functions $(STAGE)/share/fish/vendor_completions.d $(DESTDIR)$(SYSCONFDIR)/keyreeve
	install -m 755 $(BIN)/reeve $(BIN)/reeve-fetch $(STAGE)/bin/
	install -d $(PAMDIR)
	install -m 644 $(BIN)/libpam_reeve.so $(PAMDIR)/pam_reeve.so
	install -m 755 $(addprefix $(BIN)/,reeved reeve-signer reeve-pam reeve-door reeve-agent reeve-principals) $(STAGE)/sbin/
	install -m 644 Docs/man/*.1 $(STAGE)/share/man/man1/
	install -m 644 Docs/man/*.8 $(STAGE)/share/man/man8/
	for unit in Packaging/systemd/*.service; do \
	  sed 's|@sbindir@|$(PREFIX)/sbin|' $$unit >$(STAGE)/lib/systemd/system/$${unit##*/} || exit 1; done
	install -m 644 Packaging/sysusers.d/keyreeve.conf $(STAGE)/lib/sysusers.d/
	install -m 644 Packaging/tmpfiles.d/keyreeve.conf $(STAGE)/lib/tmpfiles.d/
	$(BIN)/reeve --generate-completion-script bash >$(STAGE)/share/bash-completion/completions/reeve
	$(BIN)/reeve --generate-completion-script zsh >$(STAGE)/share/zsh/site-functions/_reeve
	$(BIN)/reeve --generate-completion-script fish >$(STAGE)/share/fish/vendor_completions.d/reeve.fish
	test -e $(DESTDIR)$(SYSCONFDIR)/keyreeve/reeved.toml || \
	  install -m 644 Packaging/reeved.toml $(DESTDIR)$(SYSCONFDIR)/keyreeve/reeved.toml

bench: release
	@Scripts/bench.sh

bench-cluster: release
	@Scripts/bench-cluster.sh

bench-scale: release
	@Scripts/bench-scale.sh

bench-sign-in: release
	@Scripts/bench-sign-in.sh

# The API against Schemathesis, which is installed below .build; without a network it is skipped, and says so.
api-check: setup
	$(SWIFT) build
	@Scripts/api-check.sh

soak: setup
	@KEYREEVE_SOAK=1 Scripts/test.sh

fuzz: setup-build
	@Scripts/fuzz.sh

# The packaged install under a real systemd, in namespaces of its own; as root.
units-check: setup
	$(SWIFT) build
	@Scripts/units-check.sh

example: setup-build
	$(SWIFT) run --package-path Examples/SSHFormatsExample --scratch-path .build-example

clean:
	rm -rf .build .build-fuzz .build-example
