# One word per task. Every task installs what it is missing (Debian 12; needs only Swift 6.3).
.PHONY: setup build test lint format demo demo-cluster api-check bench bench-cluster bench-scale example soak release clean

SWIFT ?= swift
SOURCES = Package.swift Sources Benchmarks Tests Examples

setup:
	@Scripts/setup.sh

build: setup
	$(SWIFT) build

test: setup
	@Scripts/test.sh

lint: setup
	$(SWIFT) format lint --strict --parallel --recursive $(SOURCES)
	@Scripts/lint-repo.sh

format:
	$(SWIFT) format format --in-place --parallel --recursive $(SOURCES)

demo: setup
	$(SWIFT) build
	@Scripts/demo.sh

demo-cluster: setup
	$(SWIFT) build
	@Scripts/demo-cluster.sh

release: setup
	$(SWIFT) build --configuration release --static-swift-stdlib

bench: release
	@Scripts/bench.sh

bench-cluster: release
	@Scripts/bench-cluster.sh

bench-scale: release
	@Scripts/bench-scale.sh

# The API against Schemathesis, which is installed below .build; without a network it is skipped, and says so.
api-check: setup
	$(SWIFT) build
	@Scripts/api-check.sh

soak: setup
	@KEYREEVE_SOAK=1 Scripts/test.sh

example: setup
	$(SWIFT) run --package-path Examples/SSHFormatsExample --scratch-path .build-example

clean:
	rm -rf .build .build-example
