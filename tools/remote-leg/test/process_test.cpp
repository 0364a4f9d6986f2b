// SPDX-License-Identifier: GPL-2.0
#include "process.h"

#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "failure.h"
#include "undo.h"

namespace remote_leg {
namespace {

TEST(Program, SaysWhatItSays)
{
	EXPECT_EQ(must_run({"echo", "a b", "$HOME", ";"}, "coreutils"), "a b $HOME ;\n");
}

TEST(Program, ThatIsNotThereIsInAPackage)
{
	EXPECT_FALSE(run({"no-such-program"}));
	try {
		must_run({"no-such-program"}, "no-such-package");
		FAIL();
	} catch (const Failure &failure) {
		EXPECT_STREQ(failure.what(), "no no-such-program: install no-such-package");
	}
}

TEST(Program, ThatFailsSaysWhyInItsLastLine)
{
	try {
		must_run({"ls", "/no/such"}, "coreutils");
		FAIL();
	} catch (const Failure &failure) {
		EXPECT_THAT(failure.what(), ::testing::MatchesRegex("ls /no/such failed: .*/no/such.*"));
		EXPECT_EQ(std::string{failure.what()}.find('\n'), std::string::npos);
	}
	try {
		must_run({"false"}, "coreutils");
		FAIL();
	} catch (const Failure &failure) {
		EXPECT_STREQ(failure.what(), "false failed: it does not say why");
	}
}

TEST(Again, IsNotEndedIfItIsAnotherProcess)
{
	// This one. It would be the end of the test.
	end_again(getpid(), {"keep", "nbd", "backup"});
	end_again(0, {"keep", "nbd", "backup"});
}

TEST(Undo, IsDoneUnlessAllWentWell)
{
	int undone = 0;
	{
		Undo undo{[&] { undone++; }};
	}
	EXPECT_EQ(undone, 1);
	{
		Undo undo{[&] { undone++; }};
		undo.all_went_well();
	}
	EXPECT_EQ(undone, 1);
}

TEST(Undo, DoesNotFail)
{
	EXPECT_NO_THROW(Undo{[] { throw Failure{"this too"}; }});
}

} // namespace
} // namespace remote_leg
