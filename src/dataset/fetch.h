// Public data sets from Kaggle, with the user's own account: downloaded (resumed after a cut), unpacked, verified.
//
//   const auto& card = *VIGIE_TRY(find_known("card"));
//   const auto fetched = VIGIE_TRY(fetch(card, credentials, {.folder = "data"}, progress));
//
// Credentials go to the first host only, over HTTPS, and into no message, log or file. Beside the data stands
// NAME.sha256 (as sha256sum writes it), which a later fetch checks. Blocking; one fetch a file at a time, by a lock.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/progress.h"
#include "base/result.h"

namespace vigie::dataset {

struct KnownDataset {
  std::string_view name;     // "card"
  std::string_view request;  // path of the download under Kaggle's API
  std::string_view page;     // where a person reads about it and accepts its terms
  std::string_view member;   // the file wanted out of the archive
  std::string_view sha256;   // of that file; empty where it is not known
  std::uint64_t max_bytes;   // of that file; more is refused
  std::string_view about;    // what it is, and its licence
};

std::span<const KnownDataset> known_datasets();
Result<const KnownDataset*> find_known(std::string_view name);

struct KaggleCredentials {
  std::string user;
  std::string key;
};

// From the text of kaggle.json: {"username": "...", "key": "..."}. `file` is for messages.
Result<KaggleCredentials> parse_kaggle_json(std::string_view text, const std::string& file);

// The error that says how to get credentials.
std::unexpected<Error> no_credentials(const KnownDataset& dataset);

struct FetchOptions {
  std::filesystem::path folder = ".";               // created where it is missing
  std::string sha256{};                             // 64 hex digits that the file must have; empty: the known one
  bool force = false;                               // fetch again over a file that is there
  std::string base_url = "https://www.kaggle.com";  // plain http for 127.0.0.1 only
  int attempts = 5;                                 // connections, each going on where the last was cut
  int pause_ms = 1'000;                             // before the second attempt, doubled before each further one
};

struct Fetched {
  std::filesystem::path file;
  std::uint64_t bytes = 0;
  std::string sha256;
  bool was_there = false;        // verified, nothing downloaded
  std::uint64_t resumed_at = 0;  // bytes of the archive that an earlier run had left
};

// Without credentials a file that is there is still verified. Errors: kPermissionDenied (no or refused credentials,
// terms not accepted), kNotFound, kUnavailable (cut, too many requests; what came is kept for the next run),
// kInvalidData (not the archive, or another hash: nothing is kept), kFailedPrecondition (a file of unknown origin is in
// the way).
Result<Fetched> fetch(const KnownDataset& dataset, const std::optional<KaggleCredentials>& credentials,
                      const FetchOptions& options, Progress& progress = no_progress());

}  // namespace vigie::dataset
