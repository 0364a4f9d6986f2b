#include "lab/log_format.h"

namespace lab {

std::string_view name_of(Kind kind)
{
	switch (kind) {
	case Kind::write:
		return "write";
	case Kind::flush:
		return "flush";
	case Kind::trim:
		return "trim";
	case Kind::write_zeroes:
		return "write-zeroes";
	case Kind::completed:
		return "completed";
	case Kind::mark:
		return "mark";
	case Kind::control:
		return "control";
	}
	return "unknown";
}

} // namespace lab
