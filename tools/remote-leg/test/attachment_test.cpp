// SPDX-License-Identifier: GPL-2.0
#include "attachment.h"

#include <gtest/gtest.h>

#include "failure.h"
#include "fake_tree.h"

namespace remote_leg {
namespace {

Attachment example()
{
	return {{Protocol::nbd, "10.0.0.2", "backup", 99, {Seconds{1}, Seconds{2}, Seconds{3}}, 32, true}, "nbd3", 1ULL << 40, 77};
}

void expect_equal(const Attachment &a, const Attachment &b)
{
	EXPECT_EQ(a.leg.protocol, b.leg.protocol);
	EXPECT_EQ(a.leg.address, b.leg.address);
	EXPECT_EQ(a.leg.name, b.leg.name);
	EXPECT_EQ(a.leg.port, b.leg.port);
	EXPECT_EQ(a.leg.timeouts.hold, b.leg.timeouts.hold);
	EXPECT_EQ(a.leg.timeouts.silence, b.leg.timeouts.silence);
	EXPECT_EQ(a.leg.timeouts.answer, b.leg.timeouts.answer);
	EXPECT_EQ(a.leg.depth, b.leg.depth);
	EXPECT_EQ(a.leg.readd, b.leg.readd);
	EXPECT_EQ(a.disk, b.disk);
	EXPECT_EQ(a.bytes, b.bytes);
	EXPECT_EQ(a.keeper, b.keeper);
}

TEST(Attachment, SurvivesBeingWritten)
{
	expect_equal(from_json(to_json(example())), example());
}

TEST(Attachment, IsNotReadFromNonsense)
{
	for (const auto text : {"", "{", "{}", "[]", "{\"protocol\": \"drbd\"}"})
		EXPECT_THROW(from_json(text), Failure) << text;
}

TEST(Attachments, AreFoundUntilForgotten)
{
	FakeTree tree;
	const Attachments attachments{tree / "new"};
	EXPECT_TRUE(attachments.all().empty());
	const auto lock = attachments.lock();
	EXPECT_FALSE(attachments.find(Protocol::nbd, "backup"));
	attachments.note(example());
	auto other = example();
	other.leg.protocol = Protocol::nvme;
	other.disk = "nvme0n1";
	attachments.note(other);
	ASSERT_TRUE(attachments.find(Protocol::nbd, "backup"));
	expect_equal(*attachments.find(Protocol::nbd, "backup"), example());
	EXPECT_EQ(attachments.find(Protocol::nvme, "backup")->disk, "nvme0n1");
	EXPECT_FALSE(attachments.find(Protocol::iscsi, "backup"));
	EXPECT_EQ(attachments.all().size(), 2u);
	attachments.forget(Protocol::nbd, "backup");
	EXPECT_FALSE(attachments.find(Protocol::nbd, "backup"));
	EXPECT_EQ(attachments.all().size(), 1u);
}

} // namespace
} // namespace remote_leg
