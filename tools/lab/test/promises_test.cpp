// Promises: how marks add up.
#include "lab/promises.h"

#include <gtest/gtest.h>

using namespace lab;

TEST(Promise, AllowsTheFloorAndWhatIsLater)
{
	const Promise promise{Sequence{7}, {Sequence{3}, Sequence{5}}};
	EXPECT_TRUE(promise.allows(Sequence{7}));
	EXPECT_TRUE(promise.allows(Sequence{8}));
	EXPECT_TRUE(promise.allows(Sequence{3}));
	EXPECT_TRUE(promise.allows(Sequence{5}));
	EXPECT_FALSE(promise.allows(Sequence{6}));
	EXPECT_FALSE(promise.allows(Sequence{4}));
	EXPECT_FALSE(promise.allows(Sequence{0}));
}

TEST(Promises, GatherLines)
{
	Promises promises;
	EXPECT_EQ(promises.of({8}), nullptr);
	promises.apply("durable flush 1\n8+2=5\n100+1=9/4,6");
	ASSERT_NE(promises.of({8}), nullptr);
	EXPECT_EQ(*promises.of({9}), (Promise{Sequence{5}, {}}));
	EXPECT_EQ(promises.of({10}), nullptr);
	EXPECT_EQ(*promises.of({100}), (Promise{Sequence{9}, {Sequence{4}, Sequence{6}}}));
}

TEST(Promises, KeepTheHigherFloor)
{
	Promises promises;
	promises.apply("durable flush 1\n8+1=9/7");
	promises.apply("durable fua\n8+1=7");
	EXPECT_EQ(*promises.of({8}), (Promise{Sequence{9}, {Sequence{7}}}));
	promises.apply("durable fua\n8+1=10");
	EXPECT_EQ(*promises.of({8}), (Promise{Sequence{10}, {}}));
}

TEST(Promises, EndWithADiscard)
{
	Promises promises;
	promises.apply("durable flush 1\n0+8=9");
	promises.apply("discard 2+3");
	EXPECT_NE(promises.of({1}), nullptr);
	EXPECT_EQ(promises.of({2}), nullptr);
	EXPECT_EQ(promises.of({4}), nullptr);
	EXPECT_NE(promises.of({5}), nullptr);
	promises.apply("forget");
	EXPECT_TRUE(promises.sectors().empty());
}

TEST(Promises, LeaveOtherMarksAlone)
{
	Promises promises;
	promises.apply("array created");
	promises.apply("");
	EXPECT_TRUE(promises.sectors().empty());
}

TEST(Promises, RefuseNonsense)
{
	for (const char *mark : {"durable flush 1\n8", "durable flush 1\n8+1", "durable flush 1\n8+1=", "durable x\n8+1=2,3",
				 "durable x\nno+1=2", "discard 5", "discard 5+", "discard 5+5=5"})
		EXPECT_THROW(Promises{}.apply(mark), std::runtime_error) << mark;
}
