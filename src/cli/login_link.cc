#include "cli/login_link.h"

namespace vigie::cli {

Result<std::string> make_login_link(const std::filesystem::path& state, const std::string& url,
                                    const identity::Login& login) {
  const std::string code = VIGIE_TRY(identity::LoginCodes::add(state, login, system_clock().now()));
  return url + "/login#" + code;
}

}  // namespace vigie::cli
