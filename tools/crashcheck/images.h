// Crash states as disk images, and what became of them.
#pragma once

#include "crashcheck/checker.h"
#include "lab/promises.h"

#include <filesystem>
#include <string>
#include <vector>

namespace crashcheck {

// DIR/member0.img and so on, sparse, and DIR/id. Throws std::system_error.
void write_images(const std::filesystem::path &directory, const Walker &walker, const Choices &choices);

// What somebody has made of the images: is there an array, whole and in sync, are its legs equal, and do all of them
// hold what was promised? Says what is wrong; nothing if all is well.
std::vector<std::string> verify_images(const std::filesystem::path &directory, std::size_t members,
				       const lab::Promises &promises);

// What had been promised at the cut point.
lab::Promises promises_at(const History &history, Moment cut);

} // namespace crashcheck
