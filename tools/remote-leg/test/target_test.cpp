// SPDX-License-Identifier: GPL-2.0
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "failure.h"
#include "fake_tree.h"
#include "iscsi_target.h"
#include "nbd_server.h"
#include "nbd_target.h"
#include "nvme_target.h"

namespace remote_leg {
namespace {

using ::testing::ElementsAre;
using ::testing::Contains;
using ::testing::Not;

std::vector<std::string> lines(const Plan &plan)
{
	std::vector<std::string> lines;
	for (const auto &step : plan)
		lines.push_back(describe(step));
	return lines;
}

Export leg(Protocol protocol)
{
	return {protocol, "/dev/sdb", "backup", "10.0.0.2", usual_port(protocol), ""};
}

TEST(NvmeTarget, MakesASubsystemAndAPort)
{
	EXPECT_THAT(lines(NvmeTarget{"/n"}.plan(leg(Protocol::nvme))), ElementsAre(
		"mkdir /n/subsystems/nqn.2026-01.raid1wb:backup",
		"echo 1 >/n/subsystems/nqn.2026-01.raid1wb:backup/attr_allow_any_host",
		"echo " + serial_number("backup") + " >/n/subsystems/nqn.2026-01.raid1wb:backup/attr_serial",
		"mkdir /n/subsystems/nqn.2026-01.raid1wb:backup/namespaces/1",
		"echo " + uuid("backup") + " >/n/subsystems/nqn.2026-01.raid1wb:backup/namespaces/1/device_uuid",
		"echo /dev/sdb >/n/subsystems/nqn.2026-01.raid1wb:backup/namespaces/1/device_path",
		"echo 1 >/n/subsystems/nqn.2026-01.raid1wb:backup/namespaces/1/enable",
		"mkdir /n/ports/1",
		"echo tcp >/n/ports/1/addr_trtype",
		"echo ipv4 >/n/ports/1/addr_adrfam",
		"echo 10.0.0.2 >/n/ports/1/addr_traddr",
		"echo 4420 >/n/ports/1/addr_trsvcid",
		"ln -s /n/subsystems/nqn.2026-01.raid1wb:backup /n/ports/1/subsystems/nqn.2026-01.raid1wb:backup"));
}

TEST(NvmeTarget, UsesThePortThatIsThere)
{
	FakeTree tree;
	tree.set("ports/3/addr_traddr", "10.0.0.2");
	tree.set("ports/3/addr_trsvcid", "4420");
	tree.set("ports/7/addr_traddr", "10.0.0.2");
	tree.set("ports/7/addr_trsvcid", "4421");
	const NvmeTarget target{tree.root()};
	auto there = leg(Protocol::nvme);
	EXPECT_THAT(lines(target.plan(there)), Not(Contains("mkdir " + (tree / "ports/8").string())));
	EXPECT_EQ(lines(target.plan(there)).back(), "ln -s " + (tree / "subsystems/nqn.2026-01.raid1wb:backup").string() + " " +
						    (tree / "ports/3/subsystems/nqn.2026-01.raid1wb:backup").string());
	there.port = 4422;
	EXPECT_THAT(lines(target.plan(there)), Contains("mkdir " + (tree / "ports/8").string()));
}

TEST(NvmeTarget, MayLetOneHostInOnly)
{
	auto one = leg(Protocol::nvme);
	one.allow = "nqn.host";
	const auto plan = lines(NvmeTarget{"/n"}.plan(one));
	EXPECT_THAT(plan, Contains("mkdir -p /n/hosts/nqn.host"));
	EXPECT_THAT(plan, Contains("ln -s /n/hosts/nqn.host /n/subsystems/nqn.2026-01.raid1wb:backup/allowed_hosts/nqn.host"));
	EXPECT_THAT(plan, Not(Contains("echo 1 >/n/subsystems/nqn.2026-01.raid1wb:backup/attr_allow_any_host")));
}

TEST(NvmeTarget, KnowsIpv6)
{
	auto other = leg(Protocol::nvme);
	other.listen = "fd00::2";
	EXPECT_THAT(lines(NvmeTarget{"/n"}.plan(other)), Contains("echo ipv6 >/n/ports/1/addr_adrfam"));
}

TEST(NvmeTarget, RemovesALegAndLeavesOthers)
{
	FakeTree tree;
	const std::string subsystem = "subsystems/nqn.2026-01.raid1wb:backup";
	tree.make(subsystem + "/namespaces/1");
	tree.make(subsystem + "/allowed_hosts");
	tree.make("hosts/h");
	tree.link(subsystem + "/allowed_hosts/h", "hosts/h");
	tree.link("ports/1/subsystems/nqn.2026-01.raid1wb:backup", subsystem);
	tree.link("ports/1/subsystems/nqn.other", "hosts/h");
	NvmeTarget target{tree.root()};
	EXPECT_THROW(target.remove("other"), Failure);
	// Where it is not configfs, directories do not go with what the kernel puts into them.
	EXPECT_THROW(target.remove("backup"), Failure);
	EXPECT_FALSE(is_there(tree / (subsystem + "/namespaces/1")));
	EXPECT_TRUE(entries(tree / (subsystem + "/allowed_hosts")).empty());
	EXPECT_EQ(entries(tree / "ports/1/subsystems").size(), 1u);
}

TEST(IscsiTarget, IsEnabledLast)
{
	const std::string group = "/t/iscsi/iqn.2026-01.raid1wb:backup/tpgt_1";
	EXPECT_THAT(lines(IscsiTarget{"/t"}.plan(leg(Protocol::iscsi))), ElementsAre(
		"mkdir -p /t/core/iblock_0",
		"mkdir /t/core/iblock_0/backup",
		"echo udev_path=/dev/sdb >/t/core/iblock_0/backup/control",
		"echo " + uuid("backup") + " >/t/core/iblock_0/backup/wwn/vpd_unit_serial",
		"echo 1 >/t/core/iblock_0/backup/enable",
		"mkdir -p /t/iscsi",
		"mkdir /t/iscsi/iqn.2026-01.raid1wb:backup",
		"mkdir " + group,
		"mkdir " + group + "/lun/lun_0",
		"ln -s /t/core/iblock_0/backup " + group + "/lun/lun_0/backup",
		"echo 0 >" + group + "/attrib/authentication",
		"echo 512 >" + group + "/attrib/default_cmdsn_depth",
		"echo 1 >" + group + "/attrib/generate_node_acls",
		"echo 0 >" + group + "/attrib/demo_mode_write_protect",
		"mkdir " + group + "/np/10.0.0.2:3260",
		"echo 1 >" + group + "/enable"));
}

TEST(IscsiTarget, MayLetOneHostInOnly)
{
	auto one = leg(Protocol::iscsi);
	one.allow = "iqn.host";
	one.listen = "fd00::2";
	const std::string group = "/t/iscsi/iqn.2026-01.raid1wb:backup/tpgt_1";
	const auto plan = lines(IscsiTarget{"/t"}.plan(one));
	EXPECT_THAT(plan, Contains("ln -s " + group + "/lun/lun_0 " + group + "/acls/iqn.host/lun_0/lun"));
	EXPECT_THAT(plan, Not(Contains("echo 1 >" + group + "/attrib/generate_node_acls")));
	EXPECT_THAT(plan, Contains("mkdir " + group + "/np/[fd00::2]:3260"));
}

TEST(NbdTarget, IsNbdkit)
{
	EXPECT_THAT(nbdkit_command("/dev/sdb", "backup"),
		    ElementsAre("nbdkit", "--single", "--exportname=backup", "--threads=32", "file", "/dev/sdb"));
}

TEST(NbdTarget, KnowsWhatItDoesNotServe)
{
	FakeTree tree;
	NbdTarget target{tree.root()};
	EXPECT_THROW(target.remove("backup"), Failure);
	// The process is another one by now.
	tree.set("nbd-backup.export", std::to_string(getpid()) + "\n/dev/sdb");
	EXPECT_THROW(target.remove("backup"), Failure);
}

} // namespace
} // namespace remote_leg
