// SPDX-License-Identifier: GPL-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "failure.h"
#include "fake_tree.h"
#include "iscsi_host.h"
#include "nbd_host.h"
#include "nvme_host.h"

namespace remote_leg {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Pair;

Attach leg(Protocol protocol)
{
	return {protocol, "10.0.0.2", "backup", 99, {Seconds{300}, Seconds{15}, Seconds{600}}, 32, false};
}

TEST(NvmeHost, ConnectsWithTheTimeouts)
{
	EXPECT_THAT(NvmeHost::connect_command(leg(Protocol::nvme)),
		    ElementsAre("nvme", "connect", "--transport=tcp", "--traddr=10.0.0.2", "--trsvcid=99",
				"--nqn=nqn.2026-01.raid1wb:backup", "--keep-alive-tmo=15", "--reconnect-delay=2", "--ctrl-loss-tmo=-1",
				"--queue-size=32"));
}

TEST(NvmeHost, FindsTheDiskOfTheSubsystem)
{
	FakeTree sys;
	sys.set("class/nvme-subsystem/nvme-subsys0/subsysnqn", "nqn.other");
	sys.set("class/nvme-subsystem/nvme-subsys0/nvme0n1/dev", "259:0");
	sys.make("class/nvme-subsystem/nvme-subsys0/nvme0n1/queue");
	const NvmeHost host{sys.root()};
	EXPECT_FALSE(host.disk("backup"));
	sys.set("class/nvme-subsystem/nvme-subsys1/subsysnqn", "nqn.2026-01.raid1wb:backup");
	EXPECT_FALSE(host.disk("backup"));
	// With native multipath: the path has no device of its own, the subsystem's disk has.
	sys.set("class/nvme-subsystem/nvme-subsys1/nvme1/transport", "tcp");
	sys.make("class/nvme-subsystem/nvme-subsys1/nvme1/nvme1c1n1/queue");
	EXPECT_FALSE(host.disk("backup"));
	sys.set("class/nvme-subsystem/nvme-subsys1/nvme1n1/dev", "259:1");
	sys.make("class/nvme-subsystem/nvme-subsys1/nvme1n1/queue");
	EXPECT_EQ(host.disk("backup"), "nvme1n1");
}

TEST(NvmeHost, FindsTheDiskOfTheController)
{
	FakeTree sys;
	sys.set("class/nvme-subsystem/nvme-subsys0/subsysnqn", "nqn.2026-01.raid1wb:backup");
	sys.set("class/nvme-subsystem/nvme-subsys0/nvme0/transport", "tcp");
	sys.set("class/nvme-subsystem/nvme-subsys0/nvme0/nvme0n1/dev", "259:0");
	sys.make("class/nvme-subsystem/nvme-subsys0/nvme0/nvme0n1/queue");
	EXPECT_EQ(NvmeHost{sys.root()}.disk("backup"), "nvme0n1");
}

TEST(IscsiHost, SplitsTheSilence)
{
	auto odd = leg(Protocol::iscsi);
	EXPECT_THAT(IscsiHost::settings(odd), Contains(Pair("node.conn[0].timeo.noop_out_interval", "8")));
	EXPECT_THAT(IscsiHost::settings(odd), Contains(Pair("node.conn[0].timeo.noop_out_timeout", "7")));
	odd.timeouts.silence = Seconds{1};
	// 0 would be: never.
	EXPECT_THAT(IscsiHost::settings(odd), Contains(Pair("node.conn[0].timeo.noop_out_interval", "1")));
	EXPECT_THAT(IscsiHost::settings(odd), Contains(Pair("node.conn[0].timeo.noop_out_timeout", "1")));
}

TEST(IscsiHost, HasTheOtherSettings)
{
	const auto settings = IscsiHost::settings(leg(Protocol::iscsi));
	EXPECT_THAT(settings, Contains(Pair("node.session.timeo.replacement_timeout", "300")));
	EXPECT_THAT(settings, Contains(Pair("node.session.queue_depth", "32")));
	// open-iscsi takes no less.
	EXPECT_THAT(settings, Contains(Pair("node.session.cmds_max", "64")));
}

TEST(IscsiHost, FindsTheDiskOfTheSession)
{
	FakeTree sys;
	sys.set("class/iscsi_session/session1/targetname", "iqn.other");
	sys.set("class/iscsi_session/session1/device/target2:0:0/2:0:0:0/block/sda/dev", "8:0");
	const IscsiHost host{sys.root()};
	EXPECT_FALSE(host.disk("backup"));
	sys.set("class/iscsi_session/session2/targetname", "iqn.2026-01.raid1wb:backup");
	EXPECT_FALSE(host.disk("backup"));
	sys.set("class/iscsi_session/session2/device/target3:0:0/3:0:0:0/block/sdb/dev", "8:16");
	EXPECT_EQ(host.disk("backup"), "sdb");
}

TEST(IscsiHost, HasAProcessOnlyToPutTheLegBack)
{
	Attachment attachment{leg(Protocol::iscsi), "sdb", 0, 0};
	EXPECT_FALSE(IscsiHost{}.needs_keeper(attachment));
	attachment.leg.readd = true;
	EXPECT_TRUE(IscsiHost{}.needs_keeper(attachment));
	EXPECT_FALSE(NvmeHost{}.needs_keeper(attachment));
	EXPECT_TRUE(NbdHost{}.needs_keeper(attachment));
}

TEST(NbdHost, NumbersItsDisks)
{
	EXPECT_EQ(nbd_number("nbd0"), 0u);
	EXPECT_EQ(nbd_number("nbd12"), 12u);
	for (const auto disk : {"", "nbd", "sda", "nbd1p1", "nbdx"})
		EXPECT_THROW(nbd_number(disk), Failure) << disk;
}

} // namespace
} // namespace remote_leg
