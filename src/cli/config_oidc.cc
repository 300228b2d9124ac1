// The settings of a provider.
#include "cli/setting_forms.h"

namespace vigie::cli {

#define VIGIE_SETTING(member) ([index](auto& config) -> auto& { return config.oidc[index].member; })

std::vector<Setting> provider_settings(std::size_t index) {
  using namespace forms;
  const std::string group = index == 0 ? "oidc." : "oidc." + std::to_string(index + 1) + ".";
  // The first alone has the well-known names.
  const auto keycloak = [&](const char* variable, Setting setting) {
    return index == 0 ? known_as(variable, std::move(setting)) : std::move(setting);
  };
  std::vector<Setting> all = {
      keycloak("KEYCLOAK_ISSUER",
               text(group + "issuer", "the provider, for server.auth oidc: its URL as its tokens have it (iss)",
                    "a URL (https://id.example/realms/bank)", VIGIE_SETTING(issuer))),
      texts_that(
          group + "audiences", "one of these is in a token's aud", "a list of names, not empty",
          [](const Texts& given) { return !given.empty(); }, VIGIE_SETTING(audiences)),
      names(group + "clients", "a token was issued to one of these (azp, client_id); none: to any",
            VIGIE_SETTING(clients)),
      keycloak("KEYCLOAK_CLIENT_ID",
               text(group + "client_id",
                    "our client at the provider: of Keycloak, its own roles count too (resource_access)", "a name",
                    VIGIE_SETTING(client_id))),
      keycloak("KEYCLOAK_CLIENT_SECRET",
               secret(group + "client_secret", "of oidc.client_id, to ask about tokens and to log people in",
                      VIGIE_SETTING(client_secret))),
      choice(group + "introspection",
             "which tokens the provider is asked about, with client_id and client_secret: opaque: those that are not "
             "signed; always: signed ones too, so that a logout ends them",
             std::to_array<std::pair<std::string_view, Introspect>>(
                 {{"never", Introspect::kNever}, {"opaque", Introspect::kOpaque}, {"always", Introspect::kAlways}}),
             VIGIE_SETTING(introspect)),
      names(group + "viewer_roles",
            "the provider's words for the role viewer, in roles, realm_access.roles, groups or scp",
            VIGIE_SETTING(viewer_roles)),
      names(group + "analyst_roles", "for analyst", VIGIE_SETTING(analyst_roles)),
      names(group + "admin_roles", "for admin", VIGIE_SETTING(admin_roles)),
      text(group + "ca_file", "PEM: who may sign the provider's certificate; empty: those that the system trusts",
           "a path", VIGIE_SETTING(ca_file)),
      flag(group + "plain_http", "the provider may be asked without TLS beyond this machine: for development only",
           VIGIE_SETTING(plain_http)),
  };
  for (Setting& setting : all) setting.provider = index + 1;
  return all;
}

#undef VIGIE_SETTING

}  // namespace vigie::cli
