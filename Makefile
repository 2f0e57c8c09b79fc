# The words people type; Meson does the work.
BUILD ?= build
SAN ?= build-san
MESON_FLAGS ?=

.PHONY: all deps demo test bench lint install clean fuzz soak format
all: $(BUILD)/build.ninja
	meson compile -C $(BUILD)

$(BUILD)/build.ninja: | deps-build
	meson setup $(BUILD) $(MESON_FLAGS)

.PHONY: deps-build deps-test deps-lint deps-bench
deps-build:
	tools/deps build
deps-test:
	tools/deps build test
deps-lint:
	tools/deps build test lint
deps-bench:
	tools/deps build bench

deps: ## everything, also for tests, lint and bench
	tools/deps build test lint bench

demo: all ## ONCE=1: end by itself
	$(BUILD)/lockstep demo $(if $(ONCE),--once)

test: deps-test ## unit, contract and system tests under ASan and UBSan
	tools/test $(SAN)

lint: deps-lint
	tools/lint

bench: deps-bench all
	bench/run $(BUILD)/lockstep

fuzz: deps-lint ## SECONDS=60: for each
	tools/fuzz $(or $(SECONDS),60)

soak: deps-test all ## KILLS=1000: deliveries while the daemon is killed, its power cut, its disk full; about ten minutes
	test/fault/soak.py --lockstep $(BUILD)/lockstep --kills $(or $(KILLS),1000) --power-cuts 100 --disk-faults 20

format:
	clang-format -i src/*/*.[ch] test/unit/*/*.c test/fuzz/*.c

install: all
	meson install -C $(BUILD)

clean:
	rm -rf build build-*
