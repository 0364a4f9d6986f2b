#include "soak/host.h"

#include <gtest/gtest.h>

namespace soak {
namespace {

using End = Transcript::End;

TEST(Transcript, ACrashIsAnEnd)
{
	Transcript transcript;
	transcript.take("round 12: array of round 3");
	transcript.take("step 4: fail, disk 1");
	transcript.take("count {\"write\":5}");
	EXPECT_EQ(transcript.end(), End::none);
	transcript.take("crash now");
	EXPECT_EQ(transcript.end(), End::crash);
	EXPECT_EQ(transcript.round(), 12U);
	EXPECT_EQ(transcript.step(), "step 4: fail, disk 1");
	EXPECT_EQ(transcript.counts().at("write"), 5);
}

TEST(Transcript, AFailureStays)
{
	Transcript transcript;
	transcript.take("failed: /dev/md0: sector 7 holds nothing");
	transcript.take("failed: and more");
	transcript.take("crash now");
	EXPECT_EQ(transcript.end(), End::failure);
	EXPECT_EQ(transcript.failure(), "/dev/md0: sector 7 holds nothing");
}

TEST(Transcript, ALineThatWasCutOffIsNoCount)
{
	Transcript transcript;
	transcript.take("count {\"write\":5}");
	transcript.take("count {\"wri");
	EXPECT_EQ(transcript.counts().at("write"), 5);
}

TEST(Transcript, AMachineIsAliveOnceItSaysAnything)
{
	Transcript transcript;
	EXPECT_FALSE(transcript.alive());
	transcript.take("count {}");
	EXPECT_TRUE(transcript.alive());
	EXPECT_FALSE(transcript.begun());
}

TEST(Transcript, ARoundHasBegunWithItsLine)
{
	Transcript transcript;
	transcript.take("step 4: fail, disk 1");
	EXPECT_FALSE(transcript.begun());
	transcript.take("round 7: array of round 3");
	EXPECT_TRUE(transcript.begun());
	EXPECT_EQ(transcript.round(), 7U);
	EXPECT_EQ(transcript.end(), End::none);
}

} // namespace
} // namespace soak
