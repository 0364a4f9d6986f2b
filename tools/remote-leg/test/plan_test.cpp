// SPDX-License-Identifier: GPL-2.0
#include "plan.h"

#include <fstream>

#include <gtest/gtest.h>

#include "failure.h"
#include "fake_tree.h"

namespace remote_leg {
namespace {

TEST(Plan, IsCarriedOutInItsOrder)
{
	FakeTree tree;
	tree.set("value", "0");
	carry_out({MakeDirectory{tree / "a"}, MakeDirectory{tree / "a/b"}, WriteValue{tree / "value", "1"}, MakeLink{tree / "a", tree / "l"}});
	EXPECT_TRUE(is_there(tree / "a/b"));
	EXPECT_EQ(read_line(tree / "value"), "1");
	EXPECT_TRUE(is_there(tree / "l/b"));
}

TEST(Plan, IsUndoneIfItCannotBeCarriedOut)
{
	FakeTree tree;
	const Plan plan{MakeDirectory{tree / "a"}, MakeDirectory{tree / "a/b"}, MakeLink{tree / "a", tree / "a/b/l"},
			WriteValue{tree / "no such file", "1"}, MakeDirectory{tree / "c"}};
	EXPECT_THROW(carry_out(plan), Failure);
	EXPECT_TRUE(entries(tree.root()).empty());
}

TEST(Plan, DoesNotUndoWhatWasThere)
{
	FakeTree tree;
	tree.make("mine");
	tree.make("shared");
	EXPECT_THROW(carry_out({ShareDirectory{tree / "shared"}, ShareDirectory{tree / "new"}, MakeDirectory{tree / "mine"}}), Failure);
	EXPECT_TRUE(is_there(tree / "mine"));
	EXPECT_TRUE(is_there(tree / "shared"));
	EXPECT_TRUE(is_there(tree / "new"));
}

TEST(Plan, SaysWhichStepFailed)
{
	FakeTree tree;
	try {
		carry_out({MakeDirectory{tree / "no/such"}});
		FAIL();
	} catch (const Failure &failure) {
		EXPECT_EQ(failure.what(), "mkdir " + (tree / "no/such").string() + ": No such file or directory");
	}
}

TEST(Removal, DoesNotMindWhatIsNotThere)
{
	FakeTree tree;
	EXPECT_NO_THROW(remove_link(tree / "a"));
	EXPECT_NO_THROW(remove_directory(tree / "a"));
	tree.set("a/b", "1");
	EXPECT_THROW(remove_directory(tree / "a"), Failure);
}

} // namespace
} // namespace remote_leg
