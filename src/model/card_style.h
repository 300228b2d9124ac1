// The model card's style sheet.
#pragma once

#include <string_view>

namespace vigie::model {

extern const std::string_view kCardStyle;

}  // namespace vigie::model
