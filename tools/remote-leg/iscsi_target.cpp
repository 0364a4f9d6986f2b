// SPDX-License-Identifier: GPL-2.0
#include "iscsi_target.h"

#include <fmt/format.h>

#include "failure.h"
#include "process.h"

namespace remote_leg {

Plan IscsiTarget::plan(const Export &leg) const
{
	const auto store = this->store(leg.name), group = target(leg.name) / "tpgt_1", unit = group / "lun/lun_0";
	Plan plan{
		ShareDirectory{store.parent_path()},
		MakeDirectory{store},
		WriteValue{store / "control", fmt::format("udev_path={}", leg.device.string())},
		WriteValue{store / "wwn/vpd_unit_serial", uuid(leg.name)},
		WriteValue{store / "enable", "1"},
		ShareDirectory{root_ / "iscsi"},
		MakeDirectory{target(leg.name)},
		MakeDirectory{group},
		MakeDirectory{unit},
		MakeLink{store, unit / leg.name},
		WriteValue{group / "attrib/authentication", "0"},
		WriteValue{group / "attrib/default_cmdsn_depth", "512"},
	};
	if (leg.allow.empty()) {
		plan.push_back(WriteValue{group / "attrib/generate_node_acls", "1"});
		plan.push_back(WriteValue{group / "attrib/demo_mode_write_protect", "0"});
	} else {
		const auto host = group / "acls" / leg.allow;
		plan.push_back(MakeDirectory{host});
		plan.push_back(MakeDirectory{host / "lun_0"});
		plan.push_back(MakeLink{unit, host / "lun_0/lun"});
	}
	plan.push_back(MakeDirectory{group / "np" / fmt::format("{}:{}", before_port(leg.listen), leg.port)});
	plan.push_back(WriteValue{group / "enable", "1"});
	return plan;
}

void IscsiTarget::add(const Export &leg)
{
	load_modules({"target_core_mod", "target_core_iblock", "iscsi_target_mod"});
	if (!is_there(root_))
		throw Failure{fmt::format("no {}: mount -t configfs none /sys/kernel/config", root_.string())};
	if (is_there(target(leg.name)) || is_there(store(leg.name)))
		throw Failure{fmt::format("{} is exported already: choose another name, or remote-leg unexport iscsi {}", leg.name, leg.name)};
	carry_out(plan(leg));
}

void IscsiTarget::remove(const std::string &name)
{
	const auto target = this->target(name), group = target / "tpgt_1";
	if (!is_there(target) && !is_there(store(name)))
		throw Failure{fmt::format("{} is not exported over iscsi", name)};
	try_write(group / "enable", "0");
	for (const auto &host : entries(group / "acls")) {
		remove_link(host / "lun_0/lun");
		remove_directory(host / "lun_0");
		remove_directory(host);
	}
	for (const auto &place : entries(group / "np"))
		remove_directory(place);
	remove_link(group / "lun/lun_0" / name);
	remove_directory(group / "lun/lun_0");
	remove_directory(group);
	remove_directory(target);
	remove_directory(store(name));
}

} // namespace remote_leg
