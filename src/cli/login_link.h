// The address by which a browser logs in once at a server with the local issuer.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"
#include "identity/login_codes.h"

namespace vigie::cli {

// `url`: the server's, without a slash at its end. The code stands behind a '#': browsers keep that to themselves.
Result<std::string> make_login_link(const std::filesystem::path& state, const std::string& url,
                                    const identity::Login& login);

}  // namespace vigie::cli
