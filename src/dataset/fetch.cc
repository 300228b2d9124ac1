#include "dataset/fetch.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/file.h"
#include "base/number.h"
#include "base/sha256.h"
#include "dataset/fetch_download.h"
#include "dataset/fetch_unpack.h"

namespace vigie::dataset {
namespace {

constexpr std::uint64_t kMegabyte = 1'000'000;

constexpr std::array<KnownDataset, 3> kKnown{{
    {"card", "/api/v1/datasets/download/mlg-ulb/creditcardfraud",
     "https://www.kaggle.com/datasets/mlg-ulb/creditcardfraud", "creditcard.csv",
     "76274b691b16a6c49d3f159c883398e03ccd6d1ee12d9d8ee38f4b4b98551a89", 200 * kMegabyte,
     "284,807 card payments of September 2013, 492 frauds (Worldline and ULB; ODbL)"},
    {"paysim", "/api/v1/datasets/download/ealaxi/paysim1", "https://www.kaggle.com/datasets/ealaxi/paysim1",
     "PS_20174392719_1491204439457_log.csv", "", 1'000 * kMegabyte,
     "6.4 million simulated mobile-money transactions (Lopez-Rojas et al.; CC BY-SA 4.0)"},
    {"credit", "/api/v1/competitions/data/download-all/GiveMeSomeCredit",
     "https://www.kaggle.com/competitions/GiveMeSomeCredit/rules", "cs-training.csv", "", 50 * kMegabyte,
     "\"Give Me Some Credit\": 150,000 borrowers (the competition's rules must be accepted; no redistribution)"},
}};

bool is_sha256(std::string_view text) {
  return text.size() == 64 &&
         std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

std::filesystem::path with_suffix(std::filesystem::path path, const char* suffix) {
  path += suffix;
  return path;
}

Result<std::string> hash_of(const std::filesystem::path& path, Progress& progress) {
  const auto file = VIGIE_TRY(MappedFile::open(path));
  Sha256 hash;
  constexpr std::size_t kStep = std::size_t{1} << 22;
  progress.begin("verify", file.bytes().size(), "bytes");
  for (std::size_t at = 0; at < file.bytes().size(); at += kStep) {
    hash.update(file.bytes().substr(at, kStep));
    progress.advance_to(std::min(at + kStep, file.bytes().size()));
  }
  progress.end();
  return hash.finish_hex();
}

std::unexpected<Error> wrong_hash(const std::filesystem::path& file, const std::string& found, std::string_view wanted,
                                  std::string remedy) {
  return fail(Code::kInvalidData, "the SHA-256 is " + found + " and should be " + std::string(wanted),
              {.file = file.native()}, std::move(remedy));
}

// The file is there: it stays, where it is what it should be. The record goes before the known hash, because the user
// may have chosen a newer version when it was fetched.
Result<Fetched> verify_present(const std::filesystem::path& file, std::string wanted, std::string_view known,
                               Progress& progress) {
  if (wanted.empty()) wanted = read_file(with_suffix(file, ".sha256"), 4096).value_or(std::string(known)).substr(0, 64);
  if (!is_sha256(wanted)) {
    return fail(Code::kFailedPrecondition, "the file is there, and nothing says where it came from",
                {.file = file.native()}, "give --force to replace it, or --sha256 to check it");
  }
  const std::string found = VIGIE_TRY(hash_of(file, progress));
  if (found != wanted) {
    return wrong_hash(file, found, wanted, "it was changed since it was made: give --force to fetch it again");
  }
  std::error_code error;
  Fetched fetched{.file = file, .bytes = std::filesystem::file_size(file, error), .sha256 = found, .was_there = true};
  if (error) return fail_errno("cannot read", file.native(), error.value());
  return fetched;
}

std::unexpected<Error> refused(const Answer& answer, const KnownDataset& dataset) {
  const std::string page(dataset.page);
  switch (answer.status) {
    case 401:
      return fail(Code::kPermissionDenied, "Kaggle refused the credentials", {},
                  "make a new token at https://www.kaggle.com/settings (API, Create New Token) and set "
                  "KAGGLE_USERNAME and KAGGLE_KEY");
    case 403:
      return fail(Code::kPermissionDenied, "Kaggle does not let this account download the data set", {},
                  "open " + page + " signed in with this account and accept the terms, then run the command again");
    case 404: return fail(Code::kNotFound, "Kaggle has no such data set any more", {}, "see " + page);
    case 429:
      return fail(Code::kUnavailable, "Kaggle counts too many requests from this account", {},
                  answer.retry_after > 0 ? "run the command again in " + with_thousands(answer.retry_after) + " s"
                                         : "wait some minutes and run the command again");
    default:
      return fail(Code::kUnavailable, "Kaggle answered with HTTP status " + std::to_string(answer.status), {},
                  "run the command again later");
  }
}

}  // namespace

std::span<const KnownDataset> known_datasets() { return kKnown; }

Result<const KnownDataset*> find_known(std::string_view name) {
  std::string names;
  for (const auto& known : kKnown) {
    if (known.name == name) return &known;
    names += (names.empty() ? "" : ", ") + std::string(known.name);
  }
  return fail(Code::kInvalidArgument, "there is no data set \"" + std::string(name) + "\"", {},
              "choose one of: " + names);
}

Result<KaggleCredentials> parse_kaggle_json(std::string_view text, const std::string& file) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  std::string_view user;
  std::string_view key;
  const simdjson::padded_string padded(text);
  // The text holds a secret: no part of it may get into the message.
  if (parser.parse(padded).get(root) != simdjson::SUCCESS || root["username"].get(user) != simdjson::SUCCESS ||
      root["key"].get(key) != simdjson::SUCCESS || user.empty() || key.empty()) {
    return fail(Code::kInvalidData, "this is no Kaggle token", {.file = file},
                "it should read {\"username\": \"...\", \"key\": \"...\"}; make one at https://www.kaggle.com/settings "
                "(API, Create New Token)");
  }
  return KaggleCredentials{std::string(user), std::string(key)};
}

std::unexpected<Error> no_credentials(const KnownDataset& dataset) {
  return fail(Code::kPermissionDenied, "Kaggle asks for an account, and no credentials are set", {},
              "sign in at https://www.kaggle.com, choose Settings, API, Create New Token; then put the file at "
              "~/.kaggle/kaggle.json (chmod 600) or set KAGGLE_USERNAME and KAGGLE_KEY; the data set's page is " +
                  std::string(dataset.page));
}

Result<Fetched> fetch(const KnownDataset& dataset, const std::optional<KaggleCredentials>& credentials,
                      const FetchOptions& options, Progress& progress) {
  std::string wanted = options.sha256;
  std::transform(wanted.begin(), wanted.end(), wanted.begin(),
                 [](char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c; });
  if (!wanted.empty() && !is_sha256(wanted)) {
    return fail(Code::kInvalidArgument, "\"" + options.sha256 + "\" is no SHA-256", {.field = "--sha256"},
                "give 64 hexadecimal digits");
  }
  const bool loopback = options.base_url.starts_with("http://127.0.0.1:");
  if (!options.base_url.starts_with("https://") && !loopback) {
    return fail(Code::kInvalidArgument, "credentials do not travel in the clear", {.field = "--base-url"},
                "give an address that begins with https://");
  }
  const auto file = options.folder / dataset.member;
  std::error_code error;
  if (!options.force && std::filesystem::exists(file, error)) {
    return verify_present(file, std::move(wanted), dataset.sha256, progress);
  }
  if (wanted.empty()) wanted = dataset.sha256;
  if (!credentials) return no_credentials(dataset);
  std::filesystem::create_directories(options.folder, error);
  if (error) return fail_errno("cannot create", options.folder.native(), error.value());

  const auto part = with_suffix(file, ".zip.part");
  const auto answer = download({.url = options.base_url + std::string(dataset.request),
                                .user = credentials->user,
                                .password = credentials->key,
                                .part = part,
                                .max_bytes = dataset.max_bytes,
                                .attempts = options.attempts,
                                .pause_ms = options.pause_ms},
                               progress);
  const auto forget_part = [&] {
    std::filesystem::remove(part, error);
    std::filesystem::remove(with_suffix(part, ".from"), error);
  };
  if (!answer || answer->status != 200) {
    if (std::filesystem::file_size(part, error) == 0) forget_part();
    if (!answer) return std::unexpected(answer.error());
    return refused(*answer, dataset);
  }
  auto unpacked = unpack_member(part, dataset.member, file, dataset.max_bytes, progress);
  if (!unpacked) {
    if (unpacked.error().code == Code::kInvalidData) forget_part();
    return std::unexpected(std::move(unpacked).error());
  }
  if (!wanted.empty() && unpacked->sha256 != wanted) {
    forget_part();
    return wrong_hash(
        file, unpacked->sha256, wanted,
        "nothing was kept; if the data set has a new version that you trust, give --sha256 with its hash");
  }
  VIGIE_TRY(unpacked->file.commit());
  VIGIE_TRY(write_file(with_suffix(file, ".sha256"), unpacked->sha256 + "  " + std::string(dataset.member) + "\n"));
  forget_part();
  return Fetched{.file = file, .bytes = unpacked->bytes, .sha256 = unpacked->sha256, .resumed_at = answer->resumed_at};
}

}  // namespace vigie::dataset
