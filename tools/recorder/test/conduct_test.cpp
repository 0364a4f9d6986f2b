// Commands to a member: what they mean, and which are refused.
#include "recorder/conduct.h"

#include <gtest/gtest.h>

using namespace recorder;
using namespace std::chrono_literals;

namespace {

constexpr lab::Bytes page{4096};

class ConductTest : public testing::Test {
protected:
	Conduct conduct{1};
};

} // namespace

TEST_F(ConductTest, IsInstantAndGoodAtFirst)
{
	for (const auto operation : {Operation::read, Operation::write, Operation::flush}) {
		EXPECT_EQ(conduct.delay(operation), 0ns);
		EXPECT_FALSE(conduct.hangs(operation, {0}, page));
		EXPECT_FALSE(conduct.fails(operation, {0}, page));
	}
}

TEST_F(ConductTest, DelaysOneKindOfRequest)
{
	conduct.apply("write-delay 20ms");
	conduct.apply("flush-delay 1s");
	conduct.apply("read-delay 500us");
	EXPECT_EQ(conduct.delay(Operation::write), 20ms);
	EXPECT_EQ(conduct.delay(Operation::flush), 1s);
	EXPECT_EQ(conduct.delay(Operation::read), 500us);
	conduct.apply("write-delay 0");
	EXPECT_EQ(conduct.delay(Operation::write), 0ns);
}

TEST_F(ConductTest, DelaysAtRandomWithinARange)
{
	conduct.apply("write-delay 1ms..5ms");
	auto least = 1s + 0ns, most = 0ns;
	for (int i = 0; i < 1000; i++) {
		const auto delay = conduct.delay(Operation::write);
		least = std::min(least, delay);
		most = std::max(most, delay);
	}
	EXPECT_GE(least, 1ms);
	EXPECT_LT(least, 2ms);
	EXPECT_LE(most, 5ms);
	EXPECT_GT(most, 4ms);
}

TEST_F(ConductTest, HangsWhatItIsTold)
{
	conduct.apply("hang write 8192+4096");
	EXPECT_TRUE(conduct.hangs(Operation::write, {8192}, page));
	EXPECT_TRUE(conduct.hangs(Operation::write, {4096}, {4097}));
	EXPECT_FALSE(conduct.hangs(Operation::write, {4096}, page));
	EXPECT_FALSE(conduct.hangs(Operation::write, {12288}, page));
	EXPECT_FALSE(conduct.hangs(Operation::read, {8192}, page));
	EXPECT_FALSE(conduct.hangs(Operation::flush, {0}, {0}));
	conduct.apply("hang flush");
	EXPECT_TRUE(conduct.hangs(Operation::flush, {0}, {0}));
	conduct.apply("resume");
	EXPECT_FALSE(conduct.hangs(Operation::write, {8192}, page));
	EXPECT_FALSE(conduct.hangs(Operation::flush, {0}, {0}));
}

TEST_F(ConductTest, FailsWhatItIsTold)
{
	conduct.apply("error read");
	EXPECT_TRUE(conduct.fails(Operation::read, {1 << 30}, page));
	EXPECT_FALSE(conduct.fails(Operation::write, {0}, page));
	conduct.apply("error all 0+512");
	EXPECT_TRUE(conduct.fails(Operation::write, {0}, page));
	EXPECT_FALSE(conduct.fails(Operation::write, {512}, page));
	conduct.apply("error off");
	EXPECT_FALSE(conduct.fails(Operation::read, {0}, page));
	conduct.apply("cut");
	EXPECT_TRUE(conduct.cut());
	EXPECT_TRUE(conduct.fails(Operation::flush, {0}, {0}));
	conduct.apply("restore");
	EXPECT_FALSE(conduct.fails(Operation::flush, {0}, {0}));
}

TEST_F(ConductTest, RefusesNonsense)
{
	for (const char *command :
	     {"", "write-delay", "write-delay 5", "write-delay 5m", "write-delay ms", "write-delay 5ms..1ms", "write-delay 5ms..",
	      "write-delay 9999999999999s", "hang some", "hang write 5", "hang write 5+", "hang write 5+5 more", "resume now",
	      "cut write", "restore all", "explode", "error off now"})
		EXPECT_THROW(conduct.apply(command), CommandError) << command;
	EXPECT_EQ(conduct.delay(Operation::write), 0ns);
	EXPECT_FALSE(conduct.hangs(Operation::write, {0}, page));
}
