# `make run` and `make test` need nothing but Swift 6.2 or newer and Debian's packages, which they install themselves.

SWIFT ?= swift
DIRECTORY ?= martlet-demo

.PHONY: run test release check fmt bench fuzz interop crash powercut faults scan siege packages

run: packages ## build (debug), then every protocol on loopback with sample accounts
	$(SWIFT) build --product martlet
	.build/debug/martlet demo --directory $(DIRECTORY) $(ARGUMENTS)

test: ## all tests, with what they need installed first
	scripts/install-packages test
	scripts/check-rfc-citations
	$(SWIFT) build --build-tests
# One after the other: side by side, tests that compute hold the few threads of tests that talk, until those time out.
	$(SWIFT) test --skip-build --no-parallel $(ARGUMENTS)
	MARTLET=.build/debug/martlet scripts/siege --short
	scripts/crash-tests

release: packages ## .build/release/martlet
	$(SWIFT) build -c release --product martlet --static-swift-stdlib -Xlinker -s

check: ## what a review would say: format, citations, SQL on PostgreSQL
	scripts/install-packages check
	$(SWIFT) format lint --strict --recursive --configuration .swift-format Package.swift Sources Tests
	scripts/check-rfc-citations
	scripts/check-postgresql

fmt: ## format the sources in place
	$(SWIFT) format --in-place --recursive --configuration .swift-format Package.swift Sources Tests

bench: packages ## speed, as ratios in one run
	scripts/bench $(ARGUMENTS)

fuzz: packages ## libFuzzer over every parser; FUZZ_SECONDS each
	scripts/fuzz $(ARGUMENTS)

interop: release ## real clients against a running demo
	scripts/install-packages interop
	scripts/interop $(ARGUMENTS)

crash: release ## SIGKILL a busy server again and again, and compare with what it had acknowledged
	scripts/install-packages test
	scripts/crash $(ARGUMENTS)

powercut: release ## rebuild the data folder as a power cut may leave it, and compare; a program without syncs must be caught
	scripts/install-packages test
	scripts/powercut --build $(ARGUMENTS)

faults: release ## let the disk refuse each write and sync, and see who is told and what is lost
	scripts/install-packages test
	scripts/faults $(ARGUMENTS)

scan: release ## testssl.sh and sslscan on every port that speaks TLS
	scripts/install-packages scan
	scripts/scan-tls $(ARGUMENTS)

siege: release ## hostile clients against a running demo, and what honest ones notice of it
	scripts/install-packages test
	scripts/siege $(ARGUMENTS)

packages:
	@scripts/install-packages build
