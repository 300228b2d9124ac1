// Whether a client would rather read French, by its Accept-Language (RFC 9110, 12.5.4). English where it does not say.
#pragma once

#include <string_view>

namespace vigie::api {

bool prefers_french(std::string_view accept_language);

}  // namespace vigie::api
