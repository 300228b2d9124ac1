// The ranges of what histories take, whichever keeps it. Each is kInvalidArgument beyond them and names the field.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "domain/event.h"

namespace vigie::history {

Status check(const domain::Event& event);
Status check_time(const char* field, std::int64_t time);
Status check_waits(std::int64_t late, std::int64_t ahead);  // of Bounds

}  // namespace vigie::history
