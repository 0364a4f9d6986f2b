# SPDX-License-Identifier: GPL-2.0
# For people; kbuild reads Kbuild. DKMS may append KERNELRELEASE=: nothing here looks at it.

KDIR ?= $(or $(shell scripts/kdir),$(error no kernel to build for))

headers = $(or $(shell scripts/md-headers $(KDIR)),$(error no private headers of md))
kbuild = $(MAKE) -C $(KDIR) M=$(CURDIR) CONFIG_MD_RAID1WB=m R1WB_MD_HEADERS=$(headers)
release = $(shell $(MAKE) -s -C $(KDIR) kernelrelease)

modprobe_conf = $(INSTALL_MOD_PATH)/etc/modprobe.d/raid1wb.conf
depmod = depmod $(if $(INSTALL_MOD_PATH),-b $(INSTALL_MOD_PATH)) $(release)

.PHONY: modules help check kunit demo lab bench bench-repeat mutants model soak fuzz check-debug check-remote docs deb check-deb check-mdadm install uninstall clean

modules:
	+$(kbuild) modules
	@scripts/check-layout $(KDIR) || { rm -f md-raid1wb.ko; exit 1; }

help:
	@echo 'Targets:'
	@echo '  modules    build md-raid1wb.ko (default)'
	@echo '  check      all checks and tests'
	@echo "  check-mdadm  mdadm's own tests with the kernel's raid1 and with ours"
	@echo '  kunit      the unit tests alone, under User-mode Linux'
	@echo "  demo       the kernel's raid1 and ours side by side in a virtual machine"
	@echo '  bench      measure ours, its peers and the limit; takes hours (scripts/bench --help: less)'
	@echo '  bench-repeat  measure S1 to S5 twice: is it the same?'
	@echo '  lab        the crash laboratory: every crash of many workloads, or WORKLOADS=, checked'
	@echo '  mutants    breaks the module on purpose, one invariant at a time: do the tests notice? takes hours'
	@echo '  model      a model of the protocol: all its states, then mutated models; takes hours'
	@echo '  soak       random operations and crashes for SECONDS= [600], repeatable by SEED='
	@echo "  fuzz       the module's pure logic in userspace, each part for SECONDS= [60]"
	@echo '  check-debug  the tests in virtual machines on kernels that find more, with faults injected; takes hours'
	@echo '  docs       the pictures in docs/, from their sources'
	@echo '  deb        build the Debian packages in build/deb'
	@echo '  check-deb  the packages in virtual machines: boot from an array, update, remove; takes half an hour'
	@echo '  check-remote  a leg on another machine, over NVMe/TCP, NBD and iSCSI, on links that are slow or fail; takes half an hour'
	@echo '  install    install the module, and let md use it instead of raid1'
	@echo '  uninstall  undo that'
	@echo '  clean      remove what was built'
	@echo
	@echo 'Variables:'
	@echo '  KDIR=              kernel build directory [running kernel, or the newest 6.12 with headers]'
	@echo '  INSTALL_MOD_PATH=  root for install and uninstall [/]'
	@echo '  W=1 C=2            more warnings, sparse'

check check-debug check-deb check-mdadm check-remote deb kunit demo bench mutants model:
	@scripts/$@

lab:
	@scripts/lab $(WORKLOADS)
	@scripts/lab-assemble $(foreach w,$(WORKLOADS),build/lab/$(w).raid1wb)

bench-repeat:
	@scripts/bench --twice --delays 20 s01 s02 s03 s04 s05

soak:
	@scripts/soak $(if $(SECONDS),--seconds $(SECONDS)) $(if $(SEED),--seed $(SEED))

fuzz:
	@scripts/fuzz $(SECONDS)

docs: docs/write.svg

docs/%.svg: docs/%.dot
	@command -v dot >/dev/null || { echo 'no dot: install graphviz' >&2; exit 1; }
	dot -Tsvg $< -o $@

install: modules
	+$(kbuild) CONFIG_MODULE_SIG_ALL= modules_install
	install -D -m 644 raid1wb.conf $(modprobe_conf)
	$(depmod)

uninstall:
	rm -f $(modprobe_conf) $(INSTALL_MOD_PATH)/lib/modules/$(release)/updates/md-raid1wb.ko*
	$(depmod)

clean:
	$(MAKE) -C $(KDIR) M=$(CURDIR) clean
	rm -rf build
