// vigie token: tokens of the local issuer, its keys, and what is revoked.
#include <CLI/CLI.hpp>
#include <optional>

#include "base/json_writer.h"
#include "cli/login_link.h"
#include "cli/session.h"
#include "cli/units.h"
#include "identity/local_keys.h"
#include "identity/revocations.h"

namespace vigie::cli {
namespace {

using std::chrono::seconds;

// Where there are no keys yet, and so no server that has named itself.
constexpr const char* kIssuer = "http://localhost:8080";

struct TokenFlags {
  std::string role;
  std::string life = "1h";
  std::string subject = "cli";
  std::string state = "state";
};

struct LinkFlags {
  std::string role = "admin";
  std::string subject = "admin";
  std::string url;
  std::string state = "state";
};

struct RotateFlags {
  std::string overlap = "24h";
  std::string state = "state";
};

struct RevokeFlags {
  std::string id;
  std::string subject;
  bool all = false;
  std::string state = "state";
};

// "90s", "15m", "1h", "30d"; a bare number is seconds.
Result<seconds> parse_life(const std::string& text, const char* option) {
  const bool bare = !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
  const auto value = parse_with_unit(bare ? text + "s" : text, kLives);
  constexpr std::int64_t kMost = 1'000'000'000;  // far beyond what is taken, and no time overflows
  if (!value || *value > kMost) {
    return fail(Code::kInvalidArgument, "\"" + text + "\" is no duration, or too long a one", {.field = option},
                "give one as 90s, 15m, 1h or 30d");
  }
  return seconds(*value);
}

Result<identity::Role> read_role(const std::string& given) {
  const auto role = identity::parse_role(given);
  if (role) return *role;
  return fail(Code::kInvalidArgument, given.empty() ? "a role is needed" : "there is no role \"" + given + "\"",
              {.field = "--role"}, "give viewer, analyst or admin");
}

Status make_token(const TokenFlags& flags, Session& session) {
  const identity::Role role = VIGIE_TRY(read_role(flags.role));
  const seconds life = VIGIE_TRY(parse_life(flags.life, "--ttl"));
  const WallTime now = system_clock().now();
  const auto keys = VIGIE_TRY(identity::LocalKeys::read_or_create(flags.state, kIssuer, now));
  const auto token = VIGIE_TRY(keys.issue({.subject = flags.subject, .role = role, .life = life}, now));
  if (session.json()) {
    JsonWriter json;
    json.begin_object().member("token", token.text).member("id", token.id).member("subject", flags.subject);
    json.member("role", flags.role).member("expires", format_time(token.expires)).end_object();
    session.print(std::move(json).text() + "\n");
    return {};
  }
  session.note("for " + flags.subject + ", " + flags.role + ", until " + format_time(token.expires) + "; id " +
               token.id);
  session.print(token.text + "\n");
  return {};
}

Status make_link(const LinkFlags& flags, Session& session) {
  const identity::Role role = VIGIE_TRY(read_role(flags.role));
  const auto keys = VIGIE_TRY(identity::LocalKeys::read_or_create(flags.state, kIssuer, system_clock().now()));
  const std::string link = VIGIE_TRY(make_login_link(flags.state, flags.url.empty() ? keys.issuer() : flags.url,
                                                     {.subject = flags.subject, .role = role}));
  session.note("logs " + flags.subject + " in as " + flags.role + ", once, within 15 minutes");
  session.print(link + "\n");
  return {};
}

Status rotate(const RotateFlags& flags, Session& session) {
  const seconds overlap = VIGIE_TRY(parse_life(flags.overlap, "--overlap"));
  if (overlap > identity::kLongestLife) {
    return fail(Code::kInvalidArgument, "longer than any token lives", {.field = "--overlap"}, "give 30d at most");
  }
  const std::string id = VIGIE_TRY(identity::LocalKeys::rotate(flags.state, overlap, system_clock().now()));
  session.print("key " + id + " signs from now on; the tokens of the one before count for " + flags.overlap + "\n");
  return {};
}

Status revoke(const RevokeFlags& flags, Session& session) {
  const int given = (flags.id.empty() ? 0 : 1) + (flags.subject.empty() ? 0 : 1) + (flags.all ? 1 : 0);
  if (given != 1) {
    return fail(Code::kInvalidArgument, "one of --id, --subject and --all is needed", {},
                "vigie token revoke --id ID ends one token, --subject NAME and --all end those issued until now");
  }
  const WallTime now = system_clock().now();
  if (flags.all) {
    VIGIE_TRY(identity::Revocations::revoke_all(flags.state, now));
    session.print("all tokens that were issued until now are revoked\n");
  } else if (!flags.subject.empty()) {
    VIGIE_TRY(identity::Revocations::revoke_subject(flags.state, flags.subject, now));
    session.print("the tokens of " + flags.subject + " that were issued until now are revoked\n");
  } else {
    VIGIE_TRY(identity::Revocations::revoke_id(flags.state, flags.id, now));
    session.print("token " + flags.id + " is revoked\n");
  }
  return {};
}

void add_link(CLI::App& parent, Session& session) {
  const auto flags = std::make_shared<LinkFlags>();
  CLI::App* const command = parent.add_subcommand("link", "an address by which a browser logs in once");
  command->add_option("--role", flags->role, "viewer, analyst or admin")->capture_default_str();
  command->add_option("--subject", flags->subject, "who it is, as records will say")->capture_default_str();
  command->add_option("--url", flags->url, "the server's, as browsers reach it (default: as its first start named it)");
  command->add_option("--state", flags->state, "the server's state folder")->capture_default_str();
  describe(*command,
           "Whoever opens it first is logged in, until server.session.time is over or DELETE /session.\n"
           "Examples:\n"
           "  vigie token link\n"
           "  vigie token link --role analyst --subject ana --url https://vigie.bank.example\n");
  command->callback([flags, &session] { session.finish(make_link(*flags, session)); });
}

void add_rotate(CLI::App& parent, Session& session) {
  const auto flags = std::make_shared<RotateFlags>();
  CLI::App* const command = parent.add_subcommand("rotate", "sign with a new key from now on");
  command->add_option("--overlap", flags->overlap, "how long tokens of the key before go on to count; 0: not at all")
      ->capture_default_str();
  command->add_option("--state", flags->state, "the server's state folder")->capture_default_str();
  describe(*command,
           "A running server takes notice by itself.\n"
           "Examples:\n"
           "  vigie token rotate\n"
           "  vigie token rotate --overlap 0        the key may be known to others: all tokens end\n");
  command->callback([flags, &session] { session.finish(rotate(*flags, session)); });
}

void add_revoke(CLI::App& parent, Session& session) {
  const auto flags = std::make_shared<RevokeFlags>();
  CLI::App* const command = parent.add_subcommand("revoke", "end tokens before their time");
  command->add_option("--id", flags->id, "one token, by the id that vigie token told");
  command->add_option("--subject", flags->subject, "all tokens of a subject that were issued until now");
  command->add_flag("--all", flags->all, "all tokens that were issued until now");
  command->add_option("--state", flags->state, "the server's state folder")->capture_default_str();
  describe(*command,
           "A running server takes notice by itself, within a second.\n"
           "Examples:\n"
           "  vigie token revoke --id 4Yq0FfFhWZk9mRrC2n1u8A\n"
           "  vigie token revoke --subject nightly-batch\n");
  command->callback([flags, &session] { session.finish(revoke(*flags, session)); });
}

}  // namespace

void add_token_command(CLI::App& app, Session& session) {
  const auto flags = std::make_shared<TokenFlags>();
  CLI::App* const command = app.add_subcommand("token", "Make a token for a server of this machine; rotate and revoke");
  command->require_subcommand(0, 1);
  command->add_option("--role", flags->role, "viewer reads, analyst also scores, admin also administers");
  command->add_option("--ttl", flags->life, "how long it counts, up to 30d")->capture_default_str();
  command->add_option("--subject", flags->subject, "who it is for, as records will say")->capture_default_str();
  command->add_option("--state", flags->state, "the server's state folder, where the keys are")->capture_default_str();
  add_json_flag(*command, session);
  describe(*command,
           "The token is the last line, and alone on stdout; whoever has it may do what its role may.\n"
           "Examples:\n"
           "  vigie token --role analyst\n"
           "  vigie token --role analyst --ttl 8h --subject till-7 > till-7.token\n"
           "  VIGIE_TOKEN=$(vigie token --role analyst) vigie load --duration 5s\n");
  add_link(*command, session);
  add_rotate(*command, session);
  add_revoke(*command, session);
  command->callback([command, flags, &session] {
    if (command->get_subcommands().empty()) session.finish(make_token(*flags, session));
  });
}

}  // namespace vigie::cli
