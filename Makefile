# Microtill. `make` alone lists the targets. What the machine lacks is installed on the way; packages come by name from PyPI and Debian.
PYTHON ?= python3
BIN := .venv/bin
STATE ?= .microtill
PAYMENTS ?= 10000
ALTERED ?= 1000000
BOARD ?= qemu_stm32
REAL_TIME := tests/rig tests/boards tests/chips/test_chip_port.py tests/emulated/test_mpremote.py tests/emulated/test_wired.py
BUILD ?= development
export PYTHONDONTWRITEBYTECODE = 1
APT := softhsm2 libnfc-bin libnfc-examples valgrind chromium fonts-noto-cjk gcc-arm-none-eabi libnewlib-arm-none-eabi dpkg-dev gcc make dfu-util
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo "sudo -n")

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1|/' | awk -F'|' '{printf "  make %-8s %s\n", $$1, $$2}'

run: setup ## a terminal under your hands: its page opens, or the address to open is printed
	$(BIN)/microtill run

demo: setup ## a payment from power-on to paper: a scripted customer at the terminal, in real time
	$(BIN)/microtill pay 12.50 --card visa-pin --pin 1234 --real --state $(STATE)
	@echo && $(BIN)/microtill reconcile --state $(STATE)

test: labgrid ## every test: first the laboratory, then what real ports wait for, then all else; ends with pytest's closing line
	$(BIN)/python -m pytest -q -n 2 --dist loadfile $(REAL_TIME) --ignore tests/rig/test_labgrid.py
	$(BIN)/python -m pytest -q -n 3 tests $(REAL_TIME:%=--ignore %)

lint: setup ## ruff on both sides, pyright on the firmware, the arrows between the rooms
	$(BIN)/ruff check .
	$(BIN)/pyright -p pyrightconfig.json
	$(BIN)/python -m pytest -q tests/house

firmware: setup system ## a board's firmware with our modules frozen in: make firmware BOARD=qemu_stm32 BUILD=development (or production)
	$(BIN)/python -m microtill.frozen $(BOARD) $(BUILD)

size: setup system ## what the firmware takes of a board's memory, beside its budget and the last commit
	$(BIN)/python -m microtill.size

perf: setup ## the figures of the budget, by counts that repeat; writes build/perf.json
	$(BIN)/python -m tests.perf

torture: setup ## faults at every point of every flow, 200 pairs of them; a recording of each violation in build/torture
	$(BIN)/microtill torture --sweep power,link,card,health --flow sale,kiosk,refund,void,reversal,bank,ways,settle --seeds 200
	$(BIN)/microtill torture --sweep power,line --flow provision,zeroise,counter,pin_tries,update --seeds 50

fuzz: setup ## a million altered key blocks, parameter files, update packages and console frames: none is taken, none leaves a trace
	$(BIN)/python -m tests.fuzz $(ALTERED)

table: setup ## the table of a payment's life beside a bank, in every order of events; tells how many
	$(BIN)/python -m microtill.torture.table

soak: setup ## 10,000 payments with something going wrong every few of them, then an audit to the cent
	$(BIN)/python -m microtill.torture.soak $(PAYMENTS)

kills: setup ## terminal, bank or both killed at 200 moments by chance, in real time
	MICROTILL_KILLS=200 $(BIN)/python -m pytest -q -n 16 --dist load tests/faults/test_killed.py     # they wait for people, most of the time

matrix: setup ## every part failed against every use, run, judged and written to docs/degradation.md
	$(BIN)/python -m microtill.torture.matrix

golden: setup system ## make the pinned pictures and texts anew
	$(BIN)/python -m pytest -q -n 2 tests/system tests/page --golden

labgrid: setup system build/labgrid/done ## a laboratory on loopback: its coordinator reserves an emulated board, our driver tests it (docs/rig.md)
	$(BIN)/python -m pytest -q tests/rig/test_labgrid.py

build/labgrid/done: # labgrid has an environment of its own: it brings another pyserial
	$(PYTHON) -m venv build/labgrid
	build/labgrid/bin/pip install -q --disable-pip-version-check 'labgrid>=26,<27'
	@touch $@

setup: .venv/done .venv/unifont.hex ## the virtual environment alone, and the font that Chinese and large text need

.venv/done: host-tools/pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install -q --disable-pip-version-check -e 'host-tools[test]'
	@ln -sfn "$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')" .venv/site
	@touch $@

.venv/unifont.hex: | .venv/done
	@if [ -f /usr/share/unifont/unifont.hex ]; then cp /usr/share/unifont/unifont.hex $@; \
	elif command -v apt-get dpkg-deb >/dev/null; then \
	  work=$$(mktemp -d) && chmod 755 $$work && ( cd $$work && { apt-get download -qq unifont 2>/dev/null || \
	    { $(SUDO) apt-get update -qq && apt-get download -qq unifont; }; } && dpkg-deb -x unifont_*.deb . ) >/dev/null 2>&1; \
	  cp $$work/usr/share/unifont/unifont.hex $@ 2>/dev/null; rm -rf $$work; fi; \
	[ -f $@ ] || echo "no Debian package unifont here: the firmware is built without Chinese and large text, tests that need them are skipped by name"

system: ## what only Debian packages can give, where we may install them
	@if command -v nfc-list >/dev/null && command -v softhsm2-util >/dev/null && command -v nfc-poll >/dev/null && command -v valgrind >/dev/null && command -v chromium >/dev/null && \
	  command -v arm-none-eabi-gcc >/dev/null && command -v dpkg-source >/dev/null && qemu-system-arm -M help 2>/dev/null | grep -q b-l475e-iot01a; then :; \
	elif $(SUDO) true 2>/dev/null && command -v apt-get >/dev/null; then \
	  $(SUDO) apt-get update -qq && $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(APT) >/dev/null && \
	  $(SUDO) bash boards/qemu_stm32/system.sh; \
	else echo "not installed, tests that need them are skipped by name: apt-get install -y $(APT), and a QEMU of version 9 or newer"; fi

clean: ## everything that was made
	rm -rf .venv build .microtill .pytest_cache .ruff_cache .hypothesis host-tools/*.egg-info

.PHONY: help run demo test lint firmware size perf torture fuzz table soak kills golden setup system clean
.DEFAULT_GOAL := help
